"""One row for each hour of the last year: what came in and went out, and how bad it was at its worst.

What is counted is counted from the journal, up to a size that stands in the row: a restart counts nothing twice and
nothing never, also what came while nobody looked. What is looked at (waiting, late, offline) is the hour's greatest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from hub.instants import from_millis, to_millis
from hub.observing.tables import hours
from hub.store import tables
from hub.views.ledgerview import RECEIPTED
from schemas.leaf import ADMITTED

KEPT: Final = timedelta(days=366)
HOUR: Final = timedelta(hours=1)
_TICK: Final = timedelta(milliseconds=1)
"""What was done on the stroke of an hour belongs to the hour that begins."""
RECEIVED: Final = "message.received"
_GAUGES: Final = ("waiting", "oldest_age_seconds", "dead", "late", "offline")
_MOST_MISSED: Final = 24 * 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """What one look found."""

    waiting: int
    oldest_age_seconds: int
    dead: int
    late: int
    offline: int | None
    """None: the broker did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the journal says of a stretch of itself."""

    admitted: int
    signed: int
    refused: int


def counts(tx: Connection, after_size: int, through_size: int) -> Counts:
    """Messages admitted, signed as received by their destinations, and refused, between two sizes of the journal."""
    messages, journal = tables.messages.c, tables.journal.c
    stretch = (messages.batch > after_size) & (messages.batch <= through_size) & (messages.state == "admitted")
    by_type: dict[str, int] = dict(
        tx.execute(select(messages.type, func.count()).where(stretch).group_by(messages.type)).all()
    )
    refused = select(func.count()).where(
        journal.leaf_index >= after_size, journal.leaf_index < through_size, journal.verdict != ADMITTED
    )
    return Counts(
        admitted=sum(count for kind, count in by_type.items() if kind in RECEIPTED),
        signed=by_type.get(RECEIVED, 0),
        refused=tx.execute(refused).scalar_one(),
    )


def size_at(tx: Connection, moment: datetime) -> int:
    """How large the journal was at a moment."""
    checkpoints = tables.checkpoints.c
    before = select(checkpoints.size).where(checkpoints.made_at <= to_millis(moment))
    return tx.execute(before.order_by(checkpoints.size.desc()).limit(1)).scalar() or 0


def record(tx: Connection, found: Gauges, now: datetime) -> None:
    """Bring the rows up to this moment, those of hours in which nobody looked among them; forget what is old."""
    hour = _hour(now)
    last = tx.execute(select(hours).order_by(hours.c.hour_at.desc()).limit(1)).one_or_none()
    if last is None:
        _begin(tx, hour, size_at(tx, hour - _TICK))
    else:
        at = from_millis(last.hour_at)
        hour = max(hour, at)  # where the clock was put back, that row goes on
        while at < hour:
            through = _count(tx, at, size_at(tx, at + HOUR - _TICK))
            at = max(at + HOUR, hour - _MOST_MISSED * HOUR)
            _begin(tx, at, through)
    _count(tx, hour, size_at(tx, now))
    _look(tx, hour, found)
    tx.execute(delete(hours).where(hours.c.hour_at < to_millis(now - KEPT)))


def since(tx: Connection, moment: datetime) -> Sequence[Any]:
    """The rows since a moment, oldest first."""
    return tx.execute(select(hours).where(hours.c.hour_at >= to_millis(moment)).order_by(hours.c.hour_at)).all()


def _begin(tx: Connection, hour: datetime, through_size: int) -> None:
    zero = {"admitted": 0, "signed": 0, "refused": 0}
    tx.execute(insert(hours).values(hour_at=to_millis(hour), through_size=through_size, **zero))


def _count(tx: Connection, hour: datetime, size: int) -> int:
    """Count on to this size of the journal, never back; returns where it stands. A restore makes a journal smaller."""
    mine = hours.c.hour_at == to_millis(hour)
    row = tx.execute(select(hours).where(mine)).one()
    greatest = tx.execute(select(func.max(tables.checkpoints.c.size))).scalar() or 0
    size = min(max(size, row.through_size), greatest)
    found = counts(tx, row.through_size, size)
    values = {
        "through_size": size,
        "admitted": row.admitted + found.admitted,
        "signed": row.signed + found.signed,
        "refused": row.refused + found.refused,
    }
    tx.execute(update(hours).where(mine).values(**values))
    return size


def _look(tx: Connection, hour: datetime, found: Gauges) -> None:
    mine = hours.c.hour_at == to_millis(hour)
    row = tx.execute(select(hours).where(mine)).one()
    seen = {name: [getattr(row, name), getattr(found, name)] for name in _GAUGES}
    values = {name: max((each for each in both if each is not None), default=None) for name, both in seen.items()}
    tx.execute(update(hours).where(mine).values(**values))


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
