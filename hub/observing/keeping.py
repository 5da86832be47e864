"""The observer: looks again and again at who is connected and how the hour is, and notes it."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final, Protocol

import structlog
from sqlalchemy import Connection

from hub import instants
from hub.broker.states import ConnectionState
from hub.observing import deadlines, hours, presence
from hub.registry import county
from hub.store import Store
from hub.views import ledgerview
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)
EVERY_SECONDS: Final = 10.0
_SHARE: Final = 20
"""Looking must not keep store and broker busy: at most a twentieth of the time."""


class Connections(Protocol):
    """The part of the broker's management that is asked."""

    def connections(self) -> list[ConnectionState]:
        """Every open connection."""


class Observer:
    """One keeper's."""

    def __init__(self, store: Store, management: Callable[[], AbstractContextManager[Connections]]) -> None:
        """`management` opens a door to the broker's management API."""
        self._store = store
        self._management = management

    def look(self) -> None:
        """One look. What the broker does not tell now is left out. Raises E-STORE-…."""
        moment, online = instants.now(), self._online()
        with self._store.read() as tx:
            active = frozenset(county.active(tx))
        if online is not None:
            with self._store.write() as tx:
                presence.note(tx, active, online, moment)
        with self._store.read() as tx:
            found = _gauges(tx, moment, None if online is None else len(active - online.keys()))
        with self._store.write() as tx:
            hours.record(tx, found, moment)

    def _online(self) -> Mapping[str, datetime | None] | None:
        try:
            with self._management() as management:
                return presence.connected(management.connections())
        except YunhuobanError as error:
            _log.warning("observer.broker_silent", code=error.code.code)
            return None


def observe(observer: Observer, stop: threading.Event) -> None:
    """Look until `stop`: in a thread of its own."""
    while not stop.is_set():
        started = time.monotonic()
        try:
            observer.look()
        except YunhuobanError as error:
            _log.error("observer.failed", code=error.code.code, place=error.place)
        took = time.monotonic() - started
        stop.wait(max(EVERY_SECONDS, took * _SHARE))


def _gauges(tx: Connection, moment: datetime, offline: int | None) -> hours.Gauges:
    piles = ledgerview.waiting(tx).values()
    oldest = min((each.oldest_at for each in piles if each.oldest_at), default=None)
    return hours.Gauges(
        waiting=sum(each.count for each in piles),
        oldest_age_seconds=int((moment - oldest).total_seconds()) if oldest else 0,
        dead=ledgerview.dead(tx).count,
        late=deadlines.late_count(tx, moment),
        offline=offline,
    )
