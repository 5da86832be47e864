"""HPKE's sender in base mode from its parts, with a given ephemeral key (RFC 9180 §4.1, §5.1, §6.1).

`certs.encryption` draws the ephemeral key in the library and shows nothing on the way. Whoever writes this anew wants
the values in between, and a vector must come out the same each time. Never to be used for anything but vectors.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certs.keys import PrivateKey, PublicKey

_KEM: Final = b"\x00\x10"  # DHKEM(P-256, HKDF-SHA256)
_KEM_SUITE: Final = b"KEM" + _KEM
_SUITE: Final = b"HPKE" + _KEM + b"\x00\x01" + b"\x00\x02"  # HKDF-SHA256, AES-256-GCM
_BASE_MODE: Final = b"\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A ciphertext with everything on the way to it."""

    enc: bytes
    shared_secret: bytes
    key: bytes
    base_nonce: bytes
    ciphertext: bytes
    """`enc` and the AEAD's output, as it stands in an envelope's `data`."""


def seal(plaintext: bytes, *, recipient: PublicKey, ephemeral: PrivateKey, info: bytes) -> Sealed:
    """Encrypt once."""
    enc, own = _point(ephemeral.public_key()), _point(recipient)
    dh = ephemeral.exchange(ec.ECDH(), recipient)
    shared = _expand(_KEM_SUITE, _extract(_KEM_SUITE, b"", b"eae_prk", dh), b"shared_secret", enc + own, 32)
    hashes = _extract(_SUITE, b"", b"psk_id_hash", b"") + _extract(_SUITE, b"", b"info_hash", info)
    context = _BASE_MODE + hashes
    secret = _extract(_SUITE, shared, b"secret", b"")
    key = _expand(_SUITE, secret, b"key", context, 32)
    nonce = _expand(_SUITE, secret, b"base_nonce", context, 12)
    sealed = enc + AESGCM(key).encrypt(nonce, plaintext, b"")
    return Sealed(enc=enc, shared_secret=shared, key=key, base_nonce=nonce, ciphertext=sealed)


def _point(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    return hmac.digest(salt, b"HPKE-v1" + suite + label + material, "sha256")


def _expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand (RFC 5869 §2.3); no length here needs more than one block."""
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.new(key, labelled + b"\x01", hashlib.sha256).digest()[:length]
