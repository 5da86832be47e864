"""The hub's calendar: what operators imported over the published one. Earlier imports stay in the store.

Each import makes one row that holds all rules together, so what counts is one value with one digest, and a county can
be given exactly these bytes.
"""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from hub.instants import to_millis
from hub.store import tables
from schemas.workdays import overridefile
from schemas.workdays.calendars import Calendar
from schemas.workdays.override import Override

_NAME_CHARACTERS = 200


def serial(tx: Connection) -> int:
    """How many imports changed something: what was read under the same number still holds. Cheap to ask."""
    return tx.execute(select(func.max(tables.calendar_overrides.c.serial))).scalar() or 0


def imported(tx: Connection) -> Override:
    """All rules that count now; none before the first import."""
    rows = tables.calendar_overrides
    body = tx.execute(select(rows.c.body).order_by(rows.c.serial.desc()).limit(1)).scalar()
    return overridefile.decode(body) if body is not None else Override()


def calendar(tx: Connection) -> Calendar:
    """The published calendar with these rules over it. Its first use takes some 20 ms: keep it while `serial` holds."""
    return Calendar(imported(tx))


def enter(tx: Connection, override: Override, *, replacing: bool, file_name: str, now: datetime) -> bool:
    """Import an override over what was imported before, or instead of it.

    False when nothing changes by it: then nothing is written. Raises OverrideRefused when all rules together would be
    more than can be read again.
    """
    before = imported(tx)
    after = override if replacing else before.merged(override)
    if after == before:
        return False
    body = after.encode()
    overridefile.decode(body)
    row = {"serial": serial(tx) + 1, "body": body, "file_name": file_name[-_NAME_CHARACTERS:]}
    tx.execute(insert(tables.calendar_overrides).values(**row, imported_at=to_millis(now)))
    return True
