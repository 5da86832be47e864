"""Time limits: how they are counted, and the instant at which one ends.

- Working days (工作日): the day of the start is not counted (行政许可法 art. 82; 民法典 art. 201).
- Natural days (自然日): all days count, the day of the start does not.
- Months and years: the last day is the corresponding day, or the last of its month (民法典 art. 202).
- The last day is a working day: if halls do not work on it, the next working day is the last (民法典 art. 203).
- A limit ends when hall hours end on its last day (art. 203, 停止业务活动的时间).
- No days at all (即办件): the end of hall hours of the same day, or of the next working day when they are over.
- The clock of a limit starts with the day after the start. While it is paused it does not run: the deadline moves by
  the working time of the pause.

A result is `provisional` when a day that it rests on lies beyond the published calendar. Nothing is raised for that.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from schemas.errors import YunhuobanError, declare
from schemas.workdays import worktime
from schemas.workdays.calendars import CountyCalendar
from schemas.workdays.hours import beijing_day, instant

BAD_LIMIT: Final = declare("E-CAL-020", "时限不在允许的范围内。", "请核对事项的法定时限、承诺时限及其单位。")

_ONE_DAY: Final = timedelta(days=1)
_MONTHS: Final = 12


class Unit(StrEnum):
    """What a limit is counted in."""

    WORKING_DAY = "working_day"
    """工作日"""
    NATURAL_DAY = "natural_day"
    """自然日"""
    MONTH = "month"
    """月"""
    YEAR = "year"
    """年"""


MOST: Final = {Unit.WORKING_DAY: 2500, Unit.NATURAL_DAY: 3650, Unit.MONTH: 120, Unit.YEAR: 10}
"""Ten years, in each unit: far beyond any limit in law, and near enough to be counted day by day."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A statutory or promised limit of a service item: 法定时限, 承诺时限."""

    count: int
    """0 is 即办: at once, on the same day."""
    unit: Unit

    def __post_init__(self) -> None:
        """Raises E-CAL-020 for a negative limit or one beyond ten years."""
        if not 0 <= self.count <= MOST[self.unit]:
            raise YunhuobanError(BAD_LIMIT, found=f"{self.count} {self.unit}", expected=f"0…{MOST[self.unit]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDay:
    """The day on which something ends."""

    day: date
    """In Beijing."""
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """Working days between two dates."""

    days: int
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A time in which a limit does not run."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The instant at which a limit ends."""

    at: datetime
    """UTC."""
    provisional: bool
    """To be shown with 日历未公布: it may move when the year's calendar is published."""


def nth_working_day(calendar: CountyCalendar, start: date, count: int) -> LastDay:
    """The last of `count` working days after a date, which itself is not counted; the date itself for 0."""
    day, provisional = start, False
    while count > 0:
        day += _ONE_DAY
        kind = calendar.day(day)
        provisional |= kind.provisional
        count -= kind.working
    return LastDay(day=day, provisional=provisional)


def last_day(calendar: CountyCalendar, start: date, limit: Limit) -> LastDay:
    """The last day of a limit that starts on this date."""
    if limit.unit is Unit.WORKING_DAY and limit.count:
        return nth_working_day(calendar, start, limit.count)
    if limit.unit is Unit.MONTH:
        day = _months_later(start, limit.count)
    elif limit.unit is Unit.YEAR:
        day = _months_later(start, limit.count * _MONTHS)
    else:
        day = start + limit.count * _ONE_DAY
    kind = calendar.day(day)
    if kind.working:
        return LastDay(day=day, provisional=kind.provisional)
    following = nth_working_day(calendar, day, 1)
    return LastDay(day=following.day, provisional=kind.provisional or following.provisional)


def deadline(calendar: CountyCalendar, start: datetime, limit: Limit, pauses: Sequence[Pause] = ()) -> Deadline:
    """When a limit ends that starts at this instant (受理), not counting pauses, which may overlap.

    A pause still open has no deadline: ask again with its end. A pause that begins after the deadline moves nothing.
    """
    last = last_day(calendar, beijing_day(start), limit)
    at = hall_closes(calendar, last.day)
    provisional = last.provisional
    if at <= start:  # 即办件, after hours
        last = nth_working_day(calendar, last.day, 1)
        at, provisional = hall_closes(calendar, last.day), provisional or last.provisional
    counts_from = instant(beijing_day(start) + _ONE_DAY, 0) if limit.count else start
    return paused(calendar, Deadline(at=at, provisional=provisional), counts_from, pauses)


def paused(calendar: CountyCalendar, plain: Deadline, counts_from: datetime, pauses: Sequence[Pause]) -> Deadline:
    """A deadline moved by the working time of pauses; what of them lies before `counts_from` moves nothing."""
    at, provisional, paused_until = plain.at, plain.provisional, counts_from
    for pause in sorted(pauses, key=lambda each: each.begins_at):
        begins = max(pause.begins_at, paused_until)
        if begins < at:
            worked = worktime.between(calendar, begins, pause.ends_at)
            reached = worktime.after(calendar, at, worked.time)
            at = reached.at
            provisional = provisional or worked.provisional or reached.provisional
        paused_until = max(paused_until, pause.ends_at)
    return Deadline(at=at, provisional=provisional)


def working_days(calendar: CountyCalendar, after: date, until: date) -> DayCount:
    """How many working days come after a date, up to another with it; negative when that one lies before."""
    first, last, sign = (after, until, 1) if after <= until else (until, after, -1)
    days = [calendar.day(first + number * _ONE_DAY) for number in range(1, (last - first).days + 1)]
    return DayCount(days=sign * sum(each.working for each in days), provisional=any(each.provisional for each in days))


def hall_closes(calendar: CountyCalendar, day: date) -> datetime:
    """When hall hours end on this day, whether or not it is a working day."""
    return calendar.hours(day)[-1].ends_at(day)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, _MONTHS)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
