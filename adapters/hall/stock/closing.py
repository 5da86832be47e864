"""Every day is closed when it is over, in Beijing time: it balances, or the sheets that nobody accounts for are named.

A closing is a row that stays. What it found is told on the desk and in the status until it is in order again; a node
that was down closes the days that it missed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Row, func, insert, select

from adapters.hall.stock import balance, runs
from adapters.hall.stock.balance import Unexplained, Why
from adapters.hall.stock.states import StockState
from adapters.hall.stock.tables import BALANCES, EVENTS, KINDS, SERIES
from adapters.instants import from_millis, to_millis
from adapters.local import troublebook
from adapters.store import Store, tables
from pages.frame import BEIJING
from schemas.errors import YunhuobanError, declare

DIFFERENCE: Final = declare(
    "E-STOCK-040",
    "空白证照日结不平（{place}）：{found}。",
    "请按编号查经过（adapter stock explain 编号，或空白证照页面），找最后经手的人核对，再登记打印、作废、遗失或收回。",
)
TROUBLES: Final = "stock/"
"""The beginning of the troubles' keys."""
_NAMED: Final = 5
_SHOWN: Final = 14
_RECHECK: Final = timedelta(minutes=1)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What was closed of one kind."""

    kind: str
    days: int
    balanced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day that was closed, of one kind."""

    kind: str
    day: str
    unexplained: int
    """Sheets, as they were found then."""


class Closer:
    """The loop's step: closes what is over, and looks again at what did not add up."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        """Nothing is looked at before the first step."""
        self._store = store
        self._clock = clock
        self._closed_on: date | None = None
        self._looked_at: datetime | None = None

    def run_once(self) -> int:
        """Close what is over, once per day; look at standing differences once per minute. 0: nothing waits for it."""
        now = self._clock()
        if self._closed_on == _day(now) and self._looked_at is not None and now - self._looked_at < _RECHECK:
            return 0
        with self._store.read() as tx:
            standing = differences(tx)
        if standing or self._closed_on != _day(now):
            with self._store.write() as tx:
                done = close(tx, now)
                for each in standing:
                    tell(tx, each.place, now)
            for found in done:
                outcome = "balanced" if found.balanced else "differs"
                _log.info("stock.closed", stock_kind=found.kind, count=found.days, outcome=outcome)
        self._closed_on, self._looked_at = _day(now), now
        return 0


def close(tx: Connection, now: datetime) -> list[Closed]:
    """Close every day that is over and was not closed yet, of every kind; returns what was closed, by kind."""
    closed = []
    for kind in balance.kinds(tx):
        runs.lock(tx, kind)
        days = list(_open_days(tx, kind, now))
        if not days:
            continue
        found = tell(tx, kind, now)
        for day in days:
            _close(tx, kind, day, found, now)
        closed.append(Closed(kind=kind, days=len(days), balanced=not found))
    return closed


def tell(tx: Connection, kind: str, now: datetime) -> list[Unexplained]:
    """Look at one kind, and keep or clear what people are told of it. Returns the sheets that are not accounted for."""
    found = [*_changed_past(tx, kind), *balance.unexplained(tx, kind)]
    key = f"{TROUBLES}{kind}"
    if found:
        troublebook.note(tx, key, _difference(kind, found), now)
    else:
        troublebook.clear(tx, key)
    return found


def differences(tx: Connection) -> list[YunhuobanError]:
    """What is told of the stock at present: for the status, as long as it stands."""
    rows = tx.execute(
        select(tables.troubles.c.place, tables.troubles.c.found)
        .where(tables.troubles.c.code == DIFFERENCE.code)
        .order_by(tables.troubles.c.place)
    )
    return [YunhuobanError(DIFFERENCE, place=row.place, found=row.found) for row in rows]


def closed(tx: Connection, kind: str, *, before: date) -> Row[Any] | None:
    """The newest closing of a day before this one; none when there was none."""
    return tx.execute(
        select(BALANCES)
        .where(BALANCES.c.kind == kind, BALANCES.c.day < before.isoformat())
        .order_by(BALANCES.c.day.desc())
        .limit(1)
    ).first()


def lately(tx: Connection) -> list[Day]:
    """The days that were closed last, the newest first."""
    rows = tx.execute(
        select(BALANCES.c.kind, BALANCES.c.day, BALANCES.c.unexplained)
        .order_by(BALANCES.c.day.desc(), BALANCES.c.kind)
        .limit(_SHOWN)
    )
    return [Day(kind=row.kind, day=row.day, unexplained=row.unexplained) for row in rows]


def _open_days(tx: Connection, kind: str, now: datetime) -> list[date]:
    newest = tx.execute(select(func.max(BALANCES.c.day)).where(BALANCES.c.kind == kind)).scalar()
    opened = tx.execute(select(KINDS.c.opened_at).where(KINDS.c.kind == kind)).scalar_one()
    first = date.fromisoformat(newest) + timedelta(days=1) if newest else _day(from_millis(opened))
    return [first + timedelta(days=at) for at in range((_day(now) - first).days)]


def _close(tx: Connection, kind: str, day: date, found: list[Unexplained], now: datetime) -> None:
    before = closed(tx, kind, before=day)
    earlier = before.through_event if before is not None else 0
    newest = tx.execute(
        select(func.max(EVENTS.c.event_no))
        .join_from(EVENTS, SERIES, EVENTS.c.series == SERIES.c.id)
        .where(SERIES.c.kind == kind, EVENTS.c.event_no > earlier, EVENTS.c.at < to_millis(_end(day)))
    ).scalar()
    result = balance.of(tx, kind, after_event=earlier, through_event=newest or earlier)
    tx.execute(
        insert(BALANCES).values(
            kind=kind,
            day=day.isoformat(),
            through_event=result.through_event,
            closed_at=to_millis(now),
            unexplained=sum(each.count for each in found),
            **{state.value: result.closing[state] for state in StockState},
        )
    )


def _changed_past(tx: Connection, kind: str) -> list[Unexplained]:
    """Events are only ever added: what was closed still comes out of them."""
    row = closed(tx, kind, before=date.max)
    if row is None:
        return []
    again = balance.of(tx, kind, after_event=0, through_event=row.through_event).closing
    change = sum(abs(again[state] - getattr(row, state.value)) for state in StockState)
    if not change:
        return []
    since = from_millis(row.closed_at)
    return [Unexplained(serials=row.day, count=change, why=Why.PAST_CHANGED, holder="", since=since)]


def _difference(kind: str, found: list[Unexplained]) -> YunhuobanError:
    """Numbers and who had them last; more than a line holds is counted."""
    named = "；".join(f"{each.serials} {each.holder or '-'} {each.why}" for each in found[:_NAMED])
    rest = f" … (+{len(found) - _NAMED})" if len(found) > _NAMED else ""
    return YunhuobanError(DIFFERENCE, place=kind, found=named + rest)


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


def _end(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=BEIJING)
