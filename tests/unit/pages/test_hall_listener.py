"""The hall's listener, with real TLS clients: who is let in, who is refused, and who is not waited for."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request

import pages
from certs import building, contexts, keys
from certs.hallauthority import HallAuthority
from certs.hallscope import HostNames
from certs.profiles import PROFILES, Role
from pages.access import CSRF_HEADER, HEADERS, Access, cookie_name
from pages.frame import Frame
from pages.listening import accepting, bodies, patience
from pages.listening.bodies import FORM_BYTES, allow
from pages.listening.listener import HSTS, Listener
from pages.serving import Serving
from schemas.errors import YunhuobanError
from tests import hall_tls
from tests.awaiting import until
from tests.hall_tls import NAME, NAMES, browser, connected, ends

SCANS = 2 * FORM_BYTES
ASSETS = Path(pages.__file__).parent / "assets" / "vendor"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> HallAuthority:
    """The county's page authority."""
    return hall_tls.authority(tmp_path_factory.mktemp("hall") / "hall")


class Hall:
    """One application at both places."""

    def __init__(self, own: HallAuthority) -> None:
        self.access = Access()
        self.app = Frame(name="测试", access=self.access, packages=[]).application()
        self.taken: list[int] = []
        self._routes(self.app)
        self.context = hall_tls.serves(own)
        self.local = Serving(self.app)
        self.hall = Serving(self.app, tls=lambda: self.context, names=NAMES)

    def _routes(self, app: FastAPI) -> None:
        @app.get("/long")
        def long() -> str:
            return "x" * 32_000_000

        @app.post("/form")
        async def form(request: Request) -> int:
            self.taken.append(len(await request.body()))
            return self.taken[-1]

        @app.post("/cases/{case_no}/scans")
        async def scans(case_no: str, request: Request) -> int:
            return len(await request.body())

        allow(app, "/cases/{case_no}/scans", SCANS)

    def entered(self) -> httpx.Client:
        """A browser on the machine itself, opened by the machine's address."""
        port = self.local.port
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=hall_tls.SECONDS)
        exchanged = client.get(self.access.address(port))
        assert exchanged.status_code == 303
        client.headers[CSRF_HEADER] = self.access.csrf(client.cookies[cookie_name(port)])
        return client


@pytest.fixture(scope="module")
def hall(own: HallAuthority) -> Iterator[Hall]:
    """Both listeners, running."""
    made = Hall(own)
    with made.local, made.hall:
        yield made


def test_the_hall_reaches_style_and_a_refusal_and_nothing_else(own: HallAuthority, hall: Hall):
    """Until people sign in: /assets, and a sentence; every answer over TLS says that it stays so, no other does."""
    with browser(own, hall.hall.port) as client:
        style = client.get("/assets/pages.css")
        refused = client.get("/")
        assert (style.status_code, refused.status_code) == (200, 403)
        assert "E-PAGE-001" in refused.text
        for answer in (style, refused):
            assert answer.headers["Strict-Transport-Security"] == HSTS
            assert answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
        named = client.get("/", headers={"Host": f"{NAME}:{hall.hall.port}"}, extensions={"sni_hostname": NAME})
        assert "E-PAGE-001" in named.text
        for path in ("/long", "/codes", "/joining", "/nowhere"):
            assert client.get(path).status_code == 403
        assert client.post("/form", content=b"x", headers={CSRF_HEADER: "x"}).status_code == 403
    assert hall.taken == []
    with closing(hall.entered()) as client:
        assert "Strict-Transport-Security" not in client.get("/assets/pages.css").headers


@pytest.mark.parametrize(
    "host", ["evil.example", f"{NAME}", "127.0.0.1", "localhost:{port}", f"{NAME}:1", "", "x.{name}"]
)
def test_another_host_is_refused(host: str, own: HallAuthority, hall: Hall):
    """E-PAGE-004 for every name that county IT did not give, the machine's own among them, and for another port."""
    said = host.format(port=hall.hall.port, name=f"{NAME}:{hall.hall.port}")
    with browser(own, hall.hall.port) as client:
        answer = client.get("/assets/pages.css", headers={"Host": said})
    assert answer.status_code == 400
    assert "E-PAGE-004" in answer.text


def test_on_port_443_browsers_send_no_port():
    """The port that https stands for is left out by browsers, and an address of IPv6 comes in brackets."""
    assert Listener.of_hall(("a.b", "::1"), 443).hosts == {"a.b", "a.b:443", "[::1]", "[::1]:443"}
    assert Listener.of_hall(("a.b",), 8443).hosts == {"a.b:8443"}


