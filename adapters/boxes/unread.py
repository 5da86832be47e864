"""Messages of ours that lie unopened at a destination which went back to an older version of the contract.

The hub had admitted them before, so it refuses nothing, and the destination cannot even read who sent them: only we
can help. What it has not signed as received is written anew in a version that it reads; it says the same, and whichever
form the destination opens first is the one that counts (`handling`). Nobody signs for our own signed words, so those
that are not older than a message lives are written anew all the same: heard twice they mean the same.
"""

from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, and_, or_, select, update

from adapters.boxes import fate
from adapters.boxes.invain import OTHER_VERSION
from adapters.boxes.outbox import LIFE, Outbox
from adapters.directory.directoryview import DirectoryView
from adapters.instants import to_millis
from adapters.store import tables
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)
_AT_ONCE: Final = 50
_columns = tables.outbox.c


class Unread:
    """Goes through the outbox once after each start and each new directory, a little at a time."""

    def __init__(self) -> None:
        """The first turn looks at everything."""
        self._next: int | None = 0

    @property
    def looking(self) -> bool:
        """Whether there is anything left to look at."""
        return self._next is not None

    def look_again(self) -> None:
        """A new directory came: anybody may read other versions now."""
        self._next = 0

    def next_few(self, tx: Connection, directory: DirectoryView, now: datetime) -> list[Any]:
        """The next few that may be unread; as a rule there are none."""
        older = self._older(tx, directory, now)
        last = or_(_columns.state == "admitted", and_(_columns.state == "received", ~_columns.chained))
        found = (
            select(tables.outbox)
            .where(_columns.seq > (self._next or 0), _columns.destination.in_(older), last)
            .where(_columns.created_at > to_millis(now - LIFE), _columns.offer_epoch.is_(None))
            .order_by(_columns.seq)
            .limit(_AT_ONCE)
        )
        rows = list(tx.execute(found)) if older else []
        self._next = rows[-1].seq if len(rows) == _AT_ONCE else None
        return rows

    def _older(self, tx: Connection, directory: DirectoryView, now: datetime) -> list[str]:
        """The counties we write to that read an older version than ours."""
        recent = select(_columns.destination).where(_columns.created_at > to_millis(now - LIFE)).distinct()
        return [each for each in tx.execute(recent).scalars() if _reads_older(directory, each)]


def write_anew(tx: Connection, box: Outbox, row: Any, directory: DirectoryView, now: datetime) -> bool:
    """Write one admitted message anew if its destination does not read it, and say whether it was."""
    if not _reads_older(directory, row.destination) or directory.reads(Envelope.parse(row.body)):
        return False
    if not fate.refused(tx, row, code=OTHER_VERSION, receipt=None):
        return False
    if fate.write_anew(tx, box, row, directory, now) is None:  # tried often enough: it stays as it is
        tx.execute(update(tables.outbox).where(_columns.seq == row.seq).values(state=row.state, refusal_code=None))
        return False
    _log.warning("message.unread", message_id=row.message_id, type=row.type, destination=row.destination)
    return True


def _reads_older(directory: DirectoryView, county: str) -> bool:
    """Whether a county reads something that we can write, and not our own version."""
    try:
        return bool(directory.contract(county))
    except YunhuobanError:
        return False  # nothing in common: what lies there waits for its upgrade as it is
