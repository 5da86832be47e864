"""The catalogue as a folder with one CSV file per sheet: UTF-8 with or without a byte order mark, or GB18030.

Written with the mark, by which a spreadsheet knows the encoding.
"""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hub.catalogue import files
from hub.catalogue.files import ENCODING_UNKNOWN, FILE_UNREADABLE
from hub.catalogue.reading import Progress, RawSheet
from hub.catalogue.rows import headings, sheet_rows
from hub.catalogue.sheets import SHEETS
from hub.catalogue.troubles import Troubles
from schemas.catalogue.model import Entity
from schemas.errors import YunhuobanError

_MOST_FILES: Final = 30


def read(folder: Path, troubles: Troubles, progress: Progress = lambda _: None) -> list[RawSheet]:
    """The sheets of a folder: every file `*.csv` in it is one. What is wrong with a single file is noted.

    Told `progress` rows read. Raises E-CAT-030 when there is none, -031 for more than the bounds.
    """
    try:
        found = sorted(each for each in folder.iterdir() if each.suffix.lower() == ".csv" and each.is_file())
    except OSError as error:
        raise YunhuobanError(FILE_UNREADABLE, place=folder.name, found=type(error).__name__) from error
    if not found:
        raise YunhuobanError(FILE_UNREADABLE, place=folder.name, expected="*.csv")
    if len(found) > _MOST_FILES:
        raise files.too_large(folder.name, "files", _MOST_FILES)
    sheets: list[RawSheet] = []
    for each in found:
        try:
            sheets.append(_sheet(each))
            progress(len(sheets[-1].rows))
        except YunhuobanError as error:
            troubles.add(error, each.name)
            sheets.append(RawSheet(name=each.stem, headings=(), rows=(), readable=False))
    return sheets


def write(folder: Path, entities: Mapping[str, Entity]) -> None:
    """Write a file for each sheet. Raises E-CAT-035 when one of them is there."""
    paths = {sheet.name: folder / f"{sheet.name}.csv" for sheet in SHEETS}
    files.demand_free(*paths.values())
    folder.mkdir(parents=True, exist_ok=True)
    for sheet in SHEETS:
        with paths[sheet.name].open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(headings(sheet))
            writer.writerows(sheet_rows(sheet, entities))


def _sheet(path: Path) -> RawSheet:
    files.demand_size(path)
    try:
        text = _decoded(path.read_bytes())
    except OSError as error:
        raise YunhuobanError(FILE_UNREADABLE, found=type(error).__name__) from error
    heads: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            if number > files.MOST_ROWS:
                raise files.too_large(path.name, "rows", files.MOST_ROWS)
            if number == 1:
                heads = cells
            elif any(cell.strip() for cell in cells):
                rows.append((number, cells))
    except csv.Error as error:
        raise YunhuobanError(FILE_UNREADABLE, found=type(error).__name__) from error
    return RawSheet(name=path.stem, headings=heads, rows=rows)


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise YunhuobanError(ENCODING_UNKNOWN)
