"""How a limit was counted: each day from its start to its end, and each pause. Kept with the card as it was then.

A calendar that is imported later, or an envelope that has been let go, changes nothing about a card any more.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Self

from hub.instants import from_millis, to_millis
from schemas.workdays import worktime
from schemas.workdays.calendars import CountyCalendar
from schemas.workdays.hours import beijing_day
from schemas.workdays.limits import Pause

MOST_DAYS: Final = 400
"""A year and a bit; of a longer limit the first days are shown."""
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A time in which the clock stood still."""

    cause: str
    """`hub.supervision.levels.CAUSES`."""
    begins_at: datetime
    ends_at: datetime
    worked_minutes: int
    """Of working time: by so much the end of the limit moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedDay:
    """One day of the limit."""

    day: date
    working: bool
    note: str
    """Why it is none or one, when a rule of the calendar says so."""
    number: int
    """Which working day of the limit it is; 0 for a day that does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """All of it."""

    begins_at: datetime
    limit: str
    """What was to be kept: `5 working_day`, or the promised day."""
    days: Sequence[CountedDay]
    stops: Sequence[Stop]
    calendar_serial: int
    """Which import of the calendar counted."""

    def written(self) -> str:
        """As it is stored."""
        return json.dumps(
            {
                "begins_at": to_millis(self.begins_at),
                "limit": self.limit,
                "days": [[each.day.isoformat(), int(each.working), each.note, each.number] for each in self.days],
                "stops": [
                    [each.cause, to_millis(each.begins_at), to_millis(each.ends_at), each.worked_minutes]
                    for each in self.stops
                ],
                "calendar_serial": self.calendar_serial,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def read(cls, text: str) -> Self:
        """What `written` wrote."""
        raw = json.loads(text)
        return cls(
            begins_at=from_millis(raw["begins_at"]),
            limit=raw["limit"],
            days=[
                CountedDay(day=date.fromisoformat(day), working=bool(working), note=note, number=number)
                for day, working, note, number in raw["days"]
            ],
            stops=[
                Stop(cause=cause, begins_at=from_millis(begins), ends_at=from_millis(ends), worked_minutes=minutes)
                for cause, begins, ends, minutes in raw["stops"]
            ],
            calendar_serial=raw["calendar_serial"],
        )


def counted(calendar: CountyCalendar, begins_at: datetime, until: datetime) -> list[CountedDay]:
    """Each day after the start (which is not counted, art. 82) up to the end, with its number among working days."""
    found: list[CountedDay] = []
    number, day = 0, beijing_day(begins_at) + _ONE_DAY
    while day <= beijing_day(until) and len(found) < MOST_DAYS:
        kind = calendar.day(day)
        number += kind.working
        note = kind.rule.note if kind.rule is not None else ""
        found.append(CountedDay(day=day, working=kind.working, note=note, number=number if kind.working else 0))
        day += _ONE_DAY
    return found


def stop(calendar: CountyCalendar, cause: str, pause: Pause) -> Stop:
    """A pause, and how much working time it took."""
    worked = worktime.between(calendar, pause.begins_at, pause.ends_at).time
    return Stop(
        cause=cause,
        begins_at=pause.begins_at,
        ends_at=pause.ends_at,
        worked_minutes=int(worked.total_seconds() // 60),
    )
