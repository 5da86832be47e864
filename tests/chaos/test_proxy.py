"""The line between a county and the broker does what the nemesis says: cut, stall, slow, heal."""

import contextlib
import socket
import threading
import time

import pytest

from tests.chaos.proxy import Line


@pytest.fixture
def echo():
    """A server on loopback that says what it hears; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(near):
        with contextlib.suppress(OSError):
            while data := near.recv(1024):
                near.sendall(data)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                threading.Thread(target=serve, args=(near,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


@pytest.fixture
def line(echo):
    """A line to it."""
    with Line(echo) as made:
        yield made


def call(line, seconds=2.0):
    """A connection through the line."""
    return socket.create_connection(("127.0.0.1", line.port), timeout=seconds)


def said(caller, word=b"hello"):
    """Say a word and hear it back."""
    caller.sendall(word)
    return caller.recv(1024)


def test_a_line_passes_everything_on(line):
    """Several connections, both ways."""
    with call(line) as first, call(line) as second:
        assert said(first) == b"hello"
        assert said(second, b"you") == b"you"


def test_a_cut_breaks_what_is_open_and_what_comes_until_it_is_mended(line):
    """Then it works again."""
    with call(line) as caller:
        assert said(caller) == b"hello"
        line.cut()
        with pytest.raises(OSError):  # noqa: PT012 -- either of the two says so, whichever comes first
            while said(caller):
                pass
            raise ConnectionResetError
    with contextlib.suppress(OSError), call(line) as caller:
        assert not said(caller)
    line.heal()
    with call(line) as caller:
        assert said(caller) == b"hello"


def test_a_stall_loses_nothing(line):
    """What was sent meanwhile comes afterwards."""
    with call(line) as caller:
        assert said(caller) == b"hello"
        line.stall()
        caller.settimeout(0.3)
        caller.sendall(b"late")
        with pytest.raises(TimeoutError):
            caller.recv(1024)
        line.heal()
        caller.settimeout(2.0)
        assert caller.recv(1024) == b"late"


def test_a_slow_line_is_slow(line):
    """Each piece of data waits, there and back."""
    with call(line) as caller:
        line.slow(0.1)
        started = time.monotonic()
        assert said(caller) == b"hello"
        assert time.monotonic() - started >= 0.2
