"""Attachments in parts: AES-256-GCM under a key of the attachment's own (NIST SP 800-38D).

The key travels inside the encrypted payload. Because it is used for one attachment only, the nonce is the part's place:

    7 zero bytes ‖ index of the part from 0 (4 bytes, big-endian) ‖ 1 for the last part, otherwise 0

so parts cannot be exchanged, repeated or left out at the end without notice (the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizár, CRYPTO 2015). A key never encrypts two attachments: make one with `new_key` each time.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.attachments import PART_BYTES as MAX_PART_BYTES
from schemas.attachments import TAG_BYTES
from schemas.errors import YunhuobanError, declare

__all__ = ["MAX_PART_BYTES", "PART_NOT_OPENED", "TAG_BYTES", "new_key", "open_part", "seal_part"]

_KEY_BYTES: Final = 32
_LABEL: Final = b"yhb-attachment-v1\0"

PART_NOT_OPENED: Final = declare("E-CERT-083", "附件的一个分片解不开，或次序不对。", "请重新请求这个附件的全部分片。")


def new_key() -> bytes:
    """A key for one attachment, 32 bytes."""
    return AESGCM.generate_key(bit_length=_KEY_BYTES * 8)


def seal_part(data: bytes, *, key: bytes, index: int, last: bool) -> bytes:
    """Encrypt one part of at most MAX_PART_BYTES - TAG_BYTES. Raises ValueError for a longer one."""
    if len(data) > MAX_PART_BYTES - TAG_BYTES:
        raise ValueError(f"a part of {len(data)} bytes")
    return AESGCM(key).encrypt(_nonce(index, last=last), data, _LABEL)


def open_part(ciphertext: bytes, *, key: bytes, index: int, last: bool) -> bytes:
    """Decrypt one part in its place. Raises PART_NOT_OPENED, whatever is wrong."""
    if not TAG_BYTES <= len(ciphertext) <= MAX_PART_BYTES or len(key) != _KEY_BYTES:
        raise YunhuobanError(PART_NOT_OPENED, place=f"part {index}")
    try:
        return AESGCM(key).decrypt(_nonce(index, last=last), ciphertext, _LABEL)
    except InvalidTag:
        raise YunhuobanError(PART_NOT_OPENED, place=f"part {index}") from None


def _nonce(index: int, *, last: bool) -> bytes:
    return bytes(7) + index.to_bytes(4, "big") + bytes([last])
