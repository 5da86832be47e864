"""The catalogue as one XLSX workbook, and tables of anything else: the only door to openpyxl.

A workbook is a zip of XML from anybody. Before openpyxl sees it, its unpacked size, its number of parts and the absence
of document type declarations (entity bombs) are made sure of; whatever openpyxl then fails on is E-CAT-030.
"""

import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from hub.catalogue import files
from hub.catalogue.files import CELL_KIND, FILE_UNREADABLE, FORMULA
from hub.catalogue.reading import PROGRESS_EVERY, Progress, RawSheet, shown
from hub.catalogue.rows import headings, sheet_rows
from hub.catalogue.sheets import SHEETS
from hub.catalogue.troubles import Troubles
from schemas.catalogue.model import Entity
from schemas.errors import YunhuobanError

MOST_UNPACKED: Final = 256 * 2**20
"""The full catalogue unpacks to 39 MB."""
_MOST_PARTS: Final = 200
_MOST_SHEETS: Final = 30
_MOST_COLUMNS: Final = 60
_CHUNK: Final = 64 * 1024
_WIDEST: Final = 48
_FIRST_WIDE: Final = 0x2E80


def read(path: Path, troubles: Troubles, progress: Progress = lambda _: None) -> list[RawSheet]:
    """The sheets of a workbook, as texts; what is wrong with single cells is noted in `troubles`.

    Told `progress` rows read. Raises E-CAT-030 for what is no workbook, -031 for one beyond the bounds.
    """
    files.demand_size(path)
    try:
        _demand_harmless(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that nobody needs here
            book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
            try:
                if len(book.sheetnames) > _MOST_SHEETS:
                    raise files.too_large(path.name, "sheets", _MOST_SHEETS)
                return [_sheet(book[name], troubles, progress) for name in book.sheetnames]
            finally:
                book.close()
    except YunhuobanError:
        raise
    except Exception as error:  # openpyxl raises whatever the zip and XML readers beneath it raise
        raise YunhuobanError(FILE_UNREADABLE, place=path.name, found=type(error).__name__) from error


def write(path: Path, entities: Mapping[str, Entity]) -> None:
    """Write a workbook with all sheets. Raises E-CAT-035 when the file is there."""
    files.demand_free(path)
    book = openpyxl.Workbook(write_only=True)
    for sheet in SHEETS:
        page = book.create_sheet(sheet.name)
        page.freeze_panes = "A2"
        for at, column in enumerate(sheet.columns, 1):
            dimension = page.column_dimensions[get_column_letter(at)]
            dimension.width = column.wide
            dimension.number_format = "@"  # text: a code that is typed in keeps its zeros
        page.append(list(headings(sheet)))
        for row in sheet_rows(sheet, entities):
            page.append([cell or None for cell in row])
    book.save(path)


def tables(sheets: Mapping[str, Sequence[Sequence[str | int | float]]]) -> bytes:
    """A workbook of plain tables by the names of their sheets; the first row of each is its heading.

    Text stays text, also where it looks like a formula.
    """
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        page.freeze_panes = "A2"
        for at in range(1, max(map(len, rows), default=0) + 1):
            wide = max((_wide(row[at - 1]) for row in rows if len(row) >= at), default=0)
            page.column_dimensions[get_column_letter(at)].width = min(wide + 2, _WIDEST)
        for row in rows:
            page.append([_cell(page, value) for value in row])
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _cell(page: Any, value: str | float) -> Any:
    cell = WriteOnlyCell(page, value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _wide(value: str | float) -> int:
    """How wide it is, in digits: a Chinese character is two."""
    return sum(1 if ord(each) < _FIRST_WIDE else 2 for each in str(value))


def _demand_harmless(path: Path) -> None:
    with zipfile.ZipFile(path) as packed:
        parts = packed.infolist()
        if len(parts) > _MOST_PARTS:
            raise files.too_large(path.name, "parts", _MOST_PARTS)
        # What is declared here binds: the zip reader gives out no more than that of any part.
        if sum(each.file_size for each in parts) > MOST_UNPACKED:
            raise files.too_large(path.name, "bytes unpacked", MOST_UNPACKED)
        for each in parts:
            if each.filename.endswith((".xml", ".rels", ".vml")):
                with packed.open(each) as stream:
                    _demand_no_doctype(iter(lambda stream=stream: stream.read(_CHUNK), b""), each.filename)  # type: ignore[misc]


def _demand_no_doctype(chunks: Iterator[bytes], name: str) -> None:
    """Read up to the first element: a document type declaration could only stand before it."""
    begun: list[str] = []

    def refuse(*_: object) -> None:
        raise YunhuobanError(FILE_UNREADABLE, place=name[-60:], found="DOCTYPE")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda tag, _: begun.append(tag[:1])
    for chunk in chunks:
        parser.Parse(chunk, False)  # noqa: FBT003 -- expat takes it by position only
        if begun:
            return


def _sheet(page: Any, troubles: Troubles, progress: Progress) -> RawSheet:
    name = str(page.title)
    if name not in {each.name for each in SHEETS}:
        return RawSheet(name=name, headings=(), rows=())
    first = next(page.iter_rows(max_row=1, max_col=_MOST_COLUMNS), ())
    heads = [_text(cell, troubles, name, 1, at) for at, cell in enumerate(first)]
    width = max((at for at, head in enumerate(heads, 1) if head), default=1)
    rows: list[tuple[int, Sequence[str]]] = []
    for number, cells in enumerate(page.iter_rows(min_row=2, max_col=width), 2):
        if number > files.MOST_ROWS:
            raise files.too_large(name, "rows", files.MOST_ROWS)
        if number % PROGRESS_EVERY == 0:
            progress(PROGRESS_EVERY)
        texts = [_text(cell, troubles, name, number, at) for at, cell in enumerate(cells)]
        if any(texts):
            rows.append((number, texts))
    return RawSheet(name=name, headings=heads[:width], rows=rows)


def _text(cell: Any, troubles: Troubles, sheet: str, number: int, at: int) -> str:
    """A cell as text; one of a kind that has no place here is noted and counts as empty."""
    value = cell.value
    if value is None:
        return ""
    kind = cell.data_type
    if kind == "f":
        troubles.add(YunhuobanError(FORMULA, found=shown(str(value))), sheet, number, at)
        return ""
    if kind != "e":
        match value:
            case str():
                if len(value) <= files.MOST_CELL:
                    return value
                troubles.add(files.too_large("", "characters", files.MOST_CELL), sheet, number, at)
                return ""
            case bool():
                return "是" if value else "否"
            case int():
                return str(value)
            case float() if value.is_integer() and abs(value) < 10**15:
                return str(int(value))
            case datetime() if value.time() == time():
                return value.date().isoformat()
            case date() if not isinstance(value, datetime):
                return value.isoformat()
            case _:
                pass
    troubles.add(YunhuobanError(CELL_KIND, found=type(value).__name__), sheet, number, at)
    return ""
