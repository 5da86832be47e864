"""Where the stock ledger and the print ledger meet: a good sheet is one that lies in this station's tray.

Called inside the print ledger's own transaction (`adapters.printing.stock`): both rows are written or neither. It only
ever refuses or writes down; nothing here starts, repeats or forgets a print.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from adapters.hall.stock import acts, book, runs
from adapters.hall.stock.acts import Act
from adapters.hall.stock.book import Reason
from adapters.hall.stock.runs import Run, Series
from adapters.hall.stock.serials import Span, parse
from adapters.hall.stock.states import HELD, StockEvent, StockState
from adapters.hall.stock.tables import EVENTS, KINDS, RUNS, SERIES
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

NOT_LOADED: Final = declare(
    "E-STOCK-030",
    "这张空白证照没有登记装入本打印站：{serial}。",
    "请核对纸上的编号；确是这张的，先登记装纸（adapter stock load 或空白证照页面），再确认。",
)
NOTHING_LOADED: Final = declare(
    "E-STOCK-031",
    "本打印站没有装入这种空白证照，不能打印。",
    "请先领用并登记装纸（adapter stock load 或空白证照页面），再按打印。",
)
SKIPPED: Final = declare(
    "E-STOCK-032",
    "编号跳过了 {count} 张没有交代：{serials}。",
    "请找到跳过的纸；作废了或不见了的，选“跳过的纸怎么了”和原因后再确认。",
)
MANY_SKIPPED: Final = declare(
    "E-STOCK-033",
    "编号一下跳过了 {count} 张，多半是编号写错了：{serials}。",
    "请核对纸上的编号；确实跳过这么多的，先在空白证照页面逐段登记作废或遗失。",
)
EXPLANATIONS: Final = {
    Reason.FED_BLANK: _("空白走纸，作废"),
    Reason.JAM: _("卡纸损坏，作废"),
    Reason.DAMAGED: _("折皱、污损，作废"),
    Reason.NOT_IN_TRAY: _("纸盒里没有，报遗失"),
}
"""What a clerk may say at the desk of sheets that were skipped."""
MOST_SKIPPED: Final = 10
"""A printer that feeds double loses one or two; a whole tray is a slip of the pen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A person's word on the sheets that were skipped: void or gone, by the reason."""

    reason: Reason

    @property
    def event(self) -> StockEvent:
        """What became of them."""
        return StockEvent.SPOIL if self.reason in book.SPOILED_BECAUSE else StockEvent.LOSE

    @classmethod
    def of(cls, reason: str) -> "Explained | None":
        """The word that a form brings; none when nothing was chosen. Raises E-STOCK-021."""
        if not reason:
            return None
        if reason not in EXPLANATIONS:
            raise YunhuobanError(book.REASON_MISSING, place="skipped", expected=", ".join(EXPLANATIONS))
        return cls(reason=Reason(reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tray:
    """What lies in a station's printer of one kind."""

    kind: str
    count: int
    next_serial: str
    holder: str
    """Whoever loaded it."""


def keeps_book(tx: Connection, kind: str) -> bool:
    """Whether the county has ever received stock of this kind."""
    return tx.execute(select(KINDS.c.kind).where(KINDS.c.kind == kind)).first() is not None


def trays(tx: Connection, station: str) -> list[Tray]:
    """What is loaded at a station, by kind."""
    kinds = tx.execute(
        select(SERIES.c.kind)
        .distinct()
        .join_from(RUNS, SERIES, RUNS.c.series == SERIES.c.id)
        .where(RUNS.c.state == StockState.LOADED, RUNS.c.station == station)
        .order_by(SERIES.c.kind)
    ).scalars()
    return [each for kind in kinds if (each := tray(tx, kind, station)) is not None]


def tray(tx: Connection, kind: str, station: str) -> Tray | None:
    """What is loaded of one kind, with the number that comes next; none when nothing is."""
    loaded = _loaded(tx, kind, station)
    if not loaded:
        return None
    series, run = loaded[0]
    count = sum(each.count for _series, each in loaded)
    return Tray(kind=kind, count=count, next_serial=series.form.written(run.first), holder=run.holder)


def demand_loaded(tx: Connection, kind: str, station: str) -> None:
    """Nothing is printed onto stock that nobody has loaded. Raises E-STOCK-031; without a book nothing is asked."""
    if keeps_book(tx, kind) and tray(tx, kind, station) is None:
        raise YunhuobanError(NOTHING_LOADED, place=station, expected=kind)


def used(
    tx: Connection,
    *,
    kind: str,
    serial: str,
    event: StockEvent,
    authorisation_no: str,
    station: str,
    by: str,
    reason: str,
    explained: Explained | None,
    now: datetime,
) -> tuple[str, str]:
    """A loaded sheet became a license, or void in printing. Returns its issuing body and its number as the book has it.

    Raises E-STOCK-001, -003, -004, -005, -020, and E-STOCK-030, -032, -033.
    """
    by = acts.account(by)
    form, number = parse(serial)
    series = acts.series_with(tx, kind, form)
    span = Span(form, number, number)
    found = runs.within(tx, series.id, number, number)
    if found and found[0].state in (StockState.IN_STOCK, *HELD) and not _is_here(found[0], station):
        raise YunhuobanError(NOT_LOADED, place=station, serial=str(span))
    if event is StockEvent.PRINT and found:
        _explain(tx, _before(_loaded(tx, kind, station), found[0], number), explained, by=by, now=now)
    act = Act(
        event=event, by=by, at=now, station=station, reason=reason, authorisation_no=authorisation_no
    )  # fmt: skip
    acts.perform(tx, series, span, act, allowed=lambda run: _keeper(tx, run, by) if event is StockEvent.PRINT else None)
    return series.issuing_body, form.written(number)


def _is_here(run: Run, station: str) -> bool:
    return run.state is StockState.LOADED and run.station == station


def _keeper(tx: Connection, run: Run, by: str) -> YunhuobanError | None:
    """Whoever issued a sheet does not print on it."""
    return YunhuobanError(book.TWO_PERSONS, place="account", account=by) if book.issuer_of(tx, run) == by else None


def _explain(
    tx: Connection, skipped: Sequence[tuple[Series, Span]], explained: Explained | None, *, by: str, now: datetime
) -> None:
    count = sum(span.count for _series, span in skipped)
    if not count:
        return
    serials = "、".join(str(span) for _series, span in skipped[:5])
    if count > MOST_SKIPPED:
        raise YunhuobanError(MANY_SKIPPED, place="stock_serial", count=str(count), serials=serials)
    if explained is None:
        raise YunhuobanError(SKIPPED, place="stock_serial", count=str(count), serials=serials)
    for series, span in skipped:
        acts.perform(tx, series, span, Act(event=explained.event, by=by, at=now, reason=explained.reason))


def _before(loaded: Sequence[tuple[Series, Run]], used: Run, number: int) -> list[tuple[Series, Span]]:
    """What should have come out of the same tray before this number."""
    skipped = []
    for series, run in loaded:
        if run.tray != used.tray:
            continue
        last = number - 1 if run.id == used.id else run.last
        if last >= run.first:
            skipped.append((series, Span(series.form, run.first, last)))
        if run.id == used.id:
            break
    return skipped


def _loaded(tx: Connection, kind: str, station: str) -> list[tuple[Series, Run]]:
    """Of one kind at one station, in the order in which it was loaded and counts up."""
    found = []
    for series in runs.series_of(tx, kind):
        rows = tx.execute(
            select(RUNS.c.first, RUNS.c.last).where(
                RUNS.c.series == series.id, RUNS.c.state == StockState.LOADED, RUNS.c.station == station
            )
        )
        for row in rows:
            found += [(series, run) for run in runs.within(tx, series.id, row.first, row.last)]
    return sorted(found, key=lambda pair: (_loading(tx, pair[1]), pair[1].first))


def _loading(tx: Connection, run: Run) -> int:
    """The event that put it into the tray; a change of shift afterwards moves no sheet."""
    events = select(func.max(EVENTS.c.event_no)).where(EVENTS.c.series == run.series, EVENTS.c.first <= run.first)
    return int(tx.execute(events.where(EVENTS.c.last >= run.last, EVENTS.c.event == StockEvent.LOAD)).scalar() or 0)
