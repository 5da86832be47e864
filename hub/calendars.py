"""The hub's calendar: what operators imported over the published one. Earlier imports stay in the store.

Each import makes one row that holds all rules together, so what counts is one value with one digest, and a county can
be given exactly these bytes.
"""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from hub.instants import to_millis
from hub.store import tables
from schemas.workdays import overridefile
from schemas.workdays.calendars import Calendar
from schemas.workdays.override import Override

_NAME_CHARACTERS = 200


def imported(tx: Connection) -> Override:
    """All rules that count now; none before the first import."""
    return _newest(tx)[1]


def calendar(tx: Connection) -> Calendar:
    """The published calendar with these rules over it. Reading it takes some 20 ms: keep it, compare `imported`."""
    return Calendar(imported(tx))


def enter(tx: Connection, override: Override, *, replacing: bool, file_name: str, now: datetime) -> bool:
    """Import an override over what was imported before, or instead of it.

    False when nothing changes by it: then nothing is written.
    """
    serial, before = _newest(tx)
    after = override if replacing else before.merged(override)
    if after == before:
        return False
    row = {"serial": serial + 1, "body": after.encode(), "file_name": file_name[-_NAME_CHARACTERS:]}
    tx.execute(insert(tables.calendar_overrides).values(**row, imported_at=to_millis(now)))
    return True


def _newest(tx: Connection) -> tuple[int, Override]:
    rows = tables.calendar_overrides
    row = tx.execute(select(rows.c.serial, rows.c.body).order_by(rows.c.serial.desc()).limit(1)).first()
    return (row.serial, overridefile.decode(row.body)) if row else (0, Override())
