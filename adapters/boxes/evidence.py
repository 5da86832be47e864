"""Checks what the hub says of one message: receipts for what we sent, and the evidence on what we are given.

Both are the same record: a leaf index and inclusion proof under a signed checkpoint. The leaf is made again from our
own knowledge of the message, so that a receipt for other bytes, another verdict or another time proves nothing.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from adapters.directory.directoryview import DirectoryView
from certs import signing
from certs.profiles import Role
from schemas import codec
from schemas.errors import YunhuobanError, declare
from schemas.leaf import ADMITTED, NOTHING, Leaf
from schemas.tree import verify_inclusion

NOT_PROVEN: Final = declare(
    "E-JRNL-101", "回执不能证明该报文已记入存证账本。", "请保留回执并联系联盟运维；报文将继续重发。"
)
UNKNOWN_LOG: Final = declare(
    "E-JRNL-102", "检查点不是由目录中的中枢证书签名的。", "请更新目录；若仍出现，请联系联盟运维。"
)


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint whose signature was checked: its record and exact bytes."""

    record: Mapping[str, Any]
    body: bytes
    signature: str


def open_checkpoint(receipt: Mapping[str, Any], directory: DirectoryView) -> SignedCheckpoint:
    """Check the checkpoint of a receipt. Raises E-JRNL-102 or E-CERT-…."""
    body, signature = receipt["checkpoint"], receipt["checkpoint_signature"]
    record = codec.decode(body, "Checkpoint")
    certificate = directory.hub.get(signing.read_header(signature).thumbprint)
    if certificate is None:
        raise YunhuobanError(UNKNOWN_LOG, place="checkpoint")
    # Judged at its own time: what a log certificate signed while it was valid stands after its end.
    directory.chains.facts([certificate], at=record["made_at"]).demand(Role.HUB_CHECKPOINT)
    signing.verify(signature, body, certificate=certificate, typ=signing.Typ.CHECKPOINT)
    return SignedCheckpoint(record, body, signature)


def check_entry(
    entry: Mapping[str, Any], checkpoint: SignedCheckpoint, *, envelope_sha256: bytes, signature: str
) -> Leaf:
    """That the journal holds this verdict on exactly these bytes and this signature. Raises E-JRNL-101."""
    verdict = entry["verdict"]
    detail = NOTHING if verdict == ADMITTED else hashlib.sha256(entry["refusal"]).digest()
    try:
        leaf = Leaf(
            envelope_sha256=envelope_sha256,
            signature=signature.encode(),
            signer_thumbprint=entry["signer_thumbprint"],
            admitted_at=entry["admitted_at"],
            verdict=verdict,
            detail_sha256=detail,
        )
    except ValueError as error:
        raise YunhuobanError(NOT_PROVEN, place="entry") from error
    record = checkpoint.record
    if not verify_inclusion(leaf.hash(), entry["leaf_index"], record["size"], entry["proof"], record["root"]):
        raise YunhuobanError(NOT_PROVEN, place="proof", found=str(entry["leaf_index"]))
    return leaf


@dataclass(frozen=True, slots=True)
class Admission:
    """What evidence says: when the hub admitted a message, signed by which certificate, under which checkpoint."""

    at: datetime
    signer: bytes
    checkpoint: SignedCheckpoint


def admission(evidence: bytes, *, body: bytes, signature: str, directory: DirectoryView) -> Admission:
    """The admission that this evidence, which came with a message, proves.

    Raises E-JRNL-…, E-CERT-… or E-CODEC-… when the evidence does not prove an admission.
    """
    receipt = codec.decode(evidence, "AdmissionReceipt")
    if len(receipt["entries"]) != 1 or receipt["entries"][0]["verdict"] != ADMITTED:
        raise YunhuobanError(NOT_PROVEN, place="evidence")
    checkpoint = open_checkpoint(receipt, directory)
    entry = receipt["entries"][0]
    check_entry(entry, checkpoint, envelope_sha256=hashlib.sha256(body).digest(), signature=signature)
    return Admission(entry["admitted_at"], entry["signer_thumbprint"], checkpoint)
