"""TLS as it is really done: Python's ssl, py-amqp's transport, and Erlang's listener with the broker's own options."""

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from amqp.transport import SSLTransport

from certs import contexts, crl, keys
from certs.authority import Authority
from certs.probe import TlsFacts, probe
from certs.profiles import PROFILES, Role
from schemas.errors import YunhuobanError

ERLANG = shutil.which("erl")


@pytest.fixture(scope="module")
def real_now() -> datetime:
    """TLS libraries read the machine's clock, so this authority lives now."""
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def network(tmp_path_factory, real_now) -> SimpleNamespace:
    """An authority, a broker certificate for broker.example and 127.0.0.1, one client file pair per role."""
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority.create(folder / "ca", kind="transport", trial=True, now=real_now, name="TLS test")
    keys.save_certificates([authority.root], folder / "root.pem")
    keys.save_certificates([authority.root, authority.issuing], folder / "bundle.pem")
    issued = {}
    for role, profile in PROFILES.items():
        if profile.parent is not Role.ISSUING:
            continue
        key = keys.generate_key()
        subject = "140881" if role.startswith("county") else "hub"
        extra = {"dns": ["broker.example"], "addresses": ["127.0.0.1"]} if profile.needs_san else {}
        issued[role] = authority.issue(role, subject, key.public_key(), now=real_now, **extra)
        keys.save_private_key(key, folder / f"{role}.key")
        keys.save_certificates(authority.chain(issued[role]), folder / f"{role}.pem")
    crl.write_hashed_crls(folder / "crls", [authority.root, authority.issuing], authority.publish_crls(now=real_now))
    return SimpleNamespace(folder=folder, authority=authority, issued=issued)


def _files(network, role: Role) -> tuple[Path, Path, Path]:
    return network.folder / "root.pem", network.folder / f"{role}.pem", network.folder / f"{role}.key"


@contextlib.contextmanager
def _listener(context: ssl.SSLContext) -> Iterator[int]:
    """A TLS server on a free port that completes handshakes until the test is over."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(60)

    def serve() -> None:
        while True:
            try:
                raw, _ = server.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), context.wrap_socket(raw, server_side=True) as tls:
                tls.recv(1)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


@pytest.fixture(scope="module")
def broker_port(network) -> Iterator[int]:
    """A listener that shows the broker's certificate."""
    _, chain_pem, key_pem = _files(network, Role.BROKER)
    with _listener(contexts.server_context(chain_pem, key_pem)) as port:
        yield port


def _handshake(context: ssl.SSLContext, port: int, hostname: str) -> None:
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as raw,
        context.wrap_socket(raw, server_hostname=hostname) as tls,
    ):
        assert tls.version() == "TLSv1.3"


def test_a_client_checks_chain_and_host_name(network, broker_port, authority, tmp_path):
    """The right name and address pass; a wrong name, and a broker of another authority, do not."""
    context = contexts.client_context(*_files(network, Role.COUNTY_CONNECTION))
    for name in ("broker.example", "127.0.0.1"):
        _handshake(context, broker_port, name)
    with pytest.raises(ssl.SSLCertVerificationError, match=r"[Hh]ostname"):
        _handshake(context, broker_port, "other.example")
    keys.save_certificates([authority.root], tmp_path / "foreign.pem")
    _, *own = _files(network, Role.COUNTY_CONNECTION)
    with pytest.raises(ssl.SSLCertVerificationError):
        _handshake(contexts.client_context(tmp_path / "foreign.pem", *own), broker_port, "broker.example")


def test_old_tls_is_refused(network, broker_port):
    """TLS 1.1 is not spoken."""
    assert contexts.client_context(*_files(network, Role.COUNTY_CONNECTION)).minimum_version == ssl.TLSVersion.TLSv1_2


def _amqp_connects(port: int, settings: dict[str, object]) -> None:
    transport = SSLTransport(f"127.0.0.1:{port}", connect_timeout=60, ssl=settings)
    transport._init_socket = lambda *_: None  # the handshake is all that is wanted
    try:
        transport._connect("127.0.0.1", port, 5)
        transport._setup_transport()
    finally:
        if transport.sock is not None:
            transport.sock.close()


