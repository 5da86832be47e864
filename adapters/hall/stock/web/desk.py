"""What the pages of blank stock show and do, over this node's store; every act is a transaction of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from adapters.hall.stock import balance, book, closing, counting, looking, monthfile, receiving
from adapters.hall.stock.balance import Unexplained
from adapters.hall.stock.closing import Day
from adapters.hall.stock.counting import Count
from adapters.hall.stock.looking import Holding, Story
from adapters.hall.stock.month import month
from adapters.hall.stock.receiving import Delivery, Received
from adapters.hall.stock.serials import Span
from adapters.hall.stock.states import StockEvent, StockState
from adapters.hall.stock.tables import BALANCES, SERIES
from adapters.store import Store
from certs.atrest import AtRest
from pages.frame import BEIJING


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The whole book at one moment."""

    counts: Mapping[str, Mapping[StockState, int]]
    bodies: Sequence[str]
    """Issuing bodies that are known."""
    holdings: Sequence[Holding]
    unexplained: Mapping[str, Sequence[Unexplained]]
    """By kind, without those where everything is accounted for."""
    closed: Sequence[Day]
    counts_made: Sequence[Count]
    months: Sequence[str]
    """Of which there is a list, the present one first."""


class StockDesk:
    """The book of one county, for the people of one hall. Thread-safe."""

    def __init__(
        self, *, store: Store, sealing: AtRest, county: str, station: str, clock: Callable[[], datetime]
    ) -> None:
        """`county` is the name on lists, `station` the printer that sheets are loaded into here."""
        self._store = store
        self._sealing = sealing
        self._county = county
        self.station = station
        self._clock = clock

    def overview(self) -> Overview:
        """Everything that is shown to the keeper."""
        with self._store.read() as tx:
            kinds = balance.kinds(tx)
            found = {kind: balance.unexplained(tx, kind) for kind in kinds}
            first = tx.execute(select(BALANCES.c.day).order_by(BALANCES.c.day).limit(1)).scalar()
            return Overview(
                counts=looking.counts(tx),
                bodies=sorted(set(tx.execute(select(SERIES.c.issuing_body)).scalars())),
                holdings=looking.holdings(tx),
                unexplained={kind: each for kind, each in found.items() if each},
                closed=closing.lately(tx),
                counts_made=counting.lately(tx),
                months=_months(first, self._clock().astimezone(BEIJING).date()) if kinds else (),
            )

    def held(self, account: str | None) -> list[Holding]:
        """What lies in a clerk's hands and trays; in everybody's without an account."""
        with self._store.read() as tx:
            states = (StockState.ISSUED, StockState.LOADED, StockState.RETURNED)
            return looking.holdings(tx, states=states, holder=account)

    def story(self, serial: str, kind: str) -> Story:
        """One sheet's. Raises E-STOCK-001, E-STOCK-008, E-STOCK-009."""
        with self._store.read() as tx:
            return looking.story(tx, serial, kind)

    def month_file(self, which: str, ending: str) -> bytes:
        """The list of a month as `.xlsx` or `.pdf`. Raises E-STOCK-041, E-STOCK-042."""
        with self._store.write() as tx:
            closing.close(tx, self._clock())
            found = month(tx, which, self._clock())
        return monthfile.file_of(found, f"list{ending}", county=self._county)

    def receive(self, delivery: Delivery, *, by: str) -> Received:
        """A box. Raises as `receiving.receive`."""
        with self._store.write() as tx:
            return receiving.receive(tx, delivery, by=by, now=self._clock(), sealing=self._sealing)

    def count(self, kind: str, found: Sequence[Span], *, by: str, holder: str) -> Count:
        """What lies in one place. Raises as `counting.count`."""
        with self._store.write() as tx:
            return counting.count(tx, kind, found, by=by, holder=holder, now=self._clock())

    def issue(self, span: Span, kind: str, *, by: str, to: str) -> None:
        """Raises as `book.issue`."""
        with self._store.write() as tx:
            book.issue(tx, looking.kind_of(tx, span.form, kind), span, by=by, to=to, now=self._clock())

    def load(self, span: Span, kind: str, *, by: str, tray: str) -> None:
        """Into this station's printer. Raises as `book.load`."""
        with self._store.write() as tx:
            kind = looking.kind_of(tx, span.form, kind)
            book.load(tx, kind, span, by=by, station=self.station, tray=tray, now=self._clock())

    def give_back(self, span: Span, kind: str, *, by: str) -> None:
        """Raises as `book.give_back`."""
        with self._store.write() as tx:
            book.give_back(tx, looking.kind_of(tx, span.form, kind), span, by=by, now=self._clock())

    def take_back(self, span: Span, kind: str, *, by: str) -> None:
        """Raises as `book.take_back`."""
        with self._store.write() as tx:
            book.take_back(tx, looking.kind_of(tx, span.form, kind), span, by=by, now=self._clock())

    def void(self, span: Span, kind: str, event: StockEvent, *, by: str, reason: str, only_held: bool) -> None:
        """Spoiled or lost, by the event. Raises as `book.spoil` and `book.lose`."""
        act = book.spoil if event is StockEvent.SPOIL else book.lose
        with self._store.write() as tx:
            kind = looking.kind_of(tx, span.form, kind)
            act(tx, kind, span, by=by, reason=reason, now=self._clock(), only_held=only_held)

    def declare_void(self, span: Span, kind: str, *, by: str, reference: str) -> None:
        """Raises as `book.declare_void`."""
        with self._store.write() as tx:
            kind = looking.kind_of(tx, span.form, kind)
            book.declare_void(tx, kind, span, by=by, reference=reference, now=self._clock())

    def destroy(self, span: Span, kind: str, *, by: str, witness: str, reference: str) -> None:
        """Raises as `book.destroy`."""
        with self._store.write() as tx:
            kind = looking.kind_of(tx, span.form, kind)
            book.destroy(tx, kind, span, by=by, witness=witness, reference=reference, now=self._clock())


def _months(first: str | None, today: date) -> list[str]:
    """The present month and those before it down to the first that was closed; a year at most."""
    oldest = date.fromisoformat(first).replace(day=1) if first else today.replace(day=1)
    months: list[str] = []
    each = today.replace(day=1)
    while each >= oldest and len(months) < 12:
        months.append(f"{each:%Y-%m}")
        each = (each - timedelta(days=1)).replace(day=1)
    return months
