"""Before any cryptography: what a county sends beyond its quota, or while stopped, is moved to its own slow queue.

So a flood occupies a shared shard only for as long as moving it takes. From the moment a county is slowed, everything
it sends by that road goes this way until its slow queue is empty, so that its cases keep their order. Nobody is refused
for being fast. What cannot be moved now is admitted as usual: a late or doubled copy is known by its id.

Who sends what kills a worker is slowed likewise, and for a while longer: the next such message ends the slow lane's
process, and nobody else's.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import Connection

from hub.broker import BrokerLink, Delivery, LinkParameters, Outcome, Outgoing
from hub.broker.link import MOST_BYTES
from hub.intake import poison
from hub.pace import slowed
from hub.pace.quotas import Quotas
from hub.pace.slowed import Place
from hub.pace.slowroad import packed, road_of, sender_of
from hub.store import Store
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)
AFTER_POISON: Final = timedelta(minutes=10)
"""So long whatever a county sends after poison can end nothing but the slow lane."""


class Broker(Protocol):
    """The part of the broker link that moving needs."""

    def publish(self, outgoings: Sequence[Outgoing], timeout_seconds: float = ...) -> list[Outcome]:
        """Publish all and say what became of each."""

    def ack(self, deliveries: Iterable[Delivery]) -> None:
        """Acknowledge."""


class Sluice:
    """One worker's. Knows each county's quota and who is slowed."""

    def __init__(
        self,
        *,
        broker: Broker,
        store: Store,
        quotas: Quotas | None,
        clock: Callable[[], datetime],
        confirm_seconds: float,
    ) -> None:
        """`confirm_seconds` bounds the wait for the slow queues; without quotas nobody sends too fast."""
        self._broker = broker
        self._store = store
        self._quotas = quotas
        self._clock = clock
        self._confirm_seconds = confirm_seconds

    def pass_on(self, taken: Sequence[Delivery]) -> list[Delivery]:
        """What is to be admitted now, in order; the rest has been moved and acknowledged."""
        if not taken:
            return []
        try:
            with self._store.read() as tx:
                roads, poisoned = slowed.roads(tx), _poisoned(tx, taken)
        except YunhuobanError as error:
            return self._as_usual(taken, error)
        kept: list[Delivery] = []
        surplus: list[tuple[str, Delivery]] = []
        flooding: set[Place] = set()
        for each in taken:
            county = sender_of(each)
            place = (county or "", road_of(each))
            if county is not None and roads.get(place):
                surplus.append((county, each))
                continue
            kept.append(each)
            if county is not None and place not in roads and self._is_too_much(county, each):
                flooding.add(place)
        if flooding or poisoned:
            self._slow_down(flooding, poisoned)
        return kept + self._moved(surplus) if surplus else kept

    def _is_too_much(self, county: str, each: Delivery) -> bool:
        return self._quotas is not None and not self._quotas.spend(county, len(each.body))

    def _slow_down(self, flooding: set[Place], poisoned: set[Place]) -> None:
        try:
            with self._store.write() as tx:
                now = self._clock()
                made = slowed.slow_down(tx, poisoned, queue_stands=False, now=now, at_least=AFTER_POISON)
                made += slowed.slow_down(tx, flooding, queue_stands=False, now=now)
        except YunhuobanError as error:  # another worker was first, or the store is away: the next batch shows it
            self._as_usual((), error)
            return
        for county, road in made:
            _log.warning("county.slowed", county=county, exchange=road)

    def _moved(self, surplus: Sequence[tuple[str, Delivery]]) -> list[Delivery]:
        """Move these and return what could not be moved."""
        outcomes = self._broker.publish([packed(each, county) for county, each in surplus], self._confirm_seconds)
        moved = [each for (_, each), what in zip(surplus, outcomes, strict=True) if what is Outcome.CONFIRMED]
        left = [each for (_, each), what in zip(surplus, outcomes, strict=True) if what is not Outcome.CONFIRMED]
        gone = {county for (county, _), what in zip(surplus, outcomes, strict=True) if what is Outcome.RETURNED}
        try:
            with self._store.write() as tx:
                # The slow lane may have let a county go just before this came to lie there: then it is slowed again,
                # before anything later of its cases is looked at.
                places = {(county, road_of(each)) for county, each in surplus}
                slowed.slow_down(tx, places, queue_stands=True, now=self._clock())
                for county in sorted(gone):
                    slowed.mark_queue(tx, county, stands=False)
        except YunhuobanError as error:
            return self._as_usual([each for _, each in surplus], error)
        self._broker.ack(moved)
        return left

    def _as_usual(self, deliveries: Sequence[Delivery], error: YunhuobanError) -> list[Delivery]:
        _log.error("sluice.failed", code=str(error.code), place=error.place, count=len(deliveries))
        return list(deliveries)


class SluicedLink(BrokerLink):
    """A worker's link that hands over what the sluice lets through."""

    def __init__(self, parameters: LinkParameters, make_sluice: Callable[[Any], Sluice]) -> None:
        """`make_sluice` makes the sluice over this link."""
        super().__init__(parameters)
        self._sluice = make_sluice(self)

    def take(self, limit: int, wait_seconds: float, *, most_bytes: int = MOST_BYTES) -> list[Delivery]:
        """As `BrokerLink.take`, without what was moved to a slow queue meanwhile."""
        return self._sluice.pass_on(super().take(limit, wait_seconds, most_bytes=most_bytes))


def _poisoned(tx: Connection, taken: Sequence[Delivery]) -> set[Place]:
    """Who sent what was tried alone before and has come back: it ended the worker, or was in its hands at the end."""
    suspects = [(each, county) for each in taken if each.redelivered and (county := sender_of(each))]
    tried = poison.tried_alone(tx, [each for each, _ in suspects])
    return {(county, road_of(each)) for each, county in suspects if each in tried}
