"""What an invitation code proves: a key derived from it, and a MAC over exact bytes (RFC 5869, RFC 2104).

The hub keeps the derived key and nothing else: from it the code is not found again, and whoever reads the hub's store
cannot tell a county its code. (He could make a request of his own under it; that is why keys are compared by
telephone as well.)
"""

import hashlib
import hmac
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_INFO: Final = b"yhb-join-v1"
KEY_BYTES: Final = 32


def derive(secret: bytes) -> bytes:
    """The key under which a request is authenticated; the code cannot be had back from it."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=_INFO).derive(secret)


def mac(key: bytes, body: bytes) -> str:
    """HMAC-SHA256 of the exact bytes, hexadecimal."""
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def is_mac(key: bytes, body: bytes, claimed: str) -> bool:
    """Whether this is it, in constant time, whatever was claimed."""
    return hmac.compare_digest(mac(key, body).encode(), claimed.encode(errors="replace"))
