"""What must happen even when no message comes: undone effects again, parked messages that waited too long.

Every few seconds, in every worker; doing it twice is harmless, because receivers know messages by id.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Select, select

from hub.instants import to_millis
from hub.outflow.delivery import Delivery, held_counties
from hub.outflow.effects import Effects, expand, mark_done, repeat_effects, spoken_parcel
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
        moment = self._clock()
        self._take_over(moment)
        effects = Effects()
        with self._store.read() as tx:
            for row in tx.execute(_unsettled(moment - self._after)).all():
                repeat_effects(tx, row, effects, only_receipt=False)
            for row in tx.execute(_unsaid(moment - self._after)):
                parcel = spoken_parcel(row)
                if not effects.speaks(parcel):
                    effects.speak(parcel)
            held = held_counties(tx)
        if not effects.parcels:
            return 0
        outcomes = self._delivery.publish(effects.parcels, held)
        with self._store.write() as tx:
            mark_done(tx, effects.done(outcomes), moment)
        _log.info("effects.repeated", count=len(effects.parcels))
        return len(effects.parcels)

    def _take_over(self, moment: datetime) -> None:
        """The batches of a worker that died between its commit and its last confirm."""
        checkpoints = tables.checkpoints.c
        late = (
            select(checkpoints.size)
            .where(checkpoints.effects_done.is_(False), checkpoints.made_at < to_millis(moment - self._after))
            .order_by(checkpoints.made_at)
            .limit(_AT_ONCE)
        )
        with self._store.read() as tx:
            batches = list(tx.execute(late).scalars())
        for batch in batches:
            with self._store.write() as tx:
                expand(tx, batch)


def _unsettled(before: datetime) -> Select[Any]:
    """Messages of which something is still to be done, the longest waiting first."""
    messages, unsettled = tables.messages, tables.unsettled
    same = (unsettled.c.source == messages.c.source) & (unsettled.c.message_id == messages.c.message_id)
    same &= unsettled.c.envelope_sha256 == messages.c.envelope_sha256
    found = select(messages).join(unsettled, same).where(unsettled.c.since_at < to_millis(before))
    return found.order_by(unsettled.c.since_at, messages.c.message_id).limit(_AT_ONCE)


def _unsaid(before: datetime) -> Select[Any]:
    """What the hub itself has to say and that was not confirmed."""
    outgoing = tables.outgoing.c
    late = select(tables.outgoing).where(outgoing.done.is_(False), outgoing.made_at < to_millis(before))
    return late.order_by(outgoing.made_at).limit(_AT_ONCE)
