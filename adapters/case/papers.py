"""异地代收代办: the papers that travel around a relayed case, and whose turn it is to send them.

Originals that the window took on paper go to the issuing county in a parcel with manifest and seal, before it decides;
a result that the window may not print comes back in one (`results`). The rules bind where the issuing county has stated
what the window may do (`adapters.authority.windowpowers`): with the agreement the duties of both are written down. A
parcel of materials that was announced binds always: what is on its way is waited for. Source: 国办发〔2020〕35号.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from adapters.case import applied, casebook, parcels, results
from adapters.case.casebook import Case
from adapters.case.parcels import BACK, OUT
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.store import tables
from schemas.errors import YunhuobanError, declare
from schemas.lifecycle import CaseState

NOT_RECEIVED: Final = declare(
    "E-POWER-009",
    "这个办件的原件还没有收到，不能作出决定。",
    "请等收件地寄来的纸件到达，由两人拆封并在“县际往来”签收后再决定；还没有寄出的，请收件地寄出。",
)
ORIGINAL: Final = "原件"
_DECISION: Final = "decision.made"
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
    if not parcels.bound(tx, case, directory, now):
        return []
    if case.state in UNDECIDED:
        sent = parcels.sent(parcels.told(tx, case), case.parties.window, OUT)
        return [Owed(case, OUT, case.parties.window)] if not sent and _originals(tx, identity, case) else []
    return [Owed(case, BACK, case.parties.issuing)] if results.standing(tx, case, directory, now).owed else []


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
        raise YunhuobanError(NOT_RECEIVED, place="case_no", found=case.case_no, expected=parcels.RECEIVED)


def awaited(tx: Connection, identity: Identity, case: Case, directory: DirectoryView | None, now: datetime) -> bool:
    """Whether the issuing county still waits for papers: announced by a parcel, or taken and owed."""
    told = parcels.told(tx, case)
    out = parcels.sent(told, case.parties.window, OUT)
    if out:
        return bool(out - parcels.received(told, case.parties.issuing))
    return any(each.direction == OUT for each in of_case(tx, identity, case, directory, now))


def _originals(tx: Connection, identity: Identity, case: Case) -> bool:
    """Whether the application brought originals on paper; what is named by a license instead is none."""
    record = applied.record(tx, identity, case)
    return record is not None and any(
        each["taken_as"] == ORIGINAL and each["named_license"] is None for each in record["materials"]
    )
