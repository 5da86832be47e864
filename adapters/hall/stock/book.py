"""What people do with blank stock that is in the book. Every act is a person's, named by account.

The keeper issues, takes back and destroys; a clerk loads, uses and returns. Whoever issues a sheet never has it in
hands to print on, and what is destroyed is destroyed by two. Source: domain.md 6.1 (custody, keeper ≠ printer).
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, select

from adapters.hall.stock import acts, runs
from adapters.hall.stock.acts import Act
from adapters.hall.stock.runs import Run, Series
from adapters.hall.stock.serials import Span
from adapters.hall.stock.states import StockEvent, StockState
from adapters.hall.stock.tables import EVENTS, RUNS, SERIES
from pages.wording import mark as _
from schemas import privacy
from schemas.errors import YunhuobanError, declare

TWO_PERSONS: Final = declare(
    "E-STOCK-020",
    "这一步要由两个人办：{account} 不能一个人办完。",
    "保管人不领用、不打印自己发出的空白证照；销毁要两个账号。请另一人来办。",
)
REASON_MISSING: Final = declare(
    "E-STOCK-021", "没有选作废或遗失的原因，或者原因与办理方式不符。", "请从列表中选一个原因。"
)
PLACE_MISSING: Final = declare(
    "E-STOCK-022",
    "没有写明打印站、纸盒或文号，或者写的不是代码。",
    "请填写：装纸写打印站和纸盒，声明作废和销毁写文号；都不含空格。",
)
_LONGEST_REFERENCE: Final = 40
_LONGEST_TRAY: Final = 20


class Reason(StrEnum):
    """Why a sheet is void or gone. A list, because free text might name a holder."""

    FED_BLANK = "fed_blank"
    JAM = "jam"
    DAMAGED = "damaged"
    FAULTY = "faulty"
    MISPRINT = "misprint"
    NOT_IN_TRAY = "not_in_tray"
    NOT_IN_SAFE = "not_in_safe"
    STOLEN = "stolen"


SPOILED_BECAUSE: Final = {
    Reason.FED_BLANK: _("空白走纸"),
    Reason.JAM: _("卡纸损坏"),
    Reason.DAMAGED: _("折皱、污损"),
    Reason.FAULTY: _("印制有缺陷"),
    Reason.MISPRINT: _("打错"),
}
LOST_BECAUSE: Final = {
    Reason.NOT_IN_TRAY: _("纸盒里没有"),
    Reason.NOT_IN_SAFE: _("库里或手里没有"),
    Reason.STOLEN: _("被盗"),
}


def issue(tx: Connection, kind: str, span: Span, *, by: str, to: str, now: datetime) -> None:
    """The keeper gives sheets to a clerk. Raises E-STOCK-003 to -007, E-STOCK-020."""
    by, to = acts.account(by), acts.account(to)
    if by == to:
        raise _alone(by)
    series = acts.series_with(tx, kind, span.form)
    acts.perform(tx, series, span, Act(event=StockEvent.ISSUE, by=by, at=now, holder=to))


def load(tx: Connection, kind: str, span: Span, *, by: str, station: str, tray: str, now: datetime) -> None:
    """The clerk who has them puts them into a printer's tray. Raises E-STOCK-003 to -007, E-STOCK-022."""
    by = acts.account(by)
    station, tray = _code(station, 64), _code(tray, _LONGEST_TRAY)
    series = acts.series_with(tx, kind, span.form)
    act = Act(event=StockEvent.LOAD, by=by, at=now, station=station, tray=tray)
    acts.perform(tx, series, span, act, allowed=acts.held_by(series, span, by))


def loaded_by(tx: Connection, account: str) -> list[tuple[Series, Run]]:
    """What lies in trays under one account, by kind and number."""
    rows = tx.execute(
        select(SERIES.c.kind, RUNS.c.series, RUNS.c.first, RUNS.c.last)
        .join_from(RUNS, SERIES, RUNS.c.series == SERIES.c.id)
        .where(RUNS.c.state == StockState.LOADED, RUNS.c.holder == account)
        .order_by(SERIES.c.kind, RUNS.c.series, RUNS.c.first)
    ).all()
    series = {each.id: each for kind in {row.kind for row in rows} for each in runs.series_of(tx, kind)}
    return [(series[row.series], run) for row in rows for run in runs.within(tx, row.series, row.first, row.last)]


def pass_on(tx: Connection, kind: str, span: Span, *, by: str, to: str, now: datetime) -> None:
    """A clerk leaves loaded sheets to another one where they lie. Raises E-STOCK-003 to -007, E-STOCK-020."""
    by, to = acts.account(by), acts.account(to)
    series = acts.series_with(tx, kind, span.form)
    act = Act(event=StockEvent.TAKE_OVER, by=by, at=now, holder=to, station=None)
    mine = acts.held_by(series, span, by)
    acts.perform(
        tx, series, span, act, allowed=lambda run: mine(run) or (_alone(to) if issuer_of(tx, run) == to else None)
    )


