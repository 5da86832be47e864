"""What was said around or beside a case by both parties, and whether one thing more fits it.

Asked before a message of ours is signed, and again when the other county's takes effect. What concerns more than one
case - a slot of an inspection that two applicants want - is decided by the county that offered it, in the order in
which the bookings take effect here; who comes second is refused and books another.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.boxes.kept import is_kept
from adapters.case import seeding
from adapters.case.casebook import Case
from adapters.identity import Identity
from adapters.store import tables
from schemas import aroundhistory, codec
from schemas.aroundhistory import Said
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.lifecycle import ENDED, MATTERS
from schemas.messages import TYPES

KINDS: Final = aroundhistory.AROUND | {
    kind.name
    for kind in TYPES.values()
    if kind.name.split(".")[0] in ("question", "appeal", "alive", "list", "opinion")
}
"""Every message type around or beside a case."""
_BOOKED: Final = "visit.booked"
_DRAWN: Final = "review.drawn"


def said(tx: Connection, identity: Identity, case: Case) -> list[Said]:
    """Everything that both parties said around or beside this case, each party's in its own order; ours first."""
    found: list[Said] = []
    here = {identity.division_code, case.other(identity.division_code)}
    for table, place, state in ((tables.outbox, "outbox", None), (tables.inbox, "inbox", "applied")):
        columns = table.c
        counts = columns.state == state if state else columns.state != "refused"
        wanted = select(table).where(columns.case_no == case.case_no, columns.type.in_(KINDS), counts)
        if place == "inbox" and len(here) == 1:
            break  # a case within one county has each message in both boxes
        for row in tx.execute(wanted.order_by(columns.seq)):
            if is_kept(row):
                source = identity.division_code if place == "outbox" else row.source
                found.append(Said(source, row.type, _record(identity, row, place), row.message_id))
    return found


def demand_fit(
    tx: Connection, identity: Identity, case: Case, source: str, message_type: str, record: Mapping[str, Any]
) -> None:
    """See that this fits what was said before, here or about another case's slot, and the seed of a draw.

    Raises E-AROUND-001 to -017.
    """
    if message_type not in KINDS:
        return
    before = said(tx, identity, case)
    aroundhistory.demand_fit(before, Said(source, message_type, record), case.parties)
    if message_type == _BOOKED and case.parties.issuing == identity.division_code:
        _demand_free(tx, case.case_no, record["slot_no"])
    convened = aroundhistory.convening(before, record["review"]) if message_type == _DRAWN else None
    if convened is not None:
        seeding.demand(tx, convened.message_id, record)


def _demand_free(tx: Connection, case_no: str, slot_no: str) -> None:
    """Booking again moves a booking, so only the newest of each other inspection counts, while its case is not over."""
    inbox, cases = tables.inbox.c, tables.cases.c
    open_cases = select(cases.case_no).where(cases.state.not_in(sorted(ENDED | MATTERS)))
    rows = tx.execute(
        select(inbox.case_no, inbox.body)
        .where(inbox.type == _BOOKED, inbox.state == "applied", inbox.case_no != case_no)
        .where(inbox.case_no.in_(open_cases))
        .order_by(inbox.applied_at, inbox.seq)
    )
    newest = {}
    for row in rows:
        facts = (Envelope.parse(row.body).facts if row.body else None) or {}
        newest[row.case_no, facts.get("visit")] = facts.get("slot_no")
    if slot_no in newest.values():
        raise YunhuobanError(aroundhistory.SLOT_TAKEN, place="slot_no", found=slot_no)


def _record(identity: Identity, row: Any, place: str) -> dict[str, Any]:
    payload = identity.storage.open(row.record_sealed, place=f"{place}/{row.message_id}")
    return codec.decode(payload, TYPES[row.type].record)
