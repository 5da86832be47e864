"""The hub's calendar: what operators imported over the published one. Earlier imports stay in the store.

Each import makes one row that holds all rules together, so what counts is one value with one digest, and a county is
given exactly these bytes, as an entry of the directory.
"""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from hub.instants import to_millis
from hub.registry import trust
from hub.store import tables
from schemas.workdays import overridefile
from schemas.workdays.calendars import Calendar
from schemas.workdays.override import Override

_NAME_CHARACTERS = 200


def serial(tx: Connection) -> int:
    """How many imports changed something: what was read under the same number still holds. Cheap to ask."""
    return tx.execute(select(func.max(tables.calendar_overrides.c.serial))).scalar() or 0


def entries(tx: Connection) -> list[bytes]:
    """What the directory says of the calendar: all rules that count now, as they were encoded; nothing before that."""
    rows = tables.calendar_overrides
    return list(tx.execute(select(rows.c.body).order_by(rows.c.serial.desc()).limit(1)).scalars())


def imported(tx: Connection) -> Override:
    """All rules that count now; none before the first import."""
    found = entries(tx)
    return overridefile.decode(found[0]) if found else Override()


class CurrentCalendar:
    """The published calendar with these rules over it, kept while no import changes it: making it takes some 20 ms."""

    def __init__(self) -> None:
        """Nothing is read before it is needed."""
        self._kept: tuple[int, Calendar] | None = None

    def __call__(self, tx: Connection) -> Calendar:
        """What counts now."""
        kept, now = self._kept, serial(tx)
        if kept is None or kept[0] != now:
            kept = self._kept = now, calendar(tx)
        return kept[1]


def calendar(tx: Connection) -> Calendar:
    """The published calendar with these rules over it, made anew."""
    return Calendar(imported(tx))


def enter(tx: Connection, override: Override, *, replacing: bool, file_name: str, now: datetime) -> bool:
    """Import an override over what was imported before, or instead of it.

    False when nothing changes by it: then nothing is written. Else a new directory follows within the second, because
    the counter `trust` moves. Raises OverrideRefused when all rules together would be more than can be read again.
    """
    trust.lock(tx)
    before = imported(tx)
    after = override if replacing else before.merged(override)
    if after == before:
        return False
    body = after.encode()
    overridefile.decode(body)
    row = {"serial": serial(tx) + 1, "body": body, "file_name": file_name[-_NAME_CHARACTERS:]}
    tx.execute(insert(tables.calendar_overrides).values(**row, imported_at=to_millis(now)))
    trust.bump(tx)
    return True
