"""What a license's QR code holds, and how its token leads to the license at the hub (specification 14.5). Pure.

The token is 128 random bits in 32 hexadecimal digits, so that a person can type it. It stands in the QR code, as the
fragment of an address, and nowhere at the hub: that knows its digest, the *locator*, and cannot go back.
"""

import hashlib
from typing import Final

TOKEN_BYTES: Final = 16
FACE_BYTES: Final = 1536
"""Every face is padded to this: its length tells nothing."""
NONCE_BYTES: Final = 12
SEALED_BYTES: Final = NONCE_BYTES + FACE_BYTES + 16
"""A sealed face: nonce, ciphertext, tag of AES-256-GCM."""
LOCATOR_LABEL: Final = b"yhb-scan-locator-v1\0"
KEY_LABEL: Final = b"yhb-scan-key-v1"


def locator(token: bytes) -> bytes:
    """By which the hub finds what belongs to a token: SHA-256 of a label and the token."""
    return hashlib.sha256(LOCATOR_LABEL + token).digest()


def digest(license_identifier: str) -> bytes:
    """What the hub keeps of a license's identifier beside a locator."""
    return hashlib.sha256(license_identifier.encode()).digest()
