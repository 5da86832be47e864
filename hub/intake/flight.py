"""One batch between its commit and its last confirm.

The worker does not wait for confirms: it takes the next batch while they come. Nothing of a batch is acknowledged
before every parcel that follows from it is confirmed. Where one destination is slow, the others' messages are
acknowledged as their own confirms come, so that the slow one keeps nobody else's in the worker's hands.
"""

from collections.abc import Sequence

from hub.broker import Delivery as Incoming
from hub.outflow.delivery import Shipment
from hub.outflow.effects import Done, Effects, Key


class Flight:
    """The deliveries of one batch, what depends on them, and their parcels on the way."""

    def __init__(self, deliveries: Sequence[tuple[Incoming, Key]], effects: Effects, shipment: Shipment) -> None:
        """`deliveries` with the key under which `effects` knows them."""
        self._open = list(deliveries)
        self._effects = effects
        self._shipment = shipment

    def __len__(self) -> int:
        """How many deliveries are not acknowledged yet."""
        return len(self._open)

    @property
    def complete(self) -> bool:
        """Whether landing will not wait for a confirm."""
        return self._shipment.complete

    def wait(self, seconds: float) -> None:
        """Wait until it is complete, at most this long."""
        self._shipment.wait(seconds)

    def abandon(self) -> list[Incoming]:
        """The deliveries that are still open: they are to be taken up again from the beginning."""
        return [delivery for delivery, _ in self._open]

    def early(self) -> list[Incoming]:
        """Deliveries that may be acknowledged although others of the batch still wait; each is given out once."""
        outcomes = self._shipment.so_far()
        settled = [self._effects.settled(key, outcomes) for _, key in self._open]
        found = [delivery for (delivery, _), good in zip(self._open, settled, strict=True) if good]
        self._open = [each for each, good in zip(self._open, settled, strict=True) if not good]
        return found

    def land(self) -> tuple[list[Incoming], list[Incoming], Done]:
        """Deliveries that are finished, those that are not, and what can be marked. Raises E-STORE-001."""
        outcomes = self._shipment.outcomes()
        finished: list[Incoming] = []
        unsettled: list[Incoming] = []
        for delivery, key in self._open:
            (finished if self._effects.settled(key, outcomes) else unsettled).append(delivery)
        return finished, unsettled, self._effects.done(outcomes)
