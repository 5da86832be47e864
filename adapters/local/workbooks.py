"""XLSX workbooks in and out: the county side's only door to openpyxl.

A workbook is a zip of XML from anybody. Before openpyxl sees it, its unpacked size, its number of parts and the absence
of document type declarations (entity bombs) are made sure of. What cannot be believed of a cell is said in its place:
an error, a formula never computed, a number longer than a spreadsheet keeps, a date before 1 March 1900.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final
from xml.parsers import expat

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import WINDOWS_EPOCH

from adapters.local.sources.cellvalues import CELL_KIND, MOST_DIGITS, Unfit, number
from schemas.errors import declare

FORMULA = declare("E-SRC-056", "这一格是公式，而文件里没有它算出的值。", "请用表格软件打开后另存，或把公式换成值。")
EARLY_DATE = declare(
    "E-SRC-057",
    "这一格的日期早于 1900 年 3 月 1 日，各种软件读法不一。",
    "请核对：多半是数字被设成了日期格式；真是日期的，请改为文本。",
)

MOST_UNPACKED: Final = 256 * 2**20
MOST_TAGS: Final = 6_000_000
"""A cell is four to six of them; so many take openpyxl about half a minute, in which the county reads nothing else."""
MOST_PARTS: Final = 500
MOST_COLUMNS: Final = 500
MOST_CELL: Final = 32_767
"""Characters in one cell, by the format; openpyxl would cut the rest off."""
_CHUNK: Final = 64 * 1024
_XML: Final = (".xml", ".rels", ".vml")
_FORMULA: Final = re.compile(rb"<(?:[A-Za-z0-9_]+:)?f[ />]")
_FIRST_SURE_DAY: Final = datetime(1900, 3, 1)  # noqa: DTZ001 -- a cell has no zone
# ISO/IEC 29500-1, 22.9.2.19: characters that XML has no room for stand as _xHHHH_.
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TO_ESCAPE: Final = re.compile(r"[\x00-\x08\x0b-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")
_NO_XML: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
_NOT_OF_TIME: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')

Row = tuple[int, Sequence[object]]
"""Its number, and its cells: text, number, date, bool, None or `Unfit`."""


class NotReadable(Exception):  # noqa: N818 -- the reader of the file says which error it is
    """The file is no workbook, or not yet."""


class Hostile(Exception):  # noqa: N818 -- as above
    """The file holds a document type declaration."""


class TooLarge(Exception):  # noqa: N818 -- as above
    """The file goes beyond a bound."""

    def __init__(self, what: str, most: int) -> None:
        super().__init__(what)
        self.what = what
        self.most = most


class NotWritable(Exception):  # noqa: N818 -- as above
    """A text cannot stand in a cell; its argument says why."""


class Workbook:
    """The sheets of one file; `has_formulas` says whether any cell of it may hold one."""

    def __init__(self, data: bytes) -> None:
        """Open it. Raises NotReadable, Hostile or TooLarge; so does reading on."""
        with _readable():
            formulas = _demand_harmless(data)
            self._book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            self._raw = (
                openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
                if formulas
                else None
            )
            self.has_formulas = formulas
            self.sheets: Sequence[str] = [each.title for each in self._book.worksheets]

    def rows(self, sheet: str, most: int) -> tuple[Row | None, list[Row]]:
        """The first row that is not empty, and those below it as wide as that one, without the empty ones."""
        with _readable():
            page = self._page(self._book, sheet)
            head = next((row for row in self._rows(page, 1, MOST_COLUMNS + 1, most) if _filled(row)), None)
            if head is None:
                return None, []
            width = max(at for at, cell in enumerate(head[1], 1) if cell is not None)
            if width > MOST_COLUMNS:
                raise TooLarge("列", MOST_COLUMNS)
            rows = list(self._rows(page, head[0] + 1, width, most))
            if self._raw is not None:
                rows = [*self._uncomputed(sheet, rows, head[0] + 1, width)]
            return head, [row for row in rows if _filled(row)]

    def _page(self, book: Any, sheet: str) -> Any:
        page = book[sheet]
        page.reset_dimensions()  # what a file says of its own size is often wrong
        return page

    def _rows(self, page: Any, first: int, width: int, most: int) -> Iterator[Row]:
        for at, cells in enumerate(page.iter_rows(min_row=first, max_col=width), first):
            if at > most + 1:
                raise TooLarge("行", most)
            yield at, [self._value(cell) for cell in cells]

    def _uncomputed(self, sheet: str, rows: Sequence[Row], first: int, width: int) -> Iterator[Row]:
        """Formulas without a value look like empty cells; the file without values tells them apart."""
        raw = self._page(self._raw, sheet).iter_rows(min_row=first, max_col=width)
        for (at, cells), behind in zip(rows, raw, strict=True):
            yield (
                at,
                [
                    Unfit(FORMULA) if cell is None and formula.data_type == "f" else cell
                    for cell, formula in zip(cells, behind, strict=False)
                ],
            )

    def _value(self, cell: Any) -> object:
        value = cell.value
        if cell.data_type == "str" and value is None:
            return ""  # a formula whose value is the empty text
        if cell.data_type == "e":
            return Unfit(CELL_KIND, str(value)[:20])
        match value:
            case None | bool():
                return value
            case str():
                return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
            case int() | float():
                return number(value)
            case datetime():
                if value < _FIRST_SURE_DAY and self._book.epoch == WINDOWS_EPOCH:
                    return Unfit(EARLY_DATE, value.date().isoformat())
                timed = value.time() != time() or _timed(cell.number_format)
                return value if timed else value.date()
            case date():
                return value
            case time():
                return value.isoformat()
            case _:
                return Unfit(CELL_KIND, type(value).__name__)


class _readable:  # noqa: N801 -- used as a statement
    """Whatever the readers of zip and XML beneath openpyxl raise is NotReadable; its warnings are of styles."""

    def __enter__(self) -> None:
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        warnings.simplefilter("ignore")

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._warnings.__exit__(None, None, None)
        if isinstance(error, Exception) and not isinstance(error, NotReadable | Hostile | TooLarge):
            raise NotReadable(type(error).__name__) from error


def _filled(row: Row) -> bool:
    return any(cell is not None and cell != "" for cell in row[1])


def _timed(number_format: str) -> bool:
    shape = _NOT_OF_TIME.sub("", number_format).lower()
    return "h" in shape or "s" in shape


def _demand_harmless(data: bytes) -> bool:
    """Returns whether any sheet may hold a formula."""
    formulas, tags = False, 0
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = packed.infolist()
        if len(parts) > MOST_PARTS:
            raise TooLarge("部件", MOST_PARTS)
        # What is declared here binds: the zip reader gives out no more than that of any part.
        if sum(each.file_size for each in parts) > MOST_UNPACKED:
            raise TooLarge("字节（解压后）", MOST_UNPACKED)
        for each in parts:
            with packed.open(each) as stream:
                formula, count = _look_through(iter(lambda stream=stream: stream.read(_CHUNK), b""), each.filename)  # type: ignore[misc]
            formulas |= formula
            tags += count
            if tags > MOST_TAGS:
                raise TooLarge("XML 标记", MOST_TAGS)
    return formulas


def _look_through(chunks: Iterator[bytes], name: str) -> tuple[bool, int]:
    """Refuse a document type declaration, which stands before the first element; look for formulas, count the tags."""
    begun: list[bool] = []

    def refuse(*_: object) -> None:
        raise Hostile

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda *_: begun.append(True)
    formulas, tags, before = False, 0, b""
    for chunk in chunks:
        if not begun:
            try:
                parser.Parse(chunk, False)  # noqa: FBT003 -- expat takes it by position only
            except expat.ExpatError:
                if name.endswith(_XML) and not begun:
                    raise
                begun.append(True)  # a picture, whatever its name says: no reader of XML gets further than this
        formulas = formulas or bool(_FORMULA.search(before + chunk))
        tags += chunk.count(b"<")
        before = chunk[-40:]
    return formulas, tags


def written(sheet: str, columns: Sequence[str], row: Sequence[object]) -> bytes:
    """One sheet with a header and one row: text as text, whatever it looks like. Raises NotWritable."""
    return book_of({sheet: (columns, row)})


def book_of(sheets: Mapping[str, Sequence[Sequence[object]]], widths: Sequence[int] = (), *, mark: str = "") -> bytes:
    """Sheets of rows, the first of each its header, in columns so many characters wide. Raises NotWritable.

    A `mark` stands above and below every page that is printed of them.
    """
    ready = {  # before openpyxl opens anything
        name: [[_sayable(each) for each in line] for line in lines] for name, lines in sheets.items()
    }
    book = openpyxl.Workbook(write_only=True)
    for name, lines in ready.items():
        page = book.create_sheet(name)
        for edge in (page.oddHeader, page.oddFooter) if mark else ():
            edge.center.text = mark.replace("&", "&&")
        for at, width in enumerate(widths, 1):
            page.column_dimensions[get_column_letter(at)].width = width
        for line in lines:
            page.append([_text(page, each) if isinstance(each, str) else each for each in line])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _sayable(value: object) -> str | int | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**MOST_DIGITS:
        return value
    text = str(value)
    if wrong := _NO_XML.search(text):
        raise NotWritable(f"U+{ord(wrong[0]):04X}")
    text = _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    if len(text) > MOST_CELL:
        raise NotWritable(f"{len(text)} 个字符，最多 {MOST_CELL}")
    return text


def _text(page: Any, text: str) -> Any:
    cell = WriteOnlyCell(page, text)
    cell.data_type = "s"  # =1+1 and #N/A, too, are what somebody wrote
    cell.number_format = "@"
    return cell
