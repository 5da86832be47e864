"""Brings the broker to what the store says of the counties, at the start and again and again.

`hub county …` writes the store first and then tells the broker. Where the second fails, or the broker was just
starting, or somebody has deleted something, the store is right: who takes part gets queues and permissions, who was
suspended or revoked loses permissions and connections.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

import structlog

from hub.broker import provision
from hub.broker.management import Management
from hub.registry import county
from hub.store import Store
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)
EVERY_SECONDS: Final = 60.0
_SHARE: Final = 50
"""Reading everything back takes the broker some seconds where there are thousands of counties: at most this part."""


def set_right(store: Store, management: Management, *, vhost: str, hub_user: str) -> None:
    """Apply topology and permissions of all counties where they differ. Raises E-BROKER-… or E-STORE-001."""
    told = None
    while told != (stands := _stands(store)):  # what a command changes meanwhile could be overwritten by what was read
        active, barred = told = stands
        provision.provision(management, vhost=vhost, hub_user=hub_user, counties=active, barred=barred)


class Upkeep:
    """One keeper's."""

    def __init__(
        self,
        store: Store,
        management: Callable[[], AbstractContextManager[Management]],
        *,
        vhost: str,
        hub_user: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`management` opens a door to the broker's management API."""
        self._store = store
        self._management = management
        self._names = {"vhost": vhost, "hub_user": hub_user}
        self._monotonic = monotonic
        self._next = monotonic() + EVERY_SECONDS  # the start has just done it

    def run_once(self) -> None:
        """Set right what is not, if it is time; what cannot be done now is tried the next time."""
        started = self._monotonic()
        if started < self._next:
            return
        try:
            with self._management() as management:
                set_right(self._store, management, **self._names)
        except YunhuobanError as error:
            _log.error("upkeep.failed", code=error.code.code, place=error.place)
        took = self._monotonic() - started
        self._next = started + max(EVERY_SECONDS, took * _SHARE)


def _stands(store: Store) -> tuple[list[str], list[str]]:
    with store.read() as tx:
        return county.active(tx), county.barred(tx)
