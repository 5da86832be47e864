"""A license's masked face, sealed under the token of its QR code: whoever scans the paper opens it, nobody else does.

AES-256-GCM under a key that HKDF-SHA-256 (RFC 5869, empty salt) makes of the token, with the locator as associated
data, so that one face cannot be put in another's place. A browser opens the same with WebCrypto and no library. The
token is 128 random bits used once: stretching it would add nothing.
"""

import secrets
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from schemas.errors import YunhuobanError, declare
from schemas.scanning import FACE_BYTES, KEY_LABEL, NONCE_BYTES, locator

FACE_TOO_LONG: Final = declare(
    "E-VIEW-002", "扫码看到的脱敏照面太长，放不下。", "请缩短证照名称或发证机关名称后重新制证。"
)
_KEY_BYTES: Final = 32


def seal_face(token: bytes, face: bytes) -> bytes:
    """Seal a face, padded with blanks; always of the same length. Raises E-VIEW-002."""
    if len(face) > FACE_BYTES:
        raise YunhuobanError(FACE_TOO_LONG, found=f"{len(face)} B", expected=f"<= {FACE_BYTES} B")
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher(token).encrypt(nonce, face.ljust(FACE_BYTES), locator(token))


def _cipher(token: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=None, info=KEY_LABEL).derive(token))
