"""A hall's page authority in a folder, and clients who trust its root and nothing else."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from certs import contexts, keys
from certs.hallauthority import PAGE, HallAuthority
from certs.hallscope import HostNames, Scope

NAME: Final = "hall.wuqiao.example.cn"
NAMES: Final = (NAME, "127.0.0.1")
SECONDS: Final = 60.0
"""For what comes at once on an idle machine."""


def authority(folder: Path) -> HallAuthority:
    """One for 127.0.0.0/16 and below wuqiao.example.cn, with a certificate of the page."""
    made = HallAuthority.create(folder, "130928", Scope.parse(["wuqiao.example.cn"], ["127.0.0.0/16"]), now=now())
    made.issue("130928", HostNames.parse(NAMES), now=now())
    return made


def now() -> datetime:
    """The real time: real clients judge by it."""
    return datetime.now(UTC)


def serves(own: HallAuthority) -> ssl.SSLContext:
    """What the page is served with at present."""
    return contexts.server_context(own.folder / PAGE, own.folder / PAGE)


def trusts(own: HallAuthority) -> ssl.SSLContext:
    """A browser of the hall into which the root was put."""
    return ssl.create_default_context(cadata=keys.pem(own.root))


def browser(own: HallAuthority, port: int, **options: Any) -> httpx.Client:
    """The same, at the page by its address."""
    url = f"https://127.0.0.1:{port}"
    return httpx.Client(base_url=url, verify=trusts(own), trust_env=False, timeout=SECONDS, **options)


@contextmanager
def connected(own: HallAuthority, port: int, context: ssl.SSLContext | None = None) -> Iterator[ssl.SSLSocket]:
    """A connection under the hall's name, byte by byte."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as plain,
        (context or trusts(own)).wrap_socket(plain, server_hostname=NAME) as wrapped,
    ):
        yield wrapped


def ends(connection: socket.socket) -> bool:
    """Whether the other side ends it; read to its end."""
    try:
        while connection.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:  # cut off
        return True
    return True
