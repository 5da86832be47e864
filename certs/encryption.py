"""Payloads that only the destination can open: HPKE in base mode (RFC 9180), suite `p256-1`.

KEM DHKEM(P-256, HKDF-SHA256), KDF HKDF-SHA256, AEAD AES-256-GCM. The plaintext is

    salt (32 random bytes) ‖ length (4 bytes, big-endian) ‖ payload ‖ zeros up to a bucket

and the commitment SHA-256(salt ‖ payload) stands in the clear envelope: the sender's signature thereby proves the
payload to anyone who is shown salt and payload, without anyone's key, and the salt keeps it from being guessed.

Buckets are at least 1 KiB and then Padmé's (Nikitin et al., PETS 2019): a length gives away only its leading bits.
Cost: 36 bytes of frame, at most 12 % of padding above 1 KiB, 81 bytes of HPKE.

`bound` is SHA-256 of the canonical envelope whose `data` is empty; it is part of HPKE's `info`, so a ciphertext cannot
be moved into an envelope that differs in any clear field (the commitment is one of them, hence `prepare` comes first).
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from certs.algorithms import CONTRACT_KIND
from certs.keys import Certificate, PrivateKey, demand_kind, public_key
from schemas.errors import YunhuobanError, declare

SUITE: Final = "p256-1"
MAX_PAYLOAD_BYTES: Final = 4 * 1024 * 1024
"""The longest payload; files travel as attachments, in parts."""

_INFO: Final = b"yhb-hpke-v1\0"
_SALT_BYTES: Final = 32
_LENGTH_BYTES: Final = 4
_FRAME_BYTES: Final = _SALT_BYTES + _LENGTH_BYTES
_MIN_BUCKET_BYTES: Final = 1024
_BOUND_BYTES: Final = 32
_OVERHEAD_BYTES: Final = 81  # 65 of the encapsulated key, 16 of the tag
_HPKE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

PAYLOAD_TOO_LARGE: Final = declare("E-CERT-080", "内容太大，不能放进一个报文。", "请把文件作为附件发送。")
PAYLOAD_NOT_OPENED: Final = declare(
    "E-CERT-081", "密文打不开，或与信封不符。", "请核对加密用的证书是否为接收方目录中的当前证书，然后以新编号重发。"
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A payload ready to be encrypted, and the commitment that goes into the envelope first."""

    plaintext: bytes = field(repr=False)
    commitment: bytes


def prepare(payload: bytes) -> Prepared:
    """Salt, frame and pad the payload. Raises PAYLOAD_TOO_LARGE."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise YunhuobanError(PAYLOAD_TOO_LARGE, found=f"{len(payload)} B", expected=f"<= {MAX_PAYLOAD_BYTES} B")
    salt = secrets.token_bytes(_SALT_BYTES)
    framed = salt + len(payload).to_bytes(_LENGTH_BYTES, "big") + payload
    return Prepared(framed.ljust(bucket_bytes(len(framed)), b"\0"), _commit(salt, payload))


def encrypt(prepared: Prepared, recipient_certificate: Certificate, bound: bytes) -> bytes:
    """Encrypt to the key of the recipient's certificate, bound to the envelope. Raises KEY_UNSUITABLE."""
    recipient = demand_kind(public_key(recipient_certificate), CONTRACT_KIND, "encryption")
    return _HPKE.encrypt(prepared.plaintext, recipient, info=_info(bound))


def decrypt(ciphertext: bytes, *, key: PrivateKey, bound: bytes, commitment: bytes) -> bytes:
    """Open a ciphertext and check its frame, padding and commitment. Raises PAYLOAD_NOT_OPENED, whatever is wrong.

    One error for everything, so that nobody learns from our answers which part of a forgery was right.
    """
    info = _info(bound)
    if len(ciphertext) > bucket_bytes(MAX_PAYLOAD_BYTES + _FRAME_BYTES) + _OVERHEAD_BYTES:
        raise YunhuobanError(PAYLOAD_NOT_OPENED)
    try:
        plaintext = _HPKE.decrypt(ciphertext, key, info=info)
    except (InvalidTag, ValueError, TypeError):
        raise YunhuobanError(PAYLOAD_NOT_OPENED) from None
    salt, length = plaintext[:_SALT_BYTES], int.from_bytes(plaintext[_SALT_BYTES:_FRAME_BYTES], "big")
    payload, padding = plaintext[_FRAME_BYTES : _FRAME_BYTES + length], plaintext[_FRAME_BYTES + length :]
    sound = (
        len(payload) == length <= MAX_PAYLOAD_BYTES
        and len(plaintext) == bucket_bytes(_FRAME_BYTES + length)
        and not any(padding)
        and hmac.compare_digest(_commit(salt, payload), commitment)
    )
    if not sound:
        raise YunhuobanError(PAYLOAD_NOT_OPENED)
    return payload


def bucket_bytes(length: int) -> int:
    """The padded length: at least 1 KiB, then the length rounded up so that only its leading bits show (Padmé)."""
    if length <= _MIN_BUCKET_BYTES:
        return _MIN_BUCKET_BYTES
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


def _commit(salt: bytes, payload: bytes) -> bytes:
    return hashlib.sha256(salt + payload).digest()


def _info(bound: bytes) -> bytes:
    if len(bound) != _BOUND_BYTES:
        raise ValueError("bound is the SHA-256 of the envelope without its data")
    return _INFO + bound
