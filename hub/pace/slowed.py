"""Which counties are slowed: everything they send goes through their slow queue until that is empty.

A row is made by the worker that sees the flood, completed by the keeper when the slow queue stands, and deleted by the
slow lane when nothing lies there any more. A row is for one road: who floods with cases still prints.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from hub.instants import to_millis
from hub.store import tables

Place = tuple[str, str]
"""A county's division code and the road it floods (`submit` or `express`)."""

_rows = tables.slowed_counties
_columns = tables.slowed_counties.c
_ALL = select(_rows)  # asked with every batch


def roads(tx: Connection) -> Mapping[Place, bool]:
    """Every slowed county's road, and whether its slow queue stands."""
    return {(row.division_code, row.road): row.queue_stands for row in tx.execute(_ALL)}


def without_queue(tx: Connection) -> list[str]:
    """Counties whose slow queue must be declared."""
    return sorted(set(tx.execute(select(_columns.division_code).where(~_columns.queue_stands)).scalars()))


def slow_down(
    tx: Connection, places: Iterable[Place], *, queue_stands: bool, now: datetime, at_least: timedelta = timedelta(0)
) -> list[Place]:
    """Make the rows that are missing, and return them; the others are locked until the end of this transaction.

    For `at_least` so long from now the county is not let go, even if nothing of it waits.
    """
    made = []
    until = to_millis(now + at_least)
    for county, road in sorted(places):
        mine = (_columns.division_code == county) & (_columns.road == road)
        row = tx.execute(select(_rows).where(mine).with_for_update()).one_or_none()
        if row is None:
            values = {"queue_stands": queue_stands, "since_at": to_millis(now), "until_at": until}
            tx.execute(insert(_rows).values(division_code=county, road=road, **values))
            made.append((county, road))
        elif at_least and row.until_at < until:
            tx.execute(update(_rows).where(mine).values(until_at=until))
    return made


def may_go(tx: Connection, now: datetime) -> set[str]:
    """Counties that may be let go when nothing of them waits."""
    latest = select(_columns.division_code).group_by(_columns.division_code)
    return set(tx.execute(latest.having(func.max(_columns.until_at) <= to_millis(now))).scalars())


def mark_queue(tx: Connection, county: str, *, stands: bool) -> None:
    """Note that a county's slow queue was declared, or is gone."""
    tx.execute(update(_rows).where(_columns.division_code == county).values(queue_stands=stands))


def forget_queues(tx: Connection) -> None:
    """The broker was set up anew: the slow queues have to be declared before anything is moved there."""
    tx.execute(update(_rows).values(queue_stands=False))


def lock(tx: Connection, county: str) -> None:
    """Nobody else makes, completes or deletes this county's rows until the end of this transaction."""
    tx.execute(select(_rows).where(_columns.division_code == county).with_for_update()).all()


def let_go(tx: Connection, county: str) -> None:
    """What the county sends from now on is admitted as everybody's."""
    tx.execute(delete(_rows).where(_columns.division_code == county))
