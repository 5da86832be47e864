"""Brings held messages home: one drainer per held destination, each on a link and in a thread of its own.

A destination's hold queue is probed with back-off: one message first, then ever more at once. Each message is published
to the queue it was meant for and only then acknowledged. No two messages of one case are under way together, so that
whatever becomes of one of them, none of its followers has overtaken it. When the hold queue is empty the destination is
opened again, under a lock that a worker takes after it has put something there (`hub.outflow.delivery`).
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Final, Protocol

import structlog
from sqlalchemy import Connection

from hub.broker import Delivery, Outcome, Outgoing
from hub.outflow import routing
from hub.outflow.delivery import lock_destination, mark_held, release
from hub.outflow.pausing import is_paused
from hub.store import Store
from schemas import topology
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.messages import TYPES

_log = structlog.get_logger(__name__)
_AT_ONCE: Final = 200
_TAKE_SECONDS: Final = 0.5
_TURN_SECONDS: Final = 10.0
_LONGEST_PAUSE_SECONDS: Final = 60.0
_THREADS: Final = 8


class HoldLink(Protocol):
    """The part of the broker link that draining needs."""

    def depth(self, queue: str) -> int:
        """Messages ready in a queue."""

    def subscribe(self, queue: str, prefetch: int) -> None:
        """Consume a queue."""

    def unsubscribe(self, queue: str) -> None:
        """End it; what was not acknowledged returns to its place."""

    def take(self, limit: int, wait_seconds: float) -> list[Delivery]:
        """What came."""

    def ack(self, deliveries: Iterable[Delivery]) -> None:
        """Acknowledge."""

    def publish(self, outgoings: Sequence[Outgoing], timeout_seconds: float = ...) -> list[Outcome]:
        """Publish all and say what became of each."""


class HoldDrainer:
    """Drains the hold queue of one county."""

    def __init__(
        self,
        county: str,
        *,
        open_link: Callable[[], AbstractContextManager[HoldLink]],
        store: Store,
        monotonic: Callable[[], float],
        confirm_seconds: float,
        first_pause_seconds: float = 1.0,
    ) -> None:
        """`open_link` gives a link of the drainer's own for one turn, subscribed to nothing."""
        self.county = county
        self._queue = topology.county_hold(county)
        self._open_link = open_link
        self._store = store
        self._monotonic = monotonic
        self._confirm_seconds = confirm_seconds
        self._first_pause = self._pause = first_pause_seconds
        self._next_try = 0.0

    @property
    def due(self) -> bool:
        """Whether the pause after the last failure is over."""
        return self._monotonic() >= self._next_try

    def run_once(self) -> bool:
        """Move what can be moved now; True when the hold queue is empty and the destination open.

        A turn is bounded, so that a long drain lets others have theirs. Raises E-BROKER-… without a link and
        E-STORE-… without a store; nothing is lost by that.
        """
        if not self.due:
            return False
        turn_ends = self._monotonic() + _TURN_SECONDS
        try:
            with self._open_link() as link:
                opened = self._opened(link) or self._emptied(link, turn_ends)
        except YunhuobanError:
            self._later()
            raise
        if opened:
            self._pause = self._first_pause
        elif self._monotonic() < turn_ends and not self._paused():  # whom a person stopped is not probed
            self._later()
        return opened

    def _emptied(self, link: HoldLink, turn_ends: float) -> bool:
        """Move until nothing is left; the first message that is not taken ends it, the rest stays in its place."""
        with self._store.write() as tx:
            mark_held(tx, self.county, "waiting")  # what is new has to queue behind what lies here, mark or no mark
        at_once = 1  # a county that still takes nothing costs one message per look
        link.subscribe(self._queue, _AT_ONCE * 2)
        try:
            while self._monotonic() < turn_ends and not self._paused():
                batch = link.take(at_once, _TAKE_SECONDS)
                if not batch:
                    return self._opened(link)
                if not self._moved(link, batch):
                    return False
                at_once = min(at_once * 4, _AT_ONCE)
            return False
        finally:
            link.unsubscribe(self._queue)

    def _paused(self) -> bool:
        """Whether an operator has stopped it meanwhile; what was taken and not moved returns to its place."""
        with self._store.read() as tx:
            return is_paused(tx, self.county)

    def _moved(self, link: HoldLink, batch: Sequence[Delivery]) -> bool:
        """Whether all of these are in their queues, confirmed; of each case the next follows when one is."""
        waiting = [(_case_of(each), each) for each in batch]
        while waiting:
            together, waiting = _one_of_each_case(waiting)
            outcomes = link.publish([self._released(each) for each in together], self._confirm_seconds)
            good = [outcome is Outcome.CONFIRMED for outcome in outcomes]
            link.ack([each for each, confirmed in zip(together, good, strict=True) if confirmed])
            if not all(good):
                return False
        return True

    def _released(self, each: Delivery) -> Outgoing:
        message_id, kind = each.message_id or "", each.type or ""
        return routing.released(self.county, each.body, message_id, kind, dict(each.headers)).outgoing

    def _opened(self, link: HoldLink) -> bool:
        """Open the destination if its hold queue is empty; nobody can put anything there meanwhile unnoticed."""
        late: list[Delivery] = []
        with self._store.write() as tx:
            lock_destination(tx, self.county)
            if link.depth(self._queue) == 0:
                late = link.take(1, 0.0)  # on its way to us while the queue was counted
                if not late:
                    return self._release(tx)
        if late:
            self._moved(link, late)
        return False

    def _release(self, tx: Connection) -> bool:
        """Whether it is open now: a pause keeps it shut."""
        if release(tx, self.county):
            _log.info("destination.released", county=self.county)
        return not is_paused(tx, self.county)

    def _later(self) -> None:
        self._next_try = self._monotonic() + self._pause
        self._pause = min(self._pause * 2, _LONGEST_PAUSE_SECONDS)


