"""In which unit a column of amounts is kept: what its name or comment says, what its values are.

Taken for the wrong one, 200 万元 become 200 元. So a person is asked wherever nothing states the unit, and where what
is stated does not go with the values.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Final

from adapters.countyit.suggesting.names import UNIT_TAIL
from adapters.countyit.suggesting.proposal import Column

_PLAIN: Final = re.compile(r"[¥￥]?([0-9][0-9,]*(?:\.[0-9]+)?)")
# A county registers companies of 1万 to 10亿 yuan: below the first a number of yuan is as rare as, above the second,
# one of ten thousand yuan.
_FEW_YUAN: Final = 10_000
_MANY_WAN: Final = 100_000


@dataclass(frozen=True, slots=True)
class Unit:
    """The functions that read a column of amounts, and why these."""

    via: Sequence[str]
    reason: str
    sure: bool


def unit_of(column: Column) -> Unit:
    """The unit of a column of amounts; not sure where a person has to look."""
    said = column.name + (column.table.comments.get(column.name) or "")
    tail = match[1].lower() if (match := UNIT_TAIL.search(column.name)) else ""
    plain = _plain(column.evidence.texts)
    if "万" in said or tail.startswith("w"):
        against = bool(plain) and min(plain) >= _MANY_WAN
        return Unit(("wan_yuan",), "写明单位是万元" + ("，但数值大得像元" if against else ""), sure=not against)
    if "元" in said or tail:
        against = bool(plain) and max(plain) < _FEW_YUAN
        return Unit(("yuan",), "写明单位是元" + ("，但数值小得像万元" if against else ""), sure=not against)
    if not column.evidence.texts:
        return Unit(("yuan",), "看不出单位是元还是万元", sure=False)
    if not plain:
        return Unit(("yuan",), "每个值写明了单位；没有写明的按元读", sure=True)
    if min(plain) >= _MANY_WAN:
        return Unit(("yuan",), "没有写明单位，按数值大小是元", sure=True)
    if median(plain) < _FEW_YUAN:
        return Unit(("wan_yuan",), "没有写明单位，按数值大小像万元，也可能是元", sure=False)
    return Unit(("yuan",), "没有写明单位，按数值大小像元，也可能是万元", sure=False)


def _plain(texts: Sequence[str]) -> list[Decimal]:
    """The values that are only a number; all others name their unit or are written in words."""
    return [Decimal(match[1].replace(",", "")) for each in texts if (match := _PLAIN.fullmatch(each.replace(" ", "")))]
