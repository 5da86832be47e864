"""When the hub itself was away: found from what proves that it was there, so that nobody is late because of it.

The hub was there whenever its watch looked and the broker took messages (`beat`), and whenever it signed a checkpoint.
Where two such signs lie further apart than `LONGEST_SILENCE`, it was away between them, whatever the reason: power,
maintenance, a full disk, a broker with an alarm. What is kept with it is the size of the journal at its beginning: the
checkpoint of that size and the next one are signed and carry their times, and no leaf lies between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from sqlalchemy import Connection, select, update

from hub.instants import from_millis, to_millis
from hub.store import insert_new
from hub.store import tables as hub_tables
from hub.supervision import tables
from schemas.workdays.limits import Pause

LONGEST_SILENCE: Final = timedelta(minutes=3)
"""The watch looks several times a minute; a restart for new certificates takes seconds."""
_ONLY: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One time in which the hub was away."""

    began_at: datetime
    """The last sign of it before."""
    ended_at: datetime
    """The first sign of it afterwards."""
    journal_size: int
    """Of the last checkpoint before it; 0 when there is none. Nothing was admitted until it was over."""

    @property
    def pause(self) -> Pause:
        """As a clock counts it."""
        return Pause(begins_at=self.began_at, ends_at=self.ended_at)


def beat(tx: Connection, now: datetime) -> list[Outage]:
    """Say that the hub is at work now; what lies between this and the last time is recorded when it is an outage.

    To be called only after the broker has said that it takes messages. A clock that was set back says nothing.
    """
    last = tx.execute(select(tables.pulse.c.at).where(tables.pulse.c.id == _ONLY).with_for_update()).scalar()
    if last is None:
        insert_new(tx, tables.pulse, id=_ONLY, at=to_millis(now))
        return []
    if to_millis(now) <= last:
        return []
    tx.execute(update(tables.pulse).where(tables.pulse.c.id == _ONLY).values(at=to_millis(now)))
    found = _silences(tx, from_millis(last), now) if now - from_millis(last) > LONGEST_SILENCE else []
    for each in found:
        insert_new(
            tx,
            tables.outages,
            began_at=to_millis(each.began_at),
            ended_at=to_millis(each.ended_at),
            journal_size=each.journal_size,
            found_at=to_millis(now),
        )
    return found


def _silences(tx: Connection, last: datetime, now: datetime) -> list[Outage]:
    made = hub_tables.checkpoints.c
    between = select(made.made_at, made.size).where(made.made_at > to_millis(last), made.made_at < to_millis(now))
    before = select(made.size).where(made.made_at <= to_millis(last)).order_by(made.size.desc()).limit(1)
    size = tx.execute(before).scalar() or 0
    signs = [(last, size)]
    signs += [(from_millis(row.made_at), row.size) for row in tx.execute(between.order_by(made.size))]
    signs.append((now, signs[-1][1]))
    return [
        Outage(began_at=earlier, ended_at=later, journal_size=known)
        for (earlier, known), (later, _) in pairwise(signs)
        if later - earlier > LONGEST_SILENCE
    ]


def listed(tx: Connection, *, since: datetime | None = None) -> Sequence[Outage]:
    """The outages that ended after an instant, or all, the first one first."""
    rows = tables.outages.c
    chosen = select(tables.outages).order_by(rows.began_at)
    if since is not None:
        chosen = chosen.where(rows.ended_at > to_millis(since))
    return [
        Outage(
            began_at=from_millis(row.began_at),
            ended_at=from_millis(row.ended_at),
            journal_size=row.journal_size,
        )
        for row in tx.execute(chosen)
    ]
