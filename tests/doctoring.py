"""What tests of `adapter doctor` share: a county's folder as it lies on its machine, and servers with a fault."""

import contextlib
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from adapters.countyit.doctor.findings import Report, Step
from adapters.settings import AuthoritySettings, CountySettings, HubSettings
from certs import contexts
from certs.profiles import Role
from tests.brokers import WINDOW_COUNTY, TestTrust

SECONDS = 10.0


def folder(root: Path, trust: TestTrust, role: Role = Role.COUNTY_CONNECTION, **given: Any) -> Path:
    """A county's folder with anchors and a connection certificate; `given` is what `TestTrust.give` takes."""
    certs = root / "certs"
    certs.mkdir(parents=True, exist_ok=True)
    chain, key, _ = trust.give(role, **{"subject": WINDOW_COUNTY} | given)
    certs.joinpath("anchors.pem").write_bytes(trust.anchors.read_bytes())
    certs.joinpath("connection.pem").write_bytes(chain.read_bytes())
    certs.joinpath("connection.key").write_bytes(key.read_bytes())
    certs.joinpath("connection.key").chmod(0o600)
    return root


def settings(root: Path, address: str, **hub: Any) -> CountySettings:
    """The settings of a county in this folder whose hub is at this address."""
    return CountySettings(
        folder=root,
        division_code=WINDOW_COUNTY,
        name="永济市",
        mapping=root,
        local_read="",
        local_write="",
        authority=AuthoritySettings(name="局", code="11140881MB0000000U"),
        hub=HubSettings(urls=(address,), **hub),
    )


def outcomes(report: Report) -> dict[Step, str]:
    """Each step of the only broker: `passed`, `not_reached`, or the code of what is wrong."""
    (one,) = report.examinations
    assert list(one.findings) == list(Step)
    return {
        step: each.problem.code.code if each.problem is not None else each.outcome.value
        for step, each in one.findings.items()
    }


def cause(report: Report) -> str:
    """The code of the first thing wrong."""
    return report.examinations[0].problems[0].code.code


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on loopback that does this with each connection; its address."""
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                raw, _ = server.accept()
            except OSError:
                return
            raw.settimeout(SECONDS)
            with raw, contextlib.suppress(OSError):
                serve(raw)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def tls_server(
    trust: TestTrust, *, oldest: bool = False, shown: tuple[Path, Path] | None = None, **given: Any
) -> contextlib.AbstractContextManager[str]:
    """A server with a broker's certificate that shakes hands and answers; with `oldest`, TLS 1.0 only."""
    chain, key = shown or trust.give(Role.BROKER, "localhost", **given)[:2]
    context = contexts.server_context(chain, key)
    if oldest:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # that it is old is the point
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1

    def serve(raw: socket.socket) -> None:
        with context.wrap_socket(raw, server_side=True) as tls:
            tls.sendall(tls.recv(8))  # it answers an AMQP greeting, as a broker does that speaks another version

    return listening(serve)
