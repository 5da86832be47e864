"""What waits around the cases: parcels to open, inspections to book and to do, bad ratings to call back about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from adapters.case import casebook, parcels, results
from adapters.case.casebook import Case
from adapters.case.results import Settled
from adapters.hall.around import turns
from adapters.hall.around.events import Event, events
from schemas.aroundhistory import BAD_STARS, Said, inspector
from schemas.lifecycle import CaseState
from schemas.workdays.calendars import Calendar
from schemas.workdays.hours import beijing_day
from schemas.workdays.limits import nth_working_day

FOLLOW_UP_DAYS: Final = 15
"""Working days within which a bad rating is looked into and put right (国务院 好差评)."""
_TYPES: Final = frozenset(
    {"parcel.sent", "parcel.received", "visit.offered", "visit.booked", "visit.done", "rating.given",
     "rating.followed_up"}
)  # fmt: skip
_EXAMINED: Final = (CaseState.ACCEPTED, CaseState.SPECIAL)


@dataclass(frozen=True, slots=True)
class Pending:
    """One step that a county owes."""

    case: Case
    step: str
    county: str
    due: date | None = None


LOOKED_BACK: Final = timedelta(days=180)
"""What was said longer ago waits for nobody any more: the list is asked for every few seconds."""


def pendings(tx: Connection, county: str, calendar: Calendar, now: datetime) -> list[Pending]:
    """Of every case that this county is a party of."""
    found: list[Pending] = []
    for number, told in events(tx, county, _TYPES, since=now - LOOKED_BACK).items():
        case = casebook.find(tx, number)
        if case is not None:
            found += _of(case, told, calendar, results.settled(tx, number))
    return found


def follow_up_by(rated: Event, county: str, calendar: Calendar) -> date:
    """The last day for calling back about a bad rating."""
    return nth_working_day(calendar.of(county), beijing_day(rated.at), FOLLOW_UP_DAYS).day


def _of(case: Case, told: Sequence[Event], calendar: Calendar, given_up: Settled | None) -> Iterator[Pending]:
    said, parties = [each.said for each in told], case.parties
    for county in dict.fromkeys((parties.window, parties.issuing)):
        if any(not _is_given_up(each, given_up) for each in turns.unopened(said, county, parties)):
            yield Pending(case, "parcel.received", county)
        for target in turns.to_follow_up(said, county, parties):
            rated = next(
                each
                for each in told
                if each.said.type == "rating.given"
                and each.said.record["target"] == target
                and each.said.record["stars"] <= BAD_STARS
            )
            yield Pending(case, "rating.followed_up", county, follow_up_by(rated, county, calendar))
    if case.state in _EXAMINED:
        booked = turns.booked(said)
        if booked:
            yield Pending(case, "visit.done", inspector(booked[0], parties))
        elif turns.bookable(said):
            yield Pending(case, "visit.booked", parties.window)


def _is_given_up(sent: Said, given_up: Settled | None) -> bool:
    """Whether this county has said that nobody waits for this parcel of the result any more."""
    back = sent.record["direction"] == parcels.BACK
    return given_up is not None and back and sent.record["parcel"] <= given_up.parcel
