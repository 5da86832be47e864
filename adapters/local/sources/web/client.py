"""The county side's door to httpx: one request to the county's own interface, and what its answer means.

No redirect is followed (the token would go along), no proxy of the environment is used (the hall's own network is
meant), and an answer has a size and a time. What went wrong is one of: not reached, not believed, not let in, later,
refused. Status codes: RFC 9110; `Retry-After` in seconds is heeded.
"""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from adapters.local.sources.web.access import Access
from schemas.errors import YunhuobanError, declare

NOT_REACHED = declare(
    "E-SRC-082",
    "连不上县本地系统的接口，或者它没有在时限内答复。",
    "请检查地址、端口、防火墙和该系统是否在运行；恢复后会接着做，不会重复。",
)
NOT_BELIEVED = declare(
    "E-SRC-083", "县本地系统接口的证书不可信。", "请核对主机名和证书期限；用自建证书机构的，在 ca_file 中写明它的证书。"
)
NOT_LET_IN = declare(
    "E-SRC-084", "县本地系统的接口不接受我们的令牌。", "请核对 token_file、header 和该系统中的授权；改好后会接着做。"
)
LATER = declare("E-SRC-085", "县本地系统的接口现在办不了。", "请查看该系统自己的日志；稍后会自动再试，不会重复。")
REFUSED = declare(
    "E-SRC-086",
    "县本地系统的接口拒绝了这个请求。",
    "请按状态码查看该系统自己的日志；核对 mapping.toml 中的 path、parameters 和各列。",
)
NO_JSON = declare(
    "E-SRC-087",
    "接口的答复不是 JSON，或者过大。",
    "请核对地址和 path；记录多的接口请分页，在 mapping.toml 中写明 page 或 next。",
)

LARGEST_ANSWER_BYTES: Final = 32 * 2**20
_CONNECT_SECONDS: Final = 10.0
_READ_SECONDS: Final = 30.0
_WHOLE_SECONDS: Final = 120.0
_LONGEST_WAIT_SECONDS: Final = 300
_LATER: Final = frozenset({408, 409, 425, 429})
"""Those of 4xx that ask for the same request once more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back of a request that was understood: 2xx, or 304 with nothing in it."""

    status: int
    body: bytes = b""
    encoding: str = "utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class LaterError(YunhuobanError):
    """The same request may succeed after some seconds, which the server may have named."""

    def __init__(self, place: str, status: int, seconds: int | None) -> None:
        super().__init__(LATER, place=place, found=f"HTTP {status}")
        self.seconds = seconds


class Client:
    """Speaks to one county's interface; safe to be used by one loop at a time."""

    def __init__(self, access: Access) -> None:
        """Open nothing yet."""
        self._access = access
        self._client: httpx.Client | None = None

    def get(self, path: str, parameters: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Ask for something. Raises E-SRC-075 or E-SRC-082 to -087."""
        return self._request("GET", path, params=dict(parameters), headers=dict(headers))

    def post(self, path: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Hand something over. Raises the same."""
        said = {"Content-Type": "application/json; charset=utf-8"} | dict(headers)
        return self._request("POST", path, content=content, headers=said)

    def close(self) -> None:
        """End the connections; the next request makes new ones."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _request(self, method: str, path: str, *, headers: dict[str, str], **more: Any) -> Answer:
        place = f"接口 {path}"
        url = self._access.address + path
        headers |= self._access.headers()
        try:
            with self._opened().stream(method, url, headers=headers, **more) as response:
                problem = _problem(response, place)
                if problem is not None:
                    raise problem
                return _answer(response, place)
        except httpx.ConnectError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise YunhuobanError(NOT_BELIEVED, place=place, found=_reason(error)) from None
            raise YunhuobanError(NOT_REACHED, place=place, found=type(error).__name__) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise YunhuobanError(NOT_REACHED, place=place, found=type(error).__name__) from None

    def _opened(self) -> httpx.Client:
        if self._client is None:
            self._client = httpx.Client(
                verify=self._trust(),
                trust_env=False,
                follow_redirects=False,
                timeout=httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS),
                headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "yunhuoban"},
            )
        return self._client

    def _trust(self) -> ssl.SSLContext:
        if not self._access.address.startswith("https:"):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # believes nobody, and reads no authorities
        file = self._access.ca_file
        try:
            return ssl.create_default_context(cafile=None if file is None else str(file))
        except OSError as error:
            raise YunhuobanError(NOT_BELIEVED, place=str(file), found=type(error).__name__, expected="PEM") from None


def _problem(response: httpx.Response, place: str) -> YunhuobanError | None:
    status = response.status_code
    if 200 <= status < 300 or status == httpx.codes.NOT_MODIFIED:
        return None
    if status >= 500 or status in _LATER:
        said = response.headers.get("Retry-After", "")
        return LaterError(
            place, status, min(int(said), _LONGEST_WAIT_SECONDS) if said.isdecimal() and len(said) < 9 else None
        )
    code = NOT_LET_IN if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN) else REFUSED
    return YunhuobanError(code, place=place, found=f"HTTP {status}", expected="HTTP 200")


def _answer(response: httpx.Response, place: str) -> Answer:
    until = time.monotonic() + _WHOLE_SECONDS
    body = bytearray()
    for part in response.iter_bytes():
        body += part
        if len(body) > LARGEST_ANSWER_BYTES:
            found, expected = f"> {LARGEST_ANSWER_BYTES}", f"最多 {LARGEST_ANSWER_BYTES} 字节"
            raise YunhuobanError(NO_JSON, place=place, found=found, expected=expected)
        if time.monotonic() > until:
            raise YunhuobanError(NOT_REACHED, place=place, found=f"> {_WHOLE_SECONDS:.0f} s")
    return Answer(response.status_code, bytes(body), _encoding(response), response.headers)


def _encoding(response: httpx.Response) -> str:
    """JSON is UTF-8 (RFC 8259); some systems of halls answer in GBK and say so."""
    said = response.charset_encoding or "utf-8"
    try:
        "".encode(said)
    except LookupError:
        return "utf-8"
    return said


def _reason(error: Exception) -> str:
    """Why a certificate was not believed, in OpenSSL's words: they quote nothing of the request."""
    return str(error).partition("verify failed: ")[2].partition(" (")[0] or type(error).__name__
