"""Who may push: the county's own system shows a token, or signs what it sends with a secret that both sides know.

Signed (HMAC-SHA256, RFC 2104) is the time, the path and the body, a line feed between them, so that a body taken from
the line can neither be changed, nor sent to another path, nor sent again later than some minutes. Both are compared in
constant time, and read from their files anew each time, so that they can be changed under a running node.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.local.sources import secretfiles
from schemas.errors import YunhuobanError, declare

NO_PROOF = declare(
    "E-SRC-092",
    "推送没有带来有效的令牌或签名，没有接收。",
    "请核对双方的 token_file 或 secret_file，签名的写法（时间戳、路径、正文）见文档。",
)
CLOCKS_APART = declare(
    "E-SRC-093", "推送的时间戳与县节点的时钟相差太多，没有接收。", "请核对两台机器的时钟；时间戳写 1970 年以来的秒数。"
)
SIGNATURE: Final = "X-Yhb-Signature"
TIMESTAMP: Final = "X-Yhb-Timestamp"
APART_SECONDS: Final = 300
_SHORTEST_SECRET: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a push has to show: exactly one of the two."""

    token_file: Path | None
    secret_file: Path | None
    now: Callable[[], datetime]

    def precheck(self, headers: Mapping[str, str], path: str) -> None:
        """What can be said before the body is read. Raises E-SRC-075, E-SRC-092 or E-SRC-093."""
        if self.token_file is not None:
            shown = headers.get("Authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(shown.encode(), self._secret(self.token_file)):
                raise YunhuobanError(NO_PROOF, place=path, expected="Authorization: Bearer …")
            return
        said = headers.get(TIMESTAMP, "")
        if not said.isascii() or not said.isdecimal() or len(said) > 12 or SIGNATURE not in headers:
            raise YunhuobanError(NO_PROOF, place=path, expected=f"{TIMESTAMP}, {SIGNATURE}")
        apart = int(said) - int(self.now().timestamp())
        if abs(apart) > APART_SECONDS:
            expected = f"± {APART_SECONDS} s"
            raise YunhuobanError(CLOCKS_APART, place=path, found=f"{apart:+d} s", expected=expected)

    def check(self, headers: Mapping[str, str], path: str, body: bytes) -> None:
        """What takes the body. Raises E-SRC-075 or E-SRC-092."""
        if self.secret_file is None:
            return
        wanted = signature(self._secret(self.secret_file), headers.get(TIMESTAMP, ""), path, body)
        if not hmac.compare_digest(headers.get(SIGNATURE, "").encode(), wanted.encode()):
            raise YunhuobanError(NO_PROOF, place=path, expected=f"{SIGNATURE}: sha256=…")

    def _secret(self, path: Path) -> bytes:
        secret = secretfiles.line(path).encode()
        if len(secret) < _SHORTEST_SECRET:
            found, expected = str(len(secret)), f"≥ {_SHORTEST_SECRET}"
            raise YunhuobanError(secretfiles.UNREADABLE, place=str(path), found=found, expected=expected)
        return secret


def signature(secret: bytes, timestamp: str, path: str, body: bytes) -> str:
    """What stands in the header of a signed push."""
    said = timestamp.encode() + b"\n" + path.encode() + b"\n" + body
    return f"sha256={hmac.new(secret, said, hashlib.sha256).hexdigest()}"
