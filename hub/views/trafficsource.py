"""`hub.web.traffic.TrafficSource` over the hub's store."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from hub import instants
from hub.around import matters, ratings
from hub.instants import from_millis
from hub.observing import deadlines, hours
from hub.store import Store
from hub.views import ledgerview, traffic
from hub.views.kept import Kept
from hub.web.traffic import Contact, Flow, HourRow, LateRow, PairRow, Rates, WaitingRow

ROWS: Final = 500


class StoreTraffic:
    """Each call reads anew; what every open page asks for again and again is kept for a moment."""

    def __init__(self, store: Store) -> None:
        """Asks nothing yet."""
        self._store = store
        self._pairs = Kept(self._read_pairs)
        self._rates = Kept(self._read_rates)
        self._flows = Kept(self._read_flows)

    def pairs(self) -> Sequence[PairRow]:
        """Who waits for whom."""
        return self._pairs.get()

    def between(self, source: str, destination: str) -> Sequence[WaitingRow]:
        """The messages that wait between two."""
        with self._store.read() as tx:
            return [waiting_row(row) for row in traffic.between(tx, source, destination, ROWS)]

    def oldest_waiting(self) -> Mapping[str, datetime]:
        """Since when the oldest message waits for each county that has not signed for everything."""
        found: dict[str, datetime] = {}
        for row in self.pairs():  # the oldest come first
            found.setdefault(row.destination, row.oldest_at)
        return found

    def flows(self) -> Mapping[str, Flow]:
        """What came for each county, and what it signed for."""
        return self._flows.get()

    def rates(self) -> Rates:
        """What passed lately."""
        return self._rates.get()

    def late_count(self) -> int:
        """How many cases are late."""
        with self._store.read() as tx:
            return deadlines.late_count(tx, instants.now())

    def unanswered_count(self) -> int:
        """How many questions and appeals are overdue."""
        with self._store.read() as tx:
            return sum(pile.count for pile in matters.overdue_by_county(tx, instants.now()).values())

    def unfollowed_count(self) -> int:
        """How many bad ratings were not followed up in time."""
        with self._store.read() as tx:
            return sum(pile.count for pile in ratings.late_by_county(tx, instants.now()).values())

    def late(self) -> Sequence[LateRow]:
        """The late cases."""
        with self._store.read() as tx:
            found = deadlines.late(tx, instants.now(), ROWS)
        return [
            LateRow(
                case_no=each.case_no,
                window_county=each.window_county,
                issuing_county=each.issuing_county,
                service_item=each.service_item,
                state=each.state,
                due_at=each.due_at,
                trial=each.trial,
            )
            for each in found
        ]

    def dead_count(self) -> int:
        """How many dead letters wait."""
        with self._store.read() as tx:
            return ledgerview.dead(tx).count

    def contacts(self, codes: Collection[str]) -> Mapping[str, Contact]:
        """Whom to ask."""
        with self._store.read() as tx:
            return {code: Contact(*said) for code, said in traffic.contacts(tx, codes).items()}

    def history(self, since: datetime) -> Sequence[HourRow]:
        """The hours that the observer noted."""
        with self._store.read() as tx:
            rows = hours.since(tx, since)
        return [
            HourRow(
                at=from_millis(row.hour_at),
                admitted=row.admitted,
                signed=row.signed,
                refused=row.refused,
                waiting=row.waiting,
                oldest_age_seconds=row.oldest_age_seconds,
                dead=row.dead,
                late=row.late,
                offline=row.offline,
            )
            for row in rows
        ]

    def _read_pairs(self) -> Sequence[PairRow]:
        with self._store.read() as tx:
            found = traffic.pairs(tx)
        return [
            PairRow(source=each.source, destination=each.destination, count=each.count, oldest_at=each.oldest_at)
            for each in found
        ]

    def _read_flows(self) -> Mapping[str, Flow]:
        with self._store.read() as tx:
            return {code: Flow(*both) for code, both in traffic.flows(tx, instants.now()).items()}

    def _read_rates(self) -> Rates:
        with self._store.read() as tx:
            found = traffic.lately(tx, instants.now())
        minutes = traffic.RATE_OVER.total_seconds() / 60
        return Rates(minutes=minutes, admitted=found.admitted, signed=found.signed, refused=found.refused)


def waiting_row(row: Any) -> WaitingRow:
    """One message that waits, as the lists show it."""
    return WaitingRow(
        message_id=row.message_id,
        type=row.type,
        case_no=row.case_no,
        source=row.source,
        destination=row.destination,
        admitted_at=from_millis(row.admitted_at),
    )
