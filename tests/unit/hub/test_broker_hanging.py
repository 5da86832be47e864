"""A broker that hangs takes connections and answers nothing: that is known within seconds."""

import socket
import ssl
import time
from collections.abc import Iterator

import pytest

from hub.broker import management
from hub.broker.management import Management
from schemas.errors import YunhuobanError


@pytest.fixture
def hanging() -> Iterator[str]:
    """Its address."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_it_is_known_soon(hanging: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the sign of life in any case, by every question where a page asks."""
    monkeypatch.setattr(management, "_SIGN_OF_LIFE_SECONDS", 0.1)
    started = time.monotonic()
    with Management(hanging, "user", "password") as patient, pytest.raises(YunhuobanError, match="E-BROKER-020"):
        patient.overview()
    with Management(hanging, "user", "password", answer_seconds=0.1) as page:
        with pytest.raises(YunhuobanError, match="E-BROKER-020"):
            page.queues("vhost")
        with pytest.raises(YunhuobanError, match="E-BROKER-020"):
            page.connections()
    assert time.monotonic() - started < 5.0


def test_a_look_reads_no_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub looks every second, on plain HTTP: to read a hundred authorities each time was half of what it did."""
    monkeypatch.setattr(ssl, "create_default_context", None)
    Management("http://127.0.0.1:9", "user", "password").close()
