"""Takes the bytes of one CSV file (RFC 4180) apart into records, and into problems with row, column and byte.

No byte of a GB18030 or UTF-8 character is a comma, a quotation mark or a line break, so a file can be taken apart
before it is decoded: a wrong byte spoils its own cell only. After a bad row reading goes on at the next line.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.mapping.functions import half_width
from adapters.sources import LocalRecord
from schemas.errors import YunhuobanError, declare

NOT_FINISHED = declare(
    "E-SRC-032",
    "文件没有写完：末尾没有换行。",
    "请让本地系统重新导出；写的时候先用 .tmp 结尾的文件名，写完再改名。",
)
HEADER_UNFIT = declare(
    "E-SRC-033", "文件的表头缺少列“{missing}”，或该列出现了两次。", "请核对表头：第一行应为列名，编码应为 {encoding}。"
)
BAD_BYTES = declare("E-SRC-034", "单元格里有不是 {encoding} 编码的字节。", "请用 {encoding} 编码重新导出该文件。")
COLUMN_COUNT = declare(
    "E-SRC-035", "该行的列数与表头不同。", "请检查该行的逗号和引号；内容中有逗号的单元格要加英文双引号。"
)
ROW_UNREADABLE = declare("E-SRC-036", "该行不能按 CSV 读出。", "请检查该行的引号是否成对，以及单元格是否过长。")
KEY_EMPTY = declare("E-SRC-037", "该行的“{column}”列为空，不能识别这条记录。", "请在本地系统补上后重新导出。")

_BOMS: Final = {b"\xef\xbb\xbf": "utf-8", b"\x84\x31\x95\x33": "gb18030"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRule:
    """How one kind of file is recognised and read."""

    kind: str
    pattern: str
    columns: Sequence[str]
    """Columns that must be there, in any order; further ones are read, too."""
    key: Sequence[str]


@dataclass(frozen=True, slots=True)
class Content:
    """What one file holds, row by row."""

    rows: Sequence[LocalRecord | YunhuobanError]
    finished: bool
    """False while the file looks as if its writer were still at it."""


@dataclass(slots=True)
class _Row:
    cells: list[str] | None
    """None when it cannot be read."""
    lines: int
    open_end: bool
    """Whether a quotation mark was still open at the end of the file."""


def parse(data: bytes, rule: FileRule, encoding: str, place: str) -> Content:
    """Take a file apart; the place of each row is `place` and its line number."""
    if not data.endswith(b"\n"):
        return Content([YunhuobanError(NOT_FINISHED, place=place)], finished=False)
    for bom, name in _BOMS.items():
        if data.startswith(bom):
            data, encoding = data[len(bom) :], name
    lines = [line.decode("latin-1") + "\n" for line in data.split(b"\n")[:-1]]
    rows: list[LocalRecord | YunhuobanError] = []
    header: list[str] | None = None
    finished, at = True, 0
    while at < len(lines):
        row, where = _next(lines, at), f"{place} 第 {at + 1} 行"
        finished &= not row.open_end
        at += row.lines if row.cells is not None else 1
        if row.cells is None:
            rows.append(YunhuobanError(ROW_UNREADABLE, place=where))
        elif not any(row.cells):
            continue
        elif header is None:
            header = _header(rule, row.cells, encoding)
            if missing := [name for name in rule.columns if header.count(name) != 1]:
                return Content([_unfit(missing, header, encoding, where)], finished)
        elif len(row.cells) != len(header):
            found, expected = str(len(row.cells)), str(len(header))
            rows.append(YunhuobanError(COLUMN_COUNT, place=where, found=found, expected=expected))
            at += 1 - row.lines  # an open quotation mark may have swallowed good rows
        else:
            rows.append(_record(rule, header, row.cells, encoding, where))
    return Content(rows, finished)


def _next(lines: Sequence[str], at: int) -> _Row:
    """Read one row, which may span lines inside quotation marks."""
    ended = False

    def following() -> Iterator[str]:
        nonlocal ended
        for number in range(at, len(lines)):
            yield lines[number]
        ended = True

    reader = csv.reader(following(), strict=True)
    try:
        cells = next(reader)
    except csv.Error:
        return _Row(None, 1, ended)
    return _Row(cells, reader.line_num, open_end=False)


def _header(rule: FileRule, cells: Sequence[str], encoding: str) -> list[str]:
    """Read the column names; full-width and half-width brackets are the same here, as on paper."""
    names = {half_width(column): column for column in rule.columns}
    read = [half_width(cell.encode("latin-1").decode(encoding, "replace")) for cell in cells]
    return [names.get(name, name) for name in read]


def _record(
    rule: FileRule, header: Sequence[str], cells: Sequence[str], encoding: str, place: str
) -> LocalRecord | YunhuobanError:
    row: dict[str, object] = {}
    for column, cell in zip(header, cells, strict=True):
        data = cell.encode("latin-1")
        try:
            row[column] = data.decode(encoding)
        except UnicodeDecodeError as error:
            found = f"第 {error.start + 1} 个字节 0x{data[error.start]:02X}"
            return YunhuobanError(
                BAD_BYTES,
                place=f"{place} “{column}”列",
                found=found,
                expected=encoding.upper(),
                encoding=encoding.upper(),
            )
    parts = [half_width(row[column]) for column in rule.key]
    for column, part in zip(rule.key, parts, strict=True):
        if not part:
            return YunhuobanError(KEY_EMPTY, place=f"{place} “{column}”列", column=column)
    return LocalRecord(kind=rule.kind, key="|".join((rule.kind, *parts)), row=row, place=place)


def _unfit(missing: Sequence[str], header: Sequence[str], encoding: str, place: str) -> YunhuobanError:
    return YunhuobanError(
        HEADER_UNFIT,
        place=place,
        found="，".join(header)[:200],
        expected="，".join(missing),
        missing="、".join(missing),
        encoding=encoding.upper(),
    )
