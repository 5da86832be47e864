"""Until when the next step of every case under way is due, kept so that late cases can be counted at once.

Working days come out of a calendar and a case's messages, some milliseconds each: too slow for a page over a hundred
thousand cases. Each is worked out when it has changed, when a calendar was imported, and once a day, because silence
counts as acceptance after five working days (行政许可法 art. 32). An extension moves no state of a case: a limit that
has passed is worked out again before anybody calls the case late, and every hour after.

What has changed or passed since a moment (`moved`) is found by two indexes and costs the same however many cases are
open; what else is outdated (`outdated`, `left_over`) is found by going through all of them.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, literal_column, or_, select

from hub.catalogue import state
from hub.instants import from_millis, to_millis
from hub.observing.tables import case_limits
from hub.registry import calendars
from hub.store import tables
from hub.views.ladder import clock_events
from hub.views.ledgerview import Pile
from schemas.clock import EFFECTS
from schemas.clockface import face
from schemas.leaf import ADMITTED
from schemas.lifecycle import OF_A_CASE, UNDER_WAY
from schemas.workdays.calendars import Calendar

AT_ONCE: Final = 200
MOVED_AT_ONCE: Final = 50
"""Few: whoever looks rests as much longer as the look took, and a case that is late is to be seen soon."""
_AGAIN_AFTER: Final = timedelta(days=1)
_PASSED_AGAIN_AFTER: Final = timedelta(hours=1)
_OVERLAP: Final = timedelta(minutes=1)
"""A case that changed may be committed after one that changed later."""
_UNDER_WAY: Final = tuple(sorted(UNDER_WAY))
_cases, _limits = tables.cases.c, case_limits.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One case's, worked out."""

    case_no: str
    changed_at: int
    due_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCase:
    """A case of which a limit has passed for certain."""

    case_no: str
    window_county: str
    issuing_county: str
    service_item: str
    state: str
    due_at: datetime
    trial: bool


def outdated(tx: Connection, now: datetime, limit: int = AT_ONCE) -> Sequence[Any]:
    """Cases whose limit has to be worked out (anew), those never looked at first."""
    passed = _limits.due_at < to_millis(now)
    old = or_(
        _limits.case_no.is_(None),
        and_(passed, or_(_limits.told_at < _limits.due_at, _limits.told_at < to_millis(now - _PASSED_AGAIN_AFTER))),
        _limits.changed_at != _cases.changed_at,
        _limits.calendar != calendars.serial(tx),
        _limits.told_at < to_millis(now - _AGAIN_AFTER),
    )
    joined = tables.cases.outerjoin(case_limits, _limits.case_no == _cases.case_no)
    asked = select(tables.cases, _limits.told_at).select_from(joined).where(_cases.state.in_(_UNDER_WAY), old)
    return tx.execute(asked.order_by(func.coalesce(_limits.told_at, 0), _cases.case_no).limit(limit)).all()


def moved(tx: Connection, since: datetime, now: datetime, limit: int = MOVED_AT_ONCE) -> Sequence[Any]:
    """Cases that have changed, or whose limit has passed, since that moment, and are not worked out yet.

    Ended ones are among them as long as they have a limit.
    """
    at = to_millis(since - _OVERLAP)
    joined = tables.cases.outerjoin(case_limits, _limits.case_no == _cases.case_no)
    new = and_(_limits.case_no.is_(None), _cases.state.in_(_UNDER_WAY))
    # By state and time, because there is an index for that.
    changed = select(tables.cases).select_from(joined).where(_cases.state.in_(sorted(OF_A_CASE)))
    changed = changed.where(_cases.changed_at >= at, or_(new, _limits.changed_at != _cases.changed_at))
    passed = select(tables.cases).join(case_limits, _limits.case_no == _cases.case_no)
    passed = passed.where(_limits.due_at >= at, _limits.due_at < to_millis(now), _limits.told_at < _limits.due_at)
    rows = {row.case_no: row for row in tx.execute(passed.order_by(_limits.due_at, _cases.case_no).limit(limit))}
    rows |= {row.case_no: row for row in tx.execute(changed.order_by(_cases.changed_at, _cases.case_no).limit(limit))}
    return list(rows.values())[:limit]


