"""Looks at the cases whose time has come and writes a card for every limit that came near or was passed.

A card's number is made of what it is for, and its instant of the journal and the calendar: whoever looks, when, and how
often changes nothing. What is judged lies `SETTLING` back, so that a step that was admitted in time and is only just
being committed still counts.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, func, or_, select, update

from hub.catalogue import state as catalogue
from hub.instants import from_millis, to_millis
from hub.registry import calendars
from hub.registry.calendars import CurrentCalendar
from hub.store import Store, insert_new
from hub.store import tables as hub_tables
from hub.supervision import basis, history, outages, tables
from hub.supervision.duties import duties
from hub.supervision.duty import Duty
from hub.supervision.levels import Level
from schemas.errors import YunhuobanError
from schemas.lifecycle import ENDED, OF_A_CASE, CaseState
from schemas.workdays.limits import Pause

_log = structlog.get_logger(__name__)
SETTLING: Final = timedelta(minutes=2)
AT_ONCE: Final = 100
AGAIN_AFTER: Final = timedelta(days=1)
"""A case is looked at once a day in any case: the catalogue may have changed. No limit is shorter than a day's work."""
_OPEN_AGAIN: Final = timedelta(minutes=15)
"""While a card is open: whether it was cleared."""
_OVERLAP: Final = timedelta(minutes=10)
"""A case that changed may be committed after one that changed later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card as it is raised."""

    case: history.History
    duty: Duty
    level: Level
    raised_at: datetime
    basis: str

    @property
    def number(self) -> str:
        """Its number, the same whenever it is raised."""
        told = f"{self.case.case_no} {self.duty.rule} {self.level} {self.duty.occasion}"
        return hashlib.sha256(told.encode()).hexdigest()[:16].upper()


class Supervision:
    """One watch's; it outlives the transactions. Several may look at the same cases at once."""

    def __init__(self, store: Store) -> None:
        """Nothing is read yet."""
        self._store = store
        self._calendar = CurrentCalendar()

    def run_once(self, now: datetime) -> int:
        """Look at up to `AT_ONCE` cases; returns how many it were. Raises E-STORE-…."""
        horizon = now - SETTLING
        with self._store.read() as tx:
            serial = calendars.serial(tx)
            rows = _cases(tx, horizon, serial)
            away = [each.pause for each in outages.listed(tx)]
            looks = [self._looked_at(tx, row, away, horizon, serial) for row in rows]
        if looks:
            self._store.redo(lambda tx: _write(tx, looks, now))
        return len(looks)

    def _looked_at(self, tx: Connection, row: Any, away: Sequence[Pause], horizon: datetime, serial: int) -> "_Look":
        """One case that cannot be read keeps nobody else's from being looked at; it is tried again the next day."""
        try:
            return self._look(tx, row, away, horizon, serial)
        except YunhuobanError as error:
            _log.error("supervision.case_unreadable", code=error.code.code, place=error.place)
            return _Look(row=row, cards=(), serial=serial, next_at=horizon + AGAIN_AFTER)

    def _look(self, tx: Connection, row: Any, away: Sequence[Pause], horizon: datetime, serial: int) -> "_Look":
        case, calendar = history.read(tx, row), self._calendar(tx)
        opened = from_millis(row.opened_at)
        found = duties(
            case,
            calendar_of=calendar.of,
            item=catalogue.implementation(tx, case.issuing, case.service_item),
            outages=[each for each in away if each.ends_at > opened],
            horizon=horizon,
        )
        cards = [
            (Card(case=case, duty=duty, level=level, raised_at=at, basis=told), duty.done_at)
            for duty in found
            if (raised := list(duty.raised(horizon)))
            for told in [_basis(calendar.of(duty.county), duty, serial)]
            for level, at in raised
        ]
        open_ = any(done_at is None for _, done_at in cards)
        to_come = [at for duty in found if (at := duty.next_after(horizon)) is not None]
        if CaseState(row.state) not in ENDED:
            to_come.append(horizon + AGAIN_AFTER)
        if open_:
            to_come.append(horizon + _OPEN_AGAIN)
        return _Look(row=row, cards=cards, serial=serial, next_at=min(to_come, default=None))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    row: Any
    cards: Sequence[tuple[Card, datetime | None]]
    serial: int
    next_at: datetime | None


def _cases(tx: Connection, horizon: datetime, serial: int) -> Sequence[Any]:
    """Which cases to look at: new or changed ones, those whose time has come, and all open ones after an import."""
    cases, looked = hub_tables.cases, tables.looked
    newest = tx.execute(select(func.max(looked.c.changed_at))).scalar()
    since = newest - _OVERLAP // timedelta(milliseconds=1) if newest is not None else 0
    joined = cases.outerjoin(looked, cases.c.case_no == looked.c.case_no)
    changed = (
        select(cases)
        .select_from(joined)
        # By state and time, because there is an index for that.
        .where(cases.c.state.in_(OF_A_CASE), cases.c.changed_at >= since, ~cases.c.trial)
        .where(or_(looked.c.case_no.is_(None), looked.c.changed_at != cases.c.changed_at))
        .order_by(cases.c.changed_at, cases.c.case_no)
        .limit(AT_ONCE)
    )
    come = or_(looked.c.next_at <= to_millis(horizon), looked.c.calendar_serial != serial)
    waiting = select(cases).join(looked, cases.c.case_no == looked.c.case_no).where(looked.c.next_at.is_not(None), come)
    rows = {row.case_no: row for row in tx.execute(changed)}
    rows |= {row.case_no: row for row in tx.execute(waiting.order_by(looked.c.next_at).limit(AT_ONCE))}
    return list(rows.values())[:AT_ONCE]


def _basis(calendar: Any, duty: Duty, serial: int) -> str:
    return basis.Basis(
        begins_at=duty.begins_at,
        limit=duty.limit,
        days=basis.counted(calendar, duty.begins_at, duty.due.at),
        stops=[basis.stop(calendar, cause, pause) for cause, pause in duty.pauses],
        calendar_serial=serial,
    ).written()


def _write(tx: Connection, looks: Sequence[_Look], now: datetime) -> None:
    for look in sorted(looks, key=lambda each: each.row.case_no):  # in one order, so that two watches never wait
        _write_one(tx, look, now)


def _write_one(tx: Connection, look: _Look, now: datetime) -> None:
    for card, done_at in look.cards:
        insert_new(
            tx,
            tables.cards,
            card_no=card.number,
            case_no=card.case.case_no,
            window_county=card.case.window,
            issuing_county=card.case.issuing,
            county=card.duty.county,
            rule=card.duty.rule.value,
            level=card.level.value,
            step=card.duty.step,
            due_at=to_millis(card.duty.due.at),
            raised_at=to_millis(card.raised_at),
            found_at=to_millis(now),
            basis=card.basis,
        )
        if done_at is not None:
            insert_new(
                tx, tables.acts, card_no=card.number, act="cleared", at=to_millis(done_at), by="", ground="", text=""
            )
    seen = {
        "changed_at": look.row.changed_at,
        "calendar_serial": look.serial,
        "next_at": to_millis(look.next_at) if look.next_at is not None else None,
    }
    if not insert_new(tx, tables.looked, case_no=look.row.case_no, **seen):
        tx.execute(update(tables.looked).where(tables.looked.c.case_no == look.row.case_no).values(**seen))