def test_the_machines_token_and_session_are_worth_nothing_in_the_hall(own: HallAuthority, hall: Hall):
    """E-PAGE-094, the token is not used up by it, and a session of the machine opens nothing over TLS."""
    token = hall.access.address(hall.local.port).partition("token=")[2]
    with browser(own, hall.hall.port) as client:
        for headers in ({}, {"X-Forwarded-Proto": "http", "X-Forwarded-For": "127.0.0.1"}):
            refused = client.get("/", params={"token": token}, headers=headers)
            assert (refused.status_code, refused.headers.get("set-cookie")) == (403, None)
            assert "E-PAGE-094" in refused.text
        session = hall.access.exchange(token)
        assert session is not None, "nobody in the hall can use the machine's address up"
        for name in (cookie_name(hall.hall.port), cookie_name(hall.local.port)):
            assert "E-PAGE-001" in client.get("/", headers={"Cookie": f"{name}={session}"}).text


def test_a_thiefs_certificate_is_refused_by_clients(own: HallAuthority, tmp_path: Path):
    """A leaf for another name under the same authority: OpenSSL in the client ends the handshake."""
    key = keys.generate_key()
    leaf = building.sign(
        PROFILES[Role.HALL_PAGE], "130928", key.public_key(), own.issuing,
        keys.load_private_key(own.folder / "authority.key"), now=hall_tls.now(), trial=False,
        alternatives=building.names(["www.bank.example"], []),
    )  # fmt: skip
    keys.save_private_key(key, tmp_path / "x.key")
    keys.save_certificates([leaf, own.issuing], tmp_path / "x.pem")
    context = contexts.server_context(tmp_path / "x.pem", tmp_path / "x.key")
    with (
        Serving(Frame(name="", access=Access(), packages=[]).application(), tls=lambda: context) as serving,
        socket.create_connection(("127.0.0.1", serving.port), timeout=hall_tls.SECONDS) as plain,
        pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"),
    ):
        hall_tls.trusts(own).wrap_socket(plain, server_hostname="www.bank.example")


def test_plain_http_and_old_tls_get_nothing(own: HallAuthority, hall: Hall):
    """No answer to what is not TLS, none to TLS 1.1, and to 1.2 only with forward secrecy."""
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://127.0.0.1:{hall.hall.port}/assets/pages.css", trust_env=False, timeout=hall_tls.SECONDS)
    old = hall_tls.trusts(own)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    weak = hall_tls.trusts(own)
    weak.set_ciphers("AES256-SHA:AES128-SHA:ECDHE-ECDSA-AES256-SHA")
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    for context in (old, weak):
        with pytest.raises((ssl.SSLError, ConnectionError)), connected(own, hall.hall.port, context):
            pass
    newer = hall_tls.trusts(own)
    newer.maximum_version = ssl.TLSVersion.TLSv1_2
    with connected(own, hall.hall.port, newer) as wrapped:
        assert (wrapped.version(), wrapped.selected_alpn_protocol()) == ("TLSv1.2", None)


def test_a_new_certificate_comes_while_a_connection_stands(own: HallAuthority, hall: Hall):
    """Who is connected goes on undisturbed, who comes next sees the new one; no restart."""
    with browser(own, hall.hall.port) as client, connected(own, hall.hall.port) as before:
        assert client.get("/").status_code == 403
        new = own.issue("130928", HostNames.parse(NAMES), now=hall_tls.now())
        hall.context = hall_tls.serves(own)
        host = f"{NAME}:{hall.hall.port}"
        before.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert before.recv(4096).startswith(b"HTTP/1.1 403")
        with connected(own, hall.hall.port) as after:
            assert after.getpeercert(binary_form=True) == keys.der(new)
            assert after.getpeercert(binary_form=True) != before.getpeercert(binary_form=True)


def test_nobody_is_waited_for(own: HallAuthority, hall: Hall, monkeypatch: pytest.MonkeyPatch):
    """A handshake, a head or an answer that does not move ends its connection; the others are served meanwhile."""
    port = hall.hall.port
    monkeypatch.setattr(accepting, "HANDSHAKE_SECONDS", 0.1)
    with socket.create_connection(("127.0.0.1", port), timeout=hall_tls.SECONDS) as silent:
        assert ends(silent)
    monkeypatch.setattr(accepting, "HANDSHAKE_SECONDS", 10.0)
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.2)
    for whole in ("", f"GET / HTTP/1.1\r\nHost: {NAME}:{port}\r\n\r\n"):
        with connected(own, port) as slow:
            slow.sendall(whole.encode())
            assert not whole or slow.recv(65536).startswith(b"HTTP/1.1 403")
            slow.sendall(b"GET / HTTP/1.1\r\nHost: ")
            assert ends(slow), whole
    monkeypatch.setattr(patience, "HEAD_SECONDS", 15.0)
    monkeypatch.setattr(patience, "READ_SECONDS", 1.0)
    large = max(ASSETS.iterdir(), key=lambda each: each.stat().st_size).name
    asked = f"GET /assets/vendor/{large} HTTP/1.1\r\nHost: {NAME}:{port}\r\n".encode()
    with connected(own, port) as deaf:  # it asks and asks, and takes nothing
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall((asked + b"\r\n") * 200)
        standing = hall.hall._server.server_state.connections
        until(lambda: any(each.flow.write_paused for each in standing.copy()))
        until(lambda: not any(each.flow.write_paused for each in standing.copy()))


