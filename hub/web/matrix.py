"""Who waits for whom, as a table that fits on a screen: counties where they are few, else provinces, the worst first.

A cell tells the age of its oldest message by a sign and in words; the colour only repeats it. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hub.web.traffic import PairRow
from pages.wording import mark as _
from schemas.divisions import register
from schemas.errors import YunhuobanError

MOST_SHOWN: Final = 10
PROVINCE_DIGITS: Final = 2
FRESH_SECONDS: Final = 60.0
# A window clerk waits about as long as this for an answer before asking somebody (design §9 has no measured figure).
LATE_SECONDS: Final = 300.0
_UNITS: Final = ((86400, _("{count} 天")), (3600, _("{count} 小时")), (60, _("{count} 分")), (1, _("{count} 秒")))
_LONG_NAMES: Final = ("内蒙古", "黑龙江")
REST: Final = ""
"""In the place of a code: everybody for whom there was no room."""


@dataclass(frozen=True, slots=True)
class Place:
    """One head of the table: a county, a province (two digits), or the rest."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What waits between two places."""

    count: int
    age_unit: str  # marked, with `count` in it: the largest unit says enough
    age_count: int
    tone: str
    sign: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """The table: rows are who sent, columns who has not signed yet."""

    sources: Sequence[Place]
    destinations: Sequence[Place]
    cells: Mapping[tuple[str, str], Cell]
    folded: bool
    count: int


def matrix(pairs: Sequence[PairRow], names: Mapping[str, str], now: datetime, most: int = MOST_SHOWN) -> Matrix:
    """Lay out these pairs, which come with the oldest first."""
    folded = max(len({row.source for row in pairs}), len({row.destination for row in pairs})) > most
    digits = PROVINCE_DIGITS if folded else None
    sources = _heads([row.source[:digits] for row in pairs], most)
    destinations = _heads([row.destination[:digits] for row in pairs], most)
    sums: dict[tuple[str, str], tuple[int, datetime]] = {}
    for row in pairs:
        source, destination = row.source[:digits], row.destination[:digits]
        key = (source if source in sources else REST, destination if destination in destinations else REST)
        count, oldest = sums.get(key, (0, row.oldest_at))
        sums[key] = (count + row.count, min(oldest, row.oldest_at))
    return Matrix(
        sources=[_place(code, names) for code in _with_rest(sources, [key[0] for key in sums])],
        destinations=[_place(code, names) for code in _with_rest(destinations, [key[1] for key in sums])],
        cells={key: _cell(key, count, (now - oldest).total_seconds()) for key, (count, oldest) in sums.items()},
        folded=folded,
        count=sum(row.count for row in pairs),
    )


def tone(age_seconds: float) -> tuple[str, str]:
    """How an age looks: tone and sign."""
    if age_seconds >= LATE_SECONDS:
        return "bad", "!"
    return ("wait", "…") if age_seconds >= FRESH_SECONDS else ("good", "✓")


def _heads(codes: Sequence[str], most: int) -> list[str]:
    """The first of these codes, each once: who waits longest comes first."""
    return list(dict.fromkeys(codes))[:most]


def _with_rest(heads: list[str], seen: Sequence[str]) -> list[str]:
    return [*heads, REST] if REST in seen else heads


def _place(code: str, names: Mapping[str, str]) -> Place:
    if len(code) != PROVINCE_DIGITS:
        return Place(code, names.get(code, code))
    try:
        name = register.known(f"{code}0000").name
        return Place(code, name[:3] if name.startswith(_LONG_NAMES) else name[:2])
    except YunhuobanError:
        return Place(code, code)


def _cell(key: tuple[str, str], count: int, age_seconds: float) -> Cell:
    source, destination = key
    shown, sign = tone(age_seconds)
    if REST not in key and len(source) > PROVINCE_DIGITS:
        href = f"/pairs/{source}/{destination}"
    else:
        href = f"/pairs?source={source}&destination={destination}"
    whole = max(1, int(age_seconds))
    size, unit = next(each for each in _UNITS if whole >= each[0])
    return Cell(count=count, age_unit=unit, age_count=whole // size, tone=shown, sign=sign, href=href)
