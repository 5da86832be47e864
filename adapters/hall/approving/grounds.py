"""What the desk knows of a case when an act is weighed: its item, its clock, its licenses, what is under way.

Gathered once per page; the papers propose from it, the rules beside them quote it, and the checks judge by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.authority import ownlicenses
from adapters.boxes import inbox, outbox
from adapters.case import casebook, caseclock, caselist
from adapters.case.casebook import Case
from adapters.case.workplace import Workplace
from adapters.hall.desk.view import CaseLine
from adapters.licenses import particulars
from adapters.store import tables
from pages.frame import NOT_THERE
from schemas import clock as caseclocks
from schemas import itemdetail, timelimits
from schemas.catalogue.model import Implementation
from schemas.clock import Clock
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.licensestates import CHANGES
from schemas.workdays.calendars import Calendar, CountyCalendar
from schemas.workdays.hours import beijing_day
from schemas.workdays.limits import MOST, Limit, last_day

_APPLICATION: Final = "application.submitted"
_SUPPLY_WITHIN: Final = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class OwnLicense:
    """A license that this case ended in."""

    identifier: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Everything that an act is judged by."""

    now: datetime
    item: Implementation | None
    calendar: CountyCalendar
    clock: Clock
    remedies: str
    """What is proposed for every decision against the applicant."""
    procedure: str
    """The kind of the special procedure that is open; empty when none is."""
    registers: bool
    """Whether what is applied for is registered, and has a credit code for a number."""
    licenses: Sequence[OwnLicense]
    procedures: Sequence[str] | None = None
    """The special procedures that the item has; None when the county has stated none of them."""
    unprinted: int
    """Authorisations to print of which no outcome has come yet."""

    @property
    def today(self) -> date:
        """In Beijing."""
        return beijing_day(self.now)

    @property
    def supply_until(self) -> date:
        """What is proposed for an applicant to add what is missing."""
        return self.today + _SUPPLY_WITHIN

    @property
    def promised_on(self) -> date | None:
        """What is proposed for an acceptance: the limit that the item promises."""
        if self.item is None:
            return None
        unit = timelimits.UNITS[self.item.promise_type]
        if self.item.promise_day > MOST[unit]:
            return None
        return last_day(self.calendar, self.today, Limit(self.item.promise_day, unit)).day

    @property
    def changeable(self) -> Sequence[OwnLicense]:
        """The licenses whose state can still change."""
        return [each for each in self.licenses if CHANGES.get(each.state)]


def case_of(tx: Connection, place: Workplace, case_no: str) -> tuple[Case, CaseLine]:
    """A case that this county decides. Raises E-PAGE-005 for any other."""
    line = caselist.find(tx, case_no, place.directory(tx), place.county, place.clock())
    case = casebook.find(tx, case_no)
    if line is None or case is None or not line.decides:
        raise YunhuobanError(NOT_THERE, place="case_no")
    return case, line


def application(tx: Connection, place: Workplace, case_no: str) -> Mapping[str, Any] | None:
    """The application as it came; None while it is not opened."""
    seqs = inbox.newest_applied(tx, case_no, _APPLICATION)
    return inbox.record_of(tx, place.identity, seqs[-1]) if seqs else None


def gather(tx: Connection, place: Workplace, case: Case, remedies: str) -> Grounds:
    """What is known of a case now; without a directory nothing of its item and its calendar is."""
    directory = place.directory(tx)
    calendar = directory.calendar if directory is not None else Calendar(complete=False)
    opened = outbox.newest_good(tx, case.case_no, "procedure.opened")
    steps = caseclock.events(tx, [case.case_no]).get(case.case_no, ())
    clock = caseclocks.clock(steps)
    applied_for = application(tx, place, case.case_no)
    return Grounds(
        now=place.clock(),
        item=caseclock.implementation(directory, place.county, case.service_item),
        calendar=calendar.of(place.county),
        clock=clock,
        remedies=remedies,
        procedure=str(place.box.record(tx, opened.message_id)["procedure"]) if opened and clock.paused_at else "",
        registers=applied_for is None or not particulars.holds_any(applied_for),
        procedures=itemdetail.procedures(directory.stated.detail(place.county, case.service_item))
        if directory
        else None,
        licenses=[OwnLicense(row.license_identifier, row.state) for row in ownlicenses.of_case(tx, case.case_no)],
        unprinted=_unprinted(tx, case.case_no),
    )


def _unprinted(tx: Connection, case_no: str) -> int:
    sent, came = tables.outbox.c, tables.inbox.c
    authorised = _numbers(
        tx, select(sent.body).where(sent.case_no == case_no, sent.type == "print.authorised", sent.state != "refused")
    )
    ended = _numbers(
        tx, select(sent.body).where(sent.case_no == case_no, sent.type == "print.revoked", sent.state != "refused")
    ) | _numbers(
        tx, select(came.body).where(came.case_no == case_no, came.type == "print.settled", came.state == "applied")
    )
    return len(authorised - ended)


def _numbers(tx: Connection, bodies: Any) -> set[str]:
    return {(Envelope.parse(body).facts or {})["authorisation_no"] for body in tx.execute(bodies).scalars()}
