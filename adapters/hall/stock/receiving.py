"""Boxes of blank stock come in: counted by a person, their numbers new to the book, what is missing named.

The first receipt of a kind opens its book: from then on no good sheet of that kind is confirmed that is not in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select

from adapters.hall.stock import acts, runs
from adapters.hall.stock.acts import Act
from adapters.hall.stock.runs import Series
from adapters.hall.stock.serials import Form, Span, parse, without
from adapters.hall.stock.states import StockEvent, StockState
from adapters.hall.stock.tables import KINDS, RECEIPTS, ROOT, RUNS, SERIES
from adapters.instants import to_millis
from adapters.printing.tables import SHEETS
from certs.atrest import AtRest
from schemas import privacy
from schemas.errors import YunhuobanError, declare

OVERLAP: Final = declare(
    "E-STOCK-010", "这些编号已经入过库：{serials}。", "请核对送货单和箱上的编号；重号的纸不要使用，请报告发证机关。"
)
COUNT_DIFFERS: Final = declare(
    "E-STOCK-011",
    "清点的张数与编号不符：清点 {counted} 张，编号之间应有 {count} 张。",
    "请再数一遍；确实缺号的，把缺的编号逐个写明，只登记实有的纸。",
)
FORM_NEW: Final = declare(
    "E-STOCK-012",
    "这种空白证照以前的编号不是这个样子：以前是 {before}。",
    "请核对编号有没有少输一位；确是新的一批的，请注明“新编号样式”（--new-form）再登记。",
)
BODY_DIFFERS: Final = declare(
    "E-STOCK-013", "这个样式的编号以前登记为另一个发放机关的。", "请核对发放机关；同一样式的编号只能属于一个机关。"
)
USED_BEFORE: Final = declare(
    "E-STOCK-014",
    "这些编号在建账之前已经打印过：{serials}。",
    "请从第一张没有用过的纸开始登记；用过的编号已在打印账上。",
)
WORDS_MISSING: Final = declare(
    "E-STOCK-015",
    "入库没有写全：种类、发放机关、送货单号和来处都要写；种类和单号是代码，不含空格。",
    "请照送货单补齐后再登记。",
)
_LONGEST_NOTE: Final = 40
_LONGEST_SUPPLIER: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came with one delivery note."""

    kind: str
    issuing_body: str
    span: Span
    delivery_note: str
    supplier: str
    """From whom; kept encrypted."""
    counted: int
    """Sheets, as a person counted them."""
    missing: Sequence[str] = ()
    """Numbers of the span that were not in the box."""
    new_form: bool = False
    """A person says that this kind's numbers look otherwise from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What was written down."""

    receipt_no: int
    spans: Sequence[Span]
    gap: Span | None
    """Numbers between what was there before and this delivery that never came."""


def receive(tx: Connection, delivery: Delivery, *, by: str, now: datetime, sealing: AtRest) -> Received:
    """Take a delivery into stock. Raises E-STOCK-007, E-STOCK-010 to -015."""
    by = acts.account(by)
    _demand_words(delivery)
    span = delivery.span
    missing = {number for form, number in map(parse, delivery.missing) if form == span.form}
    spans = list(without(span, missing))
    count = sum(each.count for each in spans)
    if delivery.counted != count or not spans:
        raise YunhuobanError(COUNT_DIFFERS, place=delivery.kind, counted=str(delivery.counted), count=str(count))
    if not runs.lock(tx, delivery.kind):
        tx.execute(insert(KINDS).values(kind=delivery.kind, opened_at=to_millis(now)))
    series = _series(tx, delivery)
    _demand_new(tx, series, spans)
    gap = _gap(tx, series, span)
    receipt_no = _write(tx, delivery, by=by, now=now, sealing=sealing)
    act = Act(event=StockEvent.RECEIVE, by=by, at=now, receipt_no=receipt_no)
    for each in spans:
        event_no = acts.write(tx, series, each, act, before=None)
        runs.put(tx, series.id, each, state=StockState.IN_STOCK, event_no=event_no)
    return Received(receipt_no=receipt_no, spans=spans, gap=gap)


