"""Goes along the journal and keeps the tables of what is around the cases; one turn of the keeper at a time.

Where it has come to stands in the store and is moved by whoever writes first: of two keepers one writes. The rows of a
case are made anew from all that was said in it, so that it does not matter what came twice, late, or was refused by its
destination afterwards.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, delete, insert, select, update

from hub.around import hearing, saying, tables
from hub.around.saying import Rows
from hub.registry.calendars import CurrentCalendar
from hub.store import Store, insert_new
from hub.store import tables as hub_tables
from schemas.errors import YunhuobanError
from schemas.leaf import ADMITTED
from schemas.workdays.calendars import Calendar
from schemas.workdays.hours import beijing_day

_log = structlog.get_logger(__name__)
EVERY_SECONDS: Final = 2.0
"""A turn in which nothing was said reads two rows."""
_SHARE: Final = 20
"""Looking must not keep the store busy: at most a twentieth of the time, once the journal's end was reached."""
_BATCHES: Final = 50
_AT_ONCE: Final = 200
_messages, _cases = hub_tables.messages.c, hub_tables.cases


@dataclass(frozen=True, slots=True)
class _Turn:
    size: int
    through: int
    day: str
    counted: str
    made: Mapping[str, Rows]


class AroundKeeper:
    """One keeper's."""

    def __init__(self, store: Store) -> None:
        """Nothing is read yet."""
        self._store = store
        self._calendar = CurrentCalendar()

    def catch_up(self, now: datetime) -> None:
        """Turns until the journal's end. Raises E-STORE-…."""
        while self.run_once(now):
            pass

    def keep(self, stop: threading.Event, clock: Callable[[], datetime]) -> None:
        """One turn after the other until `stop`, most of the time waiting: in a thread of its own."""
        pause = 0.0
        while not stop.wait(pause):
            started = time.monotonic()
            try:
                behind = self.run_once(clock())
            except YunhuobanError as error:
                _log.error("around.failed", code=error.code.code, place=error.place)
                behind = False
            took = time.monotonic() - started
            pause = took if behind else max(EVERY_SECONDS, took * _SHARE)

    def run_once(self, now: datetime) -> bool:
        """One turn; whether there was anything to be done. Raises E-STORE-…."""
        with self._store.read() as tx:
            turn = self._look(tx, beijing_day(now).isoformat())
        if (turn.through, turn.day) == (turn.size, turn.counted):
            return False
        with self._store.write() as tx:
            _write(tx, turn)
        return turn.through != turn.size

    def _look(self, tx: Connection, day: str) -> _Turn:
        row = tx.execute(select(tables.place)).one_or_none()
        size, counted = (row.size, row.counted_on) if row is not None else (0, "")
        sizes = hub_tables.checkpoints.c.size
        ahead = tx.execute(select(sizes).where(sizes > size).order_by(sizes).limit(_BATCHES)).scalars().all()
        through = ahead[-1] if ahead else size
        numbers = set(_spoken(tx, size, through))
        if counted != day:
            numbers |= set(_uncounted(tx))
        calendar = self._calendar(tx)
        return _Turn(size, through, day, counted, {each: _made(tx, each, calendar) for each in sorted(numbers)})


def _spoken(tx: Connection, size: int, through: int) -> Sequence[str]:
    """The cases in which something was said that counts here."""
    stretch = (_messages.batch > size) & (_messages.batch <= through) & (_messages.verdict == ADMITTED)
    types = [*saying.TOLD, hearing.REFUSED]
    return tx.execute(select(_messages.case_no).where(stretch, _messages.type.in_(types)).distinct()).scalars().all()


def _uncounted(tx: Connection) -> Sequence[str]:
    """Bad ratings whose limit lay beyond the published calendar."""
    kept = tables.ratings.c
    waiting = select(kept.case_no).where(kept.owed, kept.limit_at.is_(None)).distinct()
    return tx.execute(waiting.limit(_AT_ONCE)).scalars().all()


def _made(tx: Connection, case_no: str, calendar: Calendar) -> Rows:
    case = tx.execute(select(_cases).where(_cases.c.case_no == case_no)).one_or_none()
    if case is None:
        return Rows()
    try:
        return saying.rows(case, hearing.said(tx, case_no), calendar)
    except YunhuobanError as error:  # one case that cannot be read keeps no other from being told
        _log.error("around.case_unreadable", code=error.code.code, place=error.place)
        return Rows()


def _write(tx: Connection, turn: _Turn) -> None:
    at = {"size": turn.through, "counted_on": turn.day}
    mine = tables.place.c
    stands = (mine.id == 1) & (mine.size == turn.size) & (mine.counted_on == turn.counted)
    if not tx.execute(update(tables.place).where(stands).values(**at)).rowcount and not (
        turn.size == 0 and insert_new(tx, tables.place, id=1, **at)
    ):
        return  # another keeper has done it
    for case_no, rows in turn.made.items():
        _keep(tx, case_no, rows)


def _keep(tx: Connection, case_no: str, rows: Rows) -> None:
    for table, kept in (
        (tables.matters, [rows.matter]),
        (tables.parts, [rows.part]),
        (tables.ratings, rows.ratings),
        (tables.endings, [rows.ending]),
    ):
        tx.execute(delete(table).where(table.c.case_no == case_no))
        found: list[dict[str, Any]] = [{"case_no": case_no, **each} for each in kept if each is not None]
        if found:
            tx.execute(insert(table), found)
