"""What the window said of each material, beside what this county itself knows: for whoever examines it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.boxes import inbox
from adapters.case.casebook import Case
from adapters.case.workplace import Workplace
from adapters.hall.sharing import worth
from adapters.hall.sharing.worth import State, Worth
from adapters.hall.verifying import knowledge
from adapters.store import tables
from schemas.workdays.hours import beijing_day

_APPLICATION: Final = "application.submitted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The materials of one case."""

    rows: Sequence[Worth]
    names: Mapping[str, str]
    """Of counties, by their codes."""


def judged(
    tx: Connection,
    place: Workplace,
    case: Case,
    application: Mapping[str, Any] | None,
    supplement: Mapping[str, Any] | None,
) -> Judged:
    """Of the application and its newest supplement."""
    first, more = (list(record["materials"]) if record is not None else [] for record in (application, supplement))
    known, names = {}, {}
    directory = place.directory(tx)
    for each in (*first, *more):
        said = each["named_license"] or each["annotation"]
        if said is None:
            continue
        county = said.get("issuing_county", "")
        if county and directory is not None:
            names[county] = directory.name(county)
        identifier = said["license_identifier"]
        found = knowledge.known_of(tx, place.identity, identifier, trial=case.trial)
        if found is not None and found.state and found.state_said_at is not None:
            state = "superseded" if found.newest else found.state
            known[identifier] = State(state=state, said_at=found.state_said_at)
    today = beijing_day(place.clock())
    rows = [
        *worth.of(first, today, known, admitted_at=_admitted_at(tx, case.case_no)),
        *worth.of(more, today, known, supplied=True),
    ]
    return Judged(rows=rows, names=names)


def _admitted_at(tx: Connection, case_no: str) -> datetime | None:
    """When the hub admitted the application; it held named licenses against the journal then."""
    seqs = inbox.newest_applied(tx, case_no, _APPLICATION)
    if not seqs:
        return None
    evidence = tx.execute(select(tables.inbox.c.evidence).where(tables.inbox.c.seq == seqs[-1])).scalar_one()
    return inbox.admitted_at(bytes(evidence)) if evidence else None
