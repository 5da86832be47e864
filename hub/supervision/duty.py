"""One duty of a county, and how pauses move its end and its cards. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from hub.supervision.levels import Level, Rule
from schemas.workdays import worktime
from schemas.workdays.calendars import CountyCalendar
from schemas.workdays.hours import beijing_day, instant
from schemas.workdays.limits import MOST, Deadline, Limit, Pause, Unit, paused

_ONE_DAY: Final = timedelta(days=1)
_MOMENT: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One thing that a county owed."""

    rule: Rule
    county: str
    step: str
    """Type of the message that was owed or, for receiving, brought."""
    occasion: str
    """Tells two duties of one rule in one case apart: a message's id, or when the limit began."""
    begins_at: datetime
    limit: str
    due: Deadline
    due_in_all: Mapping[Level, datetime]
    """When which card is due, unless the duty was done before."""
    done_at: datetime | None
    pauses: Sequence[tuple[str, Pause]]
    """What stopped its clock, with the cause."""

    def raised(self, horizon: datetime) -> Iterator[tuple[Level, datetime]]:
        """The cards that were due up to this instant."""
        if not self.due.provisional:
            for level, at in self.due_in_all.items():
                if at <= horizon and (self.done_at is None or at < self.done_at):  # at the last instant it is in time
                    yield level, at

    def next_after(self, horizon: datetime) -> datetime | None:
        """When its next card may be due; None when there is none to come."""
        if self.done_at is not None:
            return None
        return min((at for at in self.due_in_all.values() if at > horizon), default=None)


def moved(duty: Duty, calendar: CountyCalendar) -> Duty:
    """The same duty with its end and its cards moved by what stopped its clock, and only that kept.

    A card that falls into a pause, outside working hours, waits for its end: nobody is called while the clock stands.
    """
    stops = [pause for _, pause in duty.pauses]
    counts_from = instant(beijing_day(duty.begins_at) + _ONE_DAY, 0)
    if duty.rule in (Rule.PROMISE, Rule.PROCEDURE) or counts_from > duty.due.at:
        counts_from = duty.begins_at
    due = paused(calendar, duty.due, counts_from, stops)
    levels = {}
    for level, at in duty.due_in_all.items():
        if at > duty.begins_at:
            later = paused(calendar, Deadline(at=at, provisional=False), counts_from, stops).at
            if level is Level.BLUE and later != at:  # where a day ends or begins, the new one begins
                later = worktime.after(calendar, later, _MOMENT).at - _MOMENT
            levels[level] = beyond(later, stops)
    touched = [
        (cause, pause) for cause, pause in duty.pauses if counts_from < pause.ends_at and pause.begins_at < due.at
    ]
    return replace(duty, due=due, due_in_all=levels, pauses=touched)


def beyond(at: datetime, pauses: Sequence[Pause]) -> datetime:
    """The instant, or the end of the pauses that it lies in."""
    for pause in sorted(pauses, key=lambda each: each.begins_at):
        if pause.begins_at <= at < pause.ends_at:
            at = pause.ends_at
    return at


def day_before(calendar: CountyCalendar, due_at: datetime) -> datetime:
    """When halls open on the working day before the last one: one working day is left besides that day's own."""
    day = beijing_day(due_at) - _ONE_DAY
    while not calendar.is_working_day(day):
        day -= _ONE_DAY
    return calendar.hours(day)[0].begins_at(day)


def countable(day: date, begins: datetime) -> date:
    """A day that a county named, within ten years of the day on which it did: what lies beyond is nobody's calendar."""
    first = beijing_day(begins)
    return min(max(day, first - _ONE_DAY), first + timedelta(days=MOST[Unit.NATURAL_DAY]))


def str_limit(limit: Limit) -> str:
    """As a basis keeps it: `5 working_day`."""
    return f"{limit.count} {limit.unit}"
