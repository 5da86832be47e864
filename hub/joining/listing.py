"""Every county's joining for the page: where it stands, since when, what was found, and who did what.

Requests, certificates and answers stay in the store: the overview asks every two seconds.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, select, true

from hub.instants import from_millis
from hub.joining import requests
from hub.joining.invitations import State, reason, seen, standing
from hub.store import tables
from hub.web.joiningview import JoiningAct, JoiningRow
from schemas.divisions import register
from schemas.joining.files import Request

_OPEN: Final = (State.INVITED, State.REQUESTED, State.APPROVED_ONCE, State.APPROVED)
"""While it stands at one of these, an invitation is the county's newest."""


def joinings(tx: Connection, now: datetime) -> Sequence[JoiningRow]:
    """The newest invitation of each county, in the order of their codes."""
    return _rows(tx, now, true())


def under_way(tx: Connection, now: datetime) -> Sequence[JoiningRow]:
    """Those that are not at an end."""
    return _rows(tx, now, tables.invitations.c.state.in_([each.value for each in _OPEN]))


def joining(tx: Connection, county: str, now: datetime) -> JoiningRow | None:
    """One county's, with its key fingerprint."""
    found = next(iter(_rows(tx, now, tables.invitations.c.county == county)), None)
    row = seen(tx, county)
    if found is None or row is None or not row.key_digests:
        return found
    return replace(found, keys_fingerprint=requests.fingerprint(Request.read(row.request)))


def _rows(tx: Connection, now: datetime, which: ColumnElement[bool]) -> Sequence[JoiningRow]:
    table, counties = tables.invitations.c, tables.counties
    few = (table.county, table.state, table.expires_at, table.attempts, table.findings, table.history)
    rows = tx.execute(
        select(*few, func.length(table.answer).label("answer"), counties.c.state.label("county_state"))
        .outerjoin(counties, counties.c.division_code == table.county)
        .where(which)
        .order_by(table.county, table.made_at)
    )
    return [_row(each, now) for each in {row.county: row for row in rows}.values()]


def _row(row: Any, now: datetime) -> JoiningRow:
    acts = [
        JoiningAct(act=each["act"], at=from_millis(each["at"]), by=each["by"], note=each["note"])
        for each in json.loads(row.history)
    ]
    return JoiningRow(
        county=row.county,
        name=register.known(row.county).name,
        state=_state(row, now),
        since_at=acts[-1].at,
        until_at=from_millis(row.expires_at),
        attempts=row.attempts,
        keys_fingerprint="",
        findings=requests.read_findings(row.findings) if row.state == State.INVITED else (),
        acts=acts,
        reason=reason(row),
    )


def _state(row: Any, now: datetime) -> str:
    state = standing(row, now)
    if state == State.APPROVED and row.answer:
        return "answered"
    return str(row.county_state) if state == State.ACTIVE and row.county_state else state