def supplier_of(row: Any, sealing: AtRest) -> str:
    """From whom a receipt's row says that it came; empty once the time for that is over."""
    if not row.supplier_sealed:
        return ""
    return sealing.open(row.supplier_sealed, place=_place(row.receipt_no)).decode()


def _demand_words(delivery: Delivery) -> None:
    codes = (delivery.kind, delivery.delivery_note)
    good = all(each and privacy.is_code(each) for each in codes)
    good = good and len(delivery.kind) <= 64 and len(delivery.delivery_note) <= _LONGEST_NOTE
    for text, longest in ((delivery.issuing_body, 128), (delivery.supplier, _LONGEST_SUPPLIER)):
        good = good and 0 < len(text.strip()) <= longest and text.isprintable()
    if not good:
        raise YunhuobanError(WORDS_MISSING, place="stock.receive")


def _series(tx: Connection, delivery: Delivery) -> Series:
    known = runs.series_of(tx, delivery.kind)
    form = delivery.span.form
    for each in known:
        if each.form == form:
            if each.issuing_body != delivery.issuing_body:
                raise YunhuobanError(BODY_DIFFERS, place=delivery.kind, expected=each.issuing_body)
            return each
    if known and not delivery.new_form:
        before = "、".join(each.form.prefix + "0" * each.form.digits for each in known[-3:])
        raise YunhuobanError(FORM_NEW, place=delivery.kind, before=before)
    values = {"kind": delivery.kind, "issuing_body": delivery.issuing_body}
    new = insert(SERIES).values(**values, prefix=form.prefix, digits=form.digits)
    series = Series(id=tx.execute(new.returning(SERIES.c.id)).scalar_one(), **values, form=form)
    runs.root(tx, series.id)
    return series


def _demand_new(tx: Connection, series: Series, spans: Sequence[Span]) -> None:
    """Nothing of it was received before, or printed on before there was a book."""
    for each in spans:
        there = runs.within(tx, series.id, each.first, each.last)
        if there:
            span = Span(each.form, max(each.first, there[0].first), min(each.last, there[-1].last))
            raise YunhuobanError(OVERLAP, place=series.kind, serials=str(span))
    used = sorted(number for number in _used(tx, series.kind, series.form) if any(number in _range(s) for s in spans))
    if used:
        raise YunhuobanError(USED_BEFORE, place=series.kind, serials="、".join(map(series.form.written, used[:5])))


def _used(tx: Connection, kind: str, form: Form) -> list[int]:
    """Numbers of this form on the print ledger; text is compared in Python, for databases sort it each in its way."""
    length = len(form.prefix) + form.digits
    found = tx.execute(
        select(SHEETS.c.serial).where(SHEETS.c.stock_kind == kind, func.length(SHEETS.c.serial) == length)
    ).scalars()
    return [int(each[len(form.prefix) :]) for each in found if _is_of(each.upper(), form)]


def _is_of(serial: str, form: Form) -> bool:
    rest = serial[len(form.prefix) :]
    return serial.startswith(form.prefix) and rest.isascii() and rest.isdigit()


def _range(span: Span) -> range:
    return range(span.first, span.last + 1)


def _gap(tx: Connection, series: Series, span: Span) -> Span | None:
    before = tx.execute(
        select(func.max(RUNS.c.last)).where(RUNS.c.series == series.id, RUNS.c.last < span.first, RUNS.c.last != ROOT)
    ).scalar()
    if before is None or before + 1 == span.first:
        return None
    return Span(span.form, before + 1, span.first - 1)


def _write(tx: Connection, delivery: Delivery, *, by: str, now: datetime, sealing: AtRest) -> int:
    values = {
        "kind": delivery.kind,
        "delivery_note": delivery.delivery_note,
        "counted": delivery.counted,
        "counted_by": by,
        "received_at": to_millis(now),
    }
    new = insert(RECEIPTS).values(**values, supplier_sealed=b"")  # its place in the store is known only now
    number = int(tx.execute(new.returning(RECEIPTS.c.receipt_no)).scalar_one())
    sealed = sealing.seal(delivery.supplier.strip().encode(), place=_place(number))
    tx.execute(RECEIPTS.update().where(RECEIPTS.c.receipt_no == number).values(supplier_sealed=sealed))
    return number


def _place(receipt_no: int) -> str:
    return f"stock/receipt/{receipt_no}"
