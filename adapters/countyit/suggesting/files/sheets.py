"""Files with a header and rows below it: CSV in either encoding, and the sheets of a workbook."""

import csv
import io
from collections.abc import Sequence
from typing import Final

from adapters.countyit.suggesting.seen import SAMPLE_ROWS, Table
from adapters.local.mapping.functions.plain import trim
from adapters.local.sources.cellvalues import Unfit
from adapters.local.workbooks import Hostile, NotReadable, TooLarge, Workbook

_ENCODINGS: Final = ("utf-8", "gb18030")
_MOST_ROWS: Final = 100_000
_MOST_SHEETS: Final = 20


def of_csv(data: bytes, name: str) -> Sequence[Table]:
    """The header and the first rows; nothing when there is no header in either encoding."""
    whole = data[: data.rfind(b"\n") + 1] or data
    for encoding in _ENCODINGS:
        try:
            text = whole.decode("utf-8-sig" if encoding == "utf-8" else encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
        try:
            rows = csv.reader(io.StringIO(text, newline=""), strict=True)
            header = [trim(cell) for cell in next(rows, [])]
            columns = list(dict.fromkeys(cell for cell in header if cell and sayable(cell)))
            read = [dict(zip(header, row, strict=True)) for row in rows if len(row) == len(header)]
        except csv.Error:
            return []
        return [Table(name=name, columns=columns, rows=read[:SAMPLE_ROWS], encoding=encoding)] if columns else []
    return []


def of_workbook(data: bytes, name: str) -> Sequence[Table]:
    """Each sheet with a header; the first one goes by the name of the file."""
    found: list[Table] = []
    try:
        book = Workbook(data)
        for at, sheet in enumerate(book.sheets[:_MOST_SHEETS]):
            head, rows = book.rows(sheet, _MOST_ROWS)
            header = [trim(cell) if isinstance(cell, str) else "" for cell in head[1]] if head else []
            columns = list(dict.fromkeys(cell for cell in header if cell and sayable(cell)))
            if not columns or not sayable(sheet):
                continue
            read = [
                {column: _plain(cell) for column, cell in zip(header, cells, strict=False) if column}
                for _, cells in rows[:SAMPLE_ROWS]
            ]
            # A sheet may be called like the file; the mapping tells them apart by name.
            called = name if at == 0 else sheet if sheet != name else f"{sheet}-{at + 1}"
            found.append(Table(name=called, columns=columns, rows=read, place=sheet))
    except (NotReadable, Hostile, TooLarge):
        return []
    return found


def _plain(cell: object) -> object:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return None if isinstance(cell, Unfit) else cell


def sayable(name: str) -> bool:
    """Whether a name can stand in a mapping: text without control characters or broken bytes."""
    return bool(name.strip()) and name.isprintable()
