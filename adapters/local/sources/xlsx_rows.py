"""Takes the bytes of one XLSX file apart: a sheet with a header holds its rows, further sheets what belongs to them.

The rows of a further sheet are joined by its column with the key of the row. One of them that cannot be read keeps its
record back: half an application is none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from adapters.local.mapping.functions.plain import half_width
from adapters.local.sources import LocalRecord
from adapters.local.sources.cellvalues import Unfit, text_problem
from adapters.local.sources.filerows import (
    MOST_ROWS,
    Content,
    FileRule,
    beyond,
    header_unfit,
    key_empty,
    keyed,
    named_columns,
    not_well_formed,
    together,
)
from adapters.local.sources.xml_rows import FORBIDDEN
from adapters.local.workbooks import Hostile, NotReadable, TooLarge, Workbook
from schemas.errors import YunhuobanError, declare

NO_SHEET = declare("E-SRC-060", "工作簿里没有映射所说的工作表。", "请核对工作表的名称和 mapping.toml。")
CHILD_ALONE = declare("E-SRC-062", "该行不属于任何一条记录。", "请核对该行的“{column}”列：它应当是某条记录的编号。")
OTHER_WORKBOOK = declare("E-SRC-063", "这是旧格式（.xls）或加了密码的工作簿。", "请另存为不加密码的 .xlsx 后重新导出。")

_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UNICODE: Final = "UTF-8"


@dataclass(slots=True)
class _Sheet:
    name: str
    place: str
    header: list[str] = field(default_factory=list)
    rows: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    """Place and cells."""


def parse(data: bytes, rule: FileRule, place: str) -> Content:
    """Take a file apart; the place of each row is `place`, its sheet and its number."""
    if data.startswith(_COMPOUND):
        return Content([YunhuobanError(OTHER_WORKBOOK, place=place)], finished=True)
    try:
        book = Workbook(data)
        main = rule.rows or next(iter(book.sheets), "")
        for name in (main, *rule.children):
            if name not in book.sheets:
                found = "，".join(book.sheets)[:200]
                return Content([YunhuobanError(NO_SHEET, place=place, found=found, expected=name)], finished=True)
        sheet = _sheet(book, main, rule.columns, place)
        inner = {name: _sheet(book, name, [column], place) for name, column in rule.children.items()}
    except TooLarge as error:
        return beyond(place, error.what, error.most)
    except Hostile:
        return Content([YunhuobanError(FORBIDDEN, place=place, found="DOCTYPE")], finished=True)
    except NotReadable as error:
        return not_well_formed("XLSX", place, str(error))
    for each, columns in ((sheet, rule.columns), *((inner[name], [column]) for name, column in rule.children.items())):
        if missing := [column for column in columns if each.header.count(column) != 1]:
            return Content([header_unfit(missing, each.header, _UNICODE, each.place)], finished=True)
    return Content([*_joined(rule, sheet, inner)], finished=True)


def _sheet(book: Workbook, name: str, columns: Sequence[str], place: str) -> _Sheet:
    head, rows = book.rows(name, MOST_ROWS)
    sheet = _Sheet(name, f"{place} 工作表“{name[:60]}”")
    if head is not None:
        sheet.header = named_columns(columns, [cell if isinstance(cell, str) else "" for cell in head[1]])
        for number, cells in rows:
            named = {name: cell for name, cell in zip(sheet.header, cells, strict=False) if name}
            sheet.rows.append((f"{sheet.place} 第 {number} 行", named))
    return sheet


def _joined(rule: FileRule, sheet: _Sheet, inner: Mapping[str, _Sheet]) -> list[LocalRecord | YunhuobanError]:
    found: list[LocalRecord | YunhuobanError] = []
    keys = {_key(row, rule.key[0]) for _, row in sheet.rows} if inner else set()
    children: dict[str, dict[str, list[dict[str, object]]]] = {}
    broken: dict[str, YunhuobanError] = {}
    for name, column in rule.children.items():
        for place, row in inner[name].rows:
            key, problem = _key(row, column), _problem(row, place)
            if not key:
                found.append(problem or key_empty(column, place))
            elif key not in keys:
                found.append(YunhuobanError(CHILD_ALONE, place=f"{place} “{column}”列", column=column))
            elif problem is not None:
                broken.setdefault(key, problem)
            else:
                children.setdefault(key, {}).setdefault(name, []).append(_plain(row))
    for place, row in sheet.rows:
        key = _key(row, rule.key[0]) if inner else ""
        problem = _problem(row, place) or broken.get(key)
        belonging = {name: children.get(key, {}).get(name, []) for name in rule.children}
        found.append(problem or keyed(rule, _plain(row), place, belonging))
    return found


def _key(row: Mapping[str, object], column: str) -> str:
    value = row.get(column)
    return "" if isinstance(value, Unfit | bool) else half_width(value)


def _problem(row: Mapping[str, object], place: str) -> YunhuobanError | None:
    problems: list[YunhuobanError] = []
    for column, value in row.items():
        where = f"{place} “{column[:60]}”列"
        if isinstance(value, Unfit):
            problems.append(value.at(where))
        elif isinstance(value, str) and (problem := text_problem(value, _UNICODE, where)):
            problems.append(problem)
    return together(problems, place) if problems else None


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in row.items()}
