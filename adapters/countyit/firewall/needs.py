"""Which ways through the firewall a node needs, read from `county.toml`, with the addresses that the names have today.

There is one for the hub and one for the time; everything else (directory, revocation lists, receipts) comes over the
first. Where the hall's browsers open the node's pages there is one in, from the hall and from nowhere else. Looking
names up is all that goes onto the network.
"""

import socket
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from adapters.link.messages import BAD_PARAMETERS
from adapters.link.settings import described
from adapters.settings import CountySettings, HallPageSettings
from schemas.errors import YunhuobanError

TIME_PORT: Final = 123
"""NTP, RFC 5905 §7.2."""
HEARTBEATS: Final = 2
"""A session in which nothing is said for two heartbeats is dead at both ends (AMQP 0-9-1 §4.2.7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way out."""

    name: str
    addresses: Sequence[str]
    """What the name leads to today; empty when it is not known here."""
    port: int
    protocol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HallDoor:
    """The one way in, and only from the hall."""

    address: str
    """Of the node in the hall's network; empty where it listens in all of its networks."""
    names: Sequence[str]
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """All that is asked for."""

    division_code: str
    county: str
    authority: str
    contact: str
    telephone: str
    host: str
    own_addresses: Sequence[str]
    """Our own, as the hub's side of the network sees them at the first hop; empty when no way leads there yet."""
    hub: Sequence[Way]
    server_hostname: str
    times: Sequence[Way]
    idle_seconds: int
    """A session must not be ended for being silent before that."""
    begins: date
    ends: date
    hall: HallDoor | None = None
    """For the hall's browsers; none where the pages are on the node's own screen only."""


def needs(settings: CountySettings, *, today: date, days: int) -> Needs:
    """Read them. Raises E-LINK-001."""
    parameters = described(settings)
    if parameters.memory:
        raise YunhuobanError(BAD_PARAMETERS, place="hub.urls", expected="host:port", setting="urls")
    hub = [_way(address, "TCP") for address in parameters.addresses]
    return Needs(
        division_code=settings.division_code,
        county=settings.name,
        authority=settings.authority.name,
        contact=settings.contact,
        telephone=settings.telephone,
        host=socket.gethostname(),
        own_addresses=_own([address for way in hub for address in way.addresses]),
        hub=hub,
        server_hostname=settings.hub.server_hostname,
        times=[_way(f"{name}:{TIME_PORT}", "UDP") for name in settings.time_servers],
        idle_seconds=parameters.heartbeat_seconds * HEARTBEATS,
        begins=today,
        ends=today + timedelta(days=days),
        hall=_hall(settings.hall_page),
    )


def _hall(page: HallPageSettings | None) -> HallDoor | None:
    if page is None:
        return None
    address = "" if page.address.is_unspecified else str(page.address)
    return HallDoor(address=address, names=page.names, port=page.port)


def _way(address: str, protocol: str) -> Way:
    host, _, port = address.rpartition(":")
    name = host.strip("[]")
    try:
        known = socket.getaddrinfo(name, int(port), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # a name of empty or overlong parts is no name
        known = []
    addresses = tuple(dict.fromkeys(str(each[4][0]) for each in known))
    return Way(name=name, addresses=addresses, port=int(port), protocol=protocol)


def _own(addresses: Sequence[str]) -> list[str]:
    """The addresses of ours that the system would use to reach these; no packet is sent for it."""
    found = []
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with suppress(OSError), closing(socket.socket(family, socket.SOCK_DGRAM)) as door:
            door.connect((address, TIME_PORT))
            found.append(str(door.getsockname()[0]))
    return list(dict.fromkeys(found))
