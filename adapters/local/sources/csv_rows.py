"""Takes the bytes of one CSV file (RFC 4180) apart into records, and into problems with row, column and byte.

No byte of a GB18030 or UTF-8 character is a comma, a quotation mark or a line break, so a file can be taken apart
before it is decoded: a wrong byte spoils its own cell only. After a bad row reading goes on at the next line.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.local.sources import LocalRecord
from adapters.local.sources.filerows import Content, FileRule, bad_bytes, header_unfit, keyed, named_columns, together
from schemas.errors import YunhuobanError, declare

NOT_FINISHED = declare(
    "E-SRC-032",
    "文件没有写完：末尾没有换行。",
    "请让本地系统重新导出；写的时候先用 .tmp 结尾的文件名，写完再改名。",
)
COLUMN_COUNT = declare(
    "E-SRC-035", "该行的列数与表头不同。", "请检查该行的逗号和引号；内容中有逗号的单元格要加英文双引号。"
)
ROW_UNREADABLE = declare("E-SRC-036", "该行不能按 CSV 读出。", "请检查该行的引号是否成对，以及单元格是否过长。")
_BOMS: Final = {b"\xef\xbb\xbf": "utf-8", b"\x84\x31\x95\x33": "gb18030"}


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
                return Content([header_unfit(missing, header, encoding, where)], finished)
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
    return named_columns(rule.columns, [cell.encode("latin-1").decode(encoding, "replace") for cell in cells])


def _record(
    rule: FileRule, header: Sequence[str], cells: Sequence[str], encoding: str, place: str
) -> LocalRecord | YunhuobanError:
    row: dict[str, object] = {}
    problems: list[YunhuobanError] = []
    for column, cell in zip(header, cells, strict=True):
        data = cell.encode("latin-1")
        try:
            row[column] = data.decode(encoding)
        except UnicodeDecodeError as error:
            found = f"第 {error.start + 1} 个字节 0x{data[error.start]:02X}"
            problems.append(bad_bytes(f"{place} “{column}”列", found, encoding))
    return together(problems, place) if problems else keyed(rule, row, place)
