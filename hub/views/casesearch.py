"""Finds cases among millions: by the beginning of the number, item, counties, day and state. Pure reading.

Every search walks one index from one end and looks at a bounded number of rows, whatever is asked: the condition that
has an index leads, the others are looked at on the way, some rows at once. Who has not found enough within `LOOKED_AT`
rows, or `LONGEST_SECONDS` where each row must be fetched from a disk, is told so and goes on from there. A page begins
where the one before ended, by key: nothing is counted and nothing skipped.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from datetime import time as clock
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, select, true, tuple_

from hub.instants import from_millis, to_millis
from hub.store import tables
from hub.web.searchview import Found, Sought
from hub.web.view import CaseRow
from schemas.errors import YunhuobanError, declare

PAGE: Final = 50
LOOKED_AT: Final = 2_000
"""Rows that one search looks at: with 5,000 the worst took 0.6 s on a machine that had much else to do."""
AT_ONCE: Final = 100
MOST_AT_ONCE: Final = 200
LONGEST_SECONDS: Final = 0.08
"""No further rows are looked at after this. Measured with a million cases: 2,000 rows out of memory take some 30 ms,
from a disk that has to be asked for each of them 340 and more. Rows are asked for in growing lots, as many as fit into
the time that is left: on a busy machine each question waits for its turn."""
PLACE_WRONG: Final = declare("E-PAGE-110", "查询的续页位置读不懂。", "请从第一页重新查询。")
_BEIJING: Final = timezone(timedelta(hours=8))
_LAST: Final = "\N{LATIN SMALL LETTER Z}"
"""Sorts after everything that a case number has."""
_MOST_DIGITS: Final = 15
_cases: Final = tables.cases


class _Place(NamedTuple):
    """Where a page ended."""

    at: int
    number: str


@dataclass(frozen=True, slots=True)
class _Road:
    """One index: what leads, in which order, and the rest of the conditions."""

    leading: Sequence[ColumnElement[bool]]
    key: Sequence[ColumnElement[Any]]
    falling: bool
    rest: Sequence[ColumnElement[bool]]


def search(
    tx: Connection,
    sought: Sought,
    after: str = "",
    *,
    looked_at: int = LOOKED_AT,
    monotonic: Callable[[], float] = time.monotonic,
) -> Found:
    """One page. Raises E-PAGE-110 for an `after` that no page has given."""
    began = monotonic()
    place = _read(after) if after else None
    shown: list[Any] = []
    seen, lot = 0, AT_ONCE
    while True:
        road = _road(tx, sought, place)
        at_once = min(lot, looked_at - seen) if road.rest else PAGE + 1
        rows = _rows(tx, road, place, at_once)
        seen += len(rows)
        shown += [row for row in rows if row.fits]
        if len(shown) > PAGE:
            return _found(shown[:PAGE], after=_place(road, shown[PAGE - 1]))
        if len(rows) < at_once:
            return _found(shown)
        place, took = _place(road, rows[-1]), monotonic() - began
        if seen >= looked_at or took >= LONGEST_SECONDS:
            return _found(shown, after=place, partly=seen)
        fitting = int(seen * (LONGEST_SECONDS - took) / max(took, 1e-6))
        lot = max(AT_ONCE, min(fitting, lot * 2, MOST_AT_ONCE))


def _rows(tx: Connection, road: _Road, place: _Place | None, limit: int) -> Sequence[Any]:
    """The next rows of the index, each with whether it fits the rest, too."""
    beyond = [] if place is None else [_beyond(road, place)]
    fits = and_(*road.rest) if road.rest else true()
    asked = select(_cases, fits.label("fits")).where(*road.leading, *beyond)
    return tx.execute(asked.order_by(*[each.desc() if road.falling else each for each in road.key]).limit(limit)).all()


def _road(tx: Connection, sought: Sought, place: _Place | None) -> _Road:
    """The narrowest index of those that fit."""
    cases = _cases.c
    number: ColumnElement[Any] = cases.case_no.collate("C") if tx.dialect.name == "postgresql" else cases.case_no
    day = _day(sought, None if sought.number else place)
    conditions: dict[str, list[ColumnElement[bool]]] = {
        "number": [number >= sought.number, number < sought.number + _LAST] if sought.number else [],
        "window": [cases.window_county == sought.window] if sought.window else [],
        "issuing": [cases.issuing_county == sought.issuing] if sought.issuing else [],
        "item": [cases.service_item == sought.item] if sought.item else [],
        "day": [cases.opened_at >= day[0], cases.opened_at < day[1]] if day else [],
        "state": [cases.state == sought.state] if sought.state else [],
    }
    by_opening: list[ColumnElement[Any]] = [cases.opened_at, cases.case_no]
    leads: tuple[str, ...]
    if sought.number:
        leads, key, falling = ("number",), [number], True
    elif sought.window and sought.issuing:
        leads, key, falling = ("window", "issuing", "day"), by_opening, True
    elif sought.window or sought.issuing or sought.item:
        first = "window" if sought.window else "issuing" if sought.issuing else "item"
        leads, key, falling = (first, "day"), by_opening, True
    elif sought.day or not sought.state:
        leads, key, falling = ("day",), by_opening, True
    else:  # a state alone: whoever has stood in it longest comes first
        leads, key, falling = ("state",), [cases.changed_at, cases.case_no], False
    leading = [each for name in leads for each in conditions[name]]
    rest = [each for name, some in conditions.items() if name not in leads for each in some]
    return _Road(leading, key, falling, rest)


def _day(sought: Sought, place: _Place | None) -> tuple[int, int] | None:
    """From when until when; a later page begins where the one before ended, so that one bound does for both."""
    if sought.day is None:
        return None
    begins = datetime.combine(sought.day, clock(), _BEIJING)
    ends = to_millis(begins + timedelta(days=1))
    return to_millis(begins), ends if place is None else min(ends, place.at + 1)


def _beyond(road: _Road, place: _Place) -> ColumnElement[bool]:
    """What comes after; both databases find a pair that is less than a pair by their index, and by no `or`."""
    if len(road.key) == 1:
        return road.key[0] < place.number
    last = tuple_(place.at, place.number)
    return tuple_(*road.key) < last if road.falling else tuple_(*road.key) > last


def _read(after: str) -> _Place:
    at, _, number = after.partition(":")
    if not (at.isascii() and at.isdecimal()) or len(at) > _MOST_DIGITS or not number:
        raise YunhuobanError(PLACE_WRONG, place="after")
    return _Place(int(at), number)


def _place(road: _Road, row: Any) -> _Place:
    return _Place(row.opened_at if road.falling else row.changed_at, row.case_no)


def _found(rows: Sequence[Any], *, after: _Place | None = None, partly: int = 0) -> Found:
    further = "" if after is None else f"{after.at}:{after.number}"
    return Found(rows=[_row(each) for each in rows], after=further, partly=partly)


def _row(row: Any) -> CaseRow:
    return CaseRow(
        case_no=row.case_no,
        window_county=row.window_county,
        issuing_county=row.issuing_county,
        service_item=row.service_item,
        state=row.state,
        since_at=from_millis(row.changed_at),
        trial=row.trial,
    )
