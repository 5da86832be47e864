"""What stands between a county and the hub: an HTTP proxy is of no use and is named, forwarding below TLS works."""

import socket
from pathlib import Path

import pytest

from adapters.countyit.doctor import examining
from adapters.countyit.doctor.findings import Step
from adapters.link import connection as link
from adapters.link.settings import link_parameters
from schemas.errors import YunhuobanError
from tests import doctoring
from tests.brokers import TestVhost, declared_for_links
from tests.chaos.proxy import Line

declared = pytest.fixture(declared_for_links)


def http_proxy(raw: socket.socket) -> None:
    """An HTTP proxy: whoever does not say CONNECT is told so, in HTTP."""
    if not raw.recv(4096).startswith(b"CONNECT "):
        raw.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")


def test_an_http_proxy_is_named_and_not_used(vhost: TestVhost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put for the hub's address it is E-LINK-023, and the link does not connect; in the environment it is ignored.

    Neither kombu nor py-amqp knows proxies: what `curl` and `pip` do on the same machine says nothing of the node.
    """
    county = doctoring.folder(tmp_path / "county", vhost.broker.trust)
    with doctoring.listening(http_proxy) as proxy:
        through = doctoring.settings(county, proxy, vhost=vhost.name)
        assert doctoring.outcomes(examining.examine(through))[Step.TLS] == "E-LINK-023"
        with pytest.raises(YunhuobanError) as refused:
            link.knock(link_parameters(through))
        assert refused.value.code.code == "E-LINK-002"
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://{proxy}")
        direct = f"127.0.0.1:{vhost.broker.node.settings.amqps_port}"
        assert examining.examine(doctoring.settings(county, direct, vhost=vhost.name)).well


def test_forwarding_below_tls_is_enough(vhost: TestVhost, tmp_path: Path) -> None:
    """The forwarder's address in `urls`, the hub's own name in `server_hostname`: every step passes through it."""
    county = doctoring.folder(tmp_path / "county", vhost.broker.trust)
    line = Line(vhost.broker.node.settings.amqps_port)
    with line:
        forwarded = doctoring.settings(county, f"127.0.0.1:{line.port}", vhost=vhost.name, server_hostname="localhost")
        assert examining.examine(forwarded).well
        assert link.knock(link_parameters(forwarded))
