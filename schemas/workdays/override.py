"""What is said of the calendar beyond the ordinary week: days off, days of work, published years, hall hours.

The same record is the country's published calendar (`published`), a later notice of the State Council, a holiday of
one region (广西三月三, 藏历年) and the hours of one hall. A rule stands for a division and all that lies in it; the
narrower division wins, and of two rules for the same the one imported later.

Its encoding is canonical CSV: the same bytes for the same rules, readable by people and by `overridefile.decode`.
"""

import csv
import io
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeVar

from schemas.workdays.hours import Span, format_hours

DAY, ARRANGEMENT, DIVISION, HOURS, NOTE = COLUMNS = ("日期", "安排", "行政区划代码", "办公时间", "说明")
OFF, WORK, WHOLE_YEAR, HALL_HOURS = ARRANGEMENTS = ("休息", "上班", "全年已公布", "办公时间")
WEEKDAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
COUNTRY: Final = ""
"""Stands where a division code would, for the whole country."""
MOST_NOTE_CHARACTERS: Final = 100

Rule = TypeVar("Rule", "DayRule", "YearRule", "HoursRule")


@dataclass(frozen=True, slots=True, order=True)
class DayRule:
    """One day is a day off, or one of work."""

    day: date
    division: str
    working: bool
    note: str = ""
    """Why: the holiday's name or the notice."""

    @property
    def key(self) -> Hashable:
        """What there is one rule for."""
        return self.division, self.day

    @property
    def cells(self) -> tuple[str, ...]:
        """Its row in the file."""
        return self.day.isoformat(), WORK if self.working else OFF, self.division, "", self.note


@dataclass(frozen=True, slots=True, order=True)
class YearRule:
    """The State Council has published the holidays of this year: its other days follow the week."""

    year: int
    note: str = ""

    @property
    def key(self) -> Hashable:
        """What there is one rule for."""
        return self.year

    @property
    def cells(self) -> tuple[str, ...]:
        """Its row in the file."""
        return str(self.year), WHOLE_YEAR, COUNTRY, "", self.note


@dataclass(frozen=True, slots=True, order=True)
class HoursRule:
    """When halls work on this weekday, if it is a working day."""

    division: str
    weekday: int
    """0 is Monday."""
    hours: tuple[Span, ...]
    note: str = ""

    @property
    def key(self) -> Hashable:
        """What there is one rule for."""
        return self.division, self.weekday

    @property
    def cells(self) -> tuple[str, ...]:
        """Its row in the file."""
        return WEEKDAYS[self.weekday], HALL_HOURS, self.division, format_hours(self.hours), self.note


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A set of rules in canonical order; equal sets are equal values with equal bytes."""

    years: tuple[YearRule, ...] = field(default=())
    days: tuple[DayRule, ...] = field(default=())
    hours: tuple[HoursRule, ...] = field(default=())

    def __post_init__(self) -> None:
        """Bring every rule into its place; of several for the same thing the last one stays."""
        for name in ("years", "days", "hours"):
            object.__setattr__(self, name, _canonical(getattr(self, name)))

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self.years or self.days or self.hours)

    def merged(self, later: "Override") -> "Override":
        """Both together; for the same day, year or weekday of the same division the later one counts."""
        return Override(years=self.years + later.years, days=self.days + later.days, hours=self.hours + later.hours)

    def encode(self) -> bytes:
        """Canonical CSV: UTF-8 without byte order mark, line feeds, all five columns."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        rules: tuple[Any, ...] = (*self.years, *self.days, *self.hours)
        writer.writerows(rule.cells for rule in rules)
        return out.getvalue().encode()


def _canonical(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(sorted({rule.key: rule for rule in rules}.values()))
