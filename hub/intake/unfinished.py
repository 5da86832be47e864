"""Deliveries that a worker holds unacknowledged, because they cannot be finished now, and when to take them up again.

They are never given back with a nack: the broker would hand them over again at once, in a tight loop, and count the
deliveries. If this worker or its connection ends, the broker gives them to the next one by itself; meanwhile the
prefetch limit is the brake.
"""

from collections.abc import Callable, Sequence
from typing import Final

from hub.broker import Delivery

_FIRST_PAUSE_SECONDS: Final = 1.0
_LONGEST_PAUSE_SECONDS: Final = 30.0


class Unfinished:
    """One worker's. Nothing here outlives the process: the broker still has every one of these messages."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """`monotonic` is a clock in seconds that never goes back."""
        self._monotonic = monotonic
        self._unsettled: list[Delivery] = []
        self._waiting: list[Delivery] = []
        self._suspects: list[Delivery] = []
        self._pause_seconds = 0.0
        self._next_at = 0.0

    def pause(self, deliveries: Sequence[Delivery]) -> None:
        """A confirm or the store is missing: again after a pause that grows while nothing gets better."""
        self._unsettled += deliveries
        self._pause_seconds = min(max(self._pause_seconds * 2, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
        self._next_at = self._monotonic() + self._pause_seconds

    def settled(self) -> None:
        """Something went well: the next pause is a short one."""
        if not self._unsettled:
            self._pause_seconds = 0.0

    def wait_for_trust(self, delivery: Delivery) -> None:
        """Its revocation is unknown: again when trust has changed."""
        self._waiting.append(delivery)

    def suspect(self, deliveries: Sequence[Delivery]) -> None:
        """They were in a batch that failed for no reason of the store's: from now on each is handled alone."""
        self._suspects += deliveries

    @property
    def suspects_wait(self) -> bool:
        """Whether there is something to handle alone without waiting for anything."""
        return bool(self._suspects)

    def due(self, generation: int, trust_moved: Callable[[], bool]) -> tuple[list[Delivery], list[Delivery]]:
        """Take out what is to be taken up again now: suspects, and the others.

        Deliveries of an older connection are void, the broker has handed their messages over again. `trust_moved` is
        asked only when something waits for it.
        """
        self._unsettled, self._waiting, self._suspects = (
            [each for each in kept if each.generation == generation]
            for kept in (self._unsettled, self._waiting, self._suspects)
        )
        suspects, self._suspects = self._suspects, []
        batch: list[Delivery] = []
        if self._unsettled and self._monotonic() >= self._next_at:
            batch, self._unsettled = self._unsettled, []
        if self._waiting and trust_moved():
            batch, self._waiting = batch + self._waiting, []
        return suspects, batch
