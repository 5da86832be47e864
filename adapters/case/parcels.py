"""What was said of the parcels around a case, and whether the rules of relayed cases (异地代收代办) bind it.

Nothing is decrypted for it: direction and number of a parcel stand in its message's facts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from adapters.authority import windowpowers
from adapters.case import applied
from adapters.case.casebook import Case
from adapters.directory.directoryview import DirectoryView
from adapters.store import tables
from schemas.envelope import Envelope
from schemas.workdays.hours import beijing_day

OUT, BACK = "materials_out", "result_back"
SENT: Final = "parcel.sent"
RECEIVED: Final = "parcel.received"
_RELAYED: Final = "relayed"


@dataclass(frozen=True, slots=True)
class Told:
    """One message about a parcel; a parcel's number is of whoever sent it."""

    source: str
    type: str
    parcel: int
    direction: str
    """Empty where a receipt says it."""


def told(tx: Connection, case: Case) -> Sequence[Told]:
    """Of one case, by both counties; what was refused counts for nothing, and what came twice is here once."""
    found: dict[Told, None] = {}
    for table, counts in (
        (tables.outbox, tables.outbox.c.state != "refused"),
        (tables.inbox, tables.inbox.c.state == "applied"),
    ):
        columns = table.c
        wanted = select(columns.body).where(columns.case_no == case.case_no, columns.type.in_((SENT, RECEIVED)), counts)
        for body in tx.execute(wanted).scalars():
            envelope = Envelope.parse(body)
            facts = envelope.facts or {}
            found[Told(envelope.source, envelope.type, facts["parcel"], facts.get("direction", ""))] = None
    return list(found)


def sent(found: Sequence[Told], county: str, direction: str) -> frozenset[int]:
    """The numbers of the parcels that a county sent this way."""
    mine = (each for each in found if each.type == SENT and each.source == county)
    return frozenset(each.parcel for each in mine if each.direction == direction)


def received(found: Sequence[Told], county: str) -> frozenset[int]:
    """The numbers, as their sender gives them, of the parcels that a county signed for."""
    return frozenset(each.parcel for each in found if each.type == RECEIVED and each.source == county)


def bound(tx: Connection, case: Case, directory: DirectoryView | None, now: datetime) -> bool:
    """Whether it is a relayed case for whose window powers were stated; never within one county."""
    if directory is None or windowpowers.held(directory, case.parties, case.service_item, beijing_day(now)) is None:
        return False
    return applied.facts(tx, case).get("mode") == _RELAYED
