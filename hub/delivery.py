"""Publishes parcels and settles each one: confirmed, or into its county's hold queue, or not settled yet.

A destination that cannot take messages is held as a whole: on a nack or a time-out it is marked, and from then on its
parcels go, confirmed, to its hold queue without trying the inbox. `hub.hold` brings them back in order.
"""

from collections.abc import Sequence
from typing import Final, Protocol

import structlog
from sqlalchemy import Connection, insert, select, update

from hub.broker import Outcome, Outgoing
from hub.instants import now, to_millis
from hub.routing import Parcel, held
from hub.store import Store, tables
from schemas import topology

_log = structlog.get_logger(__name__)
_FULL: Final = (Outcome.NACKED, Outcome.TIMED_OUT)


class Publisher(Protocol):
    """The part of the broker link that delivery needs."""

    def publish(self, outgoings: Sequence[Outgoing], timeout_seconds: float = ...) -> list[Outcome]:
        """Publish all and say what became of each."""
        ...


class Delivery:
    """Publishing with memory of who is held."""

    def __init__(self, publisher: Publisher, store: Store, *, confirm_seconds: float) -> None:
        """`confirm_seconds` bounds each confirm: a broker on a full disk never answers."""
        self._publisher = publisher
        self._store = store
        self._confirm_seconds = confirm_seconds

    def publish(self, parcels: Sequence[Parcel], held_counties: frozenset[str]) -> list[bool]:
        """Whether each parcel is in its queue or in its county's hold queue, confirmed."""
        if not parcels:
            return []
        first = [held(p) if p.county in held_counties else p for p in parcels]
        outcomes = self._publisher.publish([p.outgoing for p in first], self._confirm_seconds)
        settled = [outcome is Outcome.CONFIRMED for outcome in outcomes]
        failed = [i for i, outcome in enumerate(outcomes) if outcome in _FULL and not _is_hold(first[i])]
        if failed:
            self._hold({parcels[i].county for i in failed})
            again = self._publisher.publish([held(parcels[i]).outgoing for i in failed], self._confirm_seconds)
            for i, outcome in zip(failed, again, strict=True):
                settled[i] = outcome is Outcome.CONFIRMED
        return settled

    def _hold(self, counties: set[str]) -> None:
        with self._store.write() as tx:
            for county in sorted(counties):
                if mark_held(tx, county, "inbox_full"):
                    _log.warning("destination.held", county=county)


def held_counties(tx: Connection) -> frozenset[str]:
    """Division codes of the destinations that are held now."""
    rows = tx.execute(select(tables.destinations.c.division_code).where(tables.destinations.c.held))
    return frozenset(rows.scalars())


def mark_held(tx: Connection, county: str, reason: str) -> bool:
    """Mark a destination as held; False when it is already."""
    row = tx.execute(select(tables.destinations).where(tables.destinations.c.division_code == county)).one_or_none()
    values = {"held": True, "held_since": to_millis(now()), "reason": reason}
    if row is None:
        tx.execute(insert(tables.destinations).values(division_code=county, **values))
        return True
    if not row.held:
        tx.execute(update(tables.destinations).where(tables.destinations.c.division_code == county).values(**values))
    return not row.held


def release(tx: Connection, county: str) -> None:
    """Open a destination again."""
    tx.execute(
        update(tables.destinations)
        .where(tables.destinations.c.division_code == county)
        .values(held=False, held_since=None, reason="")
    )


def _is_hold(parcel: Parcel) -> bool:
    return parcel.outgoing.routing_key == topology.county_hold(parcel.county)
