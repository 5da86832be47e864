"""The licenses of this county that end soon, by what its decisions said: for a word to each holder's window."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection, select

from adapters.authority import ownlicenses
from adapters.boxes import outbox
from adapters.boxes.kept import is_kept
from adapters.boxes.outbox import Outbox
from adapters.hall.around.known import OwnLicense
from adapters.instants import from_millis
from adapters.store import tables
from schemas.workdays.hours import beijing_day

DAYS: Final = (30, 60, 90, 180)
STEPS: Final = (60, 30)
"""So many days before the end a reminder is proposed."""
MOST: Final = 2000
_DECISION: Final = "decision.made"
_VALID: Final = "valid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A license that ends soon, and when its window was last reminded."""

    case_no: str
    window_county: str
    identifier: str
    valid_until: date
    reminded_on: date | None
    own: bool
    """Whether it is a case within this county: nobody else is to be told."""


def step_of(ending: Ending, today: date) -> int | None:
    """The reminder that is due: 60 or 30 days before the end; None before that, and when it was given."""
    due = [step for step in STEPS if today >= ending.valid_until - timedelta(days=step)]
    if not due:
        return None
    since = ending.valid_until - timedelta(days=due[-1])
    given = ending.reminded_on is not None and ending.reminded_on >= since
    return None if given else due[-1]


def of_case(tx: Connection, box: Outbox, case_no: str) -> Sequence[OwnLicense]:
    """The valid licenses of a case that have an end."""
    ends = _end(tx, box, case_no)
    if ends is None:
        return ()
    rows = [row for row in ownlicenses.of_case(tx, case_no) if row.state == _VALID]
    return [OwnLicense(identifier=row.license_identifier, valid_until=ends) for row in rows]


def ending(tx: Connection, box: Outbox, county: str, today: date, days: int) -> list[Ending]:
    """Every valid license that ends within so many days, the first to end first."""
    licenses, cases = tables.own_licenses.c, tables.cases.c
    rows = tx.execute(
        select(licenses.license_identifier, licenses.case_no, cases.window_county)
        .join_from(tables.own_licenses, tables.cases, licenses.case_no == cases.case_no)
        .where(licenses.state == _VALID)
        .order_by(licenses.changed_at)
        .limit(MOST)
    ).all()
    found = []
    for row in rows:
        ends = _end(tx, box, row.case_no)
        if ends is not None and today <= ends <= today + timedelta(days=days):
            reminded = outbox.newest_good(tx, row.case_no, "license.expiring")
            found.append(
                Ending(
                    case_no=row.case_no,
                    window_county=row.window_county,
                    identifier=row.license_identifier,
                    valid_until=ends,
                    reminded_on=beijing_day(from_millis(reminded.created_at)) if reminded is not None else None,
                    own=row.window_county == county,
                )
            )
    return sorted(found, key=lambda each: (each.valid_until, each.identifier))


def _end(tx: Connection, box: Outbox, case_no: str) -> date | None:
    """The last day that the decision gave what it granted; None without one, and after its content was cleared."""
    decided = outbox.newest_good(tx, case_no, _DECISION)
    if decided is None or not is_kept(decided):
        return None
    ends: date | None = box.record(tx, decided.message_id)["valid_until"]
    return ends
