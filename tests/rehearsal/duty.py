"""Whoever is on call: a mailbox and a hook, both real, and when each notice came there."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from tests.receivers import Post, hook, mailbox

PLAN: Final = """together_minutes = 0
page = "https://hub.example.cn:8443"

[limits]
waiting_minutes = {waiting_minutes}
backup_hours = {backup_hours}
outcome_minutes = {outcome_minutes}

[[step]]
name = "值班"
urls = ["{hook}", "{mail}"]
"""
_LOOK_SECONDS: Final = 0.05
_OVER: Final = "已恢复："


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one notice says of one kind, in Chinese."""

    at: float
    kind: str
    words: str
    over: bool
    """Whether it says that it has ended."""
    way: str
    """hook | mail"""


class Duty:
    """Keeps what was told."""

    def __init__(self, hooked: list[dict[str, Any]], post: Post) -> None:
        """Listens from now on."""
        self._hooked, self._post = hooked, post
        self._told: list[Told] = []
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="duty", daemon=True)
        self._thread.start()

    def told(self, kind: str, place: str, since: float, *, over: bool = False) -> Told | None:
        """The first notice of this kind that names this place since then."""
        fitting = (
            each
            for each in list(self._told)
            if each.kind == kind and place in each.words and each.over is over and each.at >= since
        )
        return min(fitting, key=lambda each: each.at, default=None)

    def ways(self, kind: str, since: float) -> frozenset[str]:
        """By which ways something of a kind came."""
        return frozenset(each.way for each in list(self._told) if each.kind == kind and each.at >= since)

    def stop(self) -> None:
        """Listen no more."""
        self._ending.set()

    def _listen(self) -> None:
        hooks = mails = 0
        while not self._ending.wait(_LOOK_SECONDS):
            now = time.monotonic()
            for each in self._hooked[hooks:]:
                self._told += said(str(each["message"]), now, "hook")
                hooks += 1
            for text in self._post.said()[mails:] if len(self._post.mails) > mails else ():
                self._told += said(text, now, "mail")
                mails += 1


def said(text: str, at: float, way: str) -> Iterator[Told]:
    """What a notice says, kind by kind; its first half is Chinese."""
    plain = re.sub(r"<[^>]+>", "\n", text).replace("&nbsp;", " ").replace("\r", "")
    over = False
    lines = [line.strip() for line in plain.splitlines()]
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if line == _OVER:
            over = True
        elif line.startswith("●") and (found := re.search(r"docs/zh-CN/runbooks\.md#([a-z-]+)", after)):
            yield Told(at=at, kind=found[1], words=line.removeprefix("●").strip(), over=over, way=way)


@contextmanager
def on_call() -> Iterator[tuple[list[dict[str, Any]], Post, str, str]]:
    """Both receivers, and the addresses that lead to them."""
    with ExitStack() as stack:
        post, mail = stack.enter_context(mailbox())
        hooked, url = stack.enter_context(hook())
        yield hooked, post, url, mail
