"""A monthly list out of an XLSX workbook: the text that pasting its cells would have given (`pasting`).

A workbook is a zip of XML from anybody: what it unpacks to is settled before anything reads it (`pages.uploads.zips`),
and a macro or a formula has no place in a list. It is taken in by its sheet and its heading, so that nobody sends the
wrong table; what is in it is shown to the clerk before anything is signed.
"""

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from adapters.hall.around.forms import Rows
from adapters.hall.around.pasting import CELL_ODD, TOO_MANY
from adapters.local.sources.cellvalues import Unfit
from adapters.local.workbooks import Hostile, NotReadable, TooLarge, Workbook
from pages import wording
from pages.uploads import zips
from pages.uploads.zips import ZipLimits
from schemas.errors import YunhuobanError, declare

NO_WORKBOOK: Final = declare(
    "E-AROUND-026",
    "这不是可读的 XLSX 工作簿，或者带有宏（{found}）。",
    "请用表格软件另存为不带宏的 .xlsx；也可以复制后粘贴。",
)
FORMULAS: Final = declare(
    "E-AROUND-027", "工作簿里有公式，清单只收写定的值。", "请把公式复制后“选择性粘贴”为值，再上传。"
)
OTHER_SHEET: Final = declare(
    "E-AROUND-028",
    "工作簿里找不到这份清单：应有一张工作表，或一张名为“清单”的工作表，第一行是 {expected}。",
    "请照这几列整理，并把这张工作表放在单独的工作簿里。",
)
SHEET: Final = "清单"
_LIMITS: Final = ZipLimits(members=60, member_bytes=4 * 1024 * 1024, total_bytes=8 * 1024 * 1024)
_MACROS: Final = ("vbaproject", "/macrosheets/", "/activex/", "/embeddings/", "/externallinks/")


def text_of(rows: Rows, data: bytes) -> str:
    """The lines of the list, cells apart by tabs. Raises E-AROUND-023 or -025 to -028, E-PAGE-128."""
    _demand_plain(data)
    heads = [wording.say(ask.label, "zh") for ask in rows.columns]
    try:
        book = Workbook(data)
        if book.has_formulas:
            raise YunhuobanError(FORMULAS, place="sheet")
        head, found = book.rows(_chosen(book.sheets, heads), rows.most)
    except (NotReadable, Hostile) as error:
        raise YunhuobanError(NO_WORKBOOK, place="sheet", found=type(error).__name__) from None
    except TooLarge as error:
        raise YunhuobanError(TOO_MANY, place=rows.path, found=f"> {error.most}", expected=str(rows.most)) from None
    if head is None or [str(cell).strip() for cell in head[1] if cell is not None] != heads:
        raise _other_sheet(heads)
    if len(found) > rows.most:
        raise YunhuobanError(TOO_MANY, place=rows.path, found=str(len(found)), expected=str(rows.most))
    return "\n".join("\t".join(_text(cell, number, at) for at, cell in enumerate(cells, 1)) for number, cells in found)


def _demand_plain(data: bytes) -> None:
    """Every part is unpacked once within the limits, and none of them can act."""
    for name, _content in zips.members(io.BytesIO(data), _LIMITS):
        if any(each in f"/{name.lower()}" for each in _MACROS):
            raise YunhuobanError(NO_WORKBOOK, place="sheet", found=name.rpartition("/")[2][:40])


def _chosen(sheets: Sequence[str], heads: Sequence[str]) -> str:
    if SHEET in sheets:
        return SHEET
    if len(sheets) != 1:
        raise _other_sheet(heads)
    return sheets[0]


def _other_sheet(heads: Sequence[str]) -> YunhuobanError:
    return YunhuobanError(OTHER_SHEET, place="sheet", expected="、".join(heads))


def _text(cell: object, number: int, at: int) -> str:
    match cell:
        case None:
            return ""
        case str():
            return " ".join(cell.split())
        case bool():
            return "是" if cell else "否"
        case int() | Decimal():
            return str(cell)
        case date() if not isinstance(cell, datetime):
            return cell.isoformat()
        case Unfit():
            why = cell.code.code
        case _:
            why = type(cell).__name__
    raise YunhuobanError(CELL_ODD, place="lines", line=str(number), column=str(at), why=why)
