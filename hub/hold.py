"""Brings held messages home: one drainer per held destination, in order, with confirms.

A destination's hold queue is probed with back-off. Each message is published to the queue it was meant for and only
then acknowledged; when the hold queue is empty the destination is opened again. A parcel that reaches the hold queue
just after that is found by the next look at its depth.
"""

from collections.abc import Callable, Iterable
from typing import Final

import structlog

from hub import routing
from hub.broker import BrokerLink, Outcome
from hub.delivery import release
from hub.store import Store
from schemas import topology

_log = structlog.get_logger(__name__)
_AT_ONCE: Final = 50
_TAKE_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 60.0


class HoldDrainer:
    """Drains the hold queue of one county; driven by `hub.keeper`."""

    def __init__(
        self,
        county: str,
        *,
        link: BrokerLink,
        store: Store,
        monotonic: Callable[[], float],
        confirm_seconds: float,
        first_pause_seconds: float = 1.0,
    ) -> None:
        """`link` must be subscribed to nothing but hold queues."""
        self.county = county
        self._link = link
        self._store = store
        self._monotonic = monotonic
        self._confirm_seconds = confirm_seconds
        self._first_pause = self._pause = first_pause_seconds
        self._next_try = 0.0

    def run_once(self) -> bool:
        """Move what can be moved now; True when the hold queue is empty and the destination open.

        Raises E-BROKER-… without a link; nothing is lost by that.
        """
        if self._monotonic() < self._next_try:
            return False
        if not self._emptied(topology.county_hold(self.county)):
            self._later()
            return False
        with self._store.write() as tx:
            release(tx, self.county)
        self._pause = self._first_pause
        _log.info("destination.released", county=self.county)
        return True

    def _emptied(self, queue: str) -> bool:
        """Publish and acknowledge one by one; the first one that is not taken ends it, the rest stays in order."""
        if self._link.depth(queue) == 0:
            return True
        self._link.subscribe(queue, _AT_ONCE)
        try:
            while batch := [each for each in self._link.take(_AT_ONCE, _TAKE_SECONDS) if each.queue == queue]:
                for delivery in batch:
                    message_id, kind = delivery.message_id or "", delivery.type or ""
                    parcel = routing.released(self.county, delivery.body, message_id, kind, dict(delivery.headers))
                    (outcome,) = self._link.publish([parcel.outgoing], self._confirm_seconds)
                    if outcome is not Outcome.CONFIRMED:
                        return False
                    self._link.ack([delivery])
            return self._link.depth(queue) == 0
        finally:
            self._link.unsubscribe(queue)

    def _later(self) -> None:
        self._next_try = self._monotonic() + self._pause
        self._pause = min(self._pause * 2, _LONGEST_PAUSE_SECONDS)


def to_drain(held: Iterable[str], depths: Iterable[tuple[str, int]]) -> set[str]:
    """Counties whose hold queue must be looked at: those marked as held, and those with something in it."""
    waiting = {name.split(".")[1] for name, ready in depths if name.endswith(".hold") and ready}
    return waiting | set(held)
