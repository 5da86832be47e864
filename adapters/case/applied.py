"""The application of a case, in whichever box it lies: ours in the outbox, another county's in the inbox."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from adapters.boxes import inbox, outbox
from adapters.boxes.kept import is_kept
from adapters.case.casebook import Case
from adapters.identity import Identity
from adapters.store import tables
from schemas import codec
from schemas.envelope import Envelope
from schemas.messages import APPLICATION, TYPES


def facts(tx: Connection, case: Case) -> Mapping[str, Any]:
    """What of it is in the clear; nothing while it is not there."""
    _box, row = _row(tx, case)
    return (Envelope.parse(row.body).facts or {}) if row is not None else {}


def record(tx: Connection, identity: Identity, case: Case) -> Mapping[str, Any] | None:
    """The whole of it; None while it is not there, and when its term is over."""
    box, row = _row(tx, case)
    if row is None or not is_kept(row):
        return None
    payload = identity.storage.open(row.record_sealed, place=f"{box}/{row.message_id}")
    found: Mapping[str, Any] = codec.decode(payload, TYPES[APPLICATION].record)
    return found


def _row(tx: Connection, case: Case) -> tuple[str, Any]:
    sent = outbox.newest_good(tx, case.case_no, APPLICATION)
    if sent is not None:
        return "outbox", sent
    seqs = inbox.newest_applied(tx, case.case_no, APPLICATION)
    return "inbox", tx.execute(select(tables.inbox).where(tables.inbox.c.seq == seqs[0])).one() if seqs else None
