"""The signed outcome of a print authorisation that this county claimed: printed, spoiled, or revoked before it started.

It ends the hub's grant. While there is nobody to encrypt to it is kept as a draft: a sheet is accounted for whatever
the network does.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from adapters.boxes.opening import CASE_UNKNOWN
from adapters.boxes.outbox import Draft, Outbox
from adapters.case import casebook
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.local import localwrites
from adapters.printing.ledger import Entry
from schemas import codec
from schemas.errors import YunhuobanError

_TYPE = "print.settled"


def report(
    tx: Connection,
    row: Entry,
    *,
    result: str,
    reason: str,
    serial: str,
    by: str,
    box: Outbox,
    identity: Identity,
    directory: DirectoryView | None,
    now: datetime,
    message_id: str | None = None,
) -> None:
    """Put the outcome into the outbox and plan its trace in the local system. Raises E-ENV-104 or E-ADM-102."""
    signed = row.authorisation
    case = casebook.find(tx, signed.case_no)
    if case is None:
        raise YunhuobanError(CASE_UNKNOWN, place=signed.case_no)
    record: dict[str, Any] = {
        "authorisation_no": signed.authorisation_no,
        "claim_id": row.claim_id or "",
        "result": result,
        "stock_kind": signed.stock_kind,
        "stock_serial": serial,
        "started_at": row.started_at or now,
        "settled_at": now,
        "reason": reason,
        "clerk": by,
        "job_uuid": row.job_uuid or "",
    }
    casebook.move(tx, case, _TYPE, record)
    draft = Draft(
        type=_TYPE,
        case_no=case.case_no,
        destination=signed.issuing_county,
        service_item=case.service_item,
        trial=case.trial,
        record=record,
        patient=True,
        message_id=message_id,
    )
    sent = box.put(tx, draft, directory, now)
    localwrites.plan(
        tx,
        identity,
        message_id=sent,
        message_type=_TYPE,
        case_no=case.case_no,
        source=identity.division_code,
        payload=codec.encode("PrintOutcome", record),
        now=now,
    )
