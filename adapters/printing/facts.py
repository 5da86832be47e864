"""What an IPP Everywhere printer says of itself: make, trays with their sheets, toner, what it can print.

Source: RFC 8011 section 5.4, PWG 5100.14 (IPP Everywhere, section 5), PWG 5100.7 (media-col), PWG 5100.9 (markers).
Everything here came over a wire from a machine that nobody vouches for: a value of another kind than it should be is
left out, never guessed, and what is kept is short.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from adapters.printing.media import of_size

T = TypeVar("T")

MOST_VALUES: Final = 64
_LONGEST: Final = 120

DESCRIBING: Final = (
    "printer-make-and-model",
    "printer-info",
    "printer-location",
    "printer-uuid",
    "printer-firmware-string-version",
    "ipp-versions-supported",
    "document-format-supported",
    "sides-supported",
    "printer-resolution-supported",
    "color-supported",
    "media-source-supported",
)
LOADED: Final = (
    "media-supported",
    "media-ready",
    "media-col-ready",
    "marker-names",
    "marker-types",
    "marker-levels",
    "marker-low-levels",
    "marker-high-levels",
)


class Supply(StrEnum):
    """How much of a supply is left."""

    GOOD = "good"
    LOW = "low"
    EMPTY = "empty"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """Toner, ink, or a box for what is left of them (`waste-…`, which is bad when full)."""

    name: str
    kind: str
    percent: int | None  # None: the printer does not count
    supply: Supply


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedTray:
    """One tray with paper in it: the keyword of `media-source`, and the sheet by name, or by size in millimetres."""

    source: str
    media: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What does not change from job to job."""

    make: str
    info: str
    location: str
    uuid: str
    firmware: str
    versions: tuple[str, ...]
    formats: tuple[str, ...]
    sides: tuple[str, ...]
    resolutions: tuple[str, ...]  # 600dpi, or 600x1200dpi
    colour: bool
    sources: tuple[str, ...]


def description(told: Mapping[str, Any]) -> Description:
    """Read it; what is missing or odd is empty."""
    return Description(
        make=text(told, "printer-make-and-model"),
        info=text(told, "printer-info"),
        location=text(told, "printer-location"),
        uuid=text(told, "printer-uuid"),
        firmware=text(told, "printer-firmware-string-version"),
        versions=words(told, "ipp-versions-supported"),
        formats=words(told, "document-format-supported"),
        sides=words(told, "sides-supported"),
        resolutions=tuple(_resolution(each) for each in _values(told, "printer-resolution-supported", tuple)),
        colour=told.get("color-supported") is True,
        sources=words(told, "media-source-supported"),
    )


def trays(told: Mapping[str, Any]) -> tuple[LoadedTray, ...]:
    """The trays that have paper, as `media-col-ready` lists them."""
    found = []
    for column in _values(told, "media-col-ready", dict):
        size = column.get("media-size")
        width, length = (size.get("x-dimension"), size.get("y-dimension")) if isinstance(size, dict) else (None, None)
        if isinstance(width, int) and isinstance(length, int):
            media = of_size(width, length)
            sheet = media.value if media else f"{width / 100:g}×{length / 100:g} mm"
            found.append(LoadedTray(source=text(column, "media-source"), media=sheet))
    return tuple(found)


def markers(told: Mapping[str, Any]) -> tuple[Marker, ...]:
    """Toner and its kin; four lists of equal order, of which a printer may leave out any but the levels."""
    levels = _values(told, "marker-levels", int)
    names, kinds = words(told, "marker-names"), words(told, "marker-types")
    low, high = _values(told, "marker-low-levels", int), _values(told, "marker-high-levels", int)
    return tuple(
        Marker(
            name=_at(names, index, ""),
            kind=_at(kinds, index, ""),
            percent=level if 0 <= level <= 100 else None,
            supply=_supply(level, _at(kinds, index, ""), _at(low, index, 10), _at(high, index, 95)),
        )
        for index, level in enumerate(levels)
    )


def words(told: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The texts of an attribute, one or several."""
    return tuple(each[:_LONGEST] for each in _values(told, name, str) if each)


def text(told: Mapping[str, Any], name: str) -> str:
    """One text, printable, of a length that fits a line."""
    first = next(iter(words(told, name)), "")
    return "".join(each for each in first if each.isprintable())


def _values(told: Mapping[str, Any], name: str, kind: type[T]) -> list[T]:
    value = told.get(name)
    values: Iterable[Any] = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, kind) and not (kind is int and isinstance(each, bool))][
        :MOST_VALUES
    ]


def _at(values: Sequence[T], index: int, otherwise: T) -> T:
    return values[index] if index < len(values) else otherwise


def _supply(level: int, kind: str, low: int, high: int) -> Supply:
    """PWG 5100.9 section 4: -1 and -2 say nothing, -3 that some is left; a box for waste counts upwards."""
    if level == -3:
        return Supply.GOOD
    if not 0 <= level <= 100:
        return Supply.UNKNOWN
    if kind.startswith("waste"):
        return Supply.EMPTY if level >= 100 else Supply.LOW if level >= high else Supply.GOOD
    return Supply.EMPTY if level == 0 else Supply.LOW if level <= max(low, 1) else Supply.GOOD


def _resolution(told: tuple[Any, ...]) -> str:
    across, along, unit = (*told, 3, 3, 3)[:3]
    name = "dpi" if unit == 3 else "dpcm"  # RFC 8010: 3 per inch, 4 per centimetre
    return f"{across}{name}" if across == along else f"{across}x{along}{name}"
