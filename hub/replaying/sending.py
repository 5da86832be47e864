"""Sends what was ordered to be sent again, one letter after the other, at the order's pace.

A letter is published and confirmed inside the transaction that holds its order's row and marks it as replayed. So an
order that is stopped has stopped: whoever stops it gets the row when nothing of it is under way. A process that dies
between the confirm and the commit sends that one letter again, the same bytes under the same id to the same queue,
which whoever takes it has then already taken; and nothing that was ordered is forgotten.

A queue that does not take a letter ends the order at once: there is no second try by itself, so no storm of them.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import Connection, select, update

from hub.broker import Outcome, Outgoing
from hub.instants import to_millis
from hub.outflow import deadletters
from hub.record.acts import Act
from hub.record.noting import THE_HUB, note
from hub.replaying.ordering import about, end
from hub.store import Store, tables
from schemas.errors import YunhuobanError

CONFIRM_SECONDS: Final = 2.0
"""On SQLite nobody else writes meanwhile; a queue that takes longer is in trouble, and the order ends."""
LOOK_SECONDS: Final = 0.5
_letters: Final = tables.dead_letters
_replays: Final = tables.replays
_log = structlog.get_logger(__name__)


class ReplayLink(Protocol):
    """The part of the broker link that is needed here."""

    def publish(self, outgoings: Sequence[Outgoing], timeout_seconds: float = ...) -> list[Outcome]:
        """Publish all and say what became of each."""


def under_way(store: Store) -> bool:
    """Whether any order waits to be carried out. Raises E-STORE-001."""
    with store.read() as tx:
        return tx.execute(_running().limit(1)).first() is not None


def step(store: Store, link: ReplayLink, now: datetime) -> float | None:
    """Send the next letter of the oldest order; returns the seconds to wait before the next one, None without an order.

    Raises E-BROKER-… without a link and E-STORE-… without a store: the letter is still to be sent then.
    """
    with store.write() as tx:
        order = tx.execute(_running().limit(1).with_for_update()).one_or_none()
        if order is None:
            return None
        row = tx.execute(_next(order.number)).one_or_none()
        if row is None:
            _end(tx, order, "done", now)
            return 0.0
        if deadletters.why_not(row, now) is not None:  # its time ran out while it waited for its turn
            tx.execute(update(_letters).where(_letters.c.id == row.id).values(state="waiting"))
            return 0.0
        (outcome,) = link.publish([deadletters.again(row)], CONFIRM_SECONDS)
        if outcome is not Outcome.CONFIRMED:
            _end(tx, order, "stopped", now, why=f"{row.queue}: {outcome.value}")
            return 0.0
        values = {"state": "replayed", "settled_at": to_millis(now), "settled_reason": order.reason}
        tx.execute(update(_letters).where(_letters.c.id == row.id).values(**values))
        tx.execute(update(_replays).where(_replays.c.number == order.number).values(sent=_replays.c.sent + 1))
        return float(1.0 / order.rate)


def keep_sending(
    store: Store,
    open_link: Callable[[], AbstractContextManager[ReplayLink]],
    stop: threading.Event,
    clock: Callable[[], datetime],
) -> None:
    """Carry out orders until `stop`; a link is opened only while there is one."""
    while not stop.wait(LOOK_SECONDS):
        try:
            if under_way(store):
                with open_link() as link:
                    while not stop.is_set() and (pause := step(store, link, clock())) is not None:
                        stop.wait(pause)
        except YunhuobanError as error:
            _log.error("replay.step_failed", code=str(error.code), place=error.place)


def _running() -> Any:
    return select(_replays).where(_replays.c.state == "running").order_by(_replays.c.number)


def _next(number: int) -> Any:
    mine = select(_letters).where(_letters.c.batch == number, _letters.c.state == "queued")
    return mine.order_by(_letters.c.died_at, _letters.c.id).limit(1).with_for_update()


def _end(tx: Connection, order: Any, state: str, now: datetime, *, why: str = "") -> None:
    end(tx, order.number, state, now=now, why=why)
    note(tx, THE_HUB, Act.REPLAY_ENDED, at=now, about=about(order.number), reason=f"{order.sent}/{order.count} {why}")
    _log.info("replay.ended", batch=order.number, state=state, count=order.sent, total=order.count)
