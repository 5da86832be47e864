"""The book of shifts: both ledgers and the row that says so change in one transaction, or none of them.

Nothing is printed, asked or sent: only who answers for what was asked already, and in whose hands the loaded sheets
are. So a hand-over in the middle of a print makes no second sheet, and one that breaks off has not happened.
Source: domain.md 6.1 (custody), 6.2 (a sheet is always in somebody's hands).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from adapters.hall.shifts.tables import LINES, SHIFTS
from adapters.hall.stock import acts
from adapters.hall.stock import book as stock
from adapters.hall.stock.serials import Span
from adapters.instants import from_millis, to_millis
from adapters.printing import ledger
from schemas.errors import YunhuobanError, declare

CHANGED: Final = declare(
    "E-SHIFT-001",
    "清单和刚才显示的不一样了：有一张已经办完，或者又领了一张。",
    "请两个人照新的清单再清点一次，然后由接班人签字。",
)
NOTHING_HELD: Final = declare(
    "E-SHIFT-002", "您名下没有没办完的打印，也没有装入打印机的空白证照。", "不用交接；手里没装的空白证照请退回保管人。"
)
MOST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One claim, or sheets of one kind that lie together."""

    authorisation_no: str = ""
    state: str
    stock_kind: str
    first_serial: str = ""
    last_serial: str = ""
    count: int = 1
    station: str
    tray: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What one account answers for now."""

    account: str
    claims: Sequence[Line]
    sheets: Sequence[Line]

    @property
    def count(self) -> int:
        """Sheets of stock in trays."""
        return sum(each.count for each in self.sheets)

    @property
    def seen(self) -> str:
        """A digest of what is on the list; the state of a print may move on while two people count, the list not."""
        named = [each.authorisation_no for each in self.claims]
        named += [f"{each.stock_kind} {each.first_serial} {each.last_serial}" for each in self.sheets]
        return hashlib.sha256("\n".join((self.account, *named)).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One hand-over that happened."""

    change_id: str
    hall: str
    given_by: str
    taken_by: str
    claims: int
    sheets: int
    at: datetime


def held(tx: Connection, account: str) -> Held:
    """Claims whose outcome is not said, and loaded sheets."""
    claims = [
        Line(
            authorisation_no=each.authorisation.authorisation_no,
            state=each.state.value,
            stock_kind=each.authorisation.stock_kind,
            station=each.station or "",
        )
        for each in ledger.held(tx, account)
    ]
    sheets = [
        Line(
            state=run.state.value,
            stock_kind=series.kind,
            first_serial=series.form.written(run.first),
            last_serial=series.form.written(run.last),
            count=run.count,
            station=run.station,
            tray=run.tray,
        )
        for series, run in stock.loaded_by(tx, account)
    ]
    return Held(account=account, claims=claims, sheets=sheets)


def pass_on(
    tx: Connection, *, change_id: str, hall: str, given_by: str, taken_by: str, seen: str, now: datetime
) -> None:
    """All that one account answers for passes to another; the same press once more changes nothing.

    Raises E-SHIFT-001, -002 and, where whoever takes over issued one of the sheets, E-STOCK-020.
    """
    if find(tx, change_id) is not None:
        return
    given_by, taken_by = acts.account(given_by), acts.account(taken_by)
    found = held(tx, given_by)
    if not found.claims and not found.sheets:
        raise YunhuobanError(NOTHING_HELD, place="account")
    if found.seen != seen:
        raise YunhuobanError(CHANGED, place="seen")
    for each in found.claims:
        ledger.pass_on(tx, each.authorisation_no, before=given_by, after=taken_by)
    for series, run in stock.loaded_by(tx, given_by):
        span = Span(series.form, run.first, run.last)
        stock.pass_on(tx, series.kind, span, by=given_by, to=taken_by, now=now)
    tx.execute(
        insert(SHIFTS).values(
            change_id=change_id,
            hall=hall,
            given_by=given_by,
            taken_by=taken_by,
            claims=len(found.claims),
            sheets=found.count,
            changed_at=to_millis(now),
        )
    )
    for at, line in enumerate((*found.claims, *found.sheets), 1):
        tx.execute(insert(LINES).values(change_id=change_id, line_no=at, **_values(line)))


def find(tx: Connection, change_id: str) -> Change | None:
    """One hand-over; none when it did not happen."""
    row = tx.execute(select(SHIFTS).where(SHIFTS.c.change_id == change_id)).one_or_none()
    return None if row is None else _change(row)


def lines(tx: Connection, change_id: str) -> list[Line]:
    """What passed."""
    rows = tx.execute(select(LINES).where(LINES.c.change_id == change_id).order_by(LINES.c.line_no))
    return [Line(**{name: getattr(row, name) for name in Line.__slots__}) for row in rows]


def changes(tx: Connection, hall: str) -> list[Change]:
    """The newest hand-overs of a hall."""
    wanted = select(SHIFTS).where(SHIFTS.c.hall == hall)
    return [_change(row) for row in tx.execute(wanted.order_by(SHIFTS.c.changed_at.desc()).limit(MOST))]


def _values(line: Line) -> dict[str, Any]:
    return {name: getattr(line, name) for name in Line.__slots__}


def _change(row: Any) -> Change:
    names = ("change_id", "hall", "given_by", "taken_by", "claims", "sheets")
    return Change(**{name: getattr(row, name) for name in names}, at=from_millis(row.changed_at))
