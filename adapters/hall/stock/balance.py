"""The balance of one kind of stock: what there was, what came, what became of it, and what nobody can account for.

Counts come from the events alone; what they say is held against the runs, against the print ledger and against what is
still in between. A day's events are those written after the last closing and up to this one, so that every event is in
exactly one day whatever a clock did. Source: domain.md 6.2, opening + received = all that is somewhere.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, func, select

from adapters.hall.stock import atprint, counting, runs
from adapters.hall.stock.runs import Run, Series
from adapters.hall.stock.serials import Form, Span
from adapters.hall.stock.states import StockEvent, StockState
from adapters.hall.stock.tables import EVENTS, KINDS, SERIES
from adapters.instants import from_millis
from adapters.printing.states import PrintState
from adapters.printing.tables import PRINTS, SHEETS

COLUMNS: Final = tuple(StockState)
_e: Final = EVENTS.c
_PRINTED: Final = {PrintState.PRINTED.value: StockEvent.PRINT, PrintState.SPOILED.value: StockEvent.SPOIL}
_LOOSE: Final = (PrintState.PRINTING, PrintState.UNKNOWN)


class Why(StrEnum):
    """What is wrong with a sheet that is named."""

    NOT_TAKEN_BACK = "not_taken_back"
    """A clerk says that it was returned, the keeper has not said so."""
    PRINT_OPEN = "print_open"
    """It may have been printed on, and nobody has said what became of it."""
    NOT_IN_BOOK = "not_in_book"
    """It was received, and the book does not know any more where it is."""
    BOOK_DIFFERS = "book_differs"
    """The book has it in another state than the last event left it in."""
    ONLY_PRINTED = "only_printed"
    """The print ledger has it, the stock ledger has not."""
    NOT_FOUND = "not_found"
    """It lies there by the book, and whoever counted did not find it."""
    FOUND_ELSEWHERE = "found_elsewhere"
    """Whoever counted found it where by the book it is not."""
    PAST_CHANGED = "past_changed"
    """A day that was closed does not come out of its events any more."""
    ONLY_IN_STOCK_LEDGER = "only_in_stock_ledger"
    """The stock ledger says printed on, the print ledger does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexplained:
    """Sheets that the day does not close without."""

    serials: str
    count: int
    why: Why
    holder: str
    """Whose hands they were in last."""
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One kind between two events."""

    kind: str
    opening: Mapping[StockState, int]
    moved: Mapping[StockEvent, int]
    """Sheets, by what happened to them."""
    closing: Mapping[StockState, int]
    through_event: int

    @property
    def received(self) -> int:
        """Sheets that came."""
        return self.moved.get(StockEvent.RECEIVE, 0)

    @property
    def closes(self) -> bool:
        """Whether all that there was and all that came is somewhere."""
        return sum(self.opening.values()) + self.received == sum(self.closing.values())


def kinds(tx: Connection) -> list[str]:
    """Every kind that has a book."""
    return list(tx.execute(select(KINDS.c.kind).order_by(KINDS.c.kind)).scalars())


def of(tx: Connection, kind: str, *, after_event: int = 0, through_event: int | None = None) -> Balance:
    """The balance over the events behind `after_event` up to `through_event`, the newest without it."""
    newest = tx.execute(
        select(func.max(_e.event_no)).join_from(EVENTS, SERIES, _e.series == SERIES.c.id).where(SERIES.c.kind == kind)
    ).scalar()
    through = (newest or 0) if through_event is None else through_event
    opening, _ = _counted(tx, kind, 0, after_event)
    change, moved = _counted(tx, kind, after_event, through)
    closing = {state: opening[state] + change[state] for state in COLUMNS}
    return Balance(
        kind=kind,
        opening={state: opening[state] for state in COLUMNS},
        moved=moved,
        closing=closing,
        through_event=through,
    )


def unexplained(tx: Connection, kind: str) -> list[Unexplained]:
    """Everything of one kind that does not add up now, by number."""
    found: list[Unexplained] = []
    for series in runs.series_of(tx, kind):
        lying = runs.within(tx, series.id, 0, 10**18)
        found += _in_between(tx, series, lying)
        found += _against_events(tx, series, lying)
    found += _against_prints(tx, kind)
    found += _open_prints(tx, kind)
    found += _against_counts(tx, kind)
    return found


def _counted(tx: Connection, kind: str, after: int, through: int) -> tuple[Counter[StockState], dict[StockEvent, int]]:
    """How many sheets each state gained, and how many sheets each event moved."""
    rows = tx.execute(
        select(_e.event, _e.before, _e.after, func.sum(_e.last - _e.first + 1))
        .join_from(EVENTS, SERIES, _e.series == SERIES.c.id)
        .where(SERIES.c.kind == kind, _e.event_no > after, _e.event_no <= through)
        .group_by(_e.event, _e.before, _e.after)
    )
    states: Counter[StockState] = Counter()
    moved: Counter[StockEvent] = Counter()
    for event, before, now, count in rows:
        moved[StockEvent(event)] += int(count)
        states[StockState(now)] += int(count)
        if before is not None:
            states[StockState(before)] -= int(count)
    return states, dict(moved)


def _in_between(tx: Connection, series: Series, lying: Sequence[Run]) -> Iterator[Unexplained]:
    for run in lying:
        if run.state is StockState.RETURNED:
            yield _named(tx, series.form, run, Why.NOT_TAKEN_BACK)


def _against_events(tx: Connection, series: Series, lying: Sequence[Run]) -> Iterator[Unexplained]:
    """Every run is where its event left it, and every number that was received lies in a run."""
    events = {
        row.event_no: row
        for row in tx.execute(select(_e.event_no, _e.first, _e.last, _e.after).where(_e.series == series.id))
    }
    for run in lying:
        event = events.get(run.event_no)
        if event is None or event.after != run.state or not event.first <= run.first <= run.last <= event.last:
            yield _named(tx, series.form, run, Why.BOOK_DIFFERS)
    received = select(_e.first, _e.last, _e.at).where(_e.series == series.id, _e.event == StockEvent.RECEIVE)
    for first, last, at in tx.execute(received.order_by(_e.first)):
        here = [each for each in lying if each.last >= first and each.first <= last]
        ends = [first - 1, *(each.last for each in here)]
        starts = [*(each.first for each in here), last + 1]
        for end, start in zip(ends, starts, strict=True):
            if start > end + 1:
                gap = Span(series.form, end + 1, start - 1)
                holder, since = _last_event(tx, series.id, gap.first) or ("", from_millis(at))
                yield Unexplained(serials=str(gap), count=gap.count, why=Why.NOT_IN_BOOK, holder=holder, since=since)


def _against_prints(tx: Connection, kind: str) -> Iterator[Unexplained]:
    """Each sheet that the print ledger has since there is a book has its event, and the other way round."""
    forms = {each.id: each.form for each in runs.series_of(tx, kind)}
    ours = {
        (row.authorisation_no, forms[row.series].written(row.first)): row
        for row in tx.execute(
            select(_e.authorisation_no, _e.first, _e.event, _e.holder, _e.at, _e.series)
            .join_from(EVENTS, SERIES, _e.series == SERIES.c.id)
            .where(SERIES.c.kind == kind, _e.authorisation_no != "")
        )
    }
    opened = tx.execute(select(KINDS.c.opened_at).where(KINDS.c.kind == kind)).scalar_one()
    theirs = {
        (row.authorisation_no, row.serial): row for row in tx.execute(select(SHEETS).where(SHEETS.c.stock_kind == kind))
    }
    for key, row in sorted(theirs.items()):
        known = ours.get(key)
        if known is None and row.used_at <= from_millis(opened):
            continue  # of the time before the book
        if known is None or known.event != _PRINTED[row.state.value]:
            yield Unexplained(serials=row.serial, count=1, why=Why.ONLY_PRINTED, holder="", since=row.used_at)
    for key, row in sorted(ours.items()):
        if key not in theirs:
            why = Why.ONLY_IN_STOCK_LEDGER
            yield Unexplained(serials=key[1], count=1, why=why, holder=row.holder, since=from_millis(row.at))


def _open_prints(tx: Connection, kind: str) -> Iterator[Unexplained]:
    """A sheet may have left the tray: by what lies there it is the next one."""
    rows = tx.execute(
        select(PRINTS.c.authorisation_no, PRINTS.c.station, PRINTS.c.started_at)
        .where(PRINTS.c.stock_kind == kind, PRINTS.c.trial.is_(False), PRINTS.c.state.in_(_LOOSE))
        .order_by(PRINTS.c.started_at)
    ).all()
    for row in rows:
        lying = atprint.tray(tx, kind, row.station or "")
        serials = lying.next_serial if lying is not None else row.authorisation_no
        holder = lying.holder if lying is not None else ""
        if row.started_at is not None:
            yield Unexplained(serials=serials, count=1, why=Why.PRINT_OPEN, holder=holder, since=row.started_at)


def _against_counts(tx: Connection, kind: str) -> Iterator[Unexplained]:
    """What the last count of each place found otherwise, until an act or another count explains it."""
    for series, run, told, found in counting.still_open(tx, kind):
        why = Why.FOUND_ELSEWHERE if found else Why.NOT_FOUND
        span = Span(series.form, run.first, run.last)
        yield Unexplained(serials=str(span), count=run.count, why=why, holder=told.holder, since=told.at)


def _named(tx: Connection, form: Form, run: Run, why: Why) -> Unexplained:
    holder, since = _last_event(tx, run.series, run.first) or (run.holder, from_millis(0))
    span = Span(form, run.first, run.last)
    return Unexplained(serials=str(span), count=run.count, why=why, holder=run.holder or holder, since=since)


def _last_event(tx: Connection, series: int, number: int) -> tuple[str, datetime] | None:
    row = tx.execute(
        select(_e.holder, _e.by, _e.at)
        .where(_e.series == series, _e.first <= number, _e.last >= number)
        .order_by(_e.event_no.desc())
        .limit(1)
    ).first()
    return (row.holder or row.by, from_millis(row.at)) if row is not None else None
