"""The half-day goal: from the admitted application to the first good sheet, per pair of counties. Pure reading.

「半日办结」 is counted in working time of the window county: an application at half past four that is printed at half
past nine the next morning took one hour. Half a day is half of what the hall works on the day of the application (3.5
hours unless its calendar says otherwise). Trial cases and those without paper do not count.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import Connection, func, select

from hub.instants import from_millis, to_millis
from hub.store import tables
from schemas.workdays import worktime
from schemas.workdays.calendars import CountyCalendar
from schemas.workdays.hours import beijing_day


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTimes:
    """One pair of counties in a period."""

    window: str
    issuing: str
    cases: int
    median_hours: float
    """Working hours from application to paper."""
    within: int
    """Cases that took half a day at most."""

    @property
    def share(self) -> float:
        """Of all its cases, from 0 to 1."""
        return self.within / self.cases


def pairs(
    tx: Connection, begins: datetime, ends: datetime, calendar_of: Callable[[str], CountyCalendar]
) -> list[PairTimes]:
    """The pairs that had a first sheet printed in this time, by window and issuing county."""
    took = times(tx, begins, ends, calendar_of)
    return [_pair(key, took[key]) for key in sorted(took)]


def times(
    tx: Connection, begins: datetime, ends: datetime, calendar_of: Callable[[str], CountyCalendar]
) -> Mapping[tuple[str, str], Sequence[tuple[timedelta, bool]]]:
    """By window and issuing county what each first sheet of this time took, and whether that was half a day at most."""
    prints, cases = tables.print_authorisations.c, tables.cases.c
    printed_at = func.min(prints.settled_at)
    chosen = (
        select(cases.window_county, cases.issuing_county, cases.opened_at, printed_at.label("printed_at"))
        .select_from(tables.print_authorisations.join(tables.cases, prints.case_no == cases.case_no))
        .where(prints.state == "printed", ~cases.trial)
        .group_by(cases.case_no, cases.window_county, cases.issuing_county, cases.opened_at)
        .having(printed_at >= to_millis(begins), printed_at < to_millis(ends))
    )
    took: dict[tuple[str, str], list[tuple[timedelta, bool]]] = {}
    for row in tx.execute(chosen):
        calendar = calendar_of(row.window_county)
        opened = from_millis(row.opened_at)
        worked = worktime.between(calendar, opened, from_millis(row.printed_at)).time
        took.setdefault((row.window_county, row.issuing_county), []).append((worked, worked <= half(calendar, opened)))
    return took


def half(calendar: CountyCalendar, at: datetime) -> timedelta:
    """Half of a hall's day."""
    day = beijing_day(at)
    return sum((span.ends_at(day) - span.begins_at(day) for span in calendar.hours(day)), timedelta()) / 2


def _pair(key: tuple[str, str], times: Sequence[tuple[timedelta, bool]]) -> PairTimes:
    hours = [worked.total_seconds() / 3600 for worked, _ in times]
    return PairTimes(
        window=key[0],
        issuing=key[1],
        cases=len(times),
        median_hours=round(median(hours), 2),
        within=sum(good for _, good in times),
    )
