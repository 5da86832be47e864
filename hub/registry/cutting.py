"""Cuts counties off: one that is suspended or revoked by a command, and one whose connection certificate was revoked.

A command writes the store first, which counts from the next batch of admission on, print claims included, and then
tells the broker: permissions and connections go at once. Each place has its time, so that people see what was done.

Of certificates, the broker looks at revocation lists when somebody connects, never again: a revoked certificate would
keep its connection for as long as it lasts. Whoever holds a renewed one connects anew at once; the revoked one is
refused. Each is cut off twice: one whose handshake began under the old list would otherwise never be looked at again.
"""

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Final, Protocol

import structlog
from sqlalchemy import Connection, select

from certs import crl, keys
from certs.profiles import Role
from hub.broker import provision
from hub.broker.management import Management
from hub.registry import county
from hub.store import Store, tables

_log = structlog.get_logger(__name__)
AGAIN_SECONDS: Final = 15.0
"""RabbitMQ allows a handshake ten (`handshake_timeout`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a change of a county's state has done, and how long after its beginning."""

    store_seconds: float
    """From here on admission refuses it, and no print is granted to it or on its word."""
    broker_seconds: float | None = None
    """From here on it has no permission and no connection, or has them again; None without a broker to be told."""
    closed: int = 0
    """How many connections were closed."""


def change_state(
    store: Store,
    division_code: str,
    state: str,
    *,
    management: Callable[[], AbstractContextManager[Management]] | None,
    vhost: str,
    hub_user: str,
    also: Callable[[Connection], object] = lambda _tx: None,
    first: Callable[[Connection], None] = lambda _: None,
) -> Told:
    """Activate, suspend or revoke a county everywhere. Raises E-CONF-011, E-JOIN-036, E-STORE-001 or E-BROKER-….

    `first` is done in the same transaction before it, and may raise to leave everything as it is.
    Without a broker (`management` is None) its next start does the rest, and when it fails the keeper does
    (`hub.registry.upkeep`). `also` is done in the transaction of the change: the line of the record that tells of it.
    """
    began = time.monotonic()
    with store.write() as tx:
        first(tx)
        county.set_state(tx, division_code, state)
        also(tx)
    told = Told(store_seconds=time.monotonic() - began)
    if management is None:
        return told
    closed = 0
    with management() as broker:
        if state == "active":
            provision.admit(broker, vhost=vhost, hub_user=hub_user, counties=[division_code])
        else:
            closed = provision.cut_off(broker, vhost=vhost, county=division_code)
    return replace(told, broker_seconds=time.monotonic() - began, closed=closed)


class Connections(Protocol):
    """The part of the management client that is needed here."""

    def close_connections(self, user: str) -> int:
        """Close every open connection of a user and return how many."""


class Cutter:
    """Remembers which certificates it has cut off; one per keeper."""

    def __init__(
        self, store: Store, connections: Connections, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """A new one cuts everything off once more, which costs a reconnection at most."""
        self._store = store
        self._connections = connections
        self._monotonic = monotonic
        self._again_at: dict[bytes, float] = {}
        """When a certificate that was cut off once is to be cut off again; never again: infinity."""

    @property
    def due(self) -> bool:
        """Whether something must be cut off that was cut off before, new lists or not."""
        return any(moment <= self._monotonic() for moment in self._again_at.values())

    def run_once(self) -> list[str]:
        """Cut off what is revoked and to be cut off now; returns whose. Call it when lists have changed, and if `due`.

        Raises E-STORE-001, or E-BROKER-… when the broker cannot be told; then the next call tries again.
        """
        columns = tables.county_certificates.c
        enrolled = select(columns.thumbprint, columns.division_code, columns.der)
        with self._store.read() as tx:
            lists = [
                keys.crl_from_der(der)
                for der in tx.execute(select(tables.crls.c.der).where(tables.crls.c.current)).scalars()
            ]
            rows = tx.execute(enrolled.where(columns.role == Role.COUNTY_CONNECTION.value)).all()
        done = []
        for row in rows:
            again_at, now = self._again_at.get(row.thumbprint), self._monotonic()
            if again_at is not None and again_at > now:
                continue
            certificate = keys.certificate_from_der(row.der)
            if again_at is not None or any(crl.revokes(each, certificate) for each in lists):
                closed = self._connections.close_connections(row.division_code)
                self._again_at[row.thumbprint] = now + AGAIN_SECONDS if again_at is None else math.inf
                done.append(row.division_code)
                _log.warning("connections.closed", county=row.division_code, count=closed)
        return done
