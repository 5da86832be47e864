"""Sheets of blank stock (空白证照): each number is used once, for ever, and the books balance every night.

Halls account for blank stock by the number printed on the sheet: kind, issuing body, serial. Trial prints go on
white paper and have no number. Where the county keeps a book of a kind (`adapters.hall.stock`), its sheets come
out of it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from adapters.hall.stock import atprint
from adapters.hall.stock.atprint import Explained
from adapters.hall.stock.states import StockEvent
from adapters.printing.states import FINAL, PrintState
from adapters.printing.tables import PRINTS, SHEETS, SpoilReason
from schemas import errors
from schemas.errors import YunhuobanError

STOCK_MISSING: Final = errors.declare(
    "E-PRINT-110", "正式打印必须登记空白证照编号。", "请扫描或录入这张空白证照的编号。"
)
STOCK_USED: Final = errors.declare(
    "E-PRINT-111", "这个空白证照编号已经登记过。", "请核对纸上的编号；确有重号的，停止使用并报告保管人。"
)
STOCK_WRONG: Final = errors.declare("E-PRINT-112", "空白证照的种类与授权不符。", "请按作废登记这张纸，换用授权的种类。")
STOCK_ON_TRIAL: Final = errors.declare(
    "E-PRINT-113", "试办件只打白纸样张，不能使用空白证照。", "请收回空白证照，装入白纸。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockSheet:
    """One sheet of blank stock by the number printed on it."""

    kind: str
    issuing_body: str
    serial: str
    explained: Explained | None = None
    """A person's word on the sheets that lay before it in the tray, where the county keeps a book."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """Whose word it is, on which station's sheet."""

    station: str
    by: str
    reason: str
    """Why it is void; empty for a good one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One kind of stock: what was authorised, what became of it, and the numbered sheets written down for it."""

    stock_kind: str
    authorised: int
    printed: int
    spoiled: int
    no_sheet: int  # of `spoiled`: those of which two persons say that nothing came out
    revoked: int
    expired: int
    pending: int
    sheets_printed: int
    sheets_spoiled: int

    @property
    def difference(self) -> int:
        """Sheets that the two tables do not agree on; anything but 0 is an alarm."""
        return abs(self.printed - self.sheets_printed) + abs(self.spoiled - self.no_sheet - self.sheets_spoiled)


def use(
    tx: Connection,
    authorisation_no: str,
    sheet: StockSheet | None,
    *,
    authorised_kind: str | None,
    state: PrintState,
    word: Printed,
    now: datetime,
) -> str | None:
    """Write a sheet down for ever and return its serial; `authorised_kind` None means white paper, which has none.

    A void sheet may be of any kind, a good one only of the authorised kind. Where the county keeps a book of the kind,
    the sheet leaves it here, under the issuing body that the book names. Raises STOCK_MISSING, STOCK_USED, STOCK_WRONG,
    STOCK_ON_TRIAL, or the book's errors (`atprint.used`).
    """
    if authorised_kind is None:
        if sheet is not None:
            raise YunhuobanError(STOCK_ON_TRIAL, place=authorisation_no)
        return None
    serial = "" if sheet is None else sheet.serial.strip()
    if sheet is None or not serial:
        raise YunhuobanError(STOCK_MISSING, place=authorisation_no)
    if state is PrintState.PRINTED and sheet.kind != authorised_kind:
        raise YunhuobanError(STOCK_WRONG, place=authorisation_no, found=sheet.kind, expected=authorised_kind)
    body = sheet.issuing_body
    if atprint.keeps_book(tx, sheet.kind):
        body, serial = atprint.used(
            tx,
            kind=sheet.kind,
            serial=serial,
            event=StockEvent.PRINT if state is PrintState.PRINTED else StockEvent.SPOIL,
            authorisation_no=authorisation_no,
            station=word.station,
            by=word.by,
            reason=word.reason,
            explained=sheet.explained,
            now=now,
        )
    number = {"stock_kind": sheet.kind, "issuing_body": body, "serial": serial}
    try:
        tx.execute(insert(SHEETS).values(**number, authorisation_no=authorisation_no, state=state, used_at=now))
    except IntegrityError as error:
        raise YunhuobanError(STOCK_USED, place=authorisation_no, found=serial) from error
    return serial


def books(tx: Connection) -> list[Balance]:
    """Balance every kind of stock authorised for real prints, by the authorised kind."""
    rows = tx.execute(
        select(PRINTS.c.stock_kind, PRINTS.c.state, PRINTS.c.spoil_reason, SHEETS.c.state, func.count())
        .join_from(PRINTS, SHEETS, PRINTS.c.authorisation_no == SHEETS.c.authorisation_no, isouter=True)
        .where(PRINTS.c.trial.is_(False))
        .group_by(PRINTS.c.stock_kind, PRINTS.c.state, PRINTS.c.spoil_reason, SHEETS.c.state)
    )
    kinds: dict[str, Counter[str]] = {}
    for kind, state, reason, sheet_state, count in rows:
        tally = kinds.setdefault(kind, Counter())
        tally["authorised"] += count
        tally[state.value if state in FINAL else "pending"] += count
        if reason is SpoilReason.NO_SHEET:
            tally["no_sheet"] += count
        if sheet_state is not None:
            tally[f"sheets_{sheet_state.value}"] += count
    return [
        Balance(
            stock_kind=kind,
            authorised=tally["authorised"],
            printed=tally["printed"],
            spoiled=tally["spoiled"],
            no_sheet=tally["no_sheet"],
            revoked=tally["revoked"],
            expired=tally["expired"],
            pending=tally["pending"],
            sheets_printed=tally["sheets_printed"],
            sheets_spoiled=tally["sheets_spoiled"],
        )
        for kind, tally in sorted(kinds.items())
    ]
