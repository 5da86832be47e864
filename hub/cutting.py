"""Closes the open connections of a county whose connection certificate was revoked.

The broker looks at revocation lists when somebody connects, never again: a revoked certificate would keep its
connection for as long as it lasts. Whoever holds a renewed one connects anew at once; the revoked one is refused.

Each is cut off twice: one whose handshake began under the old list would otherwise never be looked at again.
"""

import math
import time
from collections.abc import Callable
from typing import Final, Protocol

import structlog
from sqlalchemy import select

from certs import crl, keys
from certs.profiles import Role
from hub.store import Store, tables

_log = structlog.get_logger(__name__)
AGAIN_SECONDS: Final = 15.0
"""RabbitMQ allows a handshake ten (`handshake_timeout`)."""


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
