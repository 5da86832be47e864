"""What passes the hub's AMQP door, and the bookkeeping of publisher confirms: no connection, no library.

A confirm names a tag (or every tag up to one), a return comes before the confirm of the same message, and some
confirms never come: a queue on a full disk does not answer. So each message is settled on its own, once, and whatever
comes later is harmless. Sources: RabbitMQ "Publisher confirms"; design §3 (5 s, at most 50 unconfirmed per
destination).
"""

import ssl
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

MOST_UNCONFIRMED: Final = 50
CONFIRM_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkParameters:
    """Where and as whom the hub connects; the certificate in `context` is the user."""

    host: str
    port: int
    vhost: str
    context: ssl.SSLContext
    server_hostname: str
    heartbeat_seconds: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message as the broker handed it over: nothing in it has been checked, least of all the headers."""

    queue: str
    body: bytes
    headers: Mapping[str, Any]
    properties_set: frozenset[str]
    message_id: str | None
    type: str | None
    user_id: str | None
    content_type: str | None
    timestamp: int | None
    reply_to: str | None
    expiration: str | None
    priority: int | None
    correlation_id: str | None
    exchange: str
    routing_key: str
    redelivered: bool
    delivery_count: int
    generation: int
    channel: int
    tag: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message that the hub makes, every property afresh, always mandatory; transient if it is asked for again."""

    exchange: str
    routing_key: str
    body: bytes
    message_id: str
    type: str
    content_type: str
    headers: Mapping[str, Any] = field(default_factory=dict)
    persistent: bool = True


class Outcome(Enum):
    """What became of one published message. Only `CONFIRMED` means that the broker holds it."""

    CONFIRMED = "confirmed"
    NACKED = "nacked"
    RETURNED = "returned"
    TIMED_OUT = "timed_out"
    CLOSED = "closed"


class Batch:
    """The messages of one `publish` call and their outcomes, settled by the I/O thread, awaited by the caller."""

    def __init__(self, outgoings: Sequence[Outgoing], finished: "Callable[[Batch], None]" = lambda _: None) -> None:
        """`finished` is called once, when the last message has its outcome, by whichever thread settles it."""
        self.outgoings = outgoings
        self._outcomes: list[Outcome | None] = [None] * len(outgoings)
        self._left = len(outgoings)
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._finished = finished
        if not outgoings:
            self._done.set()

    def settle(self, index: int, outcome: Outcome) -> None:
        """Set one outcome; the first one stands."""
        with self._lock:
            if self._outcomes[index] is None:
                self._outcomes[index] = outcome
                self._left -= 1
                if not self._left:
                    self._done.set()
                    self._finished(self)

    def close(self) -> None:
        """Settle as `CLOSED` whatever is not settled: there is no connection that could."""
        for index in range(len(self.outgoings)):
            self.settle(index, Outcome.CLOSED)

    @property
    def complete(self) -> bool:
        """Whether every message has its outcome."""
        return self._done.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait at most this long until every message has its outcome; whether that is so."""
        return self._done.wait(seconds)

    def so_far(self) -> list[Outcome | None]:
        """The outcomes as they stand; None where there is none yet."""
        return list(self._outcomes)

    def settled(self, index: int) -> bool:
        """Whether this message has its outcome, so that it need not be sent any more."""
        return self._outcomes[index] is not None

    def outcomes(self, timeout_seconds: float) -> list[Outcome]:
        """Wait until all are settled; what is not by then is `TIMED_OUT` for good."""
        self._done.wait(timeout_seconds)
        for index in range(len(self.outgoings)):
            self.settle(index, Outcome.TIMED_OUT)
        return [outcome for outcome in self._outcomes if outcome is not None]


Place = tuple[Batch, int]
Destination = tuple[str, str]


class Settlement:
    """The confirms of one channel: which tag is which message, and what may be sent now. One thread only."""

    def __init__(self, send: Callable[[Outgoing], None], may_send: Callable[[], bool]) -> None:
        self._send = send
        self._may_send = may_send
        self._last_tag = 0
        self._unconfirmed: dict[int, Place] = {}
        self._returned: set[int] = set()
        self._in_flight: Counter[Destination] = Counter()
        self._waiting: dict[Destination, deque[Place]] = {}

    def add(self, batch: Batch) -> None:
        """Take a batch and send what the windows of its destinations allow."""
        for index, outgoing in enumerate(batch.outgoings):
            self._waiting.setdefault(_destination(outgoing), deque()).append((batch, index))
        self.send_waiting()

    def send_waiting(self) -> None:
        """Send what may be sent, to all destinations."""
        for destination in list(self._waiting):
            self._pump(destination)

    def confirmed(self, tag: int, *, multiple: bool, positive: bool) -> None:
        """Settle one tag, or every one up to it. An unknown tag changes nothing."""
        if multiple:
            tags = []
            for known in self._unconfirmed:  # in the order of sending, so that the tags rise
                if known > tag:
                    break
                tags.append(known)
        else:
            tags = [tag] if tag in self._unconfirmed else []
        outcome = Outcome.CONFIRMED if positive else Outcome.NACKED
        touched: set[Destination] = set()
        for known in tags:
            batch, index = self._unconfirmed.pop(known)
            batch.settle(index, Outcome.RETURNED if known in self._returned and positive else outcome)
            self._returned.discard(known)
            destination = _destination(batch.outgoings[index])
            self._in_flight[destination] -= 1
            touched.add(destination)
        for destination in touched:
            self._pump(destination)

    def returned(self, exchange: str, routing_key: str, message_id: str | None) -> None:
        """Remember that the oldest such unconfirmed message had no route; its confirm follows."""
        for tag, (batch, index) in self._unconfirmed.items():
            outgoing = batch.outgoings[index]
            same = (outgoing.exchange, outgoing.routing_key, outgoing.message_id) == (exchange, routing_key, message_id)
            if same and tag not in self._returned:
                self._returned.add(tag)
                return

    def close(self) -> None:
        """Settle everything as closed: the channel is gone, and with it every confirm still to come."""
        places: Iterable[Place] = [*self._unconfirmed.values(), *(p for ps in self._waiting.values() for p in ps)]
        self._unconfirmed.clear()
        self._waiting.clear()
        self._in_flight.clear()
        for batch, index in places:
            batch.settle(index, Outcome.CLOSED)

    def _pump(self, destination: Destination) -> None:
        waiting = self._waiting.get(destination)
        while waiting and self._in_flight[destination] < MOST_UNCONFIRMED and self._may_send():
            batch, index = waiting.popleft()
            if batch.settled(index):  # its time is over; sending it now would only make a duplicate
                continue
            self._last_tag += 1
            self._unconfirmed[self._last_tag] = (batch, index)
            self._in_flight[destination] += 1
            self._send(batch.outgoings[index])
        if not waiting:
            self._waiting.pop(destination, None)
        if not self._in_flight[destination]:
            del self._in_flight[destination]


def _destination(outgoing: Outgoing) -> Destination:
    return outgoing.exchange, outgoing.routing_key
