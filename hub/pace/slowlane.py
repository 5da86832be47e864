"""Admits from the slow queues, at the pace of each county's quota and in small slices, in a process of its own.

So a flood has a low share of the store, and what is poisonous in it ends nobody else's worker. A county whose slow
queue is empty is let go, under a lock that the sluice takes after it has put something there (`hub.pace.sluice`). The
queue of a county that an operator has stopped is left alone (`hub.pace.stopping`).
"""

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

import structlog

from hub.broker import BrokerLink, Delivery, LinkParameters
from hub.broker.link import MOST_BYTES
from hub.intake.pipeline import Pipeline
from hub.pace import slowed, stopping
from hub.pace.quotas import Quota
from hub.pace.slowroad import unpacked
from hub.store import Store
from schemas import topology

_log = structlog.get_logger(__name__)
_SLICE_SECONDS: Final = 0.25
_IDLE_SECONDS: Final = 1.0
_COUNTIES_AT_ONCE: Final = 2
"""However many flood: their slices together are no longer than this many quotas."""


class SlowLink(BrokerLink):
    """A link to slow queues: hands over what lies there as it came first, and knows what is not settled yet."""

    def __init__(self, parameters: LinkParameters) -> None:
        """Subscribed to nothing."""
        super().__init__(parameters)
        self._in_hand: dict[tuple[int, int, int], str] = {}
        self.slice: list[tuple[str, int]] = []
        """Queue and size in bytes of each delivery handed over since this list was emptied last."""

    def take(self, limit: int, wait_seconds: float, *, most_bytes: int = MOST_BYTES) -> list[Delivery]:
        """As `BrokerLink.take`, unpacked."""
        taken = super().take(limit, wait_seconds, most_bytes=most_bytes)
        self._in_hand = {key: queue for key, queue in self._in_hand.items() if key[0] == self.generation}
        self._in_hand |= {_key(each): each.queue for each in taken}
        self.slice += [(each.queue, len(each.body)) for each in taken]
        return [unpacked(each) for each in taken]

    def ack(self, deliveries: Iterable[Delivery]) -> None:
        """Acknowledge."""
        settled = list(deliveries)
        super().ack(settled)
        for each in settled:
            self._in_hand.pop(_key(each), None)

    def unsubscribe(self, queue: str) -> None:
        """Close the queue's channel; what of it is in hand is void, the broker has taken it back."""
        super().unsubscribe(queue)
        self._in_hand = {key: name for key, name in self._in_hand.items() if name != queue}

    def has(self, queue: str) -> bool:
        """Whether anything of this queue is on this side of the broker."""
        with self._changed:
            on_its_way = any(each.queue == queue for each in self._ready)
        return on_its_way or queue in self._in_hand.values()


class SlowLane:
    """The consumer of all slow queues; there is one process of these, or nobody would know when a queue is empty."""

    def __init__(
        self, *, link: SlowLink, store: Store, pipeline: Pipeline, quota: Quota, clock: Callable[[], datetime]
    ) -> None:
        """`pipeline` is over this link, with batches no larger than `slice_messages`."""
        self._link = link
        self._store = store
        self._pipeline = pipeline
        self._quota = quota
        self._clock = clock
        self._open: set[str] = set()

    def run_once(self) -> float:
        """Admit one slice; returns for how many seconds to pause. Raises E-BROKER-… and E-STORE-…."""
        with self._store.read() as tx:
            standing = {county for (county, _), stands in slowed.roads(tx).items() if stands}
            may_go, stopped = slowed.may_go(tx, self._clock()), stopping.stopped(tx)
        self._leave(self._open & stopped)
        for county in sorted(standing - self._open - stopped):
            self._link.subscribe(topology.county_slow(county), slice_messages(self._quota))
        self._open |= standing - stopped
        if not self._open:
            return _IDLE_SECONDS
        started = time.monotonic()
        self._pipeline.run_once(_SLICE_SECONDS)
        handled, self._link.slice = self._link.slice, []
        for county in sorted(self._open & may_go - {queue.split(".")[1] for queue, _ in handled}):
            self._let_go(county)
        return max(0.0, self._pace(handled) - (time.monotonic() - started))

    def flush(self) -> None:
        """Mark what was settled since the last slice."""
        self._pipeline.flush()

    def _leave(self, counties: set[str]) -> None:
        """What of them is begun is seen to its end; the rest returns to its place."""
        if counties:
            self._pipeline.flush()
        for county in sorted(counties):
            self._link.unsubscribe(topology.county_slow(county))
        self._open -= counties

    def _pace(self, handled: list[tuple[str, int]]) -> float:
        """How long this slice takes at the pace of the county that had most of it."""
        sizes: dict[str, list[int]] = {}
        for queue, size_bytes in handled:
            sizes.setdefault(queue, []).append(size_bytes)
        return max((self._quota.seconds(len(each), sum(each)) for each in sizes.values()), default=0.0)

    def _let_go(self, county: str) -> None:
        """If nothing of it lies in its slow queue or in our hands, the county is slowed no more."""
        queue = topology.county_slow(county)
        if self._link.depth(queue) or self._link.has(queue):
            return
        with self._store.write() as tx:
            slowed.lock(tx, county)
            empty = not self._link.depth(queue) and not self._link.has(queue)
            empty = empty and not stopping.is_stopped(tx, county)  # since we looked
            if empty:
                slowed.let_go(tx, county)
        if empty:
            self._link.unsubscribe(queue)
            self._open.discard(county)
            _log.info("county.let_go", county=county)


def slice_messages(quota: Quota) -> int:
    """How many messages of one county are admitted at once: a quarter of a second's worth, at least one."""
    return max(1, round(quota.messages_per_second * _SLICE_SECONDS))


def batch_messages(quota: Quota) -> int:
    """How many messages of all counties are admitted at once."""
    return slice_messages(quota) * _COUNTIES_AT_ONCE


def _key(each: Delivery) -> tuple[int, int, int]:
    return each.generation, each.channel, each.tag
