"""异地代收代办: the papers that travel around a relayed case, and whose turn it is to send them.

Originals that the window took on paper go to the issuing county in a parcel with manifest and seal, before it decides;
a result that the window may not print comes back in one. The rules bind where the issuing county has stated what the
window may do (`adapters.authority.windowpowers`): with the agreement the duties of both are written down. A parcel of
materials that was announced binds always: what is on its way is waited for. Source: 国办发〔2020〕35号, 收受分离.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.authority import windowpowers
from adapters.case import applied, casebook
from adapters.case.casebook import Case
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.store import tables
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError, declare
from schemas.lifecycle import CaseState
from schemas.workdays.hours import beijing_day

NOT_RECEIVED: Final = declare(
    "E-POWER-009",
    "这个办件的原件还没有收到，不能作出决定。",
    "请等收件地寄来的纸件到达，由两人拆封并在“县际往来”签收后再决定；还没有寄出的，请收件地寄出。",
)
ORIGINAL: Final = "原件"
OUT, BACK = "materials_out", "result_back"
_RELAYED: Final = "relayed"
_SENT, _RECEIVED, _DECISION = "parcel.sent", "parcel.received", "decision.made"
_S = CaseState
UNDECIDED: Final = (_S.SUBMITTED, _S.SUPPLEMENT_REQUESTED, _S.SUPPLEMENTED, _S.ACCEPTED, _S.SPECIAL)
_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Owed:
    """A parcel that a county has to send."""

    case: Case
    direction: str
    county: str


def of_case(
    tx: Connection, identity: Identity, case: Case, directory: DirectoryView | None, now: datetime
) -> list[Owed]:
    """What is owed around one case and was not sent yet; nothing within one county, or without a word on powers."""
    if not _bound(case, directory, now) or not _relayed(tx, case):
        return []
    sent = {facts["direction"] for _source, kind, facts in _parcels(tx, case) if kind == _SENT}
    found = []
    if case.state in UNDECIDED and OUT not in sent and _originals(tx, identity, case):
        found.append(Owed(case, OUT, case.parties.window))
    no_print = not windowpowers.delivers(directory, case.parties, case.service_item, now)
    if case.state is CaseState.LICENSED and no_print and BACK not in sent:
        found.append(Owed(case, BACK, case.parties.issuing))
    return found


def owed(tx: Connection, identity: Identity, directory: DirectoryView | None, now: datetime) -> list[Owed]:
    """Of every case under way that this county is a party of; of more than `_MOST` the oldest."""
    cases = tables.cases.c
    states = sorted((*UNDECIDED, CaseState.LICENSED))
    numbers = select(cases.case_no).where(cases.state.in_(states), cases.window_county != cases.issuing_county)
    found: list[Owed] = []
    for number in tx.execute(numbers.order_by(cases.opened_at).limit(_MOST)).scalars().all():
        case = casebook.find(tx, number)
        if case is not None:
            found += of_case(tx, identity, case, directory, now)
    return found


def demand_received(
    tx: Connection, identity: Identity, case: Case, message_type: str, directory: DirectoryView | None, now: datetime
) -> None:
    """See that a decision does not come before the papers. Raises E-POWER-009."""
    if message_type != _DECISION or case.parties.window == case.parties.issuing:
        return
    if awaited(tx, identity, case, directory, now):
        raise YunhuobanError(NOT_RECEIVED, place="case_no", found=case.case_no, expected=_RECEIVED)


def awaited(tx: Connection, identity: Identity, case: Case, directory: DirectoryView | None, now: datetime) -> bool:
    """Whether the issuing county still waits for papers: announced by a parcel, or taken and owed."""
    told = _parcels(tx, case)
    out = {facts["parcel"] for source, kind, facts in told
           if kind == _SENT and source == case.parties.window and facts["direction"] == OUT}  # fmt: skip
    came = {facts["parcel"] for source, kind, facts in told if kind == _RECEIVED and source == case.parties.issuing}
    if out:
        return bool(out - came)
    return any(each.direction == OUT for each in of_case(tx, identity, case, directory, now))


def _bound(case: Case, directory: DirectoryView | None, now: datetime) -> bool:
    if directory is None:
        return False
    return windowpowers.held(directory, case.parties, case.service_item, beijing_day(now)) is not None


def _relayed(tx: Connection, case: Case) -> bool:
    return applied.facts(tx, case).get("mode") == _RELAYED


def _originals(tx: Connection, identity: Identity, case: Case) -> bool:
    """Whether the application brought originals on paper; what is named by a license instead is none."""
    record = applied.record(tx, identity, case)
    return record is not None and any(
        each["taken_as"] == ORIGINAL and each["named_license"] is None for each in record["materials"]
    )


def _parcels(tx: Connection, case: Case) -> Sequence[tuple[str, str, dict[str, Any]]]:
    """Sender, type and facts of what was said of parcels; nothing is decrypted for it."""
    found = []
    for table, counts in (
        (tables.outbox, tables.outbox.c.state != "refused"),
        (tables.inbox, tables.inbox.c.state == "applied"),
    ):
        columns = table.c
        wanted = select(columns.body).where(
            columns.case_no == case.case_no, columns.type.in_((_SENT, _RECEIVED)), counts
        )
        for body in tx.execute(wanted).scalars():
            envelope = Envelope.parse(body)
            found.append((envelope.source, envelope.type, dict(envelope.facts or {})))
    return found
