"""The one-time address of a page, handed over by a private file, and a fresh one when it is asked for.

Whoever may read the file may open the page, with what its `Access` lets this machine do. An address works once; a
person who needs another removes the file (`hub page`, `adapter page` do it) and the running process writes a new one.
"""

import os
import time
from pathlib import Path

from pages.access import Access
from schemas.errors import YunhuobanError, declare

NOT_RUNNING = declare(
    "E-PAGE-041", "页面没有在运行，没有新的地址。", "请先用 adapter up（县）或 hub up（中枢）启动，再取地址。"
)
_LOOK_SECONDS = 0.1


class AddressFile:
    """Offers addresses of one page process in one file, readable by its owner only."""

    def __init__(self, path: Path, access: Access, port: int) -> None:
        """Nothing is written before `offer`."""
        self._path = path
        self._access = access
        self._port = port

    def offer(self) -> str:
        """Write a fresh address and return it."""
        address = self._access.address(self._port)
        temporary = self._path.with_name(f"{self._path.name}.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{address}\n")
        temporary.replace(self._path)
        return address

    def keep_fresh(self) -> None:
        """Write a fresh address when the last one was taken away; called every now and then."""
        if not self._path.exists():
            self.offer()

    def withdraw(self) -> None:
        """The page ends; so does its address."""
        self._path.unlink(missing_ok=True)


def ask(path: Path, *, timeout_seconds: float = 5.0) -> str:
    """A fresh address from the running page process. Raises E-PAGE-041 when none answers."""
    if not path.exists():
        raise YunhuobanError(NOT_RUNNING, place=path.name)
    path.unlink()
    deadline = time.monotonic() + timeout_seconds
    while not path.exists():
        if time.monotonic() > deadline:
            raise YunhuobanError(NOT_RUNNING, place=path.name)
        time.sleep(_LOOK_SECONDS)
    return path.read_text(encoding="utf-8").strip()
