"""The way to the hub's joining page, believed only under the root whose fingerprint came with the invitation.

First the root itself is fetched over a connection that proves nothing, and compared with the fingerprint; then
everything is sent over TLS that trusts this one root, checks the host name, and demands a certificate of the hub's.
(The same order as `step ca bootstrap --fingerprint` of smallstep.) No public authority is asked. A proxy that the
environment names (`HTTPS_PROXY`) is used, and sees nothing but the address.
"""

import ssl
from types import TracebackType
from typing import Final, Self

import httpx

from schemas.errors import YunhuobanError, declare
from schemas.joining import codes
from schemas.joining.files import MAX_ANSWER_BYTES
from schemas.joining.wire import MAX_TOLD_BYTES, Told
from schemas.renewing.files import MAX_BYTES as MAX_RENEWAL_BYTES

HUB_OTHER: Final = declare(
    "E-JOIN-057",
    "这个网址上的不是邀请你的中枢，什么也没有发出。",
    "请打电话向中枢核对网址与指纹；不要改用别的网址重试。",
)
UNREACHABLE: Final = declare(
    "E-JOIN-058",
    "连不上中枢的加入页面。",
    "请县信息中心放行到这个主机和端口的外联，并核对代理；连不上的网络可改用文件：adapter join 加 --out。",
)
BUSY: Final = declare(
    "E-JOIN-059", "中枢的加入页面现在很忙，没有处理。", "不必做什么，程序会再问；一小时后仍如此请打电话。"
)
TRANSIENT: Final = frozenset({UNREACHABLE, BUSY})
"""What passes by itself: whoever waits goes on waiting."""
_SECONDS: Final = 20.0
_MAX_ROOT_BYTES: Final = 16 * 1024
_TOO_MANY: Final = 429
_SERVER: Final = 500


class Door:
    """One hub's joining page. Use as a context manager."""

    def __init__(self, address: str, fingerprint: str) -> None:
        """Connects at the first question."""
        self._address = address
        self._fingerprint = fingerprint
        self._client: httpx.Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            self._client.close()

    def request(self, file: bytes) -> Told:
        """Hand the request in, or ask how it stands. Raises E-JOIN-006 or E-JOIN-057 to -059, as they all do."""
        return self._told("request", file)

    def card(self, card: bytes) -> Told:
        """Hand the card in."""
        return self._told("card", card)

    def standing(self, question: bytes) -> Told:
        """Ask how a county stands that has joined."""
        return self._told("standing", question)

    def answer(self, file: bytes) -> bytes | Told:
        """Fetch the answer to a request; what is told instead, when there is none."""
        return self._fetched("answer", file, MAX_ANSWER_BYTES)

    def renewal(self, file: bytes) -> Told:
        """Hand a renewal request in, or ask how it stands."""
        return self._told("renewal", file)

    def renewal_answer(self, file: bytes) -> bytes | Told:
        """Fetch the authority's answer to a renewal request; what is told instead, when there is none."""
        return self._fetched("renewal/answer", file, MAX_RENEWAL_BYTES)

    def renewed_card(self, sealed: bytes) -> Told:
        """Hand in the card of new certificates, sealed by the key that it follows."""
        return self._told("renewal/card", sealed)

    def _fetched(self, place: str, file: bytes, most: int) -> bytes | Told:
        status, data = self._sent(place, file, most)
        return data if status == httpx.codes.OK else Told.read(data)

    def _told(self, place: str, data: bytes) -> Told:
        return Told.read(self._sent(place, data, MAX_TOLD_BYTES)[1])

    def _sent(self, place: str, data: bytes, most: int) -> tuple[int, bytes]:
        if self._client is None:
            self._client = _client(self._context())
            _read(self._client, "GET", f"{self._address}/root", _MAX_ROOT_BYTES)  # before anything of ours leaves
        return _read(self._client, "POST", f"{self._address}/{place}", most, data)

    def _context(self) -> ssl.SSLContext:
        """TLS that trusts the invitation's root alone. Raises E-JOIN-057 when the root is another."""
        nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        nobody.check_hostname, nobody.verify_mode = False, ssl.CERT_NONE  # the root proves itself, by its fingerprint
        with _client(nobody) as client:
            _status, root = _read(client, "GET", f"{self._address}/root", _MAX_ROOT_BYTES, proven=False)
        if not codes.same(codes.write_root(root), self._fingerprint):
            raise YunhuobanError(HUB_OTHER, place=self._address, expected=self._fingerprint)
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which checks chain and host name
        trusting.minimum_version = ssl.TLSVersion.TLSv1_2
        trusting.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(root))
        return trusting


def _client(context: ssl.SSLContext) -> httpx.Client:
    try:
        return httpx.Client(verify=context, timeout=_SECONDS, follow_redirects=False)
    except (ValueError, ImportError, httpx.InvalidURL) as error:  # a proxy in the environment that httpx cannot use
        raise YunhuobanError(UNREACHABLE, place="proxy", found=type(error).__name__) from error


def _read(
    client: httpx.Client, method: str, url: str, most: int, data: bytes | None = None, *, proven: bool = True
) -> tuple[int, bytes]:
    """Status and body, as far as it is wanted; `proven`: over TLS that trusts the invitation's root."""
    taken = bytearray()
    try:
        with client.stream(method, url, content=data) as response:
            if proven:
                _see_that_it_is_the_hub(response, url)
            for part in response.iter_bytes():
                taken += part
                if len(taken) > most:
                    break
    except httpx.HTTPError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):  # OpenSSL: an untrusted root, or another host
            raise YunhuobanError(HUB_OTHER, place=url, found=str(error)[:200]) from error
        raise YunhuobanError(UNREACHABLE, place=url, found=type(error).__name__) from error
    if response.status_code == _TOO_MANY or response.status_code >= _SERVER:
        raise YunhuobanError(BUSY, place=url, found=str(response.status_code))
    return response.status_code, bytes(taken)


def _see_that_it_is_the_hub(response: httpx.Response, url: str) -> None:
    """Under the same root every county has certificates, too. Raises E-JOIN-057."""
    connection = response.extensions["network_stream"].get_extra_info("ssl_object")
    subject = dict(each[0] for each in connection.getpeercert()["subject"])
    if subject.get("commonName") != "hub":
        raise YunhuobanError(HUB_OTHER, place=url, found=subject.get("commonName", "-"), expected="hub")
