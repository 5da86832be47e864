"""Local sinks: writes into a county's own system that may be repeated after any crash.

A write is known by (kind, key). The same write again leaves one row, one file, and never touches what the county's
own people have changed since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

MARK = "yunhuoban"
"""What stands in a local `data_source` column of a row that we wrote, so that it is never read back."""


@dataclass(frozen=True, kw_only=True)
class LocalWrite:
    """One row to stand in a local table, or in a file of its own."""

    kind: str
    """The table or the kind of file, as the mapping names it."""
    key: str
    """Unique within the kind, the same at every repetition."""
    row: Mapping[str, object]
    """Column name to text, whole number or None. Times are Beijing time, `2026-11-22 10:00:00`."""


class Sink(Protocol):
    """Anything that takes local writes."""

    def write(self, writes: Sequence[LocalWrite]) -> None:
        """Make the writes durable, each at most once. Raises YunhuobanError; then the call may be repeated whole."""
        ...

    def close(self) -> None:
        """Give back connections; `write` makes new ones."""
        ...
