"""The one receipt format: journal leaf, inclusion proof and the checkpoint they lead to.

A receipt carries no signature of its own: the checkpoint's signature and the proof say that the journal holds exactly
this verdict on exactly these bytes. The same record with a single entry travels to the destination as evidence.

Every entry is encoded once, for the evidence and for the receipt that it goes into.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hub.history.journal import Appended, Checkpoint
from hub.instants import to_millis
from schemas import codec
from schemas.assembly import array, long, sized
from schemas.leaf import ADMITTED, NOTHING, Leaf

_HEADER: Final = codec.header("AdmissionReceipt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One message's entry in the making."""

    source: str
    message_id: str
    envelope_sha256: bytes
    signature: str
    thumbprint: bytes
    admitted_at: datetime
    verdict: str
    refusal: bytes
    """The encoded Refusal; empty when admitted."""

    def leaf(self) -> Leaf:
        """The journal's leaf of this verdict."""
        detail = hashlib.sha256(self.refusal).digest() if self.verdict != ADMITTED else NOTHING
        return Leaf(
            envelope_sha256=self.envelope_sha256,
            signature=self.signature.encode(),
            signer_thumbprint=self.thumbprint,
            admitted_at=self.admitted_at,
            verdict=self.verdict,
            detail_sha256=detail,
        )


def entries(batch: Sequence[Judged], appended: Appended) -> list[bytes]:
    """The encoded `ReceiptEntry` of each message of a batch, in its order."""
    times = {judged.admitted_at: long(to_millis(judged.admitted_at)) for judged in batch}
    return [
        b"".join(
            (
                sized(judged.message_id.encode()),
                judged.envelope_sha256,
                hashlib.sha256(judged.signature.encode()).digest(),
                judged.thumbprint,
                times[judged.admitted_at],
                sized(judged.verdict.encode()),
                sized(judged.refusal),
                long(index),
                array(proof),
            )
        )
        for index, (judged, proof) in enumerate(zip(batch, appended.proofs, strict=True), appended.first_index)
    ]


def opening(checkpoint: Checkpoint) -> bytes:
    """How every AdmissionReceipt under this checkpoint begins; `closed` puts the entries behind it."""
    return b"".join((_HEADER, sized(checkpoint.body), sized(checkpoint.signature.encode())))


def closed(begun: bytes, receipt_entries: Sequence[bytes]) -> bytes:
    """One AdmissionReceipt over these entries."""
    return begun + array(receipt_entries)
