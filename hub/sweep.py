"""What must happen even when no message comes: undone effects again, parked messages that waited too long.

Every few seconds, in every worker; doing it twice is harmless, because receivers know messages by id.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from hub.delivery import Delivery, held_counties
from hub.effects import Effects, mark_done, repeat_effects, spoken_parcel
from hub.instants import to_millis
from hub.store import Store, tables

_log = structlog.get_logger(__name__)
_AT_ONCE = 50


class Sweep:
    """Repeats effects that are not known to be done, from stored bytes."""

    def __init__(
        self, *, store: Store, delivery: Delivery, clock: Callable[[], datetime], after_seconds: float
    ) -> None:
        """Effects younger than `after_seconds` are left to the worker that is at them."""
        self._store = store
        self._delivery = delivery
        self._clock = clock
        self._after = timedelta(seconds=after_seconds)

    def run_once(self) -> int:
        """Repeat the oldest undone effects; returns how many parcels were sent again."""
        before = to_millis(self._clock() - self._after)
        effects = Effects()
        messages, outgoing = tables.messages.c, tables.outgoing.c
        late = (
            select(tables.messages)
            .where(messages.effects_done.is_(False), messages.admitted_at < before, messages.state != "parked")
            .order_by(messages.admitted_at)
            .limit(_AT_ONCE)
        )
        unsaid = (
            select(tables.outgoing)
            .where(outgoing.done.is_(False), outgoing.made_at < before)
            .order_by(outgoing.made_at)
            .limit(_AT_ONCE)
        )
        with self._store.read() as tx:
            for row in tx.execute(late).all():
                repeat_effects(tx, row, effects, only_receipt=False)
            for row in tx.execute(unsaid):
                parcel = spoken_parcel(row)
                if not effects.speaks(parcel):
                    effects.speak(parcel)
            held = held_counties(tx)
        if not effects.parcels:
            return 0
        outcomes = self._delivery.publish(effects.parcels, held)
        done = effects.done(outcomes)
        with self._store.write() as tx:
            mark_done(tx, done.messages, done.spoken)
        _log.info("effects.repeated", count=len(effects.parcels))
        return len(effects.parcels)
