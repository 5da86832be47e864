"""Publishes parcels and settles each one: confirmed, or into its county's hold queue, or not settled yet.

A destination that cannot take messages is held as a whole: on a nack or a time-out it is marked, and from then on its
parcels go, confirmed, to its hold queue without trying the inbox. `hub.outflow.hold` brings them back in order.
"""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import Connection, select, update

from hub.broker import Outcome, Outgoing
from hub.broker.messages import Batch
from hub.instants import now, to_millis
from hub.outflow.routing import Parcel, held
from hub.store import Store, insert_new, tables
from schemas import topology

_log = structlog.get_logger(__name__)
_HELD: Final = select(tables.destinations.c.division_code).where(tables.destinations.c.held)
PAUSED: Final = "paused"
"""The reason of a destination that an operator holds (`hub.outflow.pausing`): only that person's word opens it."""
_FULL: Final = (Outcome.NACKED, Outcome.TIMED_OUT)


class Publisher(Protocol):
    """The part of the broker link that delivery needs."""

    def start_publishing(self, outgoings: Sequence[Outgoing]) -> Batch:
        """Publish all; the batch tells what becomes of each."""
        ...


class Delivery:
    """Publishing with memory of who is held."""

    def __init__(self, publisher: Publisher, store: Store, *, confirm_seconds: float) -> None:
        """`confirm_seconds` bounds each confirm: a broker on a full disk never answers."""
        self._publisher = publisher
        self._store = store
        self.confirm_seconds = confirm_seconds
        self._into_hold = Counter[str]()

    def start(self, parcels: Sequence[Parcel], held_counties: frozenset[str]) -> "Shipment":
        """Send parcels on their way and return at once.

        What goes to a county whose hold queue something is still on its way to goes there too, mark or no mark.
        """
        counties = held_counties | self._into_hold.keys()
        return Shipment(self, parcels, [held(p) if p.county in counties else p for p in parcels])

    def publish(self, parcels: Sequence[Parcel], held_counties: frozenset[str]) -> list[bool]:
        """Whether each parcel is in its queue or in its county's hold queue, confirmed; waits until that is known."""
        return self.start(parcels, held_counties).outcomes()

    def send(self, parcels: Sequence[Parcel]) -> Batch:
        """Publish parcels to the queues that they name."""
        return self._publisher.start_publishing([each.outgoing for each in parcels])

    def towards_hold(self, counties: set[str]) -> None:
        """Parcels for these hold queues have been sent."""
        self._into_hold.update(counties)

    def lies_in_hold(self, counties: set[str]) -> None:
        """What is said to lie in these hold queues lies there, or is given up. Raises E-STORE-001.

        A drainer may have found nothing there and opened the county just before. It is marked again before anything
        later of its cases is sent, so that nothing overtakes.
        """
        try:
            if counties:
                self.hold(counties)
        finally:
            self._into_hold -= Counter(counties)

    def hold(self, counties: set[str]) -> None:
        """Mark destinations as held."""
        with self._store.write() as tx:
            for county in sorted(counties):
                if mark_held(tx, county, "inbox_full"):
                    _log.warning("destination.held", county=county)


class Shipment:
    """Parcels on their way: their confirms come while the worker is at the next batch."""

    def __init__(self, delivery: Delivery, meant: Sequence[Parcel], sent: Sequence[Parcel]) -> None:
        """`sent` are the parcels `meant`, those for held counties redirected to their hold queues."""
        self._delivery = delivery
        self._meant = meant
        self._sent = sent
        self._into_hold = {each.county for each in sent if _is_hold(each)}
        delivery.towards_hold(self._into_hold)
        self._batch = delivery.send(sent)
        self._deadline = time.monotonic() + delivery.confirm_seconds

    @property
    def complete(self) -> bool:
        """Whether `outcomes` will not wait for a confirm."""
        return self._batch.complete or time.monotonic() >= self._deadline

    def wait(self, seconds: float) -> None:
        """Wait until it is complete, at most this long."""
        self._batch.wait(max(0.0, min(seconds, self._deadline - time.monotonic())))

    def so_far(self) -> list[bool | None]:
        """What is settled by now; None for a parcel whose confirm is still to come."""
        return [True if outcome is Outcome.CONFIRMED else None for outcome in self._batch.so_far()]

    def outcomes(self) -> list[bool]:
        """Whether each parcel is settled, when every confirm has come or its time is over.

        What was not taken goes to its county's hold queue before this returns. Raises E-STORE-001.
        """
        into_hold, self._into_hold = self._into_hold, set()
        try:
            return self._settled(into_hold)
        finally:
            self._delivery.lies_in_hold(into_hold)

    def _settled(self, into_hold: set[str]) -> list[bool]:
        """The outcomes; `into_hold` grows by the counties that take nothing."""
        outcomes = self._batch.outcomes(max(0.0, self._deadline - time.monotonic()))
        settled = [outcome is Outcome.CONFIRMED for outcome in outcomes]
        failed = [i for i, outcome in enumerate(outcomes) if outcome in _FULL and not _is_hold(self._sent[i])]
        if failed:
            full = {self._meant[i].county for i in failed}
            self._delivery.towards_hold(full - into_hold)
            into_hold |= full
            self._delivery.hold(full)
            again = self._delivery.send([held(self._meant[i]) for i in failed])
            for i, outcome in zip(failed, again.outcomes(self._delivery.confirm_seconds), strict=True):
                settled[i] = outcome is Outcome.CONFIRMED
        return settled


def held_counties(tx: Connection) -> frozenset[str]:
    """Division codes of the destinations that are held now."""
    return frozenset(tx.execute(_HELD).scalars())


def mark_held(tx: Connection, county: str, reason: str) -> bool:
    """Mark a destination as held; False when it is already."""
    destinations = tables.destinations
    values = {"held": True, "held_since": to_millis(now()), "reason": reason}
    if insert_new(tx, destinations, division_code=county, **values):
        return True
    open_one = (destinations.c.division_code == county, destinations.c.held.is_(False))
    return bool(tx.execute(update(destinations).where(*open_one).values(**values)).rowcount)


def release(tx: Connection, county: str) -> bool:
    """Open a destination again; False when it was not held, or is paused."""
    columns = tables.destinations.c
    mine = (columns.division_code == county) & columns.held & (columns.reason != PAUSED)
    done = tx.execute(update(tables.destinations).where(mine).values(held=False, held_since=None, reason=""))
    return done.rowcount > 0


def lock_destination(tx: Connection, county: str) -> Any:
    """Its row, if there is one; until the end of this transaction nobody else marks or opens it.

    (A writing transaction on SQLite excludes every other; FOR UPDATE does it on PostgreSQL.)
    """
    mine = tables.destinations.c.division_code == county
    return tx.execute(select(tables.destinations).where(mine).with_for_update()).one_or_none()


def _is_hold(parcel: Parcel) -> bool:
    return parcel.outgoing.routing_key == topology.county_hold(parcel.county)
