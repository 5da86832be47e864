"""How the county that decides is, as far as this node can tell before a clerk begins.

From the directory, and from what the two have sent each other. Nobody is asked for it, and what is not known is said
to be not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

from sqlalchemy import Connection, func, select

from adapters.boxes import inbox as boxes
from adapters.countyit.status.attention import PARTNER_PATIENCE
from adapters.directory.directoryview import DirectoryView
from adapters.instants import from_millis
from adapters.store import tables
from schemas.clock import EFFECTS, Effect
from schemas.errors import Code, YunhuobanError
from schemas.workdays.hours import Span, beijing_day

LOOKED_AT: Final = 20
"""Applications of ours that the usual time of an answer is taken from, the newest ones."""
FEWEST: Final = 3
"""Of fewer answers nothing is said."""
_FRESH: Final = timedelta(hours=1)
_ANSWERS: Final = [kind for kind, effect in EFFECTS.items() if effect in (Effect.ANSWER, Effect.START, Effect.STOP)]
_outbox: Final = tables.outbox.c
_inbox: Final = tables.inbox.c


class Reach(StrEnum):
    """Whether messages get there."""

    NOW = "now"
    """It has signed something of ours within the hour."""
    SLOW = "slow"
    """Something of ours waits there for longer than it should."""
    BARRED = "barred"
    """Nothing may be sent to it now."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerState:
    """The county at one moment."""

    reach: Reach
    why: Code | None = None
    """Why nothing may be sent."""
    heard_at: datetime | None = None
    waiting: int = 0
    """Messages of ours that it has not signed for."""
    answers: int = 0
    """How many answers the usual time is taken from."""
    usual_seconds: float | None = None
    """From the application at the hub to the county's first word about it, the median; None: not known."""
    open_now: bool | None = None
    """Whether it is within its hall hours; None: the calendar of this year is not published."""
    hours: Sequence[Span] = ()
    """Today's, as the calendar has them."""
    said_hours: str = ""
    """What the county itself says of its hours in the catalogue."""


def look(tx: Connection, directory: DirectoryView, county: str, *, said_hours: str, now: datetime) -> PartnerState:
    """Everything that this node knows of it."""
    heard_at, waiting, oldest = _heard(tx, county), *_waiting(tx, county)
    why: Code | None = None
    try:
        directory.recipient(county, now)
    except YunhuobanError as error:
        why = error.code
    if why is not None:
        reach = Reach.BARRED
    elif oldest is not None and now - oldest > PARTNER_PATIENCE:
        reach = Reach.SLOW
    else:
        reach = Reach.NOW if heard_at is not None and now - heard_at < _FRESH else Reach.UNKNOWN
    spent = _spent(tx, county)
    calendar, today = directory.calendar.of(county), beijing_day(now)
    day, hours = calendar.day(today), calendar.hours(today)
    within = day.working and any(each.begins_at(today) <= now < each.ends_at(today) for each in hours)
    return PartnerState(
        reach=reach,
        why=why,
        heard_at=heard_at,
        waiting=waiting,
        answers=len(spent),
        usual_seconds=median(spent) if len(spent) >= FEWEST else None,
        open_now=None if day.provisional else within,
        hours=hours if day.working else (),
        said_hours=said_hours,
    )


def _heard(tx: Connection, county: str) -> datetime | None:
    newest = select(_inbox.arrived_at).where(_inbox.source == county).order_by(_inbox.seq.desc()).limit(1)
    at = tx.execute(newest).scalar()
    return from_millis(at) if at is not None else None


def _waiting(tx: Connection, county: str) -> tuple[int, datetime | None]:
    open_ = (_outbox.destination == county) & _outbox.state.in_(("waiting", "sent", "admitted"))
    count, oldest = tx.execute(select(func.count(), func.min(_outbox.seq)).where(open_)).one()
    since = tx.execute(
        select(_outbox.created_at).where(_outbox.seq == oldest)
    ).scalar()  # behind the body: one row only
    return count, from_millis(since) if since is not None else None


def _spent(tx: Connection, county: str) -> list[float]:
    """Seconds from each of our newest applications to the county's first word about it, by the hub's times."""
    ours = (
        select(_outbox.case_no, _outbox.admitted_at)
        .where(_outbox.destination == county, _outbox.type == "application.submitted", _outbox.admitted_at.is_not(None))
        .order_by(_outbox.seq.desc())
        .limit(LOOKED_AT)
    )
    began = {row.case_no: from_millis(row.admitted_at) for row in tx.execute(ours)}
    words = (
        select(_inbox.case_no, _inbox.evidence)
        .where(_inbox.case_no.in_(began), _inbox.type.in_(_ANSWERS), _inbox.source == county)
        .where(_inbox.state == "applied")
        .order_by(_inbox.seq)
    )
    first: dict[str, float] = {}
    for row in tx.execute(words):
        if row.case_no not in first:
            first[row.case_no] = (boxes.admitted_at(row.evidence) - began[row.case_no]).total_seconds()
    return [max(0.0, each) for each in first.values()]
