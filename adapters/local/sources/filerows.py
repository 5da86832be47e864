"""What files of every form have in common: how they are recognised, how a row becomes a record, what may be wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from adapters.local.mapping.functions.plain import half_width
from adapters.local.mapping.records import MappingFailed
from adapters.local.sources import LocalRecord
from schemas.errors import YunhuobanError, declare

HEADER_UNFIT = declare(
    "E-SRC-033", "文件的表头缺少列“{missing}”，或该列出现了两次。", "请核对表头：第一行应为列名，编码应为 {encoding}。"
)
BAD_BYTES = declare("E-SRC-034", "单元格里有不是 {encoding} 编码的字节。", "请用 {encoding} 编码重新导出该文件。")
KEY_EMPTY = declare("E-SRC-037", "该行的“{column}”列为空，不能识别这条记录。", "请在本地系统补上后重新导出。")
NOT_WELL_FORMED = declare(
    "E-SRC-051",
    "文件没有写完，或者不是合格的 {form} 文件。",
    "请让本地系统重新导出；写的时候先用 .tmp 结尾的文件名，写完再改名。",
)
BEYOND = declare("E-SRC-053", "文件超出了界限。", "请分成几个文件导出，并删去末尾的空行空列和无关的内容。")

MOST_ROWS: Final = 100_000
MOST_TOLD: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRule:
    """How one kind of file is recognised and read."""

    kind: str
    pattern: str
    columns: Sequence[str]
    """Columns that must be there, in any order; further ones are read, too."""
    key: Sequence[str]
    optional: Sequence[str] = ()
    """Those of `columns` that a row may leave out, where each row names its own."""
    rows: str = ""
    """Where in the file the rows are: a sheet, or a path of names joined by dots. Empty: at the top."""
    children: Mapping[str, str] = field(default_factory=dict)
    """Rows that belong to a row: name to a path within the row, or further sheet to its column with the row's key."""


Found = LocalRecord | YunhuobanError
"""What came of one row."""


@dataclass(frozen=True, slots=True)
class Content:
    """What one file holds, row by row."""

    rows: Sequence[Found]
    finished: bool
    """False while the file looks as if its writer were still at it."""


def named_columns(columns: Sequence[str], found: Sequence[str]) -> list[str]:
    """The names of a header; full-width and half-width brackets are the same here, as on paper."""
    names = {half_width(column): column for column in columns}
    read = [half_width(name) for name in found]
    return [names.get(name, name) for name in read]


def keyed(
    rule: FileRule,
    row: Mapping[str, object],
    place: str,
    children: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
) -> LocalRecord | YunhuobanError:
    """The record of a row, known by the cells of its key; E-SRC-037 for each of them that is empty."""
    parts = [half_width(row[column]) for column in rule.key]
    empty = [column for column, part in zip(rule.key, parts, strict=True) if not part]
    if empty:
        return together([key_empty(column, place) for column in empty], place)
    key = "|".join((rule.kind, *parts))
    return LocalRecord(kind=rule.kind, key=key, row=row, place=place, children=children or {})


def together(problems: Sequence[YunhuobanError], place: str) -> YunhuobanError:
    """What is wrong with a row as one error: the only problem itself, several as one that holds each of them once.

    Of a row that is nothing but wrong the first hundred are enough to see that.
    """
    found = list({(each.code.code, each.place): each for each in problems}.values())[:MOST_TOLD]
    return found[0] if len(found) == 1 else MappingFailed(found, place=place)


def key_empty(column: str, place: str) -> YunhuobanError:
    """A row that cannot be told from others."""
    return YunhuobanError(KEY_EMPTY, place=f"{place} “{column}”列", column=column)


def header_unfit(missing: Sequence[str], header: Sequence[str], encoding: str, place: str) -> YunhuobanError:
    """A header that lacks columns, or has them twice."""
    return YunhuobanError(
        HEADER_UNFIT,
        place=place,
        found="，".join(header)[:200],
        expected="，".join(missing),
        missing="、".join(missing),
        encoding=encoding.upper(),
    )


def bad_bytes(place: str, found: str, encoding: str) -> YunhuobanError:
    """A cell whose bytes are not of the encoding."""
    upper = encoding.upper()
    return YunhuobanError(BAD_BYTES, place=place, found=found, expected=upper, encoding=upper)


def beyond(place: str, what: str, most: int) -> Content:
    """A file that goes beyond a bound is read no further."""
    return Content([YunhuobanError(BEYOND, place=place, found=what, expected=f"最多 {most}")], finished=True)


def not_well_formed(form: str, place: str, found: str) -> Content:
    """A file that breaks off or is of another form: it may still become one."""
    return Content([YunhuobanError(NOT_WELL_FORMED, place=place, found=found, form=form)], finished=False)