class HoldDrainers:
    """The drainers of all held destinations. A slow one occupies its own thread; the others go on.

    When more destinations are held than there are threads, they take turns.
    """

    def __init__(self, make: Callable[[str], HoldDrainer]) -> None:
        """`make` gives the drainer of a county; it keeps its back-off from one turn to the next."""
        self._make = make
        self._drainers: dict[str, HoldDrainer] = {}
        self._running: dict[str, Future[bool]] = {}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="hold")

    def run_once(self, counties: Iterable[str]) -> set[str]:
        """Start a turn for each of these that is due; returns which destinations were opened since the last call."""
        opened = set[str]()
        for county, turn in list(self._running.items()):
            if turn.done():
                del self._running[county]
                if _result(county, turn):
                    opened.add(county)
                    del self._drainers[county]
        for county in sorted(set(counties) - self._running.keys() - opened):
            drainer = self._drainers.setdefault(county, self._make(county))
            if drainer.due:
                self._running[county] = self._threads.submit(drainer.run_once)
        return opened

    def close(self) -> None:
        """Wait for the turns that run; what they have not moved stays where it is."""
        self._threads.shutdown(wait=True, cancel_futures=True)


def to_drain(held: Iterable[str], depths: Iterable[tuple[str, int]]) -> set[str]:
    """Counties whose hold queue must be looked at: those marked as held, and those with something in it."""
    waiting = {name.split(".")[1] for name, ready in depths if name.endswith(".hold") and ready}
    return waiting | set(held)


def _result(county: str, turn: Future[bool]) -> bool:
    try:
        return turn.result()
    except YunhuobanError as error:
        _log.error("hold.turn_failed", county=county, code=str(error.code), place=error.place)
        return False


def _case_of(each: Delivery) -> str | None:
    """The case whose order counts; what the hub says itself (receipts, grants, directories) stands in none."""
    if each.type not in TYPES:
        return None
    try:
        return Envelope.parse(each.body).case_no
    except YunhuobanError:
        return None  # never so: it was admitted


Waiting = list[tuple[str | None, Delivery]]


def _one_of_each_case(waiting: Waiting) -> tuple[list[Delivery], Waiting]:
    """Split off the first message of every case, and everything that stands in none, in order."""
    together: list[Delivery] = []
    later: Waiting = []
    seen = set[str]()
    for case, each in waiting:
        if case is not None and case in seen:
            later.append((case, each))
        else:
            together.append(each)
            seen |= {case} if case is not None else set()
    return together, later
