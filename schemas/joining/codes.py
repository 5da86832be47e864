"""What people type and read aloud when a county joins: the invitation code and two fingerprints. Pure.

The code is 128 random bits in Crockford's base32 with his check character (mod 37), 26 + 1 characters in groups.
Fingerprints are SHA-256: the hub's in hexadecimal, as `certs ca show` and openssl print it, because it is copied and
compared in writing; the county's in sixty decimal digits (199 bits), because it is read aloud over the telephone, and
digits are what nobody mishears in any dialect.
"""

import hashlib
import hmac
import re
from typing import Final

from schemas.errors import YunhuobanError, declare

CODE_BYTES: Final = 16

CODE_MISTYPED: Final = declare(
    "E-JOIN-001", "邀请码不对：少了或多了字符，或有一个打错。", "请对照邀请逐组重新输入；不分大小写，连字符可不打。"
)
FINGERPRINT_MISTYPED: Final = declare(
    "E-JOIN-002", "指纹的位数或字符不对。", "请逐组重新输入：中枢指纹为 64 位十六进制，县密钥指纹为 60 位数字。"
)

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK: Final = _ALPHABET + "*~$=U"  # Crockford's five symbols that only a check character can be
_CHARACTERS: Final = 26
_MISREAD: Final = str.maketrans("OIL", "011")
_BETWEEN: Final = re.compile(r"[\s\-:：·]+")
_DIGITS: Final = 60
_GROUP: Final = 5


def write_code(secret: bytes) -> str:
    """The code as it is read and typed: `XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XX`, the last character the check."""
    if len(secret) != CODE_BYTES:
        raise ValueError("an invitation's secret has 16 bytes")
    number = int.from_bytes(secret)
    text = "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_CHARACTERS)))
    return _grouped(text + _CHECK[number % len(_CHECK)], _GROUP)


def read_code(typed: str) -> bytes:
    """The 16 bytes of a typed code, O for 0 and I or L for 1 forgiven. Raises E-JOIN-001, which never quotes it."""
    text = _BETWEEN.sub("", typed).upper().translate(_MISREAD)
    if len(text) != _CHARACTERS + 1:
        raise YunhuobanError(CODE_MISTYPED, found=f"{len(text)}", expected=f"{_CHARACTERS + 1}")
    number = 0
    for character in text[:-1]:
        place = _ALPHABET.find(character)
        if place < 0:
            raise YunhuobanError(CODE_MISTYPED, expected=_ALPHABET)
        number = number << 5 | place
    if number >> 8 * CODE_BYTES or _CHECK[number % len(_CHECK)] != text[-1]:
        raise YunhuobanError(CODE_MISTYPED)
    return number.to_bytes(CODE_BYTES)


def write_root(certificate: bytes) -> str:
    """The hub's fingerprint: SHA-256 of its transport root certificate (DER), hexadecimal in groups of four."""
    return _grouped(hashlib.sha256(certificate).hexdigest().upper(), 4)


def read_root(typed: str) -> str:
    """A typed hub fingerprint in the one spelling of `write_root`. Raises E-JOIN-002."""
    text = _BETWEEN.sub("", typed).upper()
    if not re.fullmatch(r"[0-9A-F]{64}", text):
        raise YunhuobanError(FINGERPRINT_MISTYPED, found=f"{len(text)}", expected="64 × 0-9A-F")
    return _grouped(text, 4)


def write_keys(connection: bytes, signing: bytes, encryption: bytes) -> str:
    """The county's fingerprint over its three public keys (SubjectPublicKeyInfo, DER): sixty digits."""
    digest = hashlib.sha256(b"yhb-join-keys-v1\0" + connection + signing + encryption).digest()
    return _grouped(f"{int.from_bytes(digest) % 10**_DIGITS:0{_DIGITS}}", _GROUP)


def read_keys(typed: str) -> str:
    """A typed county fingerprint in the one spelling of `write_keys`. Raises E-JOIN-002."""
    text = _BETWEEN.sub("", typed)
    if not re.fullmatch(r"[0-9]{60}", text):
        raise YunhuobanError(FINGERPRINT_MISTYPED, found=f"{len(text)}", expected=f"{_DIGITS} × 0-9")
    return _grouped(text, _GROUP)


def same(one: str, other: str) -> bool:
    """Whether two fingerprints in their one spelling are equal, in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def _grouped(text: str, size: int) -> str:
    return "-".join(text[start : start + size] for start in range(0, len(text), size))
