"""What a cell of a spreadsheet, of JSON or of XML may hold, and what cannot be believed of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from typing import Final

from adapters.local.sources.filerows import BEYOND, bad_bytes
from schemas.errors import Code, YunhuobanError, declare

CELL_KIND = declare("E-SRC-054", "这里不是文字、数字、日期或是否。", "请在本地系统改正后重新导出。")
DIGITS_LOST = declare("E-SRC-055", "数字太长，多出的位数可能已经丢失。", "请把该列改为文本（号码都用文本）后重新导出。")

MOST_DIGITS: Final = 15
"""A spreadsheet and many JSON readers keep no more of a number; a longer one has to be text."""
MOST_CHARACTERS: Final = 128 * 1024
"""In one cell: as many as the CSV reader takes."""
_LOST: Final = "\ufffd"


@dataclass(frozen=True, slots=True)
class Unfit:
    """In the place of a value that cannot be read."""

    code: Code
    found: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    def at(self, place: str) -> YunhuobanError:
        """As a person reads it."""
        return YunhuobanError(self.code, place=place, found=self.found, **self.params)


def number(value: float) -> int | Decimal | Unfit:
    """A number with as many digits as are sure; one that has more is unfit."""
    if not isfinite(value) or abs(value) >= 10**MOST_DIGITS:
        return Unfit(DIGITS_LOST, "数字")
    if isinstance(value, int):
        return value
    found = Decimal(format(Decimal(f"{value:.{MOST_DIGITS}g}"), "f"))
    return int(found) if found == found.to_integral_value() else found


def text_problem(text: str, encoding: str, place: str) -> YunhuobanError | None:
    """What is wrong with a text: too long, or characters that were lost on the way."""
    if len(text) > MOST_CHARACTERS:
        found, expected = f"{len(text)} 个字符", f"最多 {MOST_CHARACTERS}"
        return YunhuobanError(BEYOND, place=place, found=found, expected=expected)
    lost = next((each for each in text if each == _LOST or "\ud800" <= each <= "\udfff"), None)
    return None if lost is None else bad_bytes(place, f"U+{ord(lost):04X}", encoding)
