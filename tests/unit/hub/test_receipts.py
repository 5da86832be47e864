"""Receipts put together from entries encoded once are exactly what the codec writes."""

import hashlib
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from hub.history import receipts
from hub.history.journal import Appended, Checkpoint
from schemas import codec
from schemas.assembly import long
from schemas.leaf import ADMITTED

_DIGEST = st.binary(min_size=32, max_size=32)
_JUDGED = st.builds(
    receipts.Judged,
    source=st.just("130928"),
    message_id=st.text("0123456789abcdef-", min_size=1, max_size=64),
    envelope_sha256=_DIGEST,
    signature=st.text("abc.-_", max_size=300),
    thumbprint=_DIGEST,
    admitted_at=st.integers(0, 4_102_444_799_999).map(lambda ms: datetime.fromtimestamp(ms // 1000, UTC)),
    verdict=st.sampled_from([ADMITTED, "E-ADM-030"]),
    refusal=st.binary(max_size=200),
)


@given(
    batch=st.lists(st.tuples(_JUDGED, st.lists(_DIGEST, max_size=64)), min_size=1, max_size=8),
    first=st.integers(0, 2**62),
    body=st.binary(max_size=512),
    signature=st.text("eyJ.-_", max_size=300),
)
def test_joined_bytes_are_the_codecs_bytes(batch, first, body, signature):
    """Whatever the entries, a receipt over one or all of them is canonical and says the same."""
    judged, proofs = [each for each, _ in batch], [proof for _, proof in batch]
    checkpoint = Checkpoint(body, signature, size=first + len(batch), epoch=1)
    entries = receipts.entries(judged, Appended(first, proofs, checkpoint))
    records = [
        {
            "message_id": each.message_id,
            "envelope_sha256": each.envelope_sha256,
            "signature_sha256": hashlib.sha256(each.signature.encode()).digest(),
            "signer_thumbprint": each.thumbprint,
            "admitted_at": each.admitted_at,
            "verdict": each.verdict,
            "refusal": each.refusal,
            "leaf_index": first + at,
            "proof": proof,
        }
        for at, (each, proof) in enumerate(batch)
    ]
    for some in (slice(0, 1), slice(None)):
        receipt = {"checkpoint": body, "checkpoint_signature": signature, "entries": records[some]}
        assert receipts.closed(receipts.opening(checkpoint), entries[some]) == codec.encode("AdmissionReceipt", receipt)


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_long_reads_back(value):
    """Zig-zag and varint as the specification has them, over the whole range."""
    rest = shift = 0
    for byte in long(value):
        rest |= (byte & 0x7F) << shift
        shift += 7
    assert (rest >> 1) ^ -(rest & 1) == value
