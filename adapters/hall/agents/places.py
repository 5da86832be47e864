"""Where in this county an application may begin: towns and villages by their twelve-digit codes, kept by hand or CSV.

The level is in the code (统计用区划代码: six digits for the county, three for the town, three for the village), so that
nobody has to say it. A CSV has a code and a name in each line, with or without a header, in UTF-8 or GB 18030.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from adapters.hall.agents.tables import CODE_DIGITS, NAME_CHARACTERS, places
from adapters.instants import to_millis
from schemas.errors import YunhuobanError, declare

WRONG: Final = declare(
    "E-AGENT-002",
    "区划代码应为十二位数字，以本县的六位代码开头，第七至九位不为 000；名称不能空，也不能超过六十字。",
    "请照统计用区划代码填写：乡镇的后三位是 000。",
)
NOT_READ: Final = declare(
    "E-AGENT-003",
    "名录文件读不出来：每行应是代码和名称两列，文件应为 UTF-8 或 GB 18030 的 CSV，至多五千行。",
    "请用表格软件另存为 CSV 再上传；什么也没有改动。",
)
MOST_BYTES: Final = 512 * 1024
_MOST: Final = 5000
_COUNTY, _TOWN = 6, 9
_columns: Final = places.c


class Level(StrEnum):
    """What a code names."""

    TOWN = "town"
    VILLAGE = "village"


@dataclass(frozen=True, slots=True)
class Place:
    """One of them."""

    code: str
    name: str

    @property
    def level(self) -> Level:
        """From the code."""
        return Level.TOWN if self.code.endswith("000") else Level.VILLAGE


def checked(county: str, code: str, name: str, *, at: str = "code") -> Place:
    """A place as it was typed. Raises E-AGENT-002."""
    code, name = code.strip(), name.strip()
    fits = code.isascii() and code.isdecimal() and len(code) == CODE_DIGITS and code.startswith(county)
    if not fits or code[_COUNTY:_TOWN] == "000" or not 0 < len(name) <= NAME_CHARACTERS or not name.isprintable():
        raise YunhuobanError(WRONG, place=at, found=code[:CODE_DIGITS], expected=f"{county}001001")
    return Place(code, name)


def of_csv(county: str, data: bytes) -> Sequence[Place]:
    """The places of a file, of one code the last line. Raises E-AGENT-003, or -002 with the line."""
    rows = _rows(data)
    if rows and not rows[0][0].strip().removeprefix("\ufeff").isdecimal():
        rows = rows[1:]  # a header
    found = {}
    for number, row in enumerate(rows, 1):
        if len(row) < 2:
            raise YunhuobanError(NOT_READ, place=f"CSV:{number}")
        place = checked(county, row[0].removeprefix("\ufeff"), row[1], at=f"CSV:{number}")
        found[place.code] = place
    if not found:
        raise YunhuobanError(NOT_READ, place="CSV:1")
    return list(found.values())


def listed(tx: Connection) -> Sequence[Place]:
    """All of them, a town before its villages."""
    return [Place(row.code, row.name) for row in tx.execute(select(places).order_by(_columns.code))]


def names(tx: Connection) -> Mapping[str, str]:
    """Code and name, as a form offers them."""
    return {each.code: each.name for each in listed(tx)}


def keep(tx: Connection, found: Sequence[Place], *, by: str, now: datetime) -> None:
    """Add these; of one that is there the name is changed."""
    for each in found:
        values = {"name": each.name, "changed_by": by, "changed_at": to_millis(now)}
        if tx.execute(update(places).where(_columns.code == each.code).values(**values)).rowcount == 0:
            tx.execute(insert(places).values(code=each.code, **values))


def remove(tx: Connection, code: str) -> None:
    """Offer it no more; what was taken there keeps its code."""
    tx.execute(delete(places).where(_columns.code == code))


def _rows(data: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if any(row)]
        except (UnicodeDecodeError, csv.Error):
            continue
        if len(rows) <= _MOST:
            return rows
    raise YunhuobanError(NOT_READ, place="CSV:1")
