"""The invitation in one line: code, county, the hub's fingerprint and where its joining page is, to be pasted. Pure.

`YHB1` and base32 (RFC 4648): one word of capitals and digits, which a terminal selects by a double click and no shell
changes. Four bytes of SHA-256 at its end tell a line that was cut short from one that is whole; they prove nothing.
It holds the code, hence it is told as the code is.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final, Self

from schemas.errors import YunhuobanError, declare
from schemas.joining import codes

LINE_DAMAGED: Final = declare(
    "E-JOIN-004",
    "邀请串不完整，或有字符变了。",
    "请从 YHB1 开始整行重新拷贝；仍不行就分别输入邀请码、中枢指纹和网址。",
)
ADDRESS_WRONG: Final = declare(
    "E-JOIN-005", "加入页面的网址不对，应为 https://主机名:端口。", "请照邀请里写的网址重新输入；没有的请打电话问中枢。"
)

_PREFIX: Final = "YHB1"
_SHORTEST: Final = 60
"""No code is as long, and every line is longer."""
_BLANKS: Final = re.compile(r"[\s\-]+")
_ADDRESS: Final = re.compile(r"https://([a-z0-9][a-z0-9.-]{0,251}|\[[0-9a-f:.]{2,45}\]):([0-9]{1,5})")
_LAST_PORT: Final = 65535
_COUNTY: Final = 6
_ROOT: Final = 32
_SUM: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What an invitation says in one line."""

    secret: bytes
    fingerprint: str
    """Of the hub's root, as `codes.write_root` spells it."""
    county: str
    address: str
    """Of the joining page, as `read_address` spells it."""

    def write(self) -> str:
        """The line."""
        root = bytes.fromhex(self.fingerprint.replace("-", ""))
        data = self.secret + root + self.county.encode() + self.address.removeprefix("https://").encode()
        return _PREFIX + base64.b32encode(data + _checksum(data)).decode().rstrip("=")

    @classmethod
    def read(cls, typed: str) -> Self:
        """Undo `write`, blanks and small letters forgiven. Raises E-JOIN-004, which never quotes it."""
        text = _BLANKS.sub("", typed).upper().removeprefix(_PREFIX)
        try:
            data = base64.b32decode(text + "=" * (-len(text) % 8))
            body = _whole(data)
            rest = body[codes.CODE_BYTES + _ROOT :].decode("ascii")
            return cls(
                secret=body[: codes.CODE_BYTES],
                fingerprint=codes.read_root(body[codes.CODE_BYTES :][:_ROOT].hex()),
                county=rest[:_COUNTY],
                address=read_address(f"https://{rest[_COUNTY:]}"),
            )
        except (binascii.Error, ValueError, YunhuobanError) as error:
            raise YunhuobanError(LINE_DAMAGED) from error


def is_line(typed: str) -> bool:
    """Whether this was meant as a line and not as a code."""
    text = _BLANKS.sub("", typed).upper()
    return text.startswith(_PREFIX) and len(text) >= _SHORTEST


def read_address(typed: str) -> str:
    """The joining page's address, `https://host:port`. Raises E-JOIN-005."""
    text = typed.strip().rstrip("/").lower()
    match = _ADDRESS.fullmatch(text)
    if match is None or not 1 <= int(match[2]) <= _LAST_PORT:
        raise YunhuobanError(ADDRESS_WRONG, place="--hub", expected="https://host:port")
    return text


def _whole(data: bytes) -> bytes:
    """Without the checksum. Raises E-JOIN-004 when it is not this text's."""
    if data[-_SUM:] != _checksum(data[:-_SUM]):
        raise YunhuobanError(LINE_DAMAGED)
    return data[:-_SUM]


def _checksum(data: bytes) -> bytes:
    return hashlib.sha256(b"yhb-join-line-v1\0" + data).digest()[:_SUM]