def test_one_address_does_not_take_all_places(own: HallAuthority, hall: Hall, monkeypatch: pytest.MonkeyPatch):
    """Beyond its number a connection is closed at once, before any cryptography; one that ends makes room."""
    port = hall.hall.port
    until(lambda: not hall.hall._server.servers[0]._from)
    monkeypatch.setattr(accepting, "AT_ONCE_FROM_ONE", 2)
    with connected(own, port), connected(own, port) as second:
        with socket.create_connection(("127.0.0.1", port), timeout=hall_tls.SECONDS) as third:
            assert ends(third)
        second.close()

        def comes_in() -> bool:
            with suppress(OSError), connected(own, port):
                return True
            return False

        until(comes_in)


def test_a_form_has_a_size_and_a_time(hall: Hall, monkeypatch: pytest.MonkeyPatch):
    """E-PAGE-090 whether the length is said or not, E-PAGE-091 for one that does not end; a route may take more."""
    with closing(hall.entered()) as client:
        assert client.post("/form", content=b"x" * FORM_BYTES).json() == FORM_BYTES
        assert client.post("/cases/1/scans", content=b"x" * SCANS).json() == SCANS
        for path, most in (("/form", FORM_BYTES), ("/cases/1/scans", SCANS)):
            for content in (b"x" * (most + 1), iter([b"x" * most, b"x"])):
                answer = client.post(path, content=content)
                assert (answer.status_code, "E-PAGE-090" in answer.text) == (413, True), path
                assert answer.headers["Content-Security-Policy"]
        assert hall.taken == [FORM_BYTES]
        monkeypatch.setattr(bodies, "BODY_SECONDS", -4.0 + 0.2)
        with socket.create_connection(("127.0.0.1", hall.local.port), timeout=hall_tls.SECONDS) as slow:
            cookie = f"{cookie_name(hall.local.port)}={client.cookies[cookie_name(hall.local.port)]}"
            head = f"POST /form HTTP/1.1\r\nHost: 127.0.0.1:{hall.local.port}\r\nCookie: {cookie}\r\n"
            head += f"{CSRF_HEADER}: {client.headers[CSRF_HEADER]}\r\nContent-Length: 9\r\nConnection: close\r\n\r\nx"
            slow.sendall(head.encode())
            said = b"".join(iter(lambda: slow.recv(65536), b"")).decode()
            assert said.startswith("HTTP/1.1 408")
            assert "E-PAGE-091" in said
    assert hall.taken == [FORM_BYTES]


def test_a_head_has_a_size(own: HallAuthority, hall: Hall):
    """E-PAGE-092, or a cut connection, for a request that is all cookie."""
    with closing(hall.entered()) as client:
        answer = client.get("/", headers={"X": "x" * 20_000})
        assert (answer.status_code, "E-PAGE-092" in answer.text) == (431, True)
    with browser(own, hall.hall.port) as client:
        assert client.get("/", headers={"X": "x" * 20_000}).status_code in {400, 431}
        assert client.get("/" + "y" * 20_000).status_code in {400, 431}


def test_what_cannot_be_served_is_a_sentence(hall: Hall, monkeypatch: pytest.MonkeyPatch):
    """Plain HTTP beyond this machine, an address of another machine, a port that is root's."""
    for host in ("0.0.0.0", "10.1.2.3", "::", "hall.example"):
        with pytest.raises(YunhuobanError, match="E-PAGE-093"):
            Serving(hall.app, host=host)
    with pytest.raises(YunhuobanError, match="E-PAGE-096"):
        Serving(hall.app, host="192.0.2.1", tls=lambda: hall.context)

    def forbidden(_socket: socket.socket, _address: object) -> None:
        raise PermissionError(13, "Permission denied")

    class Forbidding(socket.socket):  # root may use any port, and tests run as root
        bind = forbidden

    monkeypatch.setattr(socket, "socket", Forbidding)
    with pytest.raises(YunhuobanError, match="E-PAGE-095"):
        Serving(hall.app, port=443)
