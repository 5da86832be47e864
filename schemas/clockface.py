"""The clock of a case as people are shown it: what has happened, what is due until when, and whether it is late. Pure.

The hub's page, `hub trace` and the county's page show the same, each from the steps it knows of.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from schemas.catalogue.model import Implementation
from schemas.clock import EFFECTS, Clock, Effect, Event, clock
from schemas.timelimits import statutory
from schemas.workdays.calendars import CountyCalendar
from schemas.workdays.hours import beijing_day
from schemas.workdays.limits import DayCount, Deadline, working_days

_NOT_ACCEPTED = "application.not_accepted"


class DueKind(StrEnum):
    """What is due."""

    ANSWER = "answer"
    """To say what is missing, to accept or not to (行政许可法 art. 32)."""
    STATUTORY = "statutory"
    """法定时限."""
    PROMISED = "promised"
    """承诺办结日."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One limit, against the moment at which the case ended, or now."""

    kind: DueKind
    at: datetime
    provisional: bool
    """暂计：日历未公布: it may move, so that nobody is late by it yet."""
    passed: bool
    left: DayCount
    """Working days from that moment's day; negative: so many ago."""

    @property
    def overdue(self) -> bool:
        """Passed for certain."""
        return self.passed and not self.provisional


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFace:
    """Where the clock stands at one moment."""

    received_at: datetime | None
    answered_at: datetime | None
    """When the authority first said anything, unless that was the acceptance or the end."""
    deemed_accepted: bool
    """Nothing was said in time: accepted since the day of receipt, by law."""
    accepted_at: datetime | None
    paused_at: datetime | None
    extended_days: int
    ended_at: datetime | None
    ended_by: str
    """The type of the message that stopped the clock; empty while it runs."""
    dues: Sequence[Due]
    """What is due, or was when the case ended; nothing while the clock is paused."""

    @property
    def next_due(self) -> Due | None:
        """What has to be done first; None when nothing is due (any more)."""
        return min(self.dues, key=lambda due: due.at, default=None) if self.ended_at is None else None

    @property
    def overdue(self) -> bool:
        """Whether a limit is, or was, passed for certain."""
        return any(due.overdue for due in self.dues)


def face(events: Sequence[Event], *, calendar: CountyCalendar, item: Implementation | None, now: datetime) -> ClockFace:
    """The clock of a case after these steps, in the order of their admission.

    `calendar` is that of the issuing county. Without its catalogue entry of the item there is no statutory limit.
    """
    made = clock(events)
    stops = [each.message_type for each in events if EFFECTS.get(each.message_type) is Effect.STOP]
    deemed = made.deemed_accepted(calendar, now)
    answered = made.answered_at if made.answered_at not in (made.started_at, made.stopped_at) else None
    moment = made.stopped_at or now
    due: dict[DueKind, Deadline | None] = {}
    if made.started_at is None and answered is None and made.paused_at is None:
        due[DueKind.ANSWER] = made.answer_due(calendar)
    if stops[-1:] != [_NOT_ACCEPTED]:
        due[DueKind.STATUTORY] = _statutory(made, calendar, item, deemed=deemed)
        due[DueKind.PROMISED] = made.promised_due(calendar)
    return ClockFace(
        received_at=made.received_at,
        answered_at=answered,
        deemed_accepted=deemed,
        accepted_at=made.started_at,
        paused_at=made.paused_at,
        extended_days=made.extended_days,
        ended_at=made.stopped_at,
        ended_by=stops[-1] if stops else "",
        dues=tuple(_due(kind, found, calendar, moment) for kind, found in due.items() if found is not None),
    )


def _statutory(made: Clock, calendar: CountyCalendar, item: Implementation | None, *, deemed: bool) -> Deadline | None:
    limit = statutory(item) if item is not None else None
    if limit is None:
        return None
    return (replace(made, started_at=made.received_at) if deemed else made).due(calendar, limit)


def _due(kind: DueKind, found: Deadline, calendar: CountyCalendar, moment: datetime) -> Due:
    return Due(
        kind=kind,
        at=found.at,
        provisional=found.provisional,
        passed=moment > found.at,
        left=working_days(calendar, beijing_day(moment), beijing_day(found.at)),
    )
