"""The rows of the demonstration's screen for what is around a case: one a part, with what it waits for. Pure.

A part is a generator: it presses, and yields what it waits for next. The board looks at each in turn, so that one
thread plays all of them; a part that fails says so in its row, and the others go on.
"""

import re
import subprocess
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import httpx
from rich.markup import escape
from rich.table import Column, Table

from deploy.demo.stage import NotReadyError
from schemas.errors import YunhuobanError

_CODE: Final = re.compile(r"E-[A-Z]+-[0-9]{3}")
_FAILS: Final = (httpx.HTTPError, NotReadyError, YunhuobanError, subprocess.SubprocessError)


class Mark(StrEnum):
    """How a row stands, told by its sign."""

    COMING = "…"
    WAITING = "→"
    DONE = "✓"
    FAILED = "✕"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What a part waits for."""

    words: str
    """Chinese / English."""
    look: Callable[[], Any]
    """Looks once; what is true has come, and goes back to the part."""


Steps = Generator[Wait, Any, None]


@dataclass(slots=True, kw_only=True)
class Row:
    """One part as the screen shows it."""

    chinese: str
    english: str
    steps: Steps = field(repr=False)
    mark: Mark = Mark.COMING
    waits: Wait | None = None
    since: float = 0.0
    """Seconds from the beginning, when it began to wait."""
    ended: float = 0.0
    why: str = ""
    """What stopped it."""

    @property
    def over(self) -> bool:
        """Whether nothing more is to come."""
        return self.mark in (Mark.DONE, Mark.FAILED)

    @property
    def words(self) -> str:
        """What stands beside its name."""
        if self.mark is Mark.WAITING and self.waits is not None:
            return self.waits.words
        return self.why

    @property
    def line(self) -> str:
        """For a screen that only scrolls."""
        why = f": {self.why}" if self.why else ""
        return f"  {self.mark} {self.ended:5.1f} s  {self.chinese} / {self.english}{escape(why)}"


class Board:
    """All rows; seconds are counted from the beginning."""

    def __init__(self, rows: Sequence[Row], *, patience_seconds: float) -> None:
        """Nothing is pressed yet; what does not come within the patience ends its row."""
        self.rows = rows
        self._patience = patience_seconds

    @property
    def over(self) -> bool:
        """Whether every row has ended."""
        return all(each.over for each in self.rows)

    @property
    def whole(self) -> bool:
        """Whether every row is done."""
        return all(each.mark is Mark.DONE for each in self.rows)

    def turn(self, seconds: float) -> None:
        """Look once at what each waits for, and go on with what has come."""
        for row in self.rows:
            if not row.over:
                self._go_on(row, seconds)

    def _go_on(self, row: Row, seconds: float) -> None:
        try:
            found = row.waits.look() if row.waits is not None else None
            if row.waits is None or found:
                row.waits = row.steps.send(found)
                row.mark, row.since = Mark.WAITING, seconds
            elif seconds - row.since > self._patience:
                _end(row, Mark.FAILED, seconds, why=f"没有等到 / did not come: {row.waits.words}")
        except StopIteration:
            _end(row, Mark.DONE, seconds)
        except _FAILS as error:
            _end(row, Mark.FAILED, seconds, why=_reason(error))


def table(rows: Sequence[Row]) -> Table:
    """The rows as they stand now."""
    grid = Table("", "", Column(overflow="fold"), "秒 s", box=None)
    for each in rows:
        seconds = f"{each.ended:.1f}" if each.over else ""
        grid.add_row(each.mark, f"{each.chinese} [dim]{each.english}[/dim]", escape(each.words), seconds)
    return grid


def _end(row: Row, mark: Mark, seconds: float, *, why: str = "") -> None:
    row.mark, row.ended, row.why = mark, seconds, why
    row.steps.close()


def _reason(error: Exception) -> str:
    """The codes that a page answered with, or the words of what went wrong."""
    if isinstance(error, httpx.HTTPStatusError):
        codes = dict.fromkeys(_CODE.findall(error.response.text))
        return f"{error.request.url.path} {error.response.status_code} {' '.join(codes)}".strip()
    return str(error) or type(error).__name__
