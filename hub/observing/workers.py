"""Which of the hub's worker processes are at work, and which have gone without a word.

The broker knows how many read a queue and not how many there were: of three admission workers one may be dead for
months. So each has a row of its own and says again and again that it is there. Who is stopped, or replaced by `hub up`,
takes its row away; a row that has fallen silent is a process that died. Whoever begins later in its place, or of its
role elsewhere, takes its place, and so does `hub up` with fewer workers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select, update

from hub.instants import to_millis
from hub.observing.tables import workers
from hub.store import insert_new

SILENT: Final = timedelta(seconds=30)
"""Three beats that did not come."""
FORGOTTEN: Final = timedelta(days=7)
"""A machine that was taken away without stopping its workers is spoken of for so long."""
_kept: Final = workers.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One process."""

    id: str
    role: str
    machine: str
    number: int
    """Which of the workers of its role on its machine, from 0."""
    count: int
    """How many workers of its role its machine is to have."""
    began_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """The processes of one role."""

    there: int
    gone: int
    """Died, and nobody has come in their place."""

    @property
    def whole(self) -> int:
        """How many there were, and should be."""
        return self.there + self.gone


def enter(tx: Connection, worker: Worker, now: datetime) -> None:
    """It begins: in the place of the one that was there before, or else of one of its role that is silent elsewhere."""
    here = (_kept.role == worker.role) & (_kept.machine == worker.machine)
    tx.execute(delete(workers).where(here, _kept.number >= worker.count))
    tx.execute(delete(workers).where(_kept.beat_at < to_millis(now - FORGOTTEN)))
    # One that lives in the same place, which only several hubs on a machine can bring about, enters again at its beat.
    if not tx.execute(delete(workers).where(here, _kept.number == worker.number)).rowcount:
        silent = select(_kept.id).where(_kept.role == worker.role, _kept.beat_at < to_millis(now - SILENT))
        oldest = tx.execute(silent.order_by(_kept.beat_at, _kept.id).limit(1)).scalar()
        tx.execute(delete(workers).where(_kept.id == oldest))
    _insert(tx, worker, now)


def beat(tx: Connection, worker: Worker, now: datetime) -> None:
    """It is still there."""
    if not tx.execute(update(workers).where(_kept.id == worker.id).values(beat_at=to_millis(now))).rowcount:
        _insert(tx, worker, now)


def leave(tx: Connection, worker: Worker, _now: datetime) -> None:
    """It was told to stop: nobody is to miss it."""
    tx.execute(delete(workers).where(_kept.id == worker.id))


def rolls(tx: Connection, now: datetime) -> Mapping[str, Roll]:
    """Every role of which a process has begun and was not stopped."""
    there, gone = dict[str, int](), dict[str, int]()
    kept = select(_kept.role, _kept.beat_at).where(_kept.beat_at >= to_millis(now - FORGOTTEN))
    for role, beat_at in tx.execute(kept):
        counted = gone if beat_at < to_millis(now - SILENT) else there
        counted[role] = counted.get(role, 0) + 1
    return {role: Roll(there=there.get(role, 0), gone=gone.get(role, 0)) for role in sorted({*there, *gone})}


def _insert(tx: Connection, worker: Worker, now: datetime) -> None:
    insert_new(
        tx,
        workers,
        id=worker.id,
        role=worker.role,
        machine=worker.machine,
        number=worker.number,
        began_at=to_millis(worker.began_at),
        beat_at=to_millis(now),
    )
