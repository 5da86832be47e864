"""The one receipt format: journal leaf, inclusion proof and the checkpoint they lead to.

A receipt carries no signature of its own: the checkpoint's signature and the proof say that the journal holds exactly
this verdict on exactly these bytes. The same record with a single entry travels to the destination as evidence.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.journal import Appended, Checkpoint
from schemas import codec
from schemas.leaf import ADMITTED, NOTHING, Leaf


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


def entry(judged: Judged, *, leaf_index: int, proof: Sequence[bytes]) -> dict[str, Any]:
    """One ReceiptEntry."""
    return {
        "message_id": judged.message_id,
        "envelope_sha256": judged.envelope_sha256,
        "signature_sha256": hashlib.sha256(judged.signature.encode()).digest(),
        "signer_thumbprint": judged.thumbprint,
        "admitted_at": judged.admitted_at,
        "verdict": judged.verdict,
        "refusal": judged.refusal,
        "leaf_index": leaf_index,
        "proof": list(proof),
    }


def entries(batch: Sequence[Judged], appended: Appended) -> list[dict[str, Any]]:
    """The entries of a batch, in its order."""
    return [entry(each, leaf_index=appended.first_index + i, proof=appended.proofs[i]) for i, each in enumerate(batch)]


def encode(receipt_entries: Sequence[Mapping[str, Any]], checkpoint: Checkpoint) -> bytes:
    """One AdmissionReceipt over these entries."""
    return codec.encode(
        "AdmissionReceipt",
        {
            "checkpoint": checkpoint.body,
            "checkpoint_signature": checkpoint.signature,
            "entries": list(receipt_entries),
        },
    )
