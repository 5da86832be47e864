"""The month-end list: per kind what there was, came, went and is left, and the numbers behind it.

What is on hand is what lies in stock, with clerks, on its way back, and void until it is destroyed: opening + received
= closing + printed + lost + destroyed. A month is made of closed days; the present one goes up to now.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.hall.stock import balance, closing
from adapters.hall.stock.balance import Balance, Unexplained
from adapters.hall.stock.serials import Form, Span
from adapters.hall.stock.states import StockEvent, StockState
from adapters.hall.stock.tables import EVENTS, SERIES
from adapters.instants import from_millis
from pages.frame import BEIJING
from schemas.errors import YunhuobanError, declare

MONTH_ODD: Final = declare("E-STOCK-041", "没有这个月份，或者它还没有到。", "请写成 2026-11 这样的年月，不晚于本月。")
ON_HAND: Final = (
    StockState.IN_STOCK, StockState.ISSUED, StockState.LOADED, StockState.RETURNED, StockState.SPOILED,
)  # fmt: skip
_MONTH: Final = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_e: Final = EVENTS.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Numbers that went the same way on one day."""

    kind: str
    day: str
    event: StockEvent
    span: Span
    by: str
    witness: str
    holder: str
    reason: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One kind of the month."""

    balance: Balance
    unexplained: Sequence[Unexplained]
    """At present; empty for a month that is over."""

    @property
    def opening(self) -> int:
        """Sheets on hand at the beginning."""
        return on_hand(self.balance.opening)

    @property
    def closing(self) -> int:
        """Sheets on hand at the end."""
        return on_hand(self.balance.closing)

    def moved(self, event: StockEvent) -> int:
        """Sheets to which this happened."""
        return self.balance.moved.get(event, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The whole list."""

    month: str
    first: date
    made_at: datetime
    is_over: bool
    lines: Sequence[Line]
    movements: Sequence[Movement]


def on_hand(counts: Mapping[StockState, int]) -> int:
    """Sheets that are somewhere in the county."""
    return sum(counts[state] for state in ON_HAND)


def first_day(text: str, now: datetime) -> date:
    """The first day of a month as people write it. Raises E-STOCK-041."""
    found = _MONTH.fullmatch(text.strip())
    first = date(int(found[1]), int(found[2]), 1) if found else None
    if first is None or first > now.astimezone(BEIJING).date():
        raise YunhuobanError(MONTH_ODD, place="month", expected=f"{now.astimezone(BEIJING):%Y-%m}")
    return first


def month(tx: Connection, text: str, now: datetime) -> Month:
    """One month. Days that are over were closed before (`closing.close`). Raises E-STOCK-041."""
    first = first_day(text, now)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    is_over = after <= now.astimezone(BEIJING).date()
    lines, movements = [], []
    for kind in balance.kinds(tx):
        start = _through(tx, kind, first)
        end = _through(tx, kind, after) if is_over else None
        found = balance.of(tx, kind, after_event=start, through_event=end)
        open_ones = [] if is_over else balance.unexplained(tx, kind)
        lines.append(Line(balance=found, unexplained=open_ones))
        movements += _movements(tx, kind, start, found.through_event)
    return Month(
        month=f"{first:%Y-%m}", first=first, made_at=now, is_over=is_over, lines=lines, movements=movements
    )  # fmt: skip


def _through(tx: Connection, kind: str, before: date) -> int:
    row = closing.closed(tx, kind, before=before)
    return row.through_event if row is not None else 0


def _movements(tx: Connection, kind: str, after: int, through: int) -> list[Movement]:
    """By event, day and number; numbers that follow each other are one line."""
    rows = tx.execute(
        select(EVENTS, SERIES.c.prefix, SERIES.c.digits)
        .join_from(EVENTS, SERIES, _e.series == SERIES.c.id)
        .where(SERIES.c.kind == kind, _e.event_no > after, _e.event_no <= through)
    ).all()
    order = {event: at for at, event in enumerate(StockEvent)}
    made = [_movement(kind, row) for row in rows]
    made.sort(key=lambda each: (order[each.event], each.day, each.span.form, each.span.first))
    joined: list[Movement] = []
    for each in made:
        before = joined[-1] if joined else None
        if before is not None and _follows(before, each):
            span = Span(each.span.form, before.span.first, each.span.last)
            joined[-1] = replace(before, span=span)
        else:
            joined.append(each)
    return joined


def _movement(kind: str, row: Any) -> Movement:
    return Movement(
        kind=kind,
        day=from_millis(row.at).astimezone(BEIJING).date().isoformat(),
        event=StockEvent(row.event),
        span=Span(Form(row.prefix, row.digits), row.first, row.last),
        by=row.by,
        witness=row.witness,
        holder=row.holder,
        reason=row.reason,
        reference=row.reference,
    )


def _follows(before: Movement, each: Movement) -> bool:
    same = ("event", "day", "by", "witness", "holder", "reason", "reference")
    together = before.span.form == each.span.form and before.span.last + 1 == each.span.first
    return together and all(getattr(before, name) == getattr(each, name) for name in same)
