"""What is typed or uploaded about experts, read: one row is one expert. Pure.

A file is CSV as a spreadsheet writes it, in UTF-8 or GB18030, with `HEAD` as its first line; several professions or
categories stand in one cell, divided by 、.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.credit import CreditCode

FILE_ODD: Final = declare(
    "E-STATE-021",
    "专家名单读不出来：不是 CSV，表头不同，没有一行，或者多于 {expected} 行。",
    "请下载空表，照表头逐行填写后另存为 CSV（UTF-8）。",
)
CELL_ODD: Final = declare(
    "E-STATE-022", "专家名单第 {line} 行“{column}”没有填或不合要求。", "请改正这一格后重新提交；整份名单都还没有登记。"
)
MOST: Final = 500
MOST_BYTES: Final = 256 * 1024
FIELDS: Final[Mapping[str, str]] = {
    "expert_no": _("专家编号"),
    "name": _("姓名"),
    "telephone": _("电话"),
    "professions": _("专业"),
    "categories": _("评审类别"),
    "employer_code": _("工作单位统一社会信用代码"),
    "valid_from": _("聘期起"),
    "valid_to": _("聘期止"),
}
OPTIONAL: Final = frozenset({"employer_code", "valid_to"})
HEAD: Final = tuple(FIELDS.values())
_NUMBER: Final = re.compile(r"(?=[^0-9]*[0-9])[A-Z0-9-]{1,30}")
_PHONE: Final = re.compile(r"[0-9 +-]{5,20}")
_DIVIDED: Final = re.compile(r"[、;；,，]")
_NAME_CHARACTERS: Final = 30
_MOST_WORDS: Final = 20
_WORD_BYTES: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One expert: what goes into the directory, and what stays here."""

    record: Mapping[str, Any]
    name: str = field(repr=False)
    telephone: str = field(repr=False)


def of_file(data: bytes, county: str) -> list[Named]:
    """Every row of an uploaded list. Raises E-STATE-021, -022."""
    rows = _rows(data)
    if not rows or tuple(cell.strip() for cell in rows[0]) != HEAD or not 1 <= len(rows) - 1 <= MOST:
        raise YunhuobanError(FILE_ODD, place="file", expected=str(MOST))
    found = [of_row(_cells(row), county, line) for line, row in enumerate(rows[1:], 2)]
    numbers: set[str] = set()
    for line, each in enumerate(found, 2):
        if each.record["expert_no"] in numbers:
            raise _odd("expert_no", line)
        numbers.add(each.record["expert_no"])
    return found


def of_row(cells: Mapping[str, str], county: str, line: int = 1) -> Named:
    """One expert of these cells. Raises E-STATE-022; what was typed is not repeated."""
    said = {name: cells.get(name, "").strip() for name in FIELDS}
    for name, value in said.items():
        if not value and name not in OPTIONAL:
            raise _odd(name, line)
    if not _NUMBER.fullmatch(said["expert_no"]):
        raise _odd("expert_no", line)
    if len(said["name"]) > _NAME_CHARACTERS or any(each.isdecimal() for each in said["name"]):
        raise _odd("name", line)
    if not _PHONE.fullmatch(said["telephone"]):
        raise _odd("telephone", line)
    if said["employer_code"]:
        try:
            CreditCode.parse(said["employer_code"])
        except YunhuobanError:
            raise _odd("employer_code", line) from None
    valid_from, valid_to = _day(said, "valid_from", line), _day(said, "valid_to", line) if said["valid_to"] else None
    record = {
        "county": county,
        "expert_no": said["expert_no"],
        "professions": _words(said, "professions", line),
        "categories": _words(said, "categories", line),
        "employer_code": said["employer_code"],
        "valid_from": valid_from,
        "valid_to": valid_to,
        "withdrawn": False,
    }
    if valid_to is not None and valid_to < valid_from:
        raise _odd("valid_to", line)
    return Named(record=record, name=said["name"], telephone=said["telephone"])


def empty() -> bytes:
    """The empty list: its head, and a mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(HEAD)
    return out.getvalue().encode("utf-8-sig")


def _rows(data: bytes) -> Sequence[Sequence[str]]:
    if len(data) > MOST_BYTES:
        raise YunhuobanError(FILE_ODD, place="file", expected=str(MOST))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if any(map(str.strip, row))]
        except (UnicodeDecodeError, csv.Error):
            continue
    raise YunhuobanError(FILE_ODD, place="file", expected=str(MOST))


def _cells(row: Sequence[str]) -> Mapping[str, str]:
    return dict(zip(FIELDS, row, strict=False))


def _words(said: Mapping[str, str], name: str, line: int) -> list[str]:
    found = [word for each in _DIVIDED.split(said[name]) if (word := each.strip())]
    if not found or len(found) > _MOST_WORDS or any(len(each.encode()) > _WORD_BYTES for each in found):
        raise _odd(name, line)
    return list(dict.fromkeys(found))


def _day(said: Mapping[str, str], name: str, line: int) -> date:
    try:
        return date.fromisoformat(said[name].replace("/", "-"))
    except ValueError:
        raise _odd(name, line) from None


def _odd(name: str, line: int) -> YunhuobanError:
    return YunhuobanError(CELL_ODD, place=name, line=str(line), column=FIELDS[name])
