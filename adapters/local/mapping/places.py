"""Names of regions to codes and back, and addresses as they stand on a license.

The register of divisions is the contract's own (`schemas.divisions`); a name that two counties have is refused with
both of them, never guessed.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Final

from adapters.local.mapping.functions.plain import half_width, one_line
from schemas.divisions import register
from schemas.errors import YunhuobanError, declare

NO_DIVISION = declare(
    "E-MAP-019",
    "不是县级行政区划的代码或名称。",
    "请写六位代码，或从省写起的全称，例如 河北省沧州市吴桥县；重名的只写县名分不清。",
)

_CODE: Final = re.compile("([0-9]{6})(?:0{3}|0{6})?")
_LONGEST: Final = 60
_SHOWN: Final = 5
# A space that somebody typed between Chinese characters or before a house number separates nothing.
_NEEDLESS_SPACE: Final = re.compile(
    "(?<=[\u3400-\u9fff（）()]) +(?=[\u3400-\u9fff0-9（）()])|(?<=[0-9]) +(?=[号室栋幢楼层])"
)


def division(value: object) -> str:
    """Read a county's code of six, nine or twelve digits, or its name with or without those above it. Raises E-MAP-019.

    A code that was once in force stands; of names only those of today are known.
    """
    text = half_width(value)[:_LONGEST].replace(" ", "")
    if match := _CODE.fullmatch(text):
        try:
            found = register.known(match[1])
        except YunhuobanError:
            raise _no_division([]) from None
        if found.is_county:
            return found.code
        raise _no_division([])
    codes = _by_name().get(text, ())
    if len(codes) != 1:
        raise _no_division(codes)
    return codes[0]


def division_name(value: object) -> str:
    """Write a county's code as its full name, 河北省沧州市吴桥县. Raises E-MAP-019."""
    return register.full_name(register.known(division(value)))


def address(value: object) -> str:
    """Read an address as one line: ordinary digits and letters, no needless spaces."""
    return _NEEDLESS_SPACE.sub("", half_width(one_line(value)))


def _no_division(codes: Sequence[str]) -> YunhuobanError:
    several = "、".join(f"{register.full_name(register.known(code))}（{code}）" for code in codes[:_SHOWN])
    return YunhuobanError(NO_DIVISION, expected=several or "例如 130928、河北省沧州市吴桥县")


@cache
def _by_name() -> Mapping[str, Sequence[str]]:
    """The codes of today's counties by each way to write their names: with all, some or none of those above them."""
    found: dict[str, list[str]] = {}
    for county in register.counties(date.max):
        above = [each.name for each in register.parents(county)]
        ways = {"".join((*above[at:], county.name)) for at in range(len(above) + 1)}
        ways.add("".join((*above[:1], county.name)))
        for way in ways:
            found.setdefault(way, []).append(county.code)
    return found
