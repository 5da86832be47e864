"""What each step of a case does to its time limit, and where the limit stands after a history. Pure.

The limit starts with 受理, counted from the next working day; a special procedure (特别程序) pauses it, an extension
lengthens it, and a decision, a withdrawal or a termination stops it. Before 受理 only one limit runs: within five
working days of receipt everything that is missing must be told, or the application counts as accepted on the day it
was received (行政许可法 art. 32, 42, 45, 82). The time of a step is the hub's admission time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from schemas.workdays.calendars import CountyCalendar
from schemas.workdays.limits import Deadline, Limit, Pause, Unit, deadline, hall_closes, paused

SUPPLEMENT_WITHIN: Final = Limit(5, Unit.WORKING_DAY)
"""From receipt to the one notice of everything that is missing."""


class Effect(StrEnum):
    """What a step does to the time limit."""

    NONE = "none"
    RECEIVE = "receive"
    """The five days of art. 32 begin."""
    ANSWER = "answer"
    """They are kept: the authority has said what is missing, or that it does not accept."""
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    STOP = "stop"


EFFECTS: Final[Mapping[str, Effect]] = {
    "application.submitted": Effect.RECEIVE,
    "supplement.requested": Effect.ANSWER,
    "application.not_accepted": Effect.STOP,
    "application.accepted": Effect.START,
    "procedure.opened": Effect.PAUSE,
    "procedure.closed": Effect.RESUME,
    "deadline.extended": Effect.EXTEND,
    "decision.made": Effect.STOP,
    "case.withdrawn": Effect.STOP,
    "case.terminated": Effect.STOP,
}
"""Every other type leaves the time limit alone."""


@dataclass(frozen=True, slots=True)
class Event:
    """One admitted step."""

    message_type: str
    at: datetime
    facts: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Where the time limit of a case stands."""

    received_at: datetime | None = None
    answered_at: datetime | None = None
    """When the authority first said anything about the application."""
    started_at: datetime | None = None
    paused_at: datetime | None = None
    """Since when a special procedure is open."""
    stopped_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    extended_days: int = 0
    """Working days."""
    promised_on: date | None = None
    """The day that the authority promised last: when it accepted, or when it extended the limit."""
    promised_at: datetime | None = None
    """When it said so."""

    def due(self, calendar: CountyCalendar, limit: Limit) -> Deadline | None:
        """When this limit ends; None before it has started and while it is paused."""
        if self.started_at is None or self.paused_at is not None:
            return None
        if limit.unit is Unit.WORKING_DAY:
            return deadline(calendar, self.started_at, Limit(limit.count + self.extended_days, limit.unit), self.pauses)
        plain = deadline(calendar, self.started_at, limit, self.pauses)
        if not self.extended_days:
            return plain
        longer = deadline(calendar, plain.at, Limit(self.extended_days, Unit.WORKING_DAY))
        return Deadline(at=longer.at, provisional=plain.provisional or longer.provisional)

    def promised_due(self, calendar: CountyCalendar) -> Deadline | None:
        """When the promised day ends, moved by what was paused since; None before a promise and while it is paused."""
        if self.promised_on is None or self.promised_at is None or self.paused_at is not None:
            return None
        plain = Deadline(at=hall_closes(calendar, self.promised_on), provisional=False)
        return paused(calendar, plain, self.promised_at, self.pauses)

    def answer_due(self, calendar: CountyCalendar) -> Deadline | None:
        """Until when the authority must have told what is missing; None before receipt."""
        return None if self.received_at is None else deadline(calendar, self.received_at, SUPPLEMENT_WITHIN)

    def deemed_accepted(self, calendar: CountyCalendar, now: datetime) -> bool:
        """Whether the application counts as accepted because nothing was said in time; never on a provisional day."""
        due = self.answer_due(calendar)
        said = self.answered_at or self.started_at or self.stopped_at or now
        return due is not None and not due.provisional and said > due.at


def clock(events: Iterable[Event]) -> Clock:
    """The clock after these steps, in the order of their admission."""
    found: dict[str, Any] = {"pauses": ()}
    for each in events:
        match EFFECTS.get(each.message_type, Effect.NONE):
            case Effect.RECEIVE:
                found.setdefault("received_at", each.at)  # written anew for another key, it was received before
            case Effect.ANSWER:
                found.setdefault("answered_at", each.at)
            case Effect.START:
                found["started_at"] = each.at
                found.setdefault("answered_at", each.at)
                _promise(found, each)
            case Effect.PAUSE:
                found["paused_at"] = each.at
            case Effect.RESUME:
                _resume(found, each.at)
            case Effect.EXTEND:
                found["extended_days"] = found.get("extended_days", 0) + (each.facts or {})["extended_days"]
                _promise(found, each)
            case Effect.STOP:
                _resume(found, each.at)
                found["stopped_at"] = each.at
                found.setdefault("answered_at", each.at)
            case Effect.NONE:
                pass
    return Clock(**found)


def _promise(found: dict[str, Any], event: Event) -> None:
    if event.facts and "promised_on" in event.facts:
        found["promised_on"], found["promised_at"] = event.facts["promised_on"], event.at


def _resume(found: dict[str, Any], at: datetime) -> None:
    paused_at = found.pop("paused_at", None)
    if paused_at is not None:
        found["pauses"] = (*found["pauses"], Pause(begins_at=paused_at, ends_at=at))
