"""The TLS probe behind `doctor`: what a broker shows, what it accepts, and with which alert it turned us away.

Python's `ssl` stops at the first fault and hides the rest; pyOpenSSL completes the handshake while every complaint is
collected. With TLS 1.3 a refused client certificate only shows on the first read (RFC 8446 §4.4.2.4), therefore the
probe speaks first: an AMQP protocol header (AMQP 0-9-1 §4.2.2), or a request where pages are served. When that meets a
connection that is closed already, the alert that says why is dropped unread; then the probe connects once more and only
listens.
"""

import ipaddress
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from cryptography import x509
from OpenSSL import SSL, crypto

from certs.keys import PARSING_FAILURES, Certificate, PrivateKey, RevocationList

Stage = Literal["unreachable", "no_tls", "old_tls", "refused", "silent", "open"]

AMQP_GREETING: Final = b"AMQP\x00\x00\x09\x01"
HTTP_GREETING: Final = b"GET / HTTP/1.1\r\nHost: -\r\nConnection: close\r\n\r\n"
_ANSWER_BYTES: Final = 8
_LISTEN_SECONDS: Final = 2.0
_NO_COMMON_VERSION: Final = ("alert protocol version", "unsupported protocol")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What OpenSSL holds against one certificate of a chain."""

    number: int
    """`X509_V_ERR_…` of x509_vfy.h."""
    depth: int
    """Which certificate: 0 is the server's own."""

    def __str__(self) -> str:
        """Return it as county IT may look it up."""
        return f"OpenSSL {self.number}, depth {self.depth}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFacts:
    """What one connection attempt showed; nothing in it is secret."""

    stage: Stage
    """How far it went: no TCP; TCP without TLS; TLS of no version in common; turned away; let in without an answer;
    answered as what is greeted does."""
    protocol: str = ""
    """For instance TLSv1.3."""
    server_chain: tuple[Certificate, ...] = ()
    """What the server showed, its own certificate first."""
    server_problems: tuple[Complaint, ...] = ()
    """OpenSSL's complaints about that chain against our anchors, all of them."""
    name_matches: bool = False
    """Whether the server's certificate holds the name or address that was asked for."""
    accepted_authorities: tuple[str, ...] = ()
    """The authorities that the server wants clients' certificates from."""
    alert: str = ""
    """The server's last word or the network's, in OpenSSL's or the system's terms."""

    @property
    def says_why(self) -> bool:
        """Whether the last word is a TLS alert, and not only the network's report of an end."""
        return "alert" in self.alert


def probe(
    host: str,
    port: int,
    *,
    server_hostname: str,
    anchors: Sequence[Certificate],
    crls: Sequence[RevocationList] = (),
    chain: Sequence[Certificate] = (),
    key: PrivateKey | None = None,
    at: datetime,
    timeout_seconds: float = 10.0,
    greeting: bytes = AMQP_GREETING,
) -> TlsFacts:
    """Connect, with our certificate if there is one, and report everything seen. Raises nothing for a fault."""

    def attempt(*, said: bytes, answer_seconds: float) -> TlsFacts:
        return _attempt(
            (host, port), server_hostname, lambda noted: _context(anchors, crls, chain, key, at, noted),
            timeout_seconds=timeout_seconds, greeting=said, answer_seconds=answer_seconds,
        )  # fmt: skip

    facts = attempt(said=greeting, answer_seconds=timeout_seconds)
    if facts.stage == "refused" and not facts.says_why:
        heard = attempt(said=b"", answer_seconds=min(_LISTEN_SECONDS, timeout_seconds))
        return heard if heard.says_why else facts
    return facts


