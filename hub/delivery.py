"""Publishes parcels and settles each one: confirmed, or into its county's hold queue, or not settled yet.

A destination that cannot take messages is held as a whole: on a nack or a time-out it is marked, and from then on its
parcels go, confirmed, to its hold queue without trying the inbox. `hub.hold` brings them back in order.
"""

import time
from collections.abc import Sequence
from typing import Final, Protocol

import structlog
from sqlalchemy import Connection, select, update

from hub.broker import Outcome, Outgoing
from hub.broker.messages import Batch
from hub.instants import now, to_millis
from hub.routing import Parcel, held
from hub.store import Store, insert_new, tables
from schemas import topology

_log = structlog.get_logger(__name__)
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

    def start(self, parcels: Sequence[Parcel], held_counties: frozenset[str]) -> "Shipment":
        """Send parcels on their way and return at once."""
        return Shipment(self, parcels, [held(p) if p.county in held_counties else p for p in parcels])

    def publish(self, parcels: Sequence[Parcel], held_counties: frozenset[str]) -> list[bool]:
        """Whether each parcel is in its queue or in its county's hold queue, confirmed; waits until that is known."""
        return self.start(parcels, held_counties).outcomes()

    def send(self, parcels: Sequence[Parcel]) -> Batch:
        """Publish parcels to the queues that they name."""
        return self._publisher.start_publishing([each.outgoing for each in parcels])

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
        outcomes = self._batch.outcomes(max(0.0, self._deadline - time.monotonic()))
        settled = [outcome is Outcome.CONFIRMED for outcome in outcomes]
        failed = [i for i, outcome in enumerate(outcomes) if outcome in _FULL and not _is_hold(self._sent[i])]
        if failed:
            self._delivery.hold({self._meant[i].county for i in failed})
            again = self._delivery.send([held(self._meant[i]) for i in failed])
            for i, outcome in zip(failed, again.outcomes(self._delivery.confirm_seconds), strict=True):
                settled[i] = outcome is Outcome.CONFIRMED
        return settled


def held_counties(tx: Connection) -> frozenset[str]:
    """Division codes of the destinations that are held now."""
    rows = tx.execute(select(tables.destinations.c.division_code).where(tables.destinations.c.held))
    return frozenset(rows.scalars())


def mark_held(tx: Connection, county: str, reason: str) -> bool:
    """Mark a destination as held; False when it is already."""
    destinations = tables.destinations
    values = {"held": True, "held_since": to_millis(now()), "reason": reason}
    if insert_new(tx, destinations, division_code=county, **values):
        return True
    open_one = (destinations.c.division_code == county, destinations.c.held.is_(False))
    return bool(tx.execute(update(destinations).where(*open_one).values(**values)).rowcount)


def release(tx: Connection, county: str) -> None:
    """Open a destination again."""
    tx.execute(
        update(tables.destinations)
        .where(tables.destinations.c.division_code == county)
        .values(held=False, held_since=None, reason="")
    )


def _is_hold(parcel: Parcel) -> bool:
    return parcel.outgoing.routing_key == topology.county_hold(parcel.county)
