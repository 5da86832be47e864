"""Tables of numbers as files in the reader's language: sheets of a workbook, or tables of a list on paper."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Final

from hub.catalogue import workbook
from pages.lists import drawing
from pages.wording import mark as _
from pages.wording import say
from schemas.errors import YunhuobanError, declare
from schemas.workdays.hours import BEIJING

FILE_ODD: Final = declare("E-SUP-009", "统计与通报只能存成 .xlsx 或 .pdf。", "请把文件名的结尾改成其中之一。")
Row = Sequence[str | int | float]
MEDIA_TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table: its name, its heads, its rows, and of its columns the shares of a line of paper and the numbers."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Row]
    widths: Sequence[int]
    numbers: Sequence[int]


def file_of(name: str, *, workbook: Callable[[], bytes], pdf: Callable[[], bytes]) -> bytes:
    """The form that a file's name asks for. Raises E-SUP-009, and what the one asked for raises."""
    match PurePath(name).suffix.lower():
        case ".xlsx":
            return workbook()
        case ".pdf":
            return pdf()
        case _:
            raise YunhuobanError(FILE_ODD, place="out", expected=".xlsx, .pdf")


def workbook_of(sheets: Sequence[Sheet], language: str) -> bytes:
    """All of them in one XLSX."""
    return workbook.tables(
        {say(each.name, language): [[say(head, language) for head in each.heads], *each.rows] for each in sheets}
    )


def tables_of(sheets: Sequence[Sheet], language: str) -> Sequence[drawing.Table]:
    """The same for `pages.lists.drawing`."""
    return [
        drawing.Table(
            heading=say(each.name, language),
            columns=[say(head, language) for head in each.heads],
            rows=[[str(cell) for cell in row] for row in each.rows],
            widths=each.widths,
            numbers=each.numbers,
            none=say(_("没有。"), language),
        )
        for each in sheets
    ]


def pdf_of(
    sheets: Sequence[Sheet],
    language: str,
    *,
    title: str,
    subtitle: str,
    made_at: datetime,
    notes: Sequence[str],
) -> bytes:
    """For paper, with a line to sign on; everything but the sheets is in words already.

    Raises E-PAGE-140, -141 or -142.
    """
    return drawing.drawn(
        title=title,
        subtitle=subtitle,
        author=say(_("中枢运行"), language),
        made=made_at.astimezone(BEIJING).date(),
        tables=tables_of(sheets, language),
        notes=notes,
        signs=(say(_("签发"), language), say(_("日期"), language)),
        footer=title,
    )


def moment(at: datetime) -> str:
    """In Beijing, to the minute."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
