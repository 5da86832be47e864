"""The journal's leaf: what the hub states for ever about one envelope that it admitted or refused.

Layout, integers big-endian; every field has a fixed length or is preceded by its length, so that two different
leaves never have the same bytes:

    "yhb-leaf-v1" 0x00 | envelope SHA-256 (32) | signature length (4) | signature | signer thumbprint (32)
    | admitted_at, milliseconds since 1970-01-01 UTC (8) | verdict length (4) | verdict, ASCII | detail SHA-256 (32)
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from schemas.tree import HASH_BYTES, leaf_hash

# The class below has a method called `bytes`, which hides the type of that name.
_Octets: TypeAlias = bytes

TAG: Final = b"yhb-leaf-v1\0"
ADMITTED: Final = "admitted"
# The thumbprint of an unsigned envelope or an unknown signer, and the detail of an admission.
NOTHING: Final = bytes(HASH_BYTES)

_REFUSAL: Final = re.compile(r"E-[A-Z]{2,7}-[0-9]{3}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One entry of the journal. Raises ValueError for values that could not be read back as they are."""

    envelope_sha256: _Octets  # of the exact bytes received, 32
    signature: _Octets  # as received; empty when there was none
    signer_thumbprint: _Octets  # SHA-256 of the signer's certificate, or NOTHING
    admitted_at: datetime  # the hub's time of the verdict, UTC, whole milliseconds
    verdict: str  # ADMITTED or a refusal code E-<AREA>-<nnn>
    detail_sha256: _Octets = NOTHING  # SHA-256 of the encoded refusal; NOTHING when admitted

    def __post_init__(self) -> None:
        for digest in (self.envelope_sha256, self.signer_thumbprint, self.detail_sha256):
            if len(digest) != HASH_BYTES:
                raise ValueError("a digest of a leaf is not 32 bytes long")
        if self.admitted_at.utcoffset() != timedelta(0):
            raise ValueError("admitted_at is not in UTC")
        if self.admitted_at < _EPOCH or self.admitted_at.microsecond % 1000:
            raise ValueError("admitted_at is not a whole number of milliseconds since 1970")
        if self.verdict != ADMITTED and not _REFUSAL.fullmatch(self.verdict):
            raise ValueError("the verdict is neither an admission nor a refusal code")
        if (self.verdict == ADMITTED) != (self.detail_sha256 == NOTHING):
            raise ValueError("a refusal has a detail, an admission has none")

    def bytes(self) -> _Octets:
        """Return the leaf in the layout above."""
        verdict = self.verdict.encode("ascii")
        return b"".join(
            (
                TAG,
                self.envelope_sha256,
                len(self.signature).to_bytes(4, "big"),
                self.signature,
                self.signer_thumbprint,
                ((self.admitted_at - _EPOCH) // _MILLISECOND).to_bytes(8, "big"),
                len(verdict).to_bytes(4, "big"),
                verdict,
                self.detail_sha256,
            )
        )

    def hash(self) -> _Octets:
        """Return the leaf's hash in the journal's tree, H(0x00 ‖ bytes)."""
        return leaf_hash(self.bytes())
