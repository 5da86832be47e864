"""Finds the licenses that arrived here, by case and by the digests that a print authorisation names."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.boxes import inbox
from adapters.identity import Identity
from adapters.printing.ledger import Authorisation
from adapters.store import tables
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError, declare

NO_DOCUMENT: Final = declare("E-PRINT-303", "找不到授权所指的证照文件。", "请等待证照报文到达；仍找不到时联系属地。")


def license_of(
    tx: Connection, identity: Identity, signed: Authorisation
) -> tuple[dict[str, Any], Mapping[str, Any], datetime]:
    """The License that an authorisation names, its file, and when the hub admitted it. Raises E-PRINT-303."""
    for seq in inbox.newest_applied(tx, signed.case_no, "license.issued"):
        record = inbox.record_of(tx, identity, seq)
        for file in record["files"]:
            if file["sealed_sha256"].hex() == signed.sealed_sha256:
                return record, file, inbox.admitted_at(_evidence(tx, seq))
    raise YunhuobanError(NO_DOCUMENT, place=signed.authorisation_no)


def state_said(tx: Connection, signed: Authorisation) -> tuple[str, datetime] | None:
    """`state_of` the license that an authorisation names."""
    return state_of(tx, signed.case_no, signed.license_identifier)


def state_of(tx: Connection, case_no: str, identifier: str) -> tuple[str, datetime] | None:
    """The state that the issuer last gave the license after its issue, and when the hub admitted that; None if none."""
    columns = tables.inbox.c
    rows = tx.execute(
        select(columns.seq, columns.body, columns.applied_at)
        .where(columns.case_no == case_no, columns.type == "license.state_changed")
        .where(columns.state == "applied")
    )
    said = [(Envelope.parse(row.body), row) for row in rows]
    mine = [
        (envelope.time, row.applied_at, row.seq, facts["license_state"])
        for envelope, row in said
        if (facts := envelope.facts or {})["license_identifier"] == identifier
    ]
    if not mine:
        return None
    _, _, seq, state = max(mine)
    return str(state), inbox.admitted_at(_evidence(tx, seq))


def to_print(tx: Connection, identity: Identity, signed: Authorisation) -> bytes:
    """The very bytes that this authorisation says are to be printed. Raises E-PRINT-303."""
    _, file, _ = license_of(tx, identity, signed)
    for name in ("sealed", "print_file"):
        if file[f"{name}_sha256"].hex() == signed.print_file_sha256:
            return bytes(file[name])
    raise YunhuobanError(NO_DOCUMENT, place=signed.authorisation_no)


def _evidence(tx: Connection, seq: int) -> bytes:
    return bytes(tx.execute(select(tables.inbox.c.evidence).where(tables.inbox.c.seq == seq)).scalar_one())
