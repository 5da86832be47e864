"""How far one kind of record has been pulled: what stands in the cursor between two looks.

A sweep is one reading of everything that the interface gives for one question, page by page; `seen` are the rows of
the last whole sweep, `now` those of the one under way. Both together are what a new answer is compared with.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

_MARK_CHARACTERS: Final = 12  # 72 bits: two of a county's rows never meet by chance
_FARTHEST: Final = 10**18
"""As many digits as a mapping reads of a number."""


@dataclass(slots=True)
class Position:
    """One kind's."""

    at: str = ""
    """The page or the name of the answer that is asked for next; empty: the first."""
    since: int | None = None
    """What this sweep asks for, in milliseconds since 1970 or as a number."""
    high: int | None = None
    """The highest value of the column that `since` goes by."""
    seen: set[str] = field(default_factory=set)
    now: set[str] = field(default_factory=set)
    tag: list[str] = field(default_factory=list)
    """Digest of the question, ETag and Last-Modified of the answer that was taken whole; or nothing."""

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError or ValueError for what `dump` did not write."""
        whole = [_whole(data[each]) for each in ("since", "high")]
        marks = [_marks(str(data[each])) for each in ("seen", "now")]
        return cls(str(data["at"]), whole[0], whole[1], marks[0], marks[1], [str(each) for each in data["tag"]])

    def dump(self) -> dict[str, Any]:
        """As JSON; the same position is the same text."""
        return {
            "at": self.at,
            "since": self.since,
            "high": self.high,
            "seen": "".join(sorted(self.seen)),
            "now": "".join(sorted(self.now)),
            "tag": self.tag,
        }

    def knows(self, mark: str) -> bool:
        """Whether a row was handed out already; noted as met in this sweep."""
        known = mark in self.seen or mark in self.now
        if known:
            self.now.add(mark)
        return known


def mark_of(row: Any) -> str:
    """A row is known by all it says: corrected, it is another row and is read again."""
    text = json.dumps(row, sort_keys=True, default=repr, ensure_ascii=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())[:_MARK_CHARACTERS].decode()


def _whole(value: object) -> int | None:
    if value is None or (isinstance(value, int) and abs(value) < _FARTHEST):
        return value
    raise ValueError


def _marks(text: str) -> set[str]:
    return {text[at : at + _MARK_CHARACTERS] for at in range(0, len(text), _MARK_CHARACTERS)}
