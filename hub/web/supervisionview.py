"""What the pages of supervision show and do, as a protocol: rows of `hub.supervision`, no person in any."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from hub.supervision.basis import Basis
from hub.supervision.counting import Bulletin
from hub.supervision.listing import CardRow, Filter, Unsettled
from hub.supervision.outages import Outage
from hub.supervision.period import Period


class SupervisionSource(Protocol):
    """Where the pages get their rows, and who is told what people decide. Each call raises E-STORE-… when it must."""

    def cards(self, wanted: Filter) -> Sequence[CardRow]:
        """The gravest first, at most 500."""

    def unsettled(self) -> Unsettled:
        """How many cards wait for somebody."""

    def card(self, card_no: str) -> tuple[CardRow, Basis] | None:
        """One card with how it was counted."""

    def outages(self) -> Sequence[Outage]:
        """When the hub was away, the newest first, at most 100."""

    def names(self) -> Mapping[str, str]:
        """The counties' names by division code."""

    def now(self) -> datetime:
        """The hub's clock."""

    def bulletin(self, period: Period) -> Bulletin:
        """The count of a week or a month."""

    def explain(self, card_no: str, *, ground: str, text: str, by: str) -> None:
        """Enter what a county says. Raises E-SUP-001, -002, -005, -007."""

    def rule(self, card_no: str, *, ruling: str, text: str, by: str) -> None:
        """Decide on a card. Raises E-SUP-001, -003, -004, -005, -006, -007."""
