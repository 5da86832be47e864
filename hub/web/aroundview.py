"""What the pages around the cases show, as a protocol: rows of `hub.around`, no person in any."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from hub.around.groups import GroupRow
from hub.around.matters import Filter, MatterRow
from hub.around.ratings import OwedRow, Rated
from hub.around.stated import StatedRow


class AroundSource(Protocol):
    """Where the pages get their rows. Each call raises E-STORE-… when it must."""

    def matters(self, wanted: Filter) -> Sequence[MatterRow]:
        """The longest overdue first, or else the newest; at most 500."""

    def counts(self) -> Mapping[tuple[str, str], int]:
        """How many matters there are, by kind and state."""

    def overdue(self) -> Mapping[str, int]:
        """How many answers are owed too long, by kind."""

    def groups(self, county: str) -> Sequence[GroupRow]:
        """The newest groups, those being taken back first; at most 200. Of all counties if none is named."""

    def owed(self, county: str) -> Sequence[OwedRow]:
        """Bad ratings without a follow-up, the longest overdue first; at most 500."""

    def rated(self) -> Sequence[Rated]:
        """All ratings so far, by county."""

    def stated(self, kind: str, county: str) -> Sequence[StatedRow]:
        """The newest of what counties say of themselves, of one kind and county or of all; at most 300."""

    def stated_counts(self) -> Mapping[str, int]:
        """How many statements of each kind count."""

    def names(self) -> Mapping[str, str]:
        """The counties' names by division code."""

    def now(self) -> datetime:
        """The hub's clock."""
