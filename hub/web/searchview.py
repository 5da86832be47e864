"""What people search cases by, and what the page of a search shows."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from hub.web.view import CaseRow

_NUMBER: Final = re.compile(r"[^0-9A-Z-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """By what; what is empty does not matter."""

    number: str = ""
    """How the case number begins."""
    item: str = ""
    window: str = ""
    issuing: str = ""
    day: date | None = None
    """The day on which it was opened, in Beijing."""
    state: str = ""

    @classmethod
    def typed(cls, *, number: str, item: str, window: str, issuing: str, day: date | None, state: str) -> "Sought":
        """As somebody types it: blanks and what no number has are left out, letters are capital."""
        return cls(
            number=_NUMBER.sub("", number.upper()),
            item=_NUMBER.sub("", item.upper()),
            window=window.strip(),
            issuing=issuing.strip(),
            day=day,
            state=state.strip(),
        )

    @property
    def anything(self) -> bool:
        """Whether anything is sought by."""
        return any(asdict(self).values())

    def query(self) -> str:
        """As it stands in an address."""
        return urlencode({name: str(value) for name, value in asdict(self).items() if value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of a search."""

    rows: Sequence[CaseRow]
    after: str
    """Where the next page begins; empty when there is no more."""
    partly: int = 0
    """How many cases a search looks at when it has not come to its end; 0 when this is the end, or the page is full."""
