"""The licenses of this county that end soon, by what its decisions said: for a word to each holder's window."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from schemas.envelope import derived_id
from schemas.workdays.hours import beijing_day

DAYS: Final = (30, 60, 90, 180)
STEPS: Final = (60, 30)
"""So many days before the end a reminder is proposed."""
MOST: Final = 2000
REMINDER: Final = "license.expiring"
BY_NODE: Final = "县节点自动发送"
"""Whoever acts, in a reminder that the node sent itself."""
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
    by_node: bool = False
    """Whether the last reminder was sent by the node itself."""


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
            plain = Ending(
                case_no=row.case_no,
                window_county=row.window_county,
                identifier=row.license_identifier,
                valid_until=ends,
                reminded_on=None,
                own=row.window_county == county,
            )
            found.append(_reminded(tx, plain))
    return sorted(found, key=lambda each: (each.valid_until, each.identifier))


def again(tx: Connection, box: Outbox, found: Ending) -> Ending | None:
    """The same license as it is now; None when it is not valid any more."""
    valid = any(each.identifier == found.identifier for each in of_case(tx, box, found.case_no))
    return _reminded(tx, found) if valid else None


def node_message_id(identifier: str, step: int) -> str:
    """The id of the reminder that the node itself sends so many days before the end: the same whenever it is asked."""
    return derived_id(str(uuid.uuid5(uuid.NAMESPACE_URL, f"{identifier}/expiring{step}")), REMINDER)


def is_by_node(message_id: str, identifier: str) -> bool:
    """Whether a reminder of this license was sent by the node of its county itself."""
    return message_id in {node_message_id(identifier, step) for step in STEPS}


def _reminded(tx: Connection, found: Ending) -> Ending:
    last = outbox.newest_good(tx, found.case_no, REMINDER)
    if last is None:
        return replace(found, reminded_on=None, by_node=False)
    on, by_node = beijing_day(from_millis(last.created_at)), is_by_node(last.message_id, found.identifier)
    return replace(found, reminded_on=on, by_node=by_node)


def _end(tx: Connection, box: Outbox, case_no: str) -> date | None:
    """The last day that the decision gave what it granted; None without one, and after its content was cleared."""
    decided = outbox.newest_good(tx, case_no, _DECISION)
    if decided is None or not is_kept(decided):
        return None
    ends: date | None = box.record(tx, decided.message_id)["valid_until"]
    return ends
