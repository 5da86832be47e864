"""The calendar as a value: what kind of day a day is in a county, and when its halls work.

Precedence: rules for the county, then its prefecture, then its province, then what was imported for the country, then
the calendar published by the State Council (`china.csv`, frozen data of the contract), then the week.

`china.csv` holds every day that the notices of 2004 to 2026 name, in the form of an override. It was written once from
`chinesecalendar` 1.11 (MIT), with which a test compares every single day. It is not a dependency at run time: it raises
beyond its years, while the hub and all counties must count the same days whatever version each has installed, and the
new year's notice comes as an imported file, in the same form, long before a new release.

Nothing beyond the published years is guessed: there the week counts, and the day is `provisional` (日历未公布).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from importlib import resources
from typing import Final

from schemas.workdays import overridefile
from schemas.workdays.hours import DEFAULT_HOURS, Span
from schemas.workdays.override import COUNTRY, DayRule, Override

_FIRST_OF_WEEKEND: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day as a county counts it."""

    day: date
    working: bool
    provisional: bool
    """No rule names the day and its year is not published: only the week speaks. Or a rule may be unread."""
    rule: DayRule | None
    """What decided, unless it was the week."""


@dataclass(frozen=True)
class Calendar:
    """The published calendar with an override over it. Make it once per override and keep it: it holds indexes."""

    override: Override = field(default_factory=Override)
    """What was imported; without it the published calendar counts alone."""
    complete: bool = True
    """False when there is more that could not be read: then every day is provisional."""

    @cached_property
    def _everything(self) -> Override:
        return published().merged(self.override)

    @cached_property
    def _years(self) -> frozenset[int]:
        return frozenset(rule.year for rule in self._everything.years)

    @cached_property
    def _days(self) -> dict[tuple[str, date], DayRule]:
        return {(rule.division, rule.day): rule for rule in self._everything.days}

    @cached_property
    def _hours(self) -> dict[tuple[str, int], tuple[Span, ...]]:
        return {(rule.division, rule.weekday): rule.hours for rule in self._everything.hours}

    def of(self, county: str = COUNTRY) -> "CountyCalendar":
        """The calendar of one county, by its division code; without one that of the country."""
        lines = (county, f"{county[:4]}00", f"{county[:2]}0000", COUNTRY) if county else (COUNTRY,)
        return CountyCalendar(self, tuple(dict.fromkeys(lines)))

    def is_published(self, year: int) -> bool:
        """Whether the holidays of this year are known."""
        return year in self._years

    def day(self, day: date, divisions: Sequence[str]) -> Day:
        """A day under the rules of these divisions, the narrowest first."""
        rule = next((self._days[key] for each in divisions if (key := (each, day)) in self._days), None)
        if rule is not None:
            return Day(day=day, working=rule.working, provisional=not self.complete, rule=rule)
        working = day.weekday() < _FIRST_OF_WEEKEND
        provisional = not self.complete or day.year not in self._years
        return Day(day=day, working=working, provisional=provisional, rule=None)

    def hours(self, weekday: int, divisions: Sequence[str]) -> tuple[Span, ...]:
        """Hall hours on this weekday under the rules of these divisions, the narrowest first."""
        keys = ((each, weekday) for each in divisions)
        return next((self._hours[key] for key in keys if key in self._hours), DEFAULT_HOURS)


@dataclass(frozen=True, slots=True)
class CountyCalendar:
    """What `schemas.workdays.limits` and `schemas.workdays.worktime` count by."""

    calendar: Calendar
    divisions: tuple[str, ...]
    """Whose rules count, the narrowest first."""

    def day(self, day: date) -> Day:
        """What kind of day it is."""
        return self.calendar.day(day, self.divisions)

    def is_working_day(self, day: date) -> bool:
        """Whether halls work on it; ask `day` whether that is provisional."""
        return self.day(day).working

    def hours(self, day: date) -> tuple[Span, ...]:
        """Hall hours on this day if it is a working day, never none; a make-up Saturday has Saturday's."""
        return self.calendar.hours(day.weekday(), self.divisions)


@cache
def published() -> Override:
    """The country's calendar as published. Read at the first question."""
    return overridefile.decode((resources.files("schemas") / "workdays" / "china.csv").read_bytes())
