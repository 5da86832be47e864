"""One act on numbers of one kind: looked at, refused as a whole or written down as a whole.

Every act is a row of the events for each run it touches, and those runs' new state, inside the caller's transaction.
What may be done to which sheet stands in `states`; whose hands it may be done by is asked through `allowed`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert

from adapters.hall.stock import runs
from adapters.hall.stock.runs import Run, Series
from adapters.hall.stock.serials import Form, Span
from adapters.hall.stock.states import TRANSITIONS, StockEvent
from adapters.hall.stock.tables import ACCOUNT_CHARACTERS, EVENTS
from adapters.instants import to_millis
from schemas import privacy
from schemas.errors import YunhuobanError, declare

NO_BOOK: Final = declare(
    "E-STOCK-003", "本县没有登记过这种空白证照：{kind}。", "请核对种类；第一次登记用 adapter stock receive。"
)
NOT_IN_BOOK: Final = declare(
    "E-STOCK-004",
    "账上没有这些编号：{serials}。",
    "请核对纸上的编号；确有这些纸的，请保管人先登记入库，并查明来历。",
)
STATE_WRONG: Final = declare(
    "E-STOCK-005",
    "这些空白证照现在的状态不允许这样做：{serials}。",
    "请用 adapter stock explain 编号，或在空白证照页面查它的经过，按现在的状态办理。",
)
NOT_HELD: Final = declare(
    "E-STOCK-006", "这些空白证照不在您名下：{serials}。", "请由领用的人办理；换人用的，先退回保管人再重新领用。"
)
ACCOUNT_ODD: Final = declare(
    "E-STOCK-007", "没有写明办理的账号，或者写的不是账号。", "请填写账号（工号），不要写姓名。"
)

Allowed = Callable[[Run], YunhuobanError | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What is written down of an act beside the numbers."""

    event: StockEvent
    by: str
    at: datetime
    witness: str = ""
    holder: str | None = None
    """Who has the sheets from now on; None leaves who had them."""
    station: str | None = ""
    """None leaves them where they lie, in their tray."""
    tray: str = ""
    reason: str = ""
    reference: str = ""
    authorisation_no: str = ""
    receipt_no: int | None = None


def account(text: str) -> str:
    """An account as it goes into the book. Raises E-STOCK-007 for none, and for what may be a name."""
    found = text.strip()
    if not found or len(found) > ACCOUNT_CHARACTERS or not privacy.is_code(found):
        raise YunhuobanError(ACCOUNT_ODD, place="account")
    return found


def series_with(tx: Connection, kind: str, form: Form) -> Series:
    """The series that a number belongs to, with its kind locked. Raises E-STOCK-003, E-STOCK-004."""
    if not runs.lock(tx, kind):
        raise YunhuobanError(NO_BOOK, place=kind, kind=kind)
    for each in runs.series_of(tx, kind):
        if each.form == form:
            return each
    raise YunhuobanError(NOT_IN_BOOK, place=kind, serials=f"{form.prefix}{'*' * form.digits}")


def perform(
    tx: Connection, series: Series, span: Span, act: Act, *, allowed: Allowed = lambda _: None
) -> Sequence[Run]:
    """Do it to every number of the span, or raise. Returns the runs as they were.

    Raises E-STOCK-004 for numbers not in the book, E-STOCK-005 for those in another state, and what `allowed` says.
    """
    found = runs.within(tx, series.id, span.first, span.last)
    missing = _missing(span, found)
    if missing:
        raise YunhuobanError(NOT_IN_BOOK, place=series.kind, serials=_listed(missing))
    before, after = TRANSITIONS[act.event]
    wrong = [each for each in found if each.state not in before]
    if wrong:
        raise YunhuobanError(
            STATE_WRONG,
            place=series.kind,
            found=", ".join(sorted({each.state for each in wrong})),
            expected=", ".join(sorted(before)),
            serials=_listed([_part(series.form, each, span) for each in wrong]),
        )
    for each in found:
        refusal = allowed(each)
        if refusal is not None:
            raise refusal
    for each in found:
        event_no = write(tx, series, _part(series.form, each, span), act, before=each)
        run_id = runs.cut(tx, each, span.first, span.last)
        holder = each.holder if act.holder is None else act.holder
        station, tray = _lies(act, each)
        runs.become(tx, run_id, after, event_no=event_no, holder=holder, station=station, tray=tray)
    return found


def write(tx: Connection, series: Series, span: Span, act: Act, *, before: Run | None) -> int:
    """Add an event; returns its number."""
    had = before.holder if before is not None else ""
    station, tray = _lies(act, before)
    new = (
        insert(EVENTS)
        .values(
            event=act.event,
            series=series.id,
            first=span.first,
            last=span.last,
            before=before.state if before is not None else None,
            after=TRANSITIONS[act.event][1],
            at=to_millis(act.at),
            by=act.by,
            witness=act.witness,
            holder=had if act.holder is None else act.holder,
            station=station,
            tray=tray,
            reason=act.reason,
            reference=act.reference,
            authorisation_no=act.authorisation_no,
            receipt_no=act.receipt_no,
        )
        .returning(EVENTS.c.event_no)
    )
    return int(tx.execute(new).scalar_one())


def held_by(series: Series, span: Span, who: str) -> Allowed:
    """Only sheets that lie in this account's hands. E-STOCK-006."""

    def check(run: Run) -> YunhuobanError | None:
        if run.holder == who:
            return None
        return YunhuobanError(NOT_HELD, place=series.kind, serials=str(_part(series.form, run, span)))

    return check


def _lies(act: Act, before: Run | None) -> tuple[str, str]:
    if act.station is None:
        return (before.station, before.tray) if before is not None else ("", "")
    return act.station, act.tray


def _part(form: Form, run: Run, span: Span) -> Span:
    return Span(form, max(run.first, span.first), min(run.last, span.last))


def _missing(span: Span, found: Sequence[Run]) -> list[Span]:
    at, gaps = span.first, []
    for each in found:
        if each.first > at:
            gaps.append(Span(span.form, at, each.first - 1))
        at = max(at, each.last + 1)
    if at <= span.last:
        gaps.append(Span(span.form, at, span.last))
    return gaps


def _listed(spans: Sequence[Span]) -> str:
    """The first of them; a long list says how many more there are."""
    shown = "、".join(str(each) for each in spans[:5])
    return shown if len(spans) <= 5 else f"{shown} … (+{len(spans) - 5})"
