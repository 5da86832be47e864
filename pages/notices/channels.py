"""The door to Apprise, which speaks to some hundred services by an address each.

An address holds a password or a token: it stands in a file that only the process may read, and neither in a log nor in
an error, where its first word is enough. What is told holds no person's name.
Source of the addresses' form: Apprise's own documentation of its services.
"""

import logging
import os
import stat
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from schemas.errors import YunhuobanError, declare

NOT_READ: Final = declare(
    "E-NOTE-001", "通知地址的文件读不出，或者写法不对。", '请照说明改正 {place}：地址写成列表，例如 ["mailtos://…"]。'
)
TOO_OPEN: Final = declare(
    "E-NOTE-002", "通知地址的文件里有口令，别的账号也能读。", "请运行 chmod 600 {place}，再重新启动。"
)
NO_ADDRESS: Final = declare(
    "E-NOTE-003",
    "这个通知地址不认识，或者写得不全。",
    "请照 Apprise 的写法改正，例如 mailtos://、wecombot://、json://。",
)
NOT_TOLD: Final = declare("E-NOTE-004", "通知没有送出。", "请检查网络和地址；系统会再试，办件不受影响。")
FILE: Final = "notices.toml"
TIMEOUT_SECONDS: Final = 20.0
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Channels:
    """The addresses of one role."""

    def __init__(self, urls: Sequence[str], *, place: str = FILE) -> None:
        """`place` is the file they stand in. Raises E-NOTE-003 for an address that is none."""
        import apprise  # noqa: PLC0415 -- half a second: who tells nobody does not wait for it

        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would write addresses
        self._urls = tuple(urls)
        self._place = place
        self._open = apprise.Apprise
        for url in self._urls:
            if not self._open().add(url):
                raise YunhuobanError(NO_ADDRESS, place=place, found=_kind(url))

    def tell(self, title: str, text: str) -> YunhuobanError | None:
        """Tell all; blocks for at most `TIMEOUT_SECONDS` each. Raises E-NOTE-004 when nobody could be told.

        Returns the same, naming the kinds that failed, when somebody was told and somebody else was not.
        """
        failed = []
        for url in self._urls:
            one = self._open()
            one.add(url)
            # Told nothing of its form, it puts a text into a mail as HTML, where all lines run into one.
            if not one.notify(body=text, title=title, body_format="text", timeout=TIMEOUT_SECONDS):
                failed.append(_kind(url))
        if not failed:
            return None
        trouble = YunhuobanError(NOT_TOLD, place=self._place, found=", ".join(failed))
        if len(failed) == len(self._urls):
            raise trouble
        return trouble


def read(folder: Path) -> Mapping[str, Channels]:
    """The channels of each role in a folder's `notices.toml`; none without one. Raises E-NOTE-001, -002 or -003."""
    return {role: Channels(_urls(role, said)) for role, said in private(folder / FILE).items()}


def private(path: Path) -> Mapping[str, Any]:
    """What a file with addresses in it says; nothing without one. Raises E-NOTE-001, or -002 for one open to others."""
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & _OTHERS:
                raise YunhuobanError(TOO_OPEN, place=path.name, expected="600")
            return tomllib.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise YunhuobanError(NOT_READ, place=path.name, found=type(error).__name__) from None


def _urls(role: str, said: Any) -> Sequence[str]:
    if not isinstance(said, list) or not said or not all(isinstance(each, str) for each in said):
        raise YunhuobanError(NOT_READ, place=f"{FILE}: {role[:40]}", expected='["mailtos://…"]')
    return said


def _kind(url: str) -> str:
    """What may be said of an address."""
    return url.partition("://")[0][:20] if "://" in url else "?"
