"""Writes a case's proof: what the hub knows of it, so that others can check it without the hub.

The form of the file is described in `hub.evidence.prooffile`, the checks in `hub.evidence.verify`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from certs import keys as certificates
from certs import signing
from certs.keys import RevocationList
from hub.bootstrap import Keys
from hub.evidence import hubcertificates
from hub.evidence.prooffile import MAX_COUNTERSIGNATURES, Countersignature, ProofFile, ProofMessage, Signed
from hub.history import journal, witnessing
from hub.history.journal import Checkpoint
from hub.instants import from_millis
from hub.store import tables
from hub.views.ladder import UNKNOWN_CASE
from schemas import codec
from schemas.errors import YunhuobanError, declare
from schemas.grants import answer_id
from schemas.messages import HUB

NOT_JOURNALLED: Final = declare("E-JRNL-011", "办件 {found} 还没有报文记入存证账本。", "请等前一报文到达后再出具。")
SIGNER_LOST: Final = declare(
    "E-JRNL-012", "找不到签名所用的证书 {found}。", "请从备份恢复中枢数据库；没有证书，签名无法向他人证明。"
)


def make_proof(tx: Connection, case_no: str, *, keys: Keys) -> bytes:
    """The proof of one case up to the newest checkpoint. Raises E-JRNL-010, -011, -012, -002 or E-VERIFY-002."""
    columns = tables.messages.c
    rows = tx.execute(select(tables.messages).where(columns.case_no == case_no)).all()
    if not rows:
        raise YunhuobanError(UNKNOWN_CASE, place="case_no", found=case_no[:40])
    rows = [row for row in rows if row.evidence is not None]
    checkpoint = journal.newest(tx)
    if not rows or checkpoint is None:
        raise YunhuobanError(NOT_JOURNALLED, place="case_no", found=case_no)
    messages = [_message(tx, row, checkpoint.size) for row in rows]
    grants = _grants(tx, rows)
    made_at = codec.decode(checkpoint.body, "Checkpoint")["made_at"]
    codes = sorted({code for row in rows for code in (row.source, row.destination)} - {HUB})
    names = tx.execute(select(tables.counties).where(tables.counties.c.division_code.in_(codes)))
    hub_signatures = [checkpoint.signature, *[each.signature for each in grants]]
    signers = _signers(tx, keys, hub_signatures, {each.signer for each in messages})
    proof = ProofFile(
        case_no=case_no,
        epoch=checkpoint.epoch,
        counties={row.division_code: row.name for row in names},
        checkpoint=Signed(record=checkpoint.body, signature=checkpoint.signature),
        certificates=tuple(signers),
        issuing_certificates=tuple(certificates.der(each) for each in keys.issuing),
        revocation_lists=tuple(_lists(tx, [*[each.admitted_at for each in messages], made_at])),
        messages=tuple(messages),
        grants=tuple(grants),
        countersignatures=tuple(_countersignatures(tx, checkpoint)),
    )
    signer = keys.grants
    return proof.signed(
        lambda body: signing.sign(body, key=signer.key, certificate=signer.certificate, typ=signing.Typ.RECEIPT)
    ).to_bytes()


def _countersignatures(tx: Connection, checkpoint: Checkpoint) -> list[Countersignature]:
    """Of each county the newest up to this checkpoint, with the proof that the journal it signed became this one."""
    rows = witnessing.newest_by_county(tx, epoch=checkpoint.epoch, up_to=checkpoint.size, most=MAX_COUNTERSIGNATURES)
    return [
        Countersignature(
            county=row.county,
            record=row.body,
            signature=row.signature,
            consistency=tuple(journal.prove_consistency(tx, row.size, checkpoint.size)),
        )
        for row in rows
    ]


def _message(tx: Connection, row: Any, size: int) -> ProofMessage:
    entry = codec.decode(row.evidence, "AdmissionReceipt")["entries"][0]
    return ProofMessage(
        envelope=row.body,
        signature=row.signature,
        signer=entry["signer_thumbprint"],
        admitted_at=entry["admitted_at"],
        verdict=entry["verdict"],
        refusal=entry["refusal"],
        leaf_index=entry["leaf_index"],
        inclusion=tuple(journal.prove(tx, entry["leaf_index"], size)),
    )


def _grants(tx: Connection, rows: Sequence[Any]) -> list[Signed]:
    """The hub's answers to the case's claims, by time, then by bytes."""
    claims = [answer_id(row.source, row.message_id) for row in rows if row.type == "print.claimed"]
    spoken = tables.outgoing
    found = tx.execute(select(spoken).where(spoken.c.message_id.in_(claims), spoken.c.type == "print.granted"))
    ordered = sorted(found, key=lambda row: (row.made_at, row.body))
    return [Signed(record=row.body, signature=row.signature) for row in ordered]


def _signers(
    tx: Connection, keys: Keys, hub_signatures: Iterable[str], county_thumbprints: Iterable[bytes]
) -> list[bytes]:
    """Every certificate that a signature in the proof names: the hub's, its own of now among them, and the counties'.

    A message that was refused before its signer was known names none that we have.
    """
    wanted = {signing.read_header(each).thumbprint for each in hub_signatures}
    found = {certificates.thumbprint(keys.grants.certificate): certificates.der(keys.grants.certificate)}
    for thumbprint in wanted:
        der = hubcertificates.find(tx, keys, thumbprint)
        if der is None:
            raise YunhuobanError(SIGNER_LOST, place="certificate", found=thumbprint.hex()[:16])
        found[thumbprint] = der
    table = tables.county_certificates
    rows = tx.execute(select(table).where(table.c.thumbprint.in_(sorted(set(county_thumbprints)))))
    found |= {row.thumbprint: row.der for row in rows}
    return [found[each] for each in sorted(found)]


def _lists(tx: Connection, times: Iterable[datetime]) -> list[bytes]:
    """Of each authority the list in force at each of these times (or the first known), and the newest."""
    rows = tx.execute(select(tables.crls).order_by(tables.crls.c.seen_at)).all()
    chosen = {row.der for row in rows if row.current}
    for lists in _by_issuer(rows).values():
        for at in times:
            before = [row for row, _ in lists if from_millis(row.seen_at) <= at]
            chosen.add((before[-1] if before else lists[0][0]).der)
    return sorted(chosen, key=lambda der: hashlib.sha256(der).digest())


def _by_issuer(rows: Sequence[Any]) -> dict[Any, list[tuple[Any, RevocationList]]]:
    found: dict[Any, list[tuple[Any, RevocationList]]] = {}
    for row in rows:
        revocation_list = certificates.crl_from_der(row.der)
        found.setdefault(revocation_list.issuer, []).append((row, revocation_list))
    return found
