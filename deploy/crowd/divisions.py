"""Counties for the invented alliances: real codes and names, out of the table that python-stdnum carries.

Which counties they are is invented: the alliance's true list of members is not public.
"""

import re
from collections import defaultdict
from functools import cache
from importlib import resources
from typing import Final, NamedTuple, TypeVar

PROVINCES: Final = 25
PREFECTURES: Final = 85
COUNTIES: Final = 177
FIRST: Final = ("130928", "140881", "120102")
"""吴桥, 永济 and 天津河东: they stand in the articles that the product comes from."""
_LEFT_OUT: Final = frozenset({"31", "46", "50", "54", "63", "65", "71", "81", "82"})
_PROVINCE: Final = re.compile(r'(\d\d) province="(.*)"')
_COUNTY: Final = re.compile(r'\s+(\d{4}) county="(.*)"')
_CURRENT: Final = re.compile(r"(?:^|\[\d{4}-\])([^\[\],/]+)$")
_T = TypeVar("_T")


class County(NamedTuple):
    """One county with what its addresses need."""

    code: str
    name: str
    province: str
    prefecture: str


@cache
def members() -> tuple[County, ...]:
    """177 counties in 85 prefectures of 25 provinces, in the order of their codes; the same every time."""
    by_prefecture: dict[str, list[County]] = defaultdict(list)
    for each in _all():
        by_prefecture[each.code[:4]].append(each)
    by_province: dict[str, list[str]] = defaultdict(list)
    wanted = {code[:4] for code in FIRST}
    for prefecture in sorted(by_prefecture, key=lambda code: (code not in wanted, code)):
        by_province[prefecture[:2]].append(prefecture)
    provinces = [code for code in sorted(by_province) if code not in _LEFT_OUT][:PROVINCES]
    prefectures = _in_turn([by_province[code] for code in provinces], PREFECTURES)
    counties = [
        sorted(by_prefecture[code], key=lambda each: (each.code not in FIRST, each.code)) for code in prefectures
    ]
    return tuple(sorted(_in_turn(counties, COUNTIES)))


def _in_turn(lists: list[list[_T]], count: int) -> list[_T]:
    """The first of each, then the second of each, until there are so many."""
    found: list[_T] = []
    for round_ in range(max(map(len, lists))):
        found += [each[round_] for each in lists if len(each) > round_]
    return found[:count]


@cache
def _all() -> tuple[County, ...]:
    text = (resources.files("stdnum") / "cn" / "loc.dat").read_text(encoding="utf-8")
    province_code = province = ""
    names: dict[str, str] = {}
    found: list[County] = []
    for line in text.splitlines():
        if start := _PROVINCE.match(line):
            province_code, province = start.groups()
        elif row := _COUNTY.match(line):
            code, name = province_code + row[1], _CURRENT.search(row[2])
            if name is None or name[1] == "市辖区":
                continue
            if code.endswith("00"):
                names[code[:4]] = name[1]
            elif code[2:4] != "90":  # counties straight under a province belong to no prefecture
                found.append(County(code, name[1], province, names.get(code[:4], "")))
    return tuple(found)
