"""Goes the way to each broker of the list as the node does, and has the checks judge what it saw.

Nothing is changed: no message is sent, nothing is written into the store. What it needs it opens and closes again.
"""

import dataclasses
import socket
from collections.abc import Callable
from datetime import datetime

from adapters import instants
from adapters.countyit.doctor import checks, remembering
from adapters.countyit.doctor.findings import Examination, Report
from adapters.countyit.doctor.observations import Entry, Memory, Own, Seen
from adapters.link import connection as link
from adapters.link.messages import BAD_PARAMETERS, MEMORY, LinkParameters
from adapters.link.settings import link_parameters
from adapters.settings import CountySettings
from certs import contexts, keys
from certs.chain import TrustStore
from certs.keys import Certificate
from certs.probe import probe
from schemas.errors import YunhuobanError


def examine(settings: CountySettings, *, clock: Callable[[], datetime] = instants.now) -> Report:
    """Examine the way to every broker. Raises E-LINK-001, E-STORE-002 or E-CERT-… for what nothing can begin with."""
    parameters, now = link_parameters(settings), clock()
    if parameters.memory:
        raise YunhuobanError(BAD_PARAMETERS, place="hub.urls", found=MEMORY, expected="host:port", setting="urls")
    anchors = keys.load_certificates(parameters.anchors)
    memory = remembering.remember(settings, anchors)
    examinations = [
        Examination(address=address, findings=checks.judge(_look(parameters, address, anchors, memory, settings, now)))
        for address in parameters.addresses
    ]
    return Report(division_code=settings.division_code, examined_at=now, examinations=examinations)


def _look(
    parameters: LinkParameters,
    address: str,
    anchors: list[Certificate],
    memory: Memory,
    settings: CountySettings,
    now: datetime,
) -> Seen:
    """Go as far as one can: name, port, TLS, and login when all of it is in order."""
    directory = memory.directory
    seen = Seen(
        address=address,
        division_code=settings.division_code,
        vhost=parameters.vhost,
        server_hostname=parameters.server_hostname,
        seconds=parameters.connect_seconds,
        now=now,
        chains=directory.chains if directory is not None else TrustStore(anchors, trial=settings.trial),
        memory=memory,
        own=_own(parameters),
    )
    seen = _reach(seen, parameters)
    if seen.door == "open":
        key = None if seen.own.problem is not None else keys.load_private_key(parameters.key)
        host, port = _parts(address)
        facts = probe(
            host, port, server_hostname=parameters.server_hostname, anchors=anchors, chain=seen.own.chain, key=key,
            at=now, timeout_seconds=parameters.connect_seconds,
        )  # fmt: skip
        seen = dataclasses.replace(seen, tls=facts)
    if checks.may_log_in(seen):
        seen = dataclasses.replace(seen, entry=_enter(dataclasses.replace(parameters, urls=(address,))))
    return seen


def _own(parameters: LinkParameters) -> Own:
    """Our connection certificate, with its key tried as the link would use it."""
    try:
        chain = keys.load_certificates(parameters.chain)
        keys.load_private_key(parameters.key)
        contexts.client_context(parameters.anchors, parameters.chain, parameters.key)
    except YunhuobanError as problem:
        return Own(problem=problem)
    return Own(chain=chain)


def _reach(seen: Seen, parameters: LinkParameters) -> Seen:
    """Look the name up and knock at the port."""
    host, port = _parts(seen.address)
    try:
        known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # a name of empty or overlong parts is no name
        return dataclasses.replace(seen, found=(), network_words=_words(error))
    seen = dataclasses.replace(seen, found=tuple(dict.fromkeys(str(each[4][0]) for each in known)))
    try:
        socket.create_connection((host, port), timeout=parameters.connect_seconds).close()
    except ConnectionRefusedError as error:
        return dataclasses.replace(seen, door="shut", network_words=_words(error))
    except OSError as error:
        return dataclasses.replace(seen, door="mute", network_words=_words(error))
    return dataclasses.replace(seen, door="open")


def _enter(parameters: LinkParameters) -> Entry:
    try:
        return Entry(takes=link.knock(parameters))
    except YunhuobanError as problem:
        return Entry(problem=problem)


def _parts(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