def give_back(tx: Connection, kind: str, span: Span, *, by: str, now: datetime) -> None:
    """The clerk returns what was not used; it is nobody's until the keeper has counted it. As `load` raises."""
    by = acts.account(by)
    series = acts.series_with(tx, kind, span.form)
    act = Act(event=StockEvent.GIVE_BACK, by=by, at=now)
    acts.perform(tx, series, span, act, allowed=acts.held_by(series, span, by))


def take_back(tx: Connection, kind: str, span: Span, *, by: str, now: datetime) -> None:
    """The keeper has counted what a clerk returned. Raises E-STOCK-003 to -007, E-STOCK-020."""
    by = acts.account(by)
    series = acts.series_with(tx, kind, span.form)
    act = Act(event=StockEvent.TAKE_BACK, by=by, at=now, holder="")
    acts.perform(tx, series, span, act, allowed=lambda run: _alone(by) if run.holder == by else None)


def spoil(
    tx: Connection, kind: str, span: Span, *, by: str, reason: str, now: datetime, only_held: bool = False
) -> None:
    """Void sheets that no license was printed on. Raises E-STOCK-003 to -007, E-STOCK-021.

    `only_held`: whoever says so may speak of sheets in the own hands alone.
    """
    _void(tx, kind, span, StockEvent.SPOIL, by=by, reason=reason, now=now, only_held=only_held)


def lose(
    tx: Connection, kind: str, span: Span, *, by: str, reason: str, now: datetime, only_held: bool = False
) -> None:
    """Sheets are gone: reported, and never to be used. Raises as `spoil`."""
    _void(tx, kind, span, StockEvent.LOSE, by=by, reason=reason, now=now, only_held=only_held)


def declare_void(tx: Connection, kind: str, span: Span, *, by: str, reference: str, now: datetime) -> None:
    """A lost sheet was declared void in public, under this number. Raises E-STOCK-003 to -007, E-STOCK-022."""
    by, reference = acts.account(by), _code(reference, _LONGEST_REFERENCE)
    series = acts.series_with(tx, kind, span.form)
    acts.perform(tx, series, span, Act(event=StockEvent.DECLARE_VOID, by=by, at=now, reference=reference))


def destroy(tx: Connection, kind: str, span: Span, *, by: str, witness: str, reference: str, now: datetime) -> None:
    """Two persons destroy void sheets, with a list of this number. Raises E-STOCK-003 to -007, -020, -022."""
    by, witness, reference = acts.account(by), acts.account(witness), _code(reference, _LONGEST_REFERENCE)
    if by == witness:
        raise _alone(by)
    series = acts.series_with(tx, kind, span.form)
    act = Act(event=StockEvent.DESTROY, by=by, at=now, witness=witness, reference=reference)
    acts.perform(tx, series, span, act)


def issuer_of(tx: Connection, run: Run) -> str:
    """The account that issued these sheets last; empty for those that never were."""
    found = tx.execute(
        select(EVENTS.c.by)
        .where(EVENTS.c.series == run.series, EVENTS.c.first <= run.first, EVENTS.c.last >= run.last)
        .where(EVENTS.c.event == StockEvent.ISSUE)
        .order_by(EVENTS.c.event_no.desc())
        .limit(1)
    ).scalar()
    return found or ""


def demand_reason(event: StockEvent, reason: str) -> Reason:
    """A reason that fits the event. Raises E-STOCK-021."""
    fitting = SPOILED_BECAUSE if event is StockEvent.SPOIL else LOST_BECAUSE
    for each in fitting:
        if each == reason:
            return each
    raise YunhuobanError(REASON_MISSING, place="reason", expected=", ".join(fitting))


def _void(
    tx: Connection,
    kind: str,
    span: Span,
    event: StockEvent,
    *,
    by: str,
    reason: str,
    now: datetime,
    only_held: bool,
) -> None:
    by, why = acts.account(by), demand_reason(event, reason)
    series = acts.series_with(tx, kind, span.form)
    act = Act(event=event, by=by, at=now, reason=why)
    if only_held:
        acts.perform(tx, series, span, act, allowed=acts.held_by(series, span, by))
    else:
        acts.perform(tx, series, span, act)


def _alone(account: str) -> YunhuobanError:
    return YunhuobanError(TWO_PERSONS, place="account", account=account)


def _code(text: str, longest: int) -> str:
    found = text.strip()
    if not found or len(found) > longest or not privacy.is_code(found):
        raise YunhuobanError(PLACE_MISSING, place="stock")
    return found
