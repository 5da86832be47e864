"""Countersignatures against the messages that brought them: none is changed, gone, made up or another county's."""

from typing import Any, Final

from sqlalchemy import Connection, select

from certs import keys as certificates
from certs import signing
from hub.evidence.findings import Findings
from hub.store import tables
from pages.wording import mark as _
from schemas import codec
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.messages import COUNTERSIGNED

_WRONG: Final = _("会签与带来它的报文或检查点不符")
_GONE: Final = _("县的会签不在中枢的会签表里")


def check_message(tx: Connection, row: Any, found: Findings) -> None:
    """A countersignature that was admitted is kept, under its own message or an earlier one of the same county."""
    if row.type != COUNTERSIGNED or row.state != "admitted":
        return
    try:
        size = (Envelope.parse(row.body).facts or {})["size"]
    except (YunhuobanError, LookupError):
        return  # the message itself is a finding already
    kept = tables.countersignatures.c
    if tx.execute(select(kept.size).where(kept.size == size, kept.county == row.source)).first() is None:
        found.add(_GONE, f"messages/{row.source}/{row.message_id}", expected=f"countersignatures/{size}/{row.source}")


def check_all(tx: Connection, found: Findings) -> None:
    """Every countersignature that is kept, one after the other."""
    kept, issued, messages, known = (
        tables.countersignatures, tables.checkpoints, tables.messages, tables.county_certificates,
    )  # fmt: skip
    of_message = (messages.c.source == kept.c.county) & (messages.c.message_id == kept.c.message_id)
    of_signer = (known.c.thumbprint == kept.c.thumbprint) & (known.c.division_code == kept.c.county)
    columns = (
        kept, issued.c.body.label("checkpoint"), issued.c.epoch.label("issued_epoch"), known.c.der,
        messages.c.body.label("message"), messages.c.signature.label("envelope_signature"), messages.c.state,
        messages.c.type, messages.c.admitted_at,
    )  # fmt: skip
    joined = (
        kept.outerjoin(issued, issued.c.size == kept.c.size).outerjoin(messages, of_message).outerjoin(known, of_signer)
    )
    query = select(*columns).select_from(joined).order_by(kept.c.size, kept.c.county)
    for row in tx.execute(query.execution_options(yield_per=100)):
        if found.full:
            return
        if not _good(row):
            found.add(_WRONG, f"countersignatures/{row.size}/{row.county}", found=row.message_id)


def _good(row: Any) -> bool:
    brought = (row.state, row.type, row.issued_epoch, row.admitted_at)
    if brought != ("admitted", COUNTERSIGNED, row.epoch, row.signed_at) or row.der is None:
        return False
    try:
        envelope = Envelope.parse(row.message)
        said = codec.decode(envelope.data, "Countersignature")
        certificate = certificates.certificate_from_der(row.der)
        signing.verify(row.signature, row.checkpoint, certificate=certificate, typ=signing.Typ.CHECKPOINT)
        signer = signing.read_header(row.envelope_signature).thumbprint
    except YunhuobanError:
        return False
    return (said["signature"], said["size"], said["epoch"], signer) == (
        row.signature, row.size, row.epoch, row.thumbprint,
    )  # fmt: skip
