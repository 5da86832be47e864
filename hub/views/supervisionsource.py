"""The rows of the pages of supervision from the hub's store, and its decisions into it. A transaction for each call."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select

from hub import instants
from hub.registry.calendars import CurrentCalendar
from hub.store import Store, tables
from hub.supervision import counting, listing, outages, ruling
from hub.supervision.basis import Basis
from hub.supervision.counting import Bulletin
from hub.supervision.listing import CardRow, Filter, Unsettled
from hub.supervision.outages import Outage
from hub.supervision.period import Period
from hub.supervision.ruling import rule

_OUTAGES: Final = 100


class StoreSupervision:
    """`hub.web.supervisionview.SupervisionSource` over the real hub. Safe to use from several threads."""

    def __init__(self, store: Store, *, on_trial: bool, clock: Callable[[], datetime] = instants.now) -> None:
        """Asks nothing yet. On trial whoever holds the machine may stand for all of the hub's people."""
        self._store = store
        self._on_trial = on_trial
        self._calendar = CurrentCalendar()
        self.now = clock

    def cards(self, wanted: Filter) -> Sequence[CardRow]:
        """The cards that are asked for."""
        with self._store.read() as tx:
            return listing.cards(tx, wanted)

    def unsettled(self) -> Unsettled:
        """What waits for somebody."""
        with self._store.read() as tx:
            return listing.unsettled(tx)

    def card(self, card_no: str) -> tuple[CardRow, Basis] | None:
        """One card."""
        with self._store.read() as tx:
            return listing.card(tx, card_no)

    def outages(self) -> Sequence[Outage]:
        """The newest first."""
        with self._store.read() as tx:
            return list(reversed(outages.listed(tx)))[:_OUTAGES]

    def names(self) -> Mapping[str, str]:
        """Of every county that was ever enrolled."""
        counties = tables.counties.c
        with self._store.read() as tx:
            return {row[0]: row[1] for row in tx.execute(select(counties.division_code, counties.name))}

    def bulletin(self, period: Period) -> Bulletin:
        """Counted anew: a ruling of today changes last month's bulletin."""
        with self._store.read() as tx:
            return counting.bulletin(tx, period, self._calendar(tx).of, self.now())

    def explain(self, card_no: str, *, ground: str, text: str, by: str) -> None:
        """Written down."""
        at = self.now()
        self._store.redo(lambda tx: ruling.explain(tx, card_no, ground=ground, text=text, by=by, now=at))

    def rule(self, card_no: str, *, ruling: str, text: str, by: str) -> None:
        """Written down."""
        at, trial = self.now(), self._on_trial
        self._store.redo(lambda tx: rule(tx, card_no, ruling=ruling, text=text, by=by, now=at, on_trial=trial))