def _attempt(
    address: tuple[str, int],
    server_hostname: str,
    context: Callable[[list[Complaint]], SSL.Context],
    *,
    timeout_seconds: float,
    greeting: bytes,
    answer_seconds: float,
) -> TlsFacts:
    complaints: list[Complaint] = []
    try:
        raw = socket.create_connection(address, timeout=timeout_seconds)
    except OSError as error:
        return TlsFacts(stage="unreachable", alert=error.strerror or type(error).__name__)
    with raw:
        connection = SSL.Connection(context(complaints), raw)
        connection.set_connect_state()
        if not _is_address(server_hostname):
            connection.set_tlsext_host_name(server_hostname.encode("idna"))
        deadline = time.monotonic() + timeout_seconds
        try:
            _drive(connection.do_handshake, raw, deadline)
        except (SSL.Error, OSError) as error:
            words = _text(error)
            # No certificate shown: it is not our TLS that speaks there. Otherwise it turned us away in the handshake.
            stage: Stage = "old_tls" if any(each in words for each in _NO_COMMON_VERSION) else "no_tls"
            stage = "refused" if connection.get_peer_certificate() else stage
            return _seen(connection, stage, server_hostname, complaints, words)
        deadline = min(deadline, time.monotonic() + answer_seconds)
        try:
            if greeting:
                _drive(lambda: connection.sendall(greeting), raw, deadline)
            answered = bool(_drive(lambda: connection.recv(_ANSWER_BYTES), raw, deadline))
        except TimeoutError as error:
            return _seen(connection, "silent", server_hostname, complaints, _text(error))
        except (SSL.Error, OSError) as error:
            return _seen(connection, "refused", server_hostname, complaints, _text(error))
        return _seen(connection, "open" if answered else "silent", server_hostname, complaints, "")


def _context(
    anchors: Sequence[Certificate],
    crls: Sequence[RevocationList],
    chain: Sequence[Certificate],
    key: PrivateKey | None,
    at: datetime,
    complaints: list[Complaint],
) -> SSL.Context:
    """A client that writes every complaint down and goes on."""

    def note(_: SSL.Connection, __: crypto.X509, number: int, depth: int, good: int) -> bool:
        if not good:
            complaints.append(Complaint(number, depth))
        return True

    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_verify(SSL.VERIFY_PEER, note)
    store = context.get_cert_store()
    if store is not None:
        for anchor in anchors:
            store.add_cert(crypto.X509.from_cryptography(anchor))
        for revocation_list in crls:
            store.add_crl(revocation_list)
        store.set_time(at.astimezone(UTC))
        if crls:
            store.set_flags(crypto.X509StoreFlags.CRL_CHECK | crypto.X509StoreFlags.CRL_CHECK_ALL)
    if key is not None and chain:
        context.use_certificate(chain[0])
        for issuer in chain[1:]:
            context.add_extra_chain_cert(issuer)
        context.use_privatekey(key)
    return context


def _drive(step: Callable[[], object], raw: socket.socket, deadline: float) -> object:
    """Repeat a step that wants the network until it is done. Raises TimeoutError at the deadline."""
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        try:
            return step()
        except SSL.WantReadError:
            select.select([raw], [], [], left)
        except SSL.WantWriteError:
            select.select([], [raw], [], left)
        except SSL.ZeroReturnError:
            return b""


def _seen(
    connection: SSL.Connection, stage: Stage, server_hostname: str, complaints: list[Complaint], alert: str
) -> TlsFacts:
    shown = tuple(connection.get_peer_cert_chain(as_cryptography=True) or ())
    return TlsFacts(
        stage=stage,
        protocol=connection.get_protocol_version_name(),
        server_chain=shown,
        server_problems=tuple(dict.fromkeys(complaints)),
        name_matches=bool(shown) and _holds_name(shown[0], server_hostname),
        accepted_authorities=tuple(
            name.rfc4514_string() for name in connection.get_client_ca_list(as_cryptography=True)
        ),
        alert=alert,
    )


def _holds_name(certificate: Certificate, name: str) -> bool:
    """Whether the exact name or address is among the certificate's; our profiles know no wildcards."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, *PARSING_FAILURES):
        return False
    if _is_address(name):
        return ipaddress.ip_address(name) in names.get_values_for_type(x509.IPAddress)
    return name.lower() in [one.lower() for one in names.get_values_for_type(x509.DNSName)]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _text(error: Exception) -> str:
    """OpenSSL's reasons, or the system's."""
    if isinstance(error, SSL.Error) and error.args and isinstance(error.args[0], list):
        return "; ".join(str(entry[-1]) for entry in error.args[0])
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
