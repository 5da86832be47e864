"""A physical count: somebody goes to the cupboard, writes down every number that lies there, and the book answers.

What the book has there and nobody found, and what was found and the book has elsewhere, stays unexplained until it is
reported lost, found again by a later count of the same place, or moved by an act. A count itself moves no sheet.
Source: domain.md 6.2 (month-end list); as in every 盘点, one writes down what is there, not what ought to be.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from sqlalchemy import Connection, func, insert, select

from adapters.hall.stock import acts, runs
from adapters.hall.stock.runs import Run, Series
from adapters.hall.stock.serials import Span, span
from adapters.hall.stock.states import HELD, StockState
from adapters.hall.stock.tables import COUNT_DIFFERENCES, COUNTS
from adapters.instants import from_millis, to_millis
from schemas.errors import YunhuobanError, declare

COUNTED_TWICE: Final = declare(
    "E-STOCK-016", "这个编号数了两次：{serials}。", "请核对盘点清单，删去重复的编号，再登记一次。"
)
NOTHING_READ: Final = declare(
    "E-STOCK-017",
    "盘点清单第 {line} 行看不懂。",
    "每行写一个编号，或者一段：起号、空格、止号；柜里一张也没有的，只写一行 0。",
)
LATELY: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One count of one kind in one place, and what the book said of it."""

    at: datetime
    by: str
    kind: str
    holder: str
    """Whose hands were counted; empty for the keeper's cupboard."""
    counted: int
    expected: int
    missing: Sequence[Span]
    """In the book as lying there, and not found."""
    surplus: Sequence[Span]
    """Found there, and elsewhere in the book."""

    @property
    def agrees(self) -> bool:
        """Whether the place holds what the book says, sheet by sheet."""
        return not self.missing and not self.surplus


def read_list(text: str) -> list[Span]:
    """The numbers of a list, one or a range on each line; `0` alone for an empty cupboard.

    Raises E-STOCK-001, -002, -017 with the line.
    """
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if [words for _, words in lines] == [["0"]]:
        return []
    found: list[Span] = []
    for number, words in lines:
        if len(words) > 2:
            raise YunhuobanError(NOTHING_READ, place=f"list:{number}", line=str(number))
        found.append(span(*words))
    if not found:
        raise YunhuobanError(NOTHING_READ, place="list:1", line="1")
    return found


def count(tx: Connection, kind: str, found: Sequence[Span], *, by: str, holder: str = "", now: datetime) -> Count:
    """Write down what was found, and say what the book has there. Raises E-STOCK-003, -004, -007, -016."""
    by, holder = acts.account(by), acts.account(holder) if holder.strip() else ""
    if not runs.lock(tx, kind):
        raise YunhuobanError(acts.NO_BOOK, place=kind, kind=kind)
    known = {each.form: each for each in runs.series_of(tx, kind)}
    strange = [each for each in found if each.form not in known]
    if strange:
        raise YunhuobanError(acts.NOT_IN_BOOK, place=kind, serials="、".join(map(str, strange)))
    missing: list[tuple[Series, Span]] = []
    surplus: list[tuple[Series, Span]] = []
    expected = 0
    for form, series in known.items():
        there = sorted((each for each in found if each.form == form), key=lambda each: each.first)
        _demand_once(there)
        lying = [each for each in runs.within(tx, series.id, 0, 10**18) if _lies(each, holder)]
        expected += sum(each.count for each in lying)
        kept = [Span(form, each.first, each.last) for each in lying]
        missing += ((series, gap) for each in kept for gap in _outside(each, there))
        surplus += ((series, extra) for each in there for extra in _outside(each, kept))
    values = {"kind": kind, "holder": holder, "at": to_millis(now), "by": by}
    counted = sum(each.count for each in found)
    new = insert(COUNTS).values(**values, counted=counted, expected=expected).returning(COUNTS.c.count_no)
    count_no = int(tx.execute(new).scalar_one())
    rows = [
        {"count_no": count_no, "series": series.id, "first": each.first, "last": each.last, "found": is_there}
        for is_there, listed in ((False, missing), (True, surplus))
        for series, each in listed
    ]
    if rows:
        tx.execute(insert(COUNT_DIFFERENCES), rows)
    return _count(tx, kind, count_no)


def lately(tx: Connection) -> list[Count]:
    """The last counts of every kind, the newest first."""
    rows = tx.execute(select(COUNTS.c.kind, COUNTS.c.count_no).order_by(COUNTS.c.count_no.desc()).limit(LATELY))
    return [_count(tx, kind, count_no) for kind, count_no in rows]


def still_open(tx: Connection, kind: str) -> Iterator[tuple[Series, Run, Count, bool]]:
    """What the last count of each place found otherwise, as far as the book still has it where it had it then.

    The numbers as a part of a run, the count, and whether they were found (surplus) or not (missing).
    """
    newest = select(COUNTS.c.holder, func.max(COUNTS.c.count_no)).where(COUNTS.c.kind == kind).group_by(COUNTS.c.holder)
    by_id = {each.id: each for each in runs.series_of(tx, kind)}
    for holder, count_no in tx.execute(newest).all():
        told = _count(tx, kind, count_no)
        for row in tx.execute(select(COUNT_DIFFERENCES).where(COUNT_DIFFERENCES.c.count_no == count_no)):
            for run in runs.within(tx, row.series, row.first, row.last):
                if _lies(run, holder) != row.found:
                    yield by_id[row.series], _part(run, row.first, row.last), told, row.found


def _lies(run: Run, holder: str) -> bool:
    return run.state in HELD and run.holder == holder if holder else run.state is StockState.IN_STOCK


def _part(run: Run, first: int, last: int) -> Run:
    return Run(
        id=run.id,
        series=run.series,
        first=max(first, run.first),
        last=min(last, run.last),
        state=run.state,
        holder=run.holder,
        station=run.station,
        tray=run.tray,
        event_no=run.event_no,
    )


def _outside(whole: Span, others: Sequence[Span]) -> Iterator[Span]:
    """The numbers of one span that are in none of the others, which rise."""
    start = whole.first
    for each in others:
        if each.last < start or each.first > whole.last:
            continue
        if start < each.first:
            yield Span(whole.form, start, each.first - 1)
        start = each.last + 1
    if start <= whole.last:
        yield Span(whole.form, start, whole.last)


def _demand_once(there: Sequence[Span]) -> None:
    for one, next_one in pairwise(there):
        if next_one.first <= one.last:
            twice = Span(one.form, next_one.first, min(one.last, next_one.last))
            raise YunhuobanError(COUNTED_TWICE, place="list", serials=str(twice))


def _count(tx: Connection, kind: str, count_no: int) -> Count:
    row = tx.execute(select(COUNTS).where(COUNTS.c.count_no == count_no)).one()
    forms = {each.id: each.form for each in runs.series_of(tx, kind)}
    listed = tx.execute(
        select(COUNT_DIFFERENCES)
        .where(COUNT_DIFFERENCES.c.count_no == count_no)
        .order_by(COUNT_DIFFERENCES.c.series, COUNT_DIFFERENCES.c.first)
    ).all()
    spans = [(each.found, Span(forms[each.series], each.first, each.last)) for each in listed]
    return Count(
        at=from_millis(row.at),
        by=row.by,
        kind=kind,
        holder=row.holder,
        counted=row.counted,
        expected=row.expected,
        missing=[each for found, each in spans if not found],
        surplus=[each for found, each in spans if found],
    )
