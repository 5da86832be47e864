"""The watch of the hub's keeper: says that the hub is there, and looks at the cases, again and again.

An outage is recorded before any case is looked at, so that no card is raised for the time in which nobody could send.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

import structlog

from hub.broker.states import BrokerOverview
from hub.store import Store
from hub.supervision import outages
from hub.supervision.raising import AT_ONCE, Supervision
from schemas.errors import YunhuobanError

EVERY_SECONDS: Final = 15.0
_log = structlog.get_logger(__name__)


class Broker(Protocol):
    """The part of the management client that is asked here."""

    def overview(self) -> BrokerOverview:
        """The node and its alarms."""


def watch(store: Store, broker: Broker, stop: threading.Event, clock: Callable[[], datetime]) -> None:
    """Look until `stop`; what fails is tried again at the next turn."""
    supervision = Supervision(store)
    pause = 0.0
    while not stop.wait(pause):
        pause = EVERY_SECONDS
        try:
            if look(store, broker, supervision, clock()) >= AT_ONCE:
                pause = 0.1  # there are more: others write meanwhile
        except YunhuobanError as error:
            _log.error("supervision.step_failed", code=error.code.code, place=error.place)


def look(store: Store, broker: Broker, supervision: Supervision, now: datetime) -> int:
    """One turn; returns how many cases were looked at. While the broker takes no messages, none.

    Raises E-BROKER-020 or -021 when the broker cannot be asked, E-STORE-….
    """
    standing = broker.overview()
    if standing.memory_alarm or standing.disk_alarm:
        return 0
    found = store.redo(lambda tx: outages.beat(tx, now))
    for each in found:
        _log.warning("hub.was_away", since_at=each.began_at.isoformat(), until_at=each.ended_at.isoformat())
    return supervision.run_once(now)
