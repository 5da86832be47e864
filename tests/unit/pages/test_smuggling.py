"""Where one request ends is said in one way only: no second one hides in the body of the first (RFC 9112 §6, §11.2)."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

from certs.hallauthority import HallAuthority
from pages.access import Access
from pages.frame import Frame
from pages.serving import Serving
from tests import hall_tls

Ask = Callable[[str], list[str]]
PICTURE = "/assets/mark.svg HTTP/1.1"
HIDDEN = f"GET {PICTURE}\r\nHost: {{host}}\r\n\r\n"
HEADS = {
    "two lengths": "Content-Length: 0\r\nContent-Length: {size}",
    "a list of lengths": "Content-Length: 0, {size}",
    "a length with a sign": "Content-Length: +{size}",
    "an unknown coding": "Transfer-Encoding: gzip",
    "two codings": "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "a blank before the colon": "Content-Length : {size}",
}


@pytest.fixture(scope="module", params=["tls", pytest.param("loopback", marks=pytest.mark.long)])
def ask(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Sends bytes to one of the two listeners; the status of each answer that comes until the connection ends."""
    app = Frame(name="测试", access=Access(), packages=[]).application()
    own = hall_tls.authority(tmp_path_factory.mktemp("smuggling") / "hall")
    context = hall_tls.serves(own)
    served = Serving(app) if request.param == "loopback" else Serving(app, tls=lambda: context, names=hall_tls.NAMES)
    with served:
        yield lambda text: answers(own, served.port, text, tls=request.param == "tls")


def answers(own: HallAuthority, port: int, text: str, *, tls: bool) -> list[str]:
    """The status of each answer, until the other side ends the connection."""
    whole = b""
    with ExitStack() as stack:
        if tls:
            there: socket.socket = stack.enter_context(hall_tls.connected(own, port))
        else:
            there = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=hall_tls.SECONDS))
        host = f"127.0.0.1:{port}"
        size = str(len(HIDDEN.replace("{host}", host)))
        there.sendall(text.replace("{size}", size).replace("{host}", host).encode("latin-1"))
        with suppress(ConnectionError):
            while piece := there.recv(65536):
                whole += piece
    return re.findall(r"HTTP/1\.1 (\d{3})", whole.decode("latin-1"))


@pytest.mark.parametrize("kind", HEADS)
def test_a_request_whose_end_is_in_doubt_is_refused_with_what_follows_it(ask: Ask, kind: str) -> None:
    """One answer, a refusal, and the connection ends: nobody says which of the two ends was meant."""
    assert ask(f"GET {PICTURE}\r\nHost: {{host}}\r\n{HEADS[kind]}\r\n\r\n{HIDDEN}") in (["400"], ["501"])


@pytest.mark.parametrize("line", ["X: y\nContent-Length: {size}", "Content-Length:\r\n {size}"])
def test_an_old_way_to_end_a_line_is_heard_as_one(ask: Ask, line: str) -> None:
    """What RFC 9112 §2.2 and §5.2 allow hides nothing: the length counts, and what is within it is the body."""
    assert ask(f"GET {PICTURE}\r\nHost: {{host}}\r\nConnection: close\r\n{line}\r\n\r\n{HIDDEN}") == ["200"]


def test_a_length_beside_a_coding_is_refused(ask: Ask) -> None:
    """Whichever of the two somebody before us went by: no second request is heard on this connection."""
    both = "Transfer-Encoding: chunked\r\nContent-Length: {size}"
    assert ask(f"POST /codes HTTP/1.1\r\nHost: {{host}}\r\n{both}\r\n\r\n0\r\n\r\n{HIDDEN}") == ["400"]


def test_two_whole_requests_are_two(ask: Ask) -> None:
    """The hidden one would be answered where nothing is in doubt: so the others show something."""
    closing = HIDDEN.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
    assert ask(HIDDEN + closing) == ["200", "200"]
