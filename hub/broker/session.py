"""One open connection to the broker, seen from pika's I/O thread: channels, tags, confirms, questions.

A session ends with its connection and is never revived; `hub.broker.link.BrokerLink` owns one at a time. Measured: on
3.10.8 a consumer that is cancelled and registered again can kill its channel, so a subscription ends by closing its
channel.
"""

import itertools
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, Protocol

from pika.spec import Basic, BasicProperties

from hub.broker import properties as broker_properties
from hub.broker.messages import Batch, Delivery, Outgoing, Settlement
from schemas import errors
from schemas.errors import YunhuobanError

_TRANSIENT, _PERSISTENT = 1, 2

NOT_ALLOWED: Final = errors.declare(
    "E-BROKER-034", "消息服务不允许对 {queue} 做这一操作（{status}）。", "请核对该队列是否存在，以及本机用户的权限。"
)

FIRST_PAUSE_SECONDS: Final = 0.2
_CHANNELS: Final = itertools.count(1)

# pika offers no other place to stand between the socket and the decoding of properties.
BasicProperties.decode = broker_properties.guarded(BasicProperties.decode)


class Owner(Protocol):
    """What a session tells its link; called in the I/O thread."""

    @property
    def blocked(self) -> str | None:
        """The broker's alarm, if there is one."""

    def opened(self, session: "Session") -> None:
        """The session can publish."""

    def arrived(self, delivery: Delivery) -> None:
        """A message came."""

    def forget(self, void: Callable[[Delivery], bool]) -> None:
        """Deliveries that the broker will hand over again."""

    def wants(self, queue: str) -> bool:
        """Whether a subscription is still wanted."""

    def note_fault(self, fault: YunhuobanError) -> None:
        """The broker refused something."""

    def note_blocked(self, reason: str | None) -> None:
        """An alarm began or ended."""

    def failure(self, code: errors.Code, found: str = "", **params: str) -> YunhuobanError:
        """An error about this link."""


