"""Working time: how much of a span of time halls worked, and when so much more of it will have passed.

Pauses of a limit are measured in it (特别程序, 行政许可法 art. 45), and a paused deadline moves by it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.workdays.calendars import CountyCalendar
from schemas.workdays.hours import beijing_day

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """Working time between two instants."""

    time: timedelta
    provisional: bool
    """A day between them lies beyond the published calendar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """The instant at which some working time has passed."""

    at: datetime
    """UTC."""
    provisional: bool
    """A day before it lies beyond the published calendar."""


def between(calendar: CountyCalendar, begins: datetime, ends: datetime) -> Worked:
    """Working time from one instant to a later one; none when it is not later."""
    time, provisional = timedelta(), False
    if begins < ends:
        for day in _days(beijing_day(begins), beijing_day(ends)):
            kind = calendar.day(day)
            provisional |= kind.provisional
            for span in calendar.hours(day) if kind.working else ():
                time += max(min(span.ends_at(day), ends) - max(span.begins_at(day), begins), timedelta())
    return Worked(time=time, provisional=provisional)


def after(calendar: CountyCalendar, begins: datetime, time: timedelta) -> Reached:
    """The first instant at which this much working time has passed since `begins`; itself for none."""
    if time <= timedelta():
        return Reached(at=begins, provisional=False)
    provisional = False
    for day in _days(beijing_day(begins), date.max):
        kind = calendar.day(day)
        provisional |= kind.provisional
        for span in calendar.hours(day) if kind.working else ():
            opens = max(span.begins_at(day), begins)
            available = span.ends_at(day) - opens
            if timedelta() < time <= available:
                return Reached(at=opens + time, provisional=provisional)
            time -= max(available, timedelta())
    raise OverflowError("no such day in this calendar")


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += _ONE_DAY
