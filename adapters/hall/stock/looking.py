"""What lies where, and one sheet's whole story: reading only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select

from adapters.hall.stock.serials import Form, Span, parse
from adapters.hall.stock.states import StockEvent, StockState
from adapters.hall.stock.tables import EVENTS, RECEIPTS, ROOT, RUNS, SERIES
from adapters.instants import from_millis
from adapters.printing.tables import PRINTS
from schemas.errors import YunhuobanError, declare

KINDS_DIFFER: Final = declare("E-STOCK-008", "几种空白证照都有这样的编号：{kinds}。", "请选种类（--kind），再办一次。")
NO_SHEET: Final = declare(
    "E-STOCK-009", "账上没有这张空白证照：{serial}。", "请核对编号；建账之前打印的，请在打印台按办件查。"
)
_e: Final = EVENTS.c
_LISTED: Final = (
    StockState.IN_STOCK, StockState.ISSUED, StockState.LOADED, StockState.RETURNED, StockState.SPOILED, StockState.LOST,
)  # fmt: skip
"""What somebody has still to do with; printed and destroyed sheets are found by their numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Sheets that lie together."""

    kind: str
    span: Span
    state: StockState
    holder: str
    station: str
    tray: str
    since: datetime
    reference: str
    """Of a lost sheet: where it was declared void; empty as long as it was not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event of a sheet."""

    event: StockEvent
    span: Span
    at: datetime
    by: str
    witness: str
    holder: str
    station: str
    tray: str
    reason: str
    reference: str
    authorisation_no: str
    delivery_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One sheet from its box on."""

    kind: str
    issuing_body: str
    serial: str
    state: StockState
    holder: str
    case_no: str
    """Of the license that was printed on it, or was to be."""
    steps: Sequence[Step]


def kind_of(tx: Connection, form: Form, kind: str = "") -> str:
    """The kind that numbers of this form are of. Raises E-STOCK-008 when a person has to say, E-STOCK-009 for none."""
    if kind:
        return kind
    found = select(SERIES.c.kind).where(SERIES.c.prefix == form.prefix, SERIES.c.digits == form.digits)
    kinds: list[str] = sorted(set(tx.execute(found).scalars()))
    if not kinds:
        raise YunhuobanError(NO_SHEET, place="serial", serial=f"{form.prefix}{'*' * form.digits}")
    if len(kinds) > 1:
        raise YunhuobanError(KINDS_DIFFER, place="kind", kinds="、".join(kinds))
    return kinds[0]


def holdings(tx: Connection, *, states: Sequence[StockState] = _LISTED, holder: str | None = None) -> list[Holding]:
    """What lies where, by kind and number; of one account if given. What lies together alike is one line."""
    wanted = (
        select(RUNS, SERIES.c.kind, SERIES.c.prefix, SERIES.c.digits, _e.at, _e.reference)
        .join_from(RUNS, SERIES, RUNS.c.series == SERIES.c.id)
        .join(EVENTS, _e.event_no == RUNS.c.event_no)
        .where(RUNS.c.last != ROOT, RUNS.c.state.in_(states))
        .order_by(SERIES.c.kind, SERIES.c.id, RUNS.c.first)
    )
    if holder is not None:
        wanted = wanted.where(RUNS.c.holder == holder)
    found: list[Holding] = []
    for row in tx.execute(wanted):
        here = Holding(
            kind=row.kind,
            span=Span(Form(row.prefix, row.digits), row.first, row.last),
            state=StockState(row.state),
            holder=row.holder,
            station=row.station,
            tray=row.tray,
            since=from_millis(row.at),
            reference=row.reference,
        )
        joined = _joined(found[-1], here) if found else None
        if joined is not None:
            found[-1] = joined
        else:
            found.append(here)
    return found


def counts(tx: Connection) -> dict[str, dict[StockState, int]]:
    """Sheets by kind and state, as the runs have them."""
    rows = tx.execute(
        select(SERIES.c.kind, RUNS.c.state, func.sum(RUNS.c.last - RUNS.c.first + 1))
        .join_from(RUNS, SERIES, RUNS.c.series == SERIES.c.id)
        .where(RUNS.c.last != ROOT)
        .group_by(SERIES.c.kind, RUNS.c.state)
        .order_by(SERIES.c.kind)
    )
    found: dict[str, dict[StockState, int]] = {}
    for kind, state, count in rows:
        found.setdefault(kind, {})[StockState(state)] = int(count)
    return found


def story(tx: Connection, serial: str, kind: str = "") -> Story:
    """Everything that happened to one sheet, oldest first. Raises E-STOCK-001, E-STOCK-008, E-STOCK-009."""
    form, number = parse(serial)
    kind = kind_of(tx, form, kind)
    row = tx.execute(
        select(RUNS, SERIES.c.issuing_body)
        .join_from(RUNS, SERIES, RUNS.c.series == SERIES.c.id)
        .where(SERIES.c.kind == kind, SERIES.c.prefix == form.prefix, SERIES.c.digits == form.digits)
        .where(RUNS.c.first <= number, RUNS.c.last >= number)
    ).first()
    if row is None:
        raise YunhuobanError(NO_SHEET, place="serial", serial=form.written(number))
    steps = [_step(form, each) for each in tx.execute(_steps(row.series, number))]
    printed = [step.authorisation_no for step in steps if step.authorisation_no]
    case_no = (
        tx.execute(select(PRINTS.c.case_no).where(PRINTS.c.authorisation_no == printed[-1])).scalar() if printed else ""
    )
    return Story(
        kind=kind,
        issuing_body=row.issuing_body,
        serial=form.written(number),
        state=StockState(row.state),
        holder=row.holder,
        case_no=case_no or "",
        steps=steps,
    )


def _steps(series: int, number: int) -> Select[Any]:
    return (
        select(EVENTS, RECEIPTS.c.delivery_note)
        .join_from(EVENTS, RECEIPTS, _e.receipt_no == RECEIPTS.c.receipt_no, isouter=True)
        .where(_e.series == series, _e.first <= number, _e.last >= number)
        .order_by(_e.event_no)
    )


def _step(form: Form, row: Any) -> Step:
    return Step(
        event=StockEvent(row.event),
        span=Span(form, row.first, row.last),
        at=from_millis(row.at),
        by=row.by,
        witness=row.witness,
        holder=row.holder,
        station=row.station,
        tray=row.tray,
        reason=row.reason,
        reference=row.reference,
        authorisation_no=row.authorisation_no,
        delivery_note=row.delivery_note or "",
    )


def _joined(before: Holding, here: Holding) -> Holding | None:
    """One line of two that follow each other in the same hands; none when they differ."""
    same = ("kind", "state", "holder", "station", "tray", "reference")
    follows = before.span.form == here.span.form and before.span.last + 1 == here.span.first
    if not follows or any(getattr(before, name) != getattr(here, name) for name in same):
        return None
    span = Span(here.span.form, before.span.first, here.span.last)
    return Holding(**{name: getattr(before, name) for name in same}, span=span, since=min(before.since, here.since))
