"""Time limits that the hub itself holds a step to: what comes too late by a published calendar is refused.

A deadline that rests on a day whose calendar is not published refuses nothing. One worker's; the calendar is read again
when an import has changed it.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from hub import calendars, refusals
from hub.instants import from_millis
from hub.store import tables
from schemas.catalogue.view import CatalogueView
from schemas.clock import SUPPLEMENT_WITHIN
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.identifiers.item import IMPLEMENTATION_LENGTH
from schemas.workdays.calendars import Calendar
from schemas.workdays.hours import beijing_day
from schemas.workdays.limits import Limit, Unit, deadline, last_day

_OPENED: Final = select(tables.cases.c.opened_at).where(tables.cases.c.case_no == bindparam("case_no"))


class TimeLimits:
    """Outlives the transactions."""

    def __init__(self) -> None:
        """Nothing is read before it is needed."""
        self._serial = -1
        self._calendar: Calendar | None = None

    def check(self, tx: Connection, envelope: Envelope, catalogue: CatalogueView, now: datetime) -> None:
        """Raises E-ADM-106 for a supplement request later than five working days after the application.

        Raises E-ADM-108 for an acceptance that promises a day after the statutory limit of its item.
        """
        if envelope.type == "supplement.requested":
            self._check_supplement(tx, envelope, now)
        elif envelope.type == "application.accepted":
            self._check_promise(tx, envelope, catalogue, now)

    def _check_promise(self, tx: Connection, envelope: Envelope, catalogue: CatalogueView, now: datetime) -> None:
        item = catalogue.implementation(envelope.source, envelope.service_item[:IMPLEMENTATION_LENGTH])
        promised = (envelope.facts or {})["promised_on"]
        if item is None:
            return
        statutory = Limit(item.anticipate_day, Unit(item.anticipate_type))
        last = last_day(self._of(tx).of(envelope.source), beijing_day(now), statutory)
        if promised > last.day and not last.provisional:
            raise YunhuobanError(
                refusals.PROMISE_LATE, place="facts.promised_on", found=str(promised), expected=f"<= {last.day}"
            )

    def _check_supplement(self, tx: Connection, envelope: Envelope, now: datetime) -> None:
        opened = tx.execute(_OPENED, {"case_no": envelope.case_no}).scalar()
        if opened is None:
            return  # opened in this very batch
        due = deadline(self._of(tx).of(envelope.source), from_millis(opened), SUPPLEMENT_WITHIN)
        if now > due.at and not due.provisional:
            raise YunhuobanError(
                refusals.SUPPLEMENT_LATE, place="type", found=now.isoformat(), expected=f"<= {due.at.isoformat()}"
            )

    def _of(self, tx: Connection) -> Calendar:
        serial = calendars.serial(tx)
        if self._calendar is None or serial != self._serial:
            self._serial, self._calendar = serial, calendars.calendar(tx)
        return self._calendar
