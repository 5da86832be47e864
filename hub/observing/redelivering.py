"""When each queue last handed over a message again. The broker only counts since it started.

A message is handed over again when whoever took it went away without acknowledging it: a county's node that is ended
over and over, or whose line breaks. A count says that it happened; whether it happens now only its rising says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update

from hub.broker.states import QueueState
from hub.instants import from_millis, to_millis
from hub.observing.tables import redeliveries
from hub.store import Store, insert_new

_columns: Final = redeliveries.c


@dataclass(frozen=True, slots=True)
class Rise:
    """A queue's count as it was last seen, and when it had last risen."""

    counter: int
    rose_at: datetime


def known(tx: Connection) -> Mapping[str, Rise]:
    """Every queue that has ever handed over again."""
    return {row.queue: Rise(row.counter, from_millis(row.rose_at)) for row in tx.execute(select(redeliveries))}


def look(store: Store, states: Iterable[QueueState], now: datetime) -> int:
    """Note whose count has risen, or begun anew; returns how many that were. Raises E-STORE-….

    Written only when something changed: a calm hub costs one small reading.
    """
    with store.read() as tx:
        before = known(tx)
    counted = {each.name: each.redelivered for each in states if each.redelivered is not None}
    seen = {name: before[name].counter if name in before else 0 for name in counted}
    changed = {name: count for name, count in counted.items() if count != seen[name]}
    if changed:
        with store.write() as tx:
            for name, count in sorted(changed.items()):
                _note(tx, name, count, now)
    return len(changed)


def _note(tx: Connection, queue: str, count: int, now: datetime) -> None:
    """Fallen means that the broker was started meanwhile: what it counts since then has been handed over since then."""
    values = {"counter": count} | ({"rose_at": to_millis(now)} if count else {})
    insert_new(tx, redeliveries, queue=queue, counter=count, rose_at=to_millis(now))
    tx.execute(update(redeliveries).where(_columns.queue == queue).values(**values))