class Session:
    """One open connection: its publishing channel, its consuming channels, its questions. I/O thread only."""

    def __init__(self, owner: Owner, connection: Any, generation: int) -> None:
        self.generation = generation
        self._owner = owner
        self._connection = connection
        self._publisher: Any = None
        self._settlement = Settlement(self._send, self._may_send)
        self._consumers: dict[str, int] = {}
        self._channels: dict[int, Any] = {}
        self._open_tags: dict[int, dict[int, None]] = {}
        self._answers: dict[int, Future[Any]] = {}
        connection.add_on_connection_blocked_callback(self._on_blocked)
        connection.add_on_connection_unblocked_callback(self._on_unblocked)
        self._open_publisher()

    def publish(self, batch: Batch) -> None:
        """Send a batch as far as its window allows."""
        self._settlement.add(batch)

    def gone(self) -> None:
        """The connection has ended: nothing will be confirmed any more."""
        self._settlement.close()

    def settle(self, deliveries: list[Delivery], *, positive: bool) -> None:
        """Acknowledge or requeue, in one frame per channel where everything up to a tag is meant."""
        tags: dict[int, set[int]] = {}
        for delivery in deliveries:
            if delivery.generation == self.generation and delivery.tag in self._open_tags.get(delivery.channel, {}):
                tags.setdefault(delivery.channel, set()).add(delivery.tag)
        for number, mine in tags.items():
            channel, known = self._channels[number], self._open_tags[number]
            if not channel.is_open:
                continue
            until = max(mine)
            everything = all(tag in mine for tag in itertools.takewhile(lambda tag: tag <= until, known))  # noqa: B023
            for tag in [until] if everything else sorted(mine):
                if positive:
                    channel.basic_ack(tag, multiple=everything)
                else:
                    channel.basic_nack(tag, multiple=everything, requeue=True)
            for tag in mine:
                del known[tag]

    def consume(self, queue: str, prefetch: int) -> None:
        """Open a channel and consume; when the broker closes it, try again later as long as it is wanted."""
        if queue in self._consumers:
            return
        number = next(_CHANNELS)
        self._consumers[queue] = number

        def opened(channel: Any) -> None:
            if self._consumers.get(queue) != number:  # unsubscribed meanwhile
                channel.close()
                return
            self._channels[number] = channel
            self._open_tags[number] = {}
            channel.add_on_close_callback(closed)
            channel.add_on_cancel_callback(lambda _: channel.close() if channel.is_open else None)
            channel.basic_qos(prefetch_count=prefetch)
            channel.basic_consume(queue, arrived)

        def arrived(_: Any, method: Any, properties: Any, body: bytes) -> None:
            if self._consumers.get(queue) == number:
                self._open_tags[number][method.delivery_tag] = None
                self._owner.arrived(self._delivery(queue, number, method, properties, body))

        def closed(_: Any, error: BaseException) -> None:
            self._drop(number)
            if self._consumers.get(queue) == number:  # not by us
                del self._consumers[queue]
                self._owner.forget(lambda delivery: delivery.channel == number)
                self._owner.note_fault(self._refused(queue, error))
                self._later(FIRST_PAUSE_SECONDS * 5, lambda: self._consume_again(queue, prefetch))

        self._connection.channel(on_open_callback=opened)

    def end(self, queue: str) -> None:
        """Close a subscription's channel."""
        number = self._consumers.pop(queue, None)
        channel = self._channels.get(number or 0)
        if channel is not None and channel.is_open:
            channel.close()

    def depth(self, queue: str, answer: Future[Any]) -> None:
        """Ask how many messages are ready."""

        def opened(channel: Any, number: int) -> None:
            def declared(frame: Any) -> None:
                self._answer(number, frame.method.message_count)
                channel.close()

            channel.queue_declare(queue, passive=True, callback=declared)

        self._ask(queue, answer, opened)

    def get(self, queue: str, limit: int, answer: Future[Any]) -> None:
        """Fetch up to `limit` messages without acknowledging; answer with the channel's number and them."""
        found: list[Delivery] = []

        def opened(channel: Any, number: int) -> None:
            def arrived(_: Any, method: Any, properties: Any, body: bytes) -> None:
                self._open_tags[number][method.delivery_tag] = None
                found.append(self._delivery(queue, number, method, properties, body))
                more()

            def more() -> None:
                if len(found) >= limit:
                    self._answer(number, (number, found))
                else:
                    channel.basic_get(queue, arrived)

            channel.add_callback(lambda _: self._answer(number, (number, found)), [Basic.GetEmpty], one_shot=False)
            more()

        self._ask(queue, answer, opened)

    def close_channel(self, number: int, answer: Future[Any]) -> None:
        """Close one channel; what it held unacknowledged goes back to its queue."""
        channel = self._channels.get(number)
        if channel is None or not channel.is_open:
            answer.set_result(None)
            return
        channel.add_on_close_callback(lambda *_: answer.set_result(None) if not answer.done() else None)
        channel.close()

    def _ask(self, queue: str, answer: Future[Any], work: Callable[[Any, int], None]) -> None:
        """Open a channel for one question; when the broker closes it instead, that is the answer."""
        number = next(_CHANNELS)
        self._answers[number] = answer

        def opened(channel: Any) -> None:
            self._channels[number] = channel
            self._open_tags[number] = {}
            channel.add_on_close_callback(closed)
            work(channel, number)

        def closed(_: Any, error: BaseException) -> None:
            self._drop(number)
            unanswered = self._answers.pop(number, None)
            if unanswered is not None and not unanswered.done():
                unanswered.set_exception(self._refused(queue, error))

        self._connection.channel(on_open_callback=opened)

    def _answer(self, number: int, result: Any) -> None:
        answer = self._answers.pop(number, None)
        if answer is not None and not answer.done():
            answer.set_result(result)

    def _drop(self, number: int) -> None:
        self._channels.pop(number, None)
        self._open_tags.pop(number, None)

    def _consume_again(self, queue: str, prefetch: int) -> None:
        if self._owner.wants(queue):
            self.consume(queue, prefetch)

    def _later(self, seconds: float, work: Callable[[], None]) -> None:
        self._connection.ioloop.call_later(seconds, lambda: work() if self._connection.is_open else None)

    def _refused(self, queue: str, error: BaseException) -> YunhuobanError:
        status = str(getattr(error, "reply_code", type(error).__name__))
        return self._owner.failure(NOT_ALLOWED, found=status, queue=queue, status=status)

    def _open_publisher(self) -> None:
        self._connection.channel(on_open_callback=self._on_publisher_open)

    def _on_publisher_open(self, channel: Any) -> None:
        channel.add_on_close_callback(self._on_publisher_closed)
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_confirm, callback=lambda _: self._on_publisher_ready(channel))

    def _on_publisher_ready(self, channel: Any) -> None:
        self._publisher = channel
        self._owner.opened(self)
        self._settlement.send_waiting()

    def _on_publisher_closed(self, _: Any, error: BaseException) -> None:
        """Everything unconfirmed on this channel is undecided for good; tags begin anew on the next one."""
        self._publisher = None
        self._settlement.close()
        self._settlement = Settlement(self._send, self._may_send)
        if self._connection.is_open:
            self._owner.note_fault(self._refused("publish", error))
            self._open_publisher()

    def _may_send(self) -> bool:
        """Not while the channel is opened anew, nor during an alarm: what waits then times out unsent."""
        return self._publisher is not None and self._owner.blocked is None

    def _send(self, outgoing: Outgoing) -> None:
        properties = BasicProperties(
            content_type=outgoing.content_type,
            headers=dict(outgoing.headers),
            delivery_mode=_PERSISTENT if outgoing.persistent else _TRANSIENT,
            message_id=outgoing.message_id,
            type=outgoing.type,
        )
        self._publisher.basic_publish(
            outgoing.exchange, outgoing.routing_key, outgoing.body, properties, mandatory=True
        )

    def _on_confirm(self, frame: Any) -> None:
        method = frame.method
        positive = isinstance(method, Basic.Ack)
        self._settlement.confirmed(method.delivery_tag, multiple=method.multiple, positive=positive)

    def _on_return(self, _: Any, method: Any, properties: Any, __: bytes) -> None:
        self._settlement.returned(method.exchange, method.routing_key, properties.message_id)

    def _on_blocked(self, _: Any, frame: Any) -> None:
        self._owner.note_blocked(str(frame.method.reason))

    def _on_unblocked(self, *_: Any) -> None:
        self._owner.note_blocked(None)
        self._settlement.send_waiting()

    def _delivery(self, queue: str, number: int, method: Any, properties: Any, body: bytes) -> Delivery:
        return broker_properties.delivery(
            properties, method, body, queue=queue, generation=self.generation, channel=number
        )
