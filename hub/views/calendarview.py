"""One year of the calendar for a person: what differs from the ordinary week, and the hall hours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from rich.console import Group
from rich.table import Table

from pages import wording
from pages.wording import mark as _
from schemas.divisions import register
from schemas.workdays.calendars import Calendar, CountyCalendar
from schemas.workdays.hours import format_hours
from schemas.workdays.override import OFF, WEEKDAYS, WORK

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive days with the same rule."""

    first: date
    last: date
    working: bool
    division: str
    note: str

    @property
    def days(self) -> str:
        """As `10-01` or `10-01 – 10-07`."""
        return f"{self.first:%m-%d}" if self.first == self.last else f"{self.first:%m-%d} – {self.last:%m-%d}"


def stretches(calendar: CountyCalendar, year: int) -> list[Stretch]:
    """The days of a year that a rule names, in order."""
    found: list[Stretch] = []
    for day in _days(year):
        rule = calendar.day(day).rule
        if rule is None:
            continue
        said = (rule.working, rule.division, rule.note)
        if (
            found
            and found[-1].last == day - _ONE_DAY
            and said == (found[-1].working, found[-1].division, found[-1].note)
        ):
            found[-1] = Stretch(found[-1].first, day, *said)
        else:
            found.append(Stretch(day, day, *said))
    return found


def render(calendar: Calendar, year: int, county: str = "") -> Group:
    """The year as the country counts it, or one county. Raises E-ID-… for a code that is none."""
    name = register.full_name(register.known(county)) if county else _("全国")
    of_place = calendar.of(county)
    count = sum(of_place.is_working_day(day) for day in _days(year))
    published = calendar.is_published(year)
    said = (
        _("{place} {year} 年：{count} 个工作日。")
        if published
        else _("{place} {year} 年：日历未公布，按周末休息暂计 {count} 个工作日。")
    )
    table = Table("日期 days", "安排 arrangement", "说明 note", "范围 where")
    for each in stretches(of_place, year):
        table.add_row(each.days, WORK if each.working else OFF, each.note, each.division)
    hours = Table("办公时间 hall hours", "")
    for spans, weekdays in groupby(range(7), key=lambda weekday: calendar.hours(weekday, of_place.divisions)):
        hours.add_row("、".join(WEEKDAYS[weekday] for weekday in weekdays), format_hours(spans))
    heads = [
        wording.say(said, language, place=wording.say(name, language), year=year, count=count)
        for language in wording.LANGUAGES
    ]
    return Group(*heads, table, hours)


def _days(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += _ONE_DAY
