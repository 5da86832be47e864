"""Since when each county is connected, or is not: the broker only knows who is there now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from hub.broker.states import ConnectionState
from hub.instants import from_millis, to_millis
from hub.observing.tables import county_presence


@dataclass(frozen=True, slots=True)
class Presence:
    """One county as it was seen last; `since_at` is None when it never was."""

    online: bool
    since_at: datetime | None


def connected(connections: Iterable[ConnectionState]) -> dict[str, datetime | None]:
    """The oldest open connection of everybody who has one."""
    since: dict[str, datetime | None] = {}
    for each in connections:
        known = since.get(each.user)
        since[each.user] = min(known, each.connected_at) if known and each.connected_at else each.connected_at
    return since


def known(tx: Connection) -> Mapping[str, Presence]:
    """Every county that was looked for."""
    rows = tx.execute(select(county_presence))
    return {
        row.division_code: Presence(row.online, from_millis(row.since_at) if row.since_at is not None else None)
        for row in rows
    }


def note(tx: Connection, active: Iterable[str], online: Mapping[str, datetime | None], now: datetime) -> int:
    """Write down who has come and who has gone since the last look; returns how many that were.

    Who was never seen has no moment since which it is away.
    """
    before, changes = known(tx), 0
    for code in sorted(active):
        is_there, was = code in online, before.get(code)
        if was is not None and was.online == is_there:
            continue
        since = to_millis(online[code] or now) if is_there else (to_millis(now) if was is not None else None)
        values = {"online": is_there, "since_at": since}
        if was is None:
            tx.execute(insert(county_presence).values(division_code=code, **values))
        else:
            tx.execute(update(county_presence).where(county_presence.c.division_code == code).values(**values))
        changes += 1
    return changes
