"""This county's cases under way with their clocks, for its pages: numbers, codes and times, and no personal data."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.case import caseclock
from adapters.directory.directoryview import DirectoryView
from adapters.hall.desk.view import CaseLine
from adapters.store import tables
from schemas.clock import Event
from schemas.lifecycle import UNDER_WAY

MOST: Final = 500
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def under_way(tx: Connection, directory: DirectoryView | None, county: str, now: datetime) -> list[CaseLine]:
    """By what is due, so that what is late comes first; of more than `MOST` the oldest."""
    cases = tables.cases
    rows = tx.execute(
        select(cases)
        .where(cases.c.state.in_(sorted(UNDER_WAY)))
        .order_by(cases.c.opened_at, cases.c.case_no)
        .limit(MOST)
    ).all()
    steps = caseclock.events(tx, [row.case_no for row in rows])
    found = [_line(row, steps.get(row.case_no, ()), directory, county, now) for row in rows]
    return sorted(found, key=_urgency)


def find(tx: Connection, case_no: str, directory: DirectoryView | None, county: str, now: datetime) -> CaseLine | None:
    """One case, also an ended one; None when this county is no party of it."""
    row = tx.execute(select(tables.cases).where(tables.cases.c.case_no == case_no)).one_or_none()
    if row is None:
        return None
    return _line(row, caseclock.events(tx, [case_no]).get(case_no, ()), directory, county, now)


def _line(row: Any, steps: Sequence[Event], directory: DirectoryView | None, county: str, now: datetime) -> CaseLine:
    issuing = row.issuing_county
    other = row.window_county if issuing == county else issuing
    return CaseLine(
        case_no=row.case_no,
        item_name=_item_name(directory, issuing, row.service_item),
        service_item=row.service_item,
        decides=issuing == county,
        other_county=other,
        other_county_name=directory.name(other) if directory is not None else "",
        state=row.state,
        trial=row.trial,
        clock=caseclock.face_of(steps, issuing=issuing, service_item=row.service_item, directory=directory, now=now),
    )


def _item_name(directory: DirectoryView | None, issuing: str, service_item: str) -> str:
    """As the catalogue has it; before there is one, as the issuing county's card does."""
    found = caseclock.implementation(directory, issuing, service_item)
    if found is not None:
        return found.name
    return directory.offers.get((issuing, service_item), "") if directory is not None else ""


def _urgency(line: CaseLine) -> tuple[datetime, str]:
    due = line.clock.next_due
    return due.at if due is not None else _NEVER, line.case_no
