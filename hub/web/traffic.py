"""What the pages show of traffic, as frozen records, and the protocol of where they come from.

As in `hub.web.view` nothing here tells of an applicant; whom a county named to be phoned is one of its own staff.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """One message that its destination has not yet signed as received."""

    message_id: str
    type: str
    case_no: str
    source: str
    destination: str
    admitted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRow:
    """What waits between two counties, or (folded) two provinces."""

    source: str
    destination: str
    count: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What passed in the last minutes."""

    minutes: float
    admitted: int
    signed: int
    refused: int


@dataclass(frozen=True, slots=True)
class Flow:
    """Messages a minute that came for one county lately, and that it signed for."""

    came: float
    signed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LateRow:
    """A case whose limit has passed."""

    case_no: str
    window_county: str
    issuing_county: str
    service_item: str
    state: str
    due_at: datetime
    trial: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask at a county."""

    name: str
    telephone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HourRow:
    """One hour: counts, and the greatest of what was looked at (none where nobody looked)."""

    at: datetime
    admitted: int
    signed: int
    refused: int
    waiting: int | None
    oldest_age_seconds: int | None
    dead: int | None
    late: int | None
    offline: int | None


class TrafficSource(Protocol):
    """Where the pages get these from; as for `OverviewSource`, a part that cannot be had raises YunhuobanError."""

    def pairs(self) -> Sequence[PairRow]:
        """Every pair of counties between which something waits, the oldest first."""

    def between(self, source: str, destination: str) -> Sequence[WaitingRow]:
        """What waits between two counties, or provinces by their two digits, oldest first, at most 500 rows."""

    def flows(self) -> Mapping[str, Flow]:
        """What came for each county lately, and what it signed for; who is not in it had nothing."""

    def rates(self) -> Rates:
        """What passed in the last minutes."""

    def late_count(self) -> int:
        """How many cases are late."""

    def unanswered_count(self) -> int:
        """How many questions and appeals were not answered in time; none on trial."""

    def unfollowed_count(self) -> int:
        """How many bad ratings were not followed up in time; none on trial."""

    def late(self) -> Sequence[LateRow]:
        """The late cases, the longest overdue first, at most 500 rows."""

    def dead_count(self) -> int:
        """How many dead letters wait."""

    def contacts(self, codes: Collection[str]) -> Mapping[str, Contact]:
        """Whom to ask at these counties."""

    def history(self, since: datetime) -> Sequence[HourRow]:
        """The hours since a moment, oldest first."""
