"""Long files that only the holder of one private key can open: HPKE for the file's key, chunks for the rest.

Whoever writes such a file cannot read it again: it knows the public key alone. After a header in the clear, which is
bound, comes the file key (32 random bytes, HPKE base mode as in `certs.encryption`), then the content in chunks of
1 MiB under AES-256-GCM. A chunk's nonce is its number and whether it is the last (STREAM: Hoang, Reyhanitabar, Rogaway
and Vizár, CRYPTO 2015), so that a chunk moved, left out, repeated or cut off at the end does not open. Memory holds two
chunks, however long the file.
"""

import hashlib
import secrets
from collections.abc import Iterator
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from certs.algorithms import CONTRACT_KIND
from certs.keys import PrivateKey, PublicKey, demand_kind
from schemas.errors import YunhuobanError, declare

CHUNK_BYTES: Final = 1024 * 1024
_TAG_BYTES: Final = 16
_KEY_BYTES: Final = 32
_WRAPPED_BYTES: Final = 65 + _KEY_BYTES + _TAG_BYTES
_COUNTER_BYTES: Final = 11
_INFO: Final = b"yhb-sealed-file-v1\0"
_HPKE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

FILE_NOT_OPENED: Final = declare(
    "E-CERT-088",
    "加密文件打不开：密钥不是这份文件的，或文件被改动、截断。",
    "请核对恢复密钥与文件；若密钥无误，请改用另一份备份。",
)


class SealedWriter:
    """Writes the encrypted content after a header that is in the file already."""

    def __init__(self, out: BinaryIO, *, header: bytes, recipient: PublicKey) -> None:
        """`header` stands in the clear before this; it cannot be changed without the file failing to open.

        Raises KEY_UNSUITABLE.
        """
        self._out = out
        key = secrets.token_bytes(_KEY_BYTES)
        self._cipher = AESGCM(key)
        self._bound = _bound(header)
        self._pending = bytearray()
        self._number = 0
        demand_kind(recipient, CONTRACT_KIND, "recipient")
        out.write(_HPKE.encrypt(key, recipient, info=_INFO + self._bound))

    def write(self, data: bytes) -> None:
        """Add content; it is encrypted as soon as a chunk is full and more follows."""
        self._pending += data
        while len(self._pending) > CHUNK_BYTES:
            self._chunk(bytes(self._pending[:CHUNK_BYTES]), last=False)
            del self._pending[:CHUNK_BYTES]

    def close(self) -> None:
        """Write the last chunk; without it the file does not open."""
        self._chunk(bytes(self._pending), last=True)
        self._pending.clear()

    def _chunk(self, data: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last=last), data, self._bound))
        self._number += 1


def opened(file: BinaryIO, *, header: bytes, key: PrivateKey) -> Iterator[bytes]:
    """The content chunk by chunk, each authenticated before it is handed out. Raises FILE_NOT_OPENED.

    Only when the iteration has ended is it certain that nothing was cut off at the end.
    """
    bound = _bound(header)
    try:
        cipher = AESGCM(_HPKE.decrypt(file.read(_WRAPPED_BYTES), key, info=_INFO + bound))
    except (InvalidTag, ValueError, TypeError):
        raise YunhuobanError(FILE_NOT_OPENED, place="key") from None
    number, chunk = 0, file.read(CHUNK_BYTES + _TAG_BYTES)
    while True:
        following = file.read(CHUNK_BYTES + _TAG_BYTES)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), chunk, bound)
        except (InvalidTag, ValueError):
            raise YunhuobanError(FILE_NOT_OPENED, place=f"chunk {number}") from None
        if not following:
            return
        number, chunk = number + 1, following


def _bound(header: bytes) -> bytes:
    return hashlib.sha256(header).digest()


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_COUNTER_BYTES, "big") + (b"\1" if last else b"\0")
