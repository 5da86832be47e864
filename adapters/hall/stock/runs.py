"""Runs of numbers in one state: found, cut where one of them is to change, and put between their neighbours.

Nothing here decides what may happen; the constraints of `tables` hold whatever is done. All inside the caller's
transaction; acts on one kind wait for each other (`lock`).
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from adapters.hall.stock.serials import Form, Span
from adapters.hall.stock.states import StockState
from adapters.hall.stock.tables import KINDS, ROOT, RUNS, SERIES

_r: Final = RUNS.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One print run of a kind."""

    id: int
    kind: str
    issuing_body: str
    form: Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Numbers that lie together, in one state since one event."""

    id: int
    series: int
    first: int
    last: int
    state: StockState
    holder: str
    station: str
    tray: str
    event_no: int

    @property
    def count(self) -> int:
        """Sheets."""
        return self.last - self.first + 1


def lock(tx: Connection, kind: str) -> bool:
    """Let no other transaction act on this kind before this one ends; whether there is a book of it."""
    return tx.execute(select(KINDS.c.kind).where(KINDS.c.kind == kind).with_for_update()).first() is not None


def series_of(tx: Connection, kind: str) -> list[Series]:
    """Every series of a kind, in the order in which they came."""
    rows = tx.execute(select(SERIES).where(SERIES.c.kind == kind).order_by(SERIES.c.id))
    return [
        Series(id=row.id, kind=row.kind, issuing_body=row.issuing_body, form=Form(row.prefix, row.digits))
        for row in rows
    ]


def root(tx: Connection, series: int) -> None:
    """Begin the chain of a new series."""
    tx.execute(insert(RUNS).values(series=series, first=ROOT, last=ROOT, state="", previous_last=None))


def within(tx: Connection, series: int, first: int, last: int) -> list[Run]:
    """The runs that hold any of these numbers, in order."""
    here = (_r.series == series, _r.first <= last, _r.last >= first, _r.last != ROOT)
    return [_run(row) for row in tx.execute(select(RUNS).where(*here).order_by(_r.first))]


def put(tx: Connection, series: int, span: Span, *, state: StockState, event_no: int) -> None:
    """A new run between its neighbours. What lies there already makes the store refuse: the caller looks before."""
    follower = tx.execute(
        select(_r.id, _r.previous_last).where(_r.series == series, _r.first > span.last).order_by(_r.first).limit(1)
    ).first()
    if follower is None:
        before = tx.execute(
            select(_r.last).where(_r.series == series, _r.last < span.first).order_by(_r.last.desc()).limit(1)
        ).scalar_one()
    else:
        before = follower.previous_last
        tx.execute(update(RUNS).where(_r.id == follower.id).values(previous_last=span.last))
    tx.execute(
        insert(RUNS).values(
            series=series, first=span.first, last=span.last, previous_last=before, state=state, event_no=event_no
        )
    )


def cut(tx: Connection, run: Run, first: int, last: int) -> int:
    """Make a run of its own of those numbers that lie between these; returns its id. Nothing changes state."""
    first, last = max(first, run.first), min(last, run.last)
    values = {each: getattr(run, each) for each in ("series", "state", "holder", "station", "tray", "event_no")}
    before = tx.execute(select(_r.previous_last).where(_r.id == run.id)).scalar_one()
    if first > run.first:
        tx.execute(update(RUNS).where(_r.id == run.id).values(first=first, previous_last=first - 1))
        tx.execute(insert(RUNS).values(**values, first=run.first, last=first - 1, previous_last=before))
        before = first - 1
    if last == run.last:
        return run.id
    tx.execute(update(RUNS).where(_r.id == run.id).values(first=last + 1, previous_last=last))
    new = insert(RUNS).values(**values, first=first, last=last, previous_last=before)
    return int(tx.execute(new.returning(_r.id)).scalar_one())


def become(tx: Connection, run_id: int, state: StockState, *, event_no: int, **where: str) -> None:
    """Bring a whole run into a state by an event that was written down. `where`: holder, station, tray."""
    tx.execute(update(RUNS).where(_r.id == run_id).values(state=state, event_no=event_no, **where))


def _run(row: Any) -> Run:
    return Run(
        id=row.id,
        series=row.series,
        first=row.first,
        last=row.last,
        state=StockState(row.state),
        holder=row.holder,
        station=row.station,
        tray=row.tray,
        event_no=row.event_no,
    )
