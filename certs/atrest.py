"""Personal data at rest: AES-256-GCM under a key ring of the county node (NIST SP 800-38D).

A stored value is `version ‖ key id ‖ nonce ‖ ciphertext and tag`. The associated data holds the key id and the place
(table, column and row) where the value is stored, so that a value copied to another row does not open there.

Nonces are random, so one key is good for some 2^32 values (SP 800-38D §8.3): `rotate` long before, for instance once
a year. Old keys stay in the ring and open what they sealed; what they sealed need not be rewritten.
"""

import re
import secrets
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from certs import files
from schemas.errors import YunhuobanError, declare

_VERSION: Final = b"\x01"
_KEY_BYTES: Final = 32
_ID_BYTES: Final = 8
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_NONCE_AT: Final = len(_VERSION) + _ID_BYTES
_TEXT_AT: Final = _NONCE_AT + _NONCE_BYTES
_LABEL: Final = b"yhb-atrest-v1\0"

KEY_RING_UNUSABLE: Final = declare(
    "E-CERT-085", "本机的存储密钥不可用。", "请检查密钥目录及其权限；若密钥丢失，请从密钥备份恢复。"
)
KEY_RING_EXISTS: Final = declare("E-CERT-086", "这个目录里已经有存储密钥。", "已有密钥不能覆盖；要换密钥请做轮换。")
NOT_OPENED_AT_REST: Final = declare(
    "E-CERT-087", "存储的数据解不开，或不在它原来的位置。", "请停止写入并从备份核对；数据可能被改动，或密钥不全。"
)


class AtRest:
    """The key ring of one node: seals under the current key, opens under any of its keys."""

    def __init__(self, folder: Path) -> None:
        """Read the ring. Raises KEY_RING_UNUSABLE, also when others may read it."""
        self._folder = folder
        self._keys: dict[bytes, AESGCM] = {}
        for path in sorted(folder.glob("*.key")):
            self._keys[_key_id(path.stem)] = AESGCM(_read_key(path))
        self._current = _key_id(_text(folder / "current"))
        if self._current not in self._keys:
            raise YunhuobanError(KEY_RING_UNUSABLE, place="current")

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make a ring with one key, readable by its owner only. Raises KEY_RING_EXISTS."""
        if (folder / "current").exists():
            raise YunhuobanError(KEY_RING_EXISTS, place=folder.name)
        files.make_private_folder(folder)
        _add_key(folder)
        return cls(folder)

    def rotate(self) -> None:
        """Seal under a new key from now on; what older keys sealed still opens."""
        _add_key(self._folder)
        fresh = type(self)(self._folder)
        self._keys, self._current = fresh._keys, fresh._current  # noqa: SLF001  another of ourselves

    def seal(self, data: bytes, *, place: str) -> bytes:
        """Encrypt a value for its place, for instance `inbox.record/<id>`."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        text = self._keys[self._current].encrypt(nonce, data, _associated(self._current, place))
        return _VERSION + self._current + nonce + text

    def open(self, blob: bytes, *, place: str) -> bytes:
        """Decrypt a value where it lies. Raises NOT_OPENED_AT_REST for another place, an unknown key, any change."""
        key_id, nonce, text = blob[len(_VERSION) : _NONCE_AT], blob[_NONCE_AT:_TEXT_AT], blob[_TEXT_AT:]
        if not blob.startswith(_VERSION) or len(text) < _TAG_BYTES or key_id not in self._keys:
            raise YunhuobanError(NOT_OPENED_AT_REST, place=place.partition("/")[0])
        try:
            return self._keys[key_id].decrypt(nonce, text, _associated(key_id, place))
        except InvalidTag:
            raise YunhuobanError(NOT_OPENED_AT_REST, place=place.partition("/")[0]) from None


def _associated(key_id: bytes, place: str) -> bytes:
    return _LABEL + key_id + place.encode()


def _add_key(folder: Path) -> None:
    """Write a new key, and only then make it the current one."""
    name = secrets.token_bytes(_ID_BYTES).hex()
    files.write_atomically(folder / f"{name}.key", AESGCM.generate_key(bit_length=_KEY_BYTES * 8), mode=files.PRIVATE)
    files.write_atomically(folder / "current", name.encode("ascii"), mode=files.PRIVATE)


def _read_key(path: Path) -> bytes:
    try:
        shared = path.stat().st_mode & 0o077
        key = path.read_bytes()
    except OSError as error:
        raise YunhuobanError(KEY_RING_UNUSABLE, place=path.name, found=type(error).__name__) from error
    if shared or len(key) != _KEY_BYTES:
        raise YunhuobanError(KEY_RING_UNUSABLE, place=path.name, expected="0600, 32 B")
    return key


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except (OSError, ValueError) as error:
        raise YunhuobanError(KEY_RING_UNUSABLE, place=path.name, found=type(error).__name__) from error


def _key_id(name: str) -> bytes:
    if not re.fullmatch(r"[0-9a-f]{16}", name):
        raise YunhuobanError(KEY_RING_UNUSABLE, place="key id")
    return bytes.fromhex(name)