def left_over(tx: Connection, limit: int = AT_ONCE) -> Sequence[str]:
    """Cases that have ended and still have a limit."""
    joined = case_limits.join(tables.cases, _limits.case_no == _cases.case_no)
    ended = select(_limits.case_no).select_from(joined).where(_cases.state.not_in(_UNDER_WAY))
    return tx.execute(ended.order_by(_limits.case_no).limit(limit)).scalars().all()


def worked_out(tx: Connection, cases: Sequence[Any], calendar: Calendar, now: datetime) -> list[Limit]:
    """The limits of those of these cases that are under way."""
    return [
        Limit(case_no=each.case_no, changed_at=each.changed_at, due_at=_due(tx, each, calendar, now))
        for each in cases
        if each.state in UNDER_WAY
    ]


def keep(tx: Connection, limits: Sequence[Limit], now: datetime, *, ended: Collection[str] = ()) -> None:
    """Write them down, and forget those of the cases that have ended."""
    numbers = sorted({each.case_no for each in limits} | set(ended))
    tx.execute(delete(case_limits).where(_limits.case_no.in_(numbers)))
    if limits:
        told = {"calendar": calendars.serial(tx), "told_at": to_millis(now)}
        tx.execute(insert(case_limits), [asdict(each) | told for each in limits])


def late_count(tx: Connection, now: datetime) -> int:
    """How many cases are late."""
    count: int = tx.execute(_late(now, func.count())).scalar_one()
    return count


def late(tx: Connection, now: datetime, limit: int) -> list[LateCase]:
    """The late cases, the longest overdue first."""
    rows = tx.execute(_late(now, tables.cases, _limits.due_at).order_by(_limits.due_at, _cases.case_no).limit(limit))
    return [
        LateCase(
            case_no=row.case_no,
            window_county=row.window_county,
            issuing_county=row.issuing_county,
            service_item=row.service_item,
            state=row.state,
            due_at=from_millis(row.due_at),
            trial=row.trial,
        )
        for row in rows
    ]


def late_by_county(tx: Connection, now: datetime) -> dict[str, Pile]:
    """How many are late, by the county that decides, and since when the first of them; no case on trial."""
    count, first = func.count(), func.min(_limits.due_at)
    county = _beside_its_index(_cases.issuing_county)
    rows = tx.execute(_late(now, county, count, first).where(_cases.trial.is_(False)).group_by(county))
    return {code: Pile(count=number, oldest_at=from_millis(since)) for code, number, since in rows}


def _late(now: datetime, *columns: Any) -> Select[Any]:
    joined = case_limits.join(tables.cases, _limits.case_no == _cases.case_no)
    return select(*columns).select_from(joined).where(_is_late(now))


def _is_late(now: datetime) -> ColumnElement[bool]:
    """A case that has moved, or whose limit has passed only now, may be late no more: it is worked out anew first."""
    fresh = and_(_limits.changed_at == _cases.changed_at, _limits.told_at >= _limits.due_at)
    return and_(_limits.due_at < to_millis(now), fresh, _beside_its_index(_cases.state).in_(_UNDER_WAY))


def _beside_its_index(column: ColumnElement[str]) -> ColumnElement[str]:
    """Else SQLite goes through all open cases by that index, and not through the late ones by the index of limits.

    With a hundred thousand open that took a second, at every refresh of every page.
    """
    return func.coalesce(column, literal_column("''"))


def _due(tx: Connection, case: Any, calendar: Calendar, now: datetime) -> int | None:
    messages = tables.messages.c
    steps = select(tables.messages).where(
        messages.case_no == case.case_no, messages.verdict == ADMITTED, messages.type.in_(EFFECTS)
    )
    shown = face(
        clock_events(tx.execute(steps).all()),
        calendar=calendar.of(case.issuing_county),
        item=state.implementation(tx, case.issuing_county, case.service_item),
        now=now,
    )
    if shown.ended_at is not None:
        return None
    return min((to_millis(due.at) for due in shown.dues if not due.provisional), default=None)
