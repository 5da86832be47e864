"""A broker of plain Python: durable queues, unacknowledged deliveries that come back, confirms that may fail.

`HubLink` stands in the place of `hub.broker.BrokerLink`, `CountyLink` in that of the county's `Link`. What a process
held when it died returns to its queue, marked as redelivered, as RabbitMQ does.
"""

import itertools
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.link.messages import Arrival, SendOutcome, Submission
from hub.broker import Delivery, Outcome, Outgoing
from hub.broker.messages import Batch
from hub.intake.inspection import CONTENT_TYPE, SIGNATURES
from schemas import topology

_tags = itertools.count(1)
_SET = frozenset({"content_type", "headers", "delivery_mode", "message_id", "type", "user_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One message in a queue."""

    queue: str
    body: bytes
    headers: Mapping[str, Any]
    message_id: str
    type: str
    user: str = ""
    exchange: str = ""
    routing_key: str = ""
    redelivered: bool = False


class SmallBroker:
    """The queues, and what a test does to them."""

    def __init__(self) -> None:
        """Everything is taken until a test says otherwise."""
        self.queues: dict[str, deque[Packet]] = defaultdict(deque)
        self.takes: Callable[[Packet], Outcome] = lambda _: Outcome.CONFIRMED
        """What becomes of a publish; only a confirmed one is kept."""

    def put(self, packet: Packet) -> Outcome:
        """Keep a message, or not."""
        outcome = self.takes(packet)
        if outcome is Outcome.CONFIRMED:
            self.queues[packet.queue].append(packet)
        return outcome

    def give_back(self, packets: Iterable[Packet]) -> None:
        """Return what nobody acknowledged to where it was, in its order."""
        for packet in reversed(list(packets)):
            self.queues[packet.queue].appendleft(replace(packet, redelivered=True))

    def get(self, queues: Iterable[str], limit: int) -> list[Packet]:
        """Take the first ones."""
        found: list[Packet] = []
        for name in queues:
            while self.queues[name] and len(found) < limit:
                found.append(self.queues[name].popleft())
        return found


@dataclass(slots=True)
class _Unacked:
    """What a connection holds."""

    broker: SmallBroker
    held: dict[int, Packet] = field(default_factory=dict)
    generation: int = 1

    def hold(self, packet: Packet) -> int:
        tag = next(_tags)
        self.held[tag] = packet
        return tag

    def release(self, tag: int) -> Packet | None:
        return self.held.pop(tag, None)

    def drop(self) -> None:
        """The connection is gone."""
        self.broker.give_back(self.held.values())
        self.held.clear()
        self.generation += 1


class HubLink:
    """The hub's side. `cut` is called before each step that talks to the broker, and may be the end of the process."""

    def __init__(self, broker: SmallBroker, queues: Sequence[str], cut: Callable[[str], None] = lambda _: None) -> None:
        """Consume these queues."""
        self._broker = broker
        self._queues = list(queues)
        self._unacked = _Unacked(broker)
        self._cut = cut

    @property
    def generation(self) -> int:
        """Number of connections so far."""
        return self._unacked.generation

    def subscribe(self, queue: str, _prefetch: int) -> None:
        """Consume one more queue."""
        self._queues.append(queue)

    def unsubscribe(self, queue: str) -> None:
        """Consume it no more; what was not acknowledged goes back."""
        self._queues.remove(queue)
        mine = [tag for tag, packet in self._unacked.held.items() if packet.queue == queue]
        self._broker.give_back([self._unacked.held.pop(tag) for tag in mine])

    def depth(self, queue: str) -> int:
        """Messages ready."""
        return len(self._broker.queues[queue])

    def take(self, limit: int, _wait_seconds: float = 0.0) -> list[Delivery]:
        """Hand over what is there."""
        return [self._delivery(packet) for packet in self._broker.get(self._queues, limit)]

    def start_publishing(self, outgoings: Sequence[Outgoing]) -> Batch:
        """Put each into its queue; what becomes of it is known at once."""
        batch = Batch(outgoings)
        for at, each in enumerate(outgoings):
            self._cut("hub publishes")
            packet = Packet(
                queue=each.routing_key, body=each.body, headers=each.headers, message_id=each.message_id, type=each.type
            )
            batch.settle(at, self._broker.put(packet))
        return batch

    def publish(self, outgoings: Sequence[Outgoing], timeout_seconds: float = 5.0) -> list[Outcome]:
        """The same, waiting for the outcomes."""
        return self.start_publishing(outgoings).outcomes(timeout_seconds)

    def ack(self, deliveries: Iterable[Delivery]) -> None:
        """Forget these."""
        for each in deliveries:
            self._cut("hub acknowledges")
            if each.generation == self.generation:
                self._unacked.release(each.tag)

    def requeue(self, deliveries: Iterable[Delivery]) -> None:
        """Give these back."""
        self._broker.give_back([p for each in deliveries if (p := self._unacked.release(each.tag)) is not None])

    def drop(self) -> None:
        """The process or its connection is gone."""
        self._unacked.drop()

    def _delivery(self, packet: Packet) -> Delivery:
        return Delivery(
            queue=packet.queue, body=packet.body, headers=packet.headers, properties_set=_SET,
            message_id=packet.message_id, type=packet.type, user_id=packet.user, content_type=CONTENT_TYPE,
            timestamp=None, reply_to=None, expiration=None, priority=None, correlation_id=None,
            exchange=packet.exchange, routing_key=packet.routing_key, redelivered=packet.redelivered,
            delivery_count=0, generation=self.generation, channel=1, tag=self._unacked.hold(packet),
        )  # fmt: skip


class CountyLink:
    """A county's side."""

    opened = 1
    """The one connection for ever."""

    def __init__(self, broker: SmallBroker, county: str, cut: Callable[[str], None] = lambda _: None) -> None:
        """Connected as this county."""
        self._broker = broker
        self._county = county
        self._queues: Sequence[str] = ()
        self._unacked = _Unacked(broker)
        self._cut = cut

    def send(self, submission: Submission) -> SendOutcome:
        """Into the admission queue that the exchange routes to."""
        self._cut(f"{self._county} sends")
        if submission.routing_key == topology.directory_key(self._county):
            queue = topology.DIRECTORY_REQUESTS
        elif submission.exchange == topology.EXPRESS:
            queue = topology.ADMISSION_EXPRESS
        else:  # as the broker does: by the shard in the key
            queue = topology.admission_queue(int(submission.routing_key.split(".")[2]))
        outcome = self._broker.put(
            Packet(
                queue=queue, body=submission.body, headers={SIGNATURES: list(submission.signatures)},
                message_id=submission.message_id, type=submission.type, user=self._county,
                exchange=submission.exchange, routing_key=submission.routing_key,
            )
        )  # fmt: skip
        return SendOutcome.CONFIRMED if outcome is Outcome.CONFIRMED else SendOutcome.UNAVAILABLE

    def keep_alive(self) -> None:
        """Nothing to do."""

    def listen(self, queues: Sequence[str], _prefetch: int) -> None:
        """Consume these."""
        self._queues = queues

    def receive(self, _seconds: float) -> list[Arrival]:
        """What is there."""
        return [
            Arrival(
                queue=packet.queue, body=packet.body, message_id=packet.message_id, type=packet.type,
                headers=packet.headers, redelivered=packet.redelivered, tag=self._unacked.hold(packet),
                generation=self._unacked.generation,
            )
            for packet in self._broker.get(self._queues, 50)
        ]  # fmt: skip

    def ack(self, arrivals: Iterable[Arrival]) -> None:
        """Forget these."""
        for each in arrivals:
            self._cut(f"{self._county} acknowledges")
            if each.generation == self._unacked.generation:
                self._unacked.release(each.tag)

    def reject(self, arrivals: Iterable[Arrival]) -> None:
        """To the dead letters."""
        for each in arrivals:
            packet = self._unacked.release(each.tag)
            if packet is not None:
                self._broker.put(replace(packet, queue=topology.DEAD_LETTERS))

    def close(self) -> None:
        """The process or its connection is gone."""
        self._unacked.drop()
