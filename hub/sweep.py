"""What must happen even when no message comes: undone effects again, parked messages that waited too long.

Every few seconds, in every worker; doing it twice is harmless, because receivers know messages by id.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from hub.delivery import Delivery, held_counties
from hub.instants import to_millis
from hub.pipeline import Key, mark_done, repeat_effects, spoken_parcel
from hub.routing import Parcel
from hub.store import Store, tables

_log = structlog.get_logger(__name__)
_AT_ONCE = 200


class Sweep:
    """Repeats effects that are not known to be done, from stored bytes."""

    def __init__(self, *, store: Store, delivery: Delivery, clock: Callable[[], datetime], after_seconds: float) -> None:
        """Effects younger than `after_seconds` are left to the worker that is at them."""
        self._store = store
        self._delivery = delivery
        self._clock = clock
        self._after = timedelta(seconds=after_seconds)

    def run_once(self) -> int:
        """Repeat the oldest undone effects; returns how many messages were still undone."""
        before = to_millis(self._clock() - self._after)
        parcels: list[Parcel] = []
        needed: dict[Key, list[int]] = {}
        spoken: dict[str, int] = {}

        def add(parcel: Parcel, key: Key) -> int:
            parcels.append(parcel)
            needed.setdefault(key, []).append(len(parcels) - 1)
            return len(parcels) - 1

        messages, outgoing = tables.messages, tables.outgoing
        with self._store.read() as tx:
            late = select(messages).where(messages.c.effects_done.is_(False), messages.c.admitted_at < before)
            rows = tx.execute(late.where(messages.c.state != "parked").order_by(messages.c.admitted_at).limit(_AT_ONCE)).all()
            for row in rows:
                repeat_effects(tx, row, add, only_receipt=False)
            unsaid = select(outgoing).where(outgoing.c.done.is_(False), outgoing.c.made_at < before)
            for row in tx.execute(unsaid.order_by(outgoing.c.made_at).limit(_AT_ONCE)):
                parcels.append(spoken_parcel(row))
                spoken[row.message_id] = len(parcels) - 1
            held = held_counties(tx)
        if not parcels:
            return 0
        settled = self._delivery.publish(parcels, held)
        with self._store.write() as tx:
            mark_done(
                tx,
                [key for key, needs in needed.items() if all(settled[i] for i in needs)],
                [name for name, i in spoken.items() if settled[i]],
            )
        _log.info("effects.repeated", count=len(parcels))
        return len(rows)
