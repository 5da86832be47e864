"""What waits for this county, what this county waits for, and what is over: around the cases and beside them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, select

from adapters.case import casebook, papers
from adapters.directory.directoryview import DirectoryView
from adapters.hall.around import matter
from adapters.hall.around.kinds import AWAITED, Kind
from adapters.hall.around.matter import Line
from adapters.hall.around.pending import Pending, pendings
from adapters.identity import Identity
from adapters.store import tables
from schemas.lifecycle import MATTERS
from schemas.workdays.calendars import Calendar
from schemas.workdays.hours import beijing_day

MOST: Final = 500
SENT: Final = "parcel.sent"
MOST_OVER: Final = 50
MOST_SHOWN: Final = 200
"""Lines of one part of the page; what is due first is among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The three parts of the page."""

    here: Sequence[Line]
    there: Sequence[Line]
    over: Sequence[Line]
    """The newest ones."""

    @property
    def counts(self) -> Mapping[Kind | None, int]:
        """How many of each kind are not over; those around cases under None."""
        found = Counter(each.kind for each in (*self.here, *self.there))
        return {kind: found[kind] for kind in (*Kind, None)}


def overview(
    tx: Connection, identity: Identity, directory: DirectoryView | None, county: str, now: datetime
) -> Overview:
    """What is due first comes first."""
    today = beijing_day(now)
    cases = tables.cases.c
    open_ = select(cases.case_no).where(cases.state.in_(sorted(AWAITED))).order_by(cases.opened_at).limit(MOST)
    ended = sorted(MATTERS - AWAITED.keys())
    over = (
        select(cases.case_no)
        .where(cases.state.in_(ended))
        .order_by(cases.opened_at.desc(), cases.case_no.desc())
        .limit(MOST_OVER)
    )
    running = _lines(tx, list(tx.execute(open_).scalars()), directory, county, today)
    calendar = directory.calendar if directory is not None else Calendar(complete=False)
    running += [matter.pending(each, directory, county, today) for each in pendings(tx, county, calendar, now)]
    owing = [Pending(each.case, SENT, each.county) for each in papers.owed(tx, identity, directory, now)]
    running += [matter.pending(each, directory, county, today) for each in owing]
    return Overview(
        here=sorted((each for each in running if each.waits_here), key=_urgency),
        there=sorted((each for each in running if not each.waits_here), key=_urgency),
        over=_lines(tx, list(tx.execute(over).scalars()), directory, county, today),
    )


def one(tx: Connection, number: str, directory: DirectoryView | None, county: str, today: date) -> Line | None:
    """One case or matter; None when this county is no party of it."""
    return next(iter(_lines(tx, [number], directory, county, today)), None)


def _lines(
    tx: Connection, numbers: Sequence[str], directory: DirectoryView | None, county: str, today: date
) -> list[Line]:
    known = matter.facts(tx, numbers)
    cases = [case for number in numbers if (case := casebook.find(tx, number)) is not None]
    return [matter.line(case, known[case.case_no], directory, county, today) for case in cases]


def _urgency(line: Line) -> tuple[date, str]:
    return line.due or date.max, line.number
