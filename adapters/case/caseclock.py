"""The steps of a case that move its clock, with the hub's time of each, from what this county has sent and received.

A message of ours that the hub has not answered yet counts from when it was written: the case stands there already.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, case, select

from adapters.boxes import inbox
from adapters.directory.directoryview import DirectoryView
from adapters.instants import from_millis
from adapters.store import tables
from schemas.catalogue.model import Implementation
from schemas.clock import EFFECTS, Event
from schemas.clockface import ClockFace, face
from schemas.envelope import Envelope
from schemas.identifiers.item import IMPLEMENTATION_LENGTH
from schemas.lifecycle import TURN
from schemas.workdays.calendars import Calendar

_WITH_FACTS: Final = frozenset({"application.accepted", "deadline.extended"})
"""Whose facts the clock asks for; the envelopes of others, which may be large, are left alone."""
_AT_ONCE: Final = 400


def events(tx: Connection, cases: Collection[str]) -> Mapping[str, Sequence[Event]]:
    """What moved the clocks of these cases, each in the order of admission."""
    found: dict[str, dict[str, Event]] = defaultdict(dict)
    numbers = sorted(cases)
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        for row, at in [*_received(tx, some), *_sent(tx, some)]:
            found[row.case_no][row.message_id] = Event(
                row.type, at, Envelope.parse(row.body).facts if row.body else None
            )
    return {case_no: sorted(steps.values(), key=_order) for case_no, steps in found.items()}


def received_at(tx: Connection, case_no: str) -> datetime | None:
    """When the hub admitted the application of a case."""
    steps = events(tx, [case_no]).get(case_no, ())
    return next((each.at for each in steps if each.message_type == "application.submitted"), None)


def face_of(
    steps: Sequence[Event], *, issuing: str, service_item: str, directory: DirectoryView | None, now: datetime
) -> ClockFace:
    """The clock of a case by the issuing county's calendar; without a directory nothing of it is certain."""
    calendar = directory.calendar if directory is not None else Calendar(complete=False)
    item = implementation(directory, issuing, service_item)
    return face(steps, calendar=calendar.of(issuing), item=item, now=now)


def implementation(directory: DirectoryView | None, issuing: str, service_item: str) -> Implementation | None:
    """What the issuing county says of a case's item."""
    if directory is None:
        return None
    return directory.catalogue.implementation(issuing, service_item[:IMPLEMENTATION_LENGTH])


def _received(tx: Connection, cases: Sequence[str]) -> list[tuple[Any, datetime]]:
    columns = tables.inbox.c
    rows = tx.execute(
        select(columns.message_id, columns.case_no, columns.type, _body(tables.inbox), columns.evidence)
        .where(columns.case_no.in_(cases), columns.state == "applied", columns.type.in_(EFFECTS))
        .order_by(columns.seq)
    )
    return [(row, inbox.admitted_at(row.evidence)) for row in rows]


def _sent(tx: Connection, cases: Sequence[str]) -> list[tuple[Any, datetime]]:
    columns = tables.outbox.c
    times = (columns.admitted_at, columns.created_at)
    rows = tx.execute(
        select(columns.message_id, columns.case_no, columns.type, _body(tables.outbox), *times)
        .where(columns.case_no.in_(cases), columns.state != "refused", columns.type.in_(EFFECTS))
        .order_by(columns.seq)
    )
    return [(row, from_millis(row.admitted_at or row.created_at)) for row in rows]


def _body(table: Table) -> Any:
    return case((table.c.type.in_(_WITH_FACTS), table.c.body)).label("body")


def _order(event: Event) -> tuple[datetime, int]:
    return event.at, TURN.index(event.message_type)