def test_kombus_dictionary_checks_the_host_name(network, broker_port):
    """The transport under kombu refuses a broker of another name; the same dictionary without the name would not."""
    files = _files(network, Role.COUNTY_CONNECTION)
    for name in ("broker.example", "127.0.0.1"):
        _amqp_connects(broker_port, contexts.kombu_ssl(*files, server_hostname=name))
    wrong = contexts.kombu_ssl(*files, server_hostname="other.example")
    with pytest.raises(ssl.SSLCertVerificationError, match=r"[Hh]ostname"):
        _amqp_connects(broker_port, wrong)
    del wrong["server_hostname"]
    _amqp_connects(broker_port, wrong)  # why the name is not optional
    for missing in ("", None):
        with pytest.raises(YunhuobanError, match="E-CERT-090"):
            contexts.kombu_ssl(*files, server_hostname=missing)


def test_kombus_dictionary_checks_the_chain(network, broker_port, authority, tmp_path):
    """A broker of another authority is refused by the same dictionary."""
    keys.save_certificates([authority.root], tmp_path / "foreign.pem")
    _, *own = _files(network, Role.COUNTY_CONNECTION)
    foreign = contexts.kombu_ssl(tmp_path / "foreign.pem", *own, server_hostname="broker.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        _amqp_connects(broker_port, foreign)


def test_files_that_do_not_fit_are_said_so(network):
    """A missing file, and a key that is not the certificate's, are one declared error before any connection."""
    root, chain_pem, key_pem = _files(network, Role.COUNTY_CONNECTION)
    other = network.folder / f"{Role.HUB_CONNECTION}.key"
    for triple in ((root, chain_pem, other), (root, root.with_name("no.pem"), key_pem), (key_pem, chain_pem, key_pem)):
        with pytest.raises(YunhuobanError, match="E-CERT-090"):
            contexts.client_context(*triple)
        with pytest.raises(YunhuobanError, match="E-CERT-090"):
            contexts.kombu_ssl(*triple, server_hostname="broker.example")


def test_paths_that_need_quoting_are_refused(network):
    """The broker's file cannot be broken out of by a path."""
    _, chain_pem, key_pem = _files(network, Role.BROKER)
    with pytest.raises(YunhuobanError, match="E-CERT-090"):
        contexts.broker_ssl(network.folder / "bundle.pem", chain_pem, key_pem, Path('/tmp/a"}]}'))
    with pytest.raises(YunhuobanError, match="E-CERT-090"):
        contexts.broker_ssl(network.folder / "bundle.pem", chain_pem, key_pem, Path("crls"))


LISTENER = """
{ok, [[{rabbit, [{ssl_options, Options}]}]]} = file:consult(os:getenv("OPTIONS")),
{ok, _} = application:ensure_all_started(ssl), logger:set_primary_config(level, none),
{ok, Listener} = ssl:listen(0, [{reuseaddr, true}, {ip, {127,0,0,1}} | Options]),
{ok, {_, Port}} = ssl:sockname(Listener), io:format("~w~n", [Port]),
Serve = fun Loop() -> {ok, T} = ssl:transport_accept(Listener),
  case ssl:handshake(T, 5000) of {ok, S} -> ssl:send(S, "yes"), ssl:close(S); _ -> no end, Loop() end,
spawn(Serve), io:get_line(""), halt().
"""


@pytest.fixture(scope="module")
def erlang_port(network) -> Iterator[int]:
    """Erlang's TLS listener, under the very options that the broker is given."""
    if ERLANG is None:
        pytest.skip("Erlang is not installed")
    _, chain_pem, key_pem = _files(network, Role.BROKER)
    options = network.folder / "advanced.config"
    options.write_text(contexts.broker_ssl(network.folder / "bundle.pem", chain_pem, key_pem, network.folder / "crls"))
    process = subprocess.Popen(
        [ERLANG, "-noshell", "-eval", LISTENER],
        env={"OPTIONS": str(options), "PATH": "/usr/bin:/bin", "HOME": str(network.folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield int(process.stdout.readline())
    finally:
        process.communicate("\n", timeout=60)


def _admitted(network, port: int, role: Role) -> bool:
    """Whether the broker's TLS layer lets a client with this certificate in (with TLS 1.3, known on first read)."""
    context = contexts.client_context(*_files(network, role))
    with (
        socket.create_connection(("127.0.0.1", port), timeout=60) as raw,
        contextlib.suppress(ssl.SSLError, ConnectionError),
        context.wrap_socket(raw, server_hostname="broker.example") as tls,
    ):
        return tls.recv(3) == b"yes"
    return False


def test_the_broker_admits_connection_certificates_only(network, erlang_port):
    """Of all roles only the two connection roles get through the broker's TLS; no signing key opens a connection."""
    admitted = {role for role in network.issued if _admitted(network, erlang_port, role)}
    assert admitted == {Role.HUB_CONNECTION, Role.COUNTY_CONNECTION}


def _probed(network, port: int, role: Role, at: datetime, *, name: str = "broker.example", anchors=None) -> TlsFacts:
    _, chain_pem, key_pem = _files(network, role)
    return probe(
        "127.0.0.1",
        port,
        server_hostname=name,
        anchors=anchors or [network.authority.root],
        chain=keys.load_certificates(chain_pem),
        key=keys.load_private_key(key_pem),
        at=at,
        timeout_seconds=5,
    )


def test_the_probe_of_a_broker_that_lets_us_in(network, erlang_port, real_now):
    """Protocol, chain and the name are reported, and that the broker answered."""
    facts = _probed(network, erlang_port, Role.HUB_CONNECTION, real_now)
    assert (facts.stage, facts.protocol, facts.server_problems, facts.name_matches) == ("open", "TLSv1.3", (), True)
    assert facts.server_chain[0] == network.issued[Role.BROKER]
    assert any("TLS test root" in name for name in facts.accepted_authorities)
    assert _probed(network, erlang_port, Role.HUB_CONNECTION, real_now, name="127.0.0.1").name_matches
    assert not _probed(network, erlang_port, Role.HUB_CONNECTION, real_now, name="other.example").name_matches


def test_the_probe_of_a_broker_that_turns_us_away(network, erlang_port, real_now):
    """The wrong certificate is reported with the broker's alert, which plain AMQP clients never show."""
    facts = _probed(network, erlang_port, Role.COUNTY_SIGNING, real_now)
    assert facts.stage == "refused"
    assert "alert" in facts.alert


def test_the_probe_of_a_foreign_broker(network, erlang_port, authority, real_now):
    """All complaints about the server's chain are collected, while the connection goes on."""
    facts = _probed(network, erlang_port, Role.HUB_CONNECTION, real_now, anchors=[authority.root])
    assert facts.stage == "open"
    assert facts.server_problems
    expired = _probed(network, erlang_port, Role.HUB_CONNECTION, real_now + timedelta(days=500))
    assert 10 in {problem.number for problem in expired.server_problems}


def test_the_probe_of_nothing(network, real_now):
    """No listener, and a listener that does not speak TLS, are told apart."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def answer() -> None:
            raw, _ = server.accept()
            with raw:
                raw.recv(1000)
                raw.sendall(b"AMQP\x00\x00\x09\x01")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        assert _probed(network, port, Role.HUB_CONNECTION, real_now).stage == "no_tls"
        thread.join()
    assert _probed(network, port, Role.HUB_CONNECTION, real_now).stage == "unreachable"


def test_the_broker_refuses_revoked_and_everybody_without_lists(network, erlang_port, real_now):
    """A replaced list takes effect on the next connection; without lists nobody connects; fresh lists resume."""
    authority, folder = network.authority, network.folder / "crls"
    authorities = [authority.root, authority.issuing]
    authority.revoke(network.issued[Role.COUNTY_CONNECTION].serial_number, now=real_now, reason="key_compromise")
    crl.write_hashed_crls(folder, authorities, authority.publish_crls(now=real_now))
    assert not _admitted(network, erlang_port, Role.COUNTY_CONNECTION)
    assert _admitted(network, erlang_port, Role.HUB_CONNECTION)
    for path in folder.iterdir():
        path.unlink()
    assert not _admitted(network, erlang_port, Role.HUB_CONNECTION)
    crl.write_hashed_crls(folder, authorities, authority.publish_crls(now=real_now))
    assert _admitted(network, erlang_port, Role.HUB_CONNECTION)
