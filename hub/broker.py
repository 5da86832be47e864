"""The hub's only AMQP door: one connection in a thread of its own, so that heartbeats live while the caller works.

The caller's side (`BrokerLink`) blocks and is safe from any thread; everything of pika happens in the I/O thread, in a
`_Session` per connection. Deliveries and tags belong to their session: whatever comes from an older one is ignored,
because the broker delivers it again. Confirms are settled by `hub.broker_messages.Settlement`. Sources: pika 1.4
`SelectConnection`; measured: on 3.10.8 a consumer that is cancelled and registered again can kill its channel, so a
subscription ends by closing its channel.
"""

import itertools
import random
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Final, Self

import pika
from pika import exceptions
from pika.adapters.select_connection import IOLoop
from pika.credentials import ExternalCredentials
from pika.spec import Basic, BasicProperties

from hub import broker_properties
from hub.broker_messages import CONFIRM_SECONDS, Batch, Delivery, LinkParameters, Outcome, Outgoing, Settlement
from schemas import errors
from schemas.errors import YunhuobanError

__all__ = ["BrokerLink", "Delivery", "LinkParameters", "Outcome", "Outgoing"]

UNREACHABLE: Final = errors.declare(
    "E-BROKER-030",
    "连不上消息服务 {address}。",
    "请用 hub broker status 查看消息服务是否在运行，地址和端口是否正确。",
)
TLS_REFUSED: Final = errors.declare(
    "E-BROKER-031",
    "消息服务 {address} 拒绝了本机的证书：证书可能已吊销、过期、角色不对，或吊销列表已过期。",
    "请核对本机证书和消息服务的吊销列表。",
)
SERVER_UNTRUSTED: Final = errors.declare(
    "E-BROKER-032",
    "消息服务 {address} 出示的证书不可信，没有连接。",
    "请核对信任的根证书，以及消息服务证书里的主机名。",
)
LOGIN_REFUSED: Final = errors.declare(
    "E-BROKER-033",
    "消息服务 {address} 不认识本机证书里的用户，或不许它进入 {vhost}。",
    "请在消息服务中建立该用户并授权。",
)
NOT_ALLOWED: Final = errors.declare(
    "E-BROKER-034", "消息服务不允许对 {queue} 做这一操作（{status}）。", "请核对该队列是否存在，以及本机用户的权限。"
)
NO_LINK: Final = errors.declare(
    "E-BROKER-035", "与消息服务 {address} 的连接断开或没有及时回答。", "连接会自动恢复，请稍后再试。"
)

FIRST_PAUSE_SECONDS: Final = 0.2
LONGEST_PAUSE_SECONDS: Final = 10.0
CALL_SECONDS: Final = 10.0
BLOCKED_SECONDS: Final = 60.0

_CHANNELS: Final = itertools.count(1)

# pika offers no other place to stand between the socket and the decoding of properties.
BasicProperties.decode = broker_properties.guarded(BasicProperties.decode)


class BrokerLink:
    """One connection to the broker that renews itself. Use it as a context manager, or `start` and `stop` it."""

    def __init__(self, parameters: LinkParameters) -> None:
        self.parameters = parameters
        self._changed = threading.Condition()
        self._ready: deque[Delivery] = deque()
        self._wanted: dict[str, int] = {}
        self._loop: IOLoop | None = None
        self._session: _Session | None = None
        self._generation = 0
        self._blocked: str | None = None
        self._fault: YunhuobanError | None = None
        self._batches: set[Batch] = set()
        self._questions: set[Future[Any]] = set()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._connection: Any = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def generation(self) -> int:
        """Number of connections made so far; deliveries of an older one are void."""
        return self._generation

    @property
    def connected(self) -> bool:
        """Whether messages can be published now."""
        return self._session is not None

    @property
    def blocked(self) -> str | None:
        """Why the broker takes no messages from anybody (its alarm), or None."""
        return self._blocked

    @property
    def fault(self) -> YunhuobanError | None:
        """Why the last connection or subscription failed, until the next one succeeds."""
        return self._fault

    def start(self, wait_seconds: float = 10.0) -> None:
        """Connect, and keep connected until `stop`; with 0 return at once and connect in the background.

        Raises E-BROKER-030 when there is no connection in time, -031 to -033 at once when the broker (or its
        certificate) was refused; then nothing is left running.
        """
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="broker-link", daemon=True)
        self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self._session is not None or self._turned_away(), wait_seconds)
        if wait_seconds and not self.connected:
            fault = self._fault
            self.stop()
            raise fault or self.failure(NO_LINK)

    def wait_connected(self, timeout_seconds: float) -> bool:
        """Wait until messages can be published; False when that did not happen in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._session is not None, timeout_seconds)

    def stop(self) -> None:
        """Close the connection; what was taken and not acknowledged will be delivered to the next consumer."""
        self._ending.set()
        self._post(self._close)
        if self._thread is not None:
            self._thread.join(CALL_SECONDS)
            self._thread = None

    def subscribe(self, queue: str, prefetch: int) -> None:
        """Consume a queue on a channel of its own, now and after every reconnection, until `unsubscribe`."""
        with self._changed:
            if queue in self._wanted:
                return
            self._wanted[queue] = prefetch
        self._post(lambda _: self._session.consume(queue, prefetch) if self._session else None)

    def unsubscribe(self, queue: str) -> None:
        """Close the queue's channel; what was delivered on it and not acknowledged goes back to the queue."""
        with self._changed:
            self._wanted.pop(queue, None)
            self._forget(lambda delivery: delivery.queue == queue)
        self._post(lambda _: self._session.end(queue) if self._session else None)

    def take(self, limit: int, wait_seconds: float) -> list[Delivery]:
        """At least one delivery, or none after `wait_seconds`; then what is there, at most `limit`, in order."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready, wait_seconds)
            return [self._ready.popleft() for _ in range(min(limit, len(self._ready)))]

    def ack(self, deliveries: Iterable[Delivery]) -> None:
        """Acknowledge; returns before the broker has it. Void deliveries are ignored."""
        self._settle(list(deliveries), positive=True)

    def requeue(self, deliveries: Iterable[Delivery]) -> None:
        """Give deliveries back to their queue. Not a way to retry: it counts towards the delivery limit."""
        self._settle(list(deliveries), positive=False)

    def publish(self, outgoings: Sequence[Outgoing], timeout_seconds: float = CONFIRM_SECONDS) -> list[Outcome]:
        """Publish all, wait for every confirm at most this long, and return one outcome for each, in order.

        Anything but `CONFIRMED` may or may not have arrived: send it again under the same id.
        """
        batch = Batch(outgoings)
        with self._changed:
            self._batches.add(batch)
            if not self._post(lambda _: self._add(batch)):
                batch.close()
        try:
            return batch.outcomes(timeout_seconds)
        finally:
            self._batches.discard(batch)

    def depth(self, queue: str) -> int:
        """Messages ready in a queue. Raises E-BROKER-034 or -035."""
        count: int = self._call(queue, lambda session, answer: session.depth(queue, answer))
        return count

    def browse(self, queue: str, limit: int) -> list[Delivery]:
        """Look at the first messages of a queue; all return to it. Raises E-BROKER-034 or -035."""
        with self.held(queue, limit) as deliveries:
            return deliveries

    @contextmanager
    def held(self, queue: str, limit: int) -> Iterator[list[Delivery]]:
        """Hold the first messages of a queue; those not acknowledged inside the block return. Raises as `browse`."""
        held: tuple[int, list[Delivery]] = self._call(queue, lambda session, answer: session.get(queue, limit, answer))
        channel, deliveries = held
        try:
            yield deliveries
        finally:
            with suppress(YunhuobanError):  # without a link the broker has taken them back already
                self._call(queue, lambda session, answer: session.close_channel(channel, answer))

    def failure(self, code: errors.Code, found: str = "", **params: str) -> YunhuobanError:
        """Return an error that names this link's address and virtual host."""
        where = {"address": f"{self.parameters.host}:{self.parameters.port}", "vhost": self.parameters.vhost}
        return YunhuobanError(code, place="broker", found=found, **where, **params)

    # What follows runs in the I/O thread, except `_post`, `_call` and `_settle`.

    def _run(self) -> None:
        """Connect again and again, with growing pauses and a little chance in them, until `stop`."""
        pause = FIRST_PAUSE_SECONDS
        while not self._ending.is_set():
            before = self._generation
            self._connect_once()
            pause = FIRST_PAUSE_SECONDS if self._generation > before else min(pause * 2, LONGEST_PAUSE_SECONDS)
            self._ending.wait(pause * random.uniform(0.7, 1.3))  # noqa: S311 -- spreads load, keeps no secret

    def _connect_once(self) -> None:
        """Live one connection from beginning to end."""
        parameters = self.parameters
        loop = IOLoop()
        with self._changed:
            self._loop = loop
        try:
            self._connection = pika.SelectConnection(
                pika.ConnectionParameters(
                    host=parameters.host,
                    port=parameters.port,
                    virtual_host=parameters.vhost,
                    credentials=ExternalCredentials(),
                    ssl_options=pika.SSLOptions(parameters.context, parameters.server_hostname),
                    heartbeat=parameters.heartbeat_seconds,
                    blocked_connection_timeout=BLOCKED_SECONDS,
                    socket_timeout=5.0,
                    stack_timeout=10.0,
                    connection_attempts=1,
                ),
                on_open_callback=lambda connection: _Session(self, connection, self._generation + 1),
                on_open_error_callback=lambda _, error: self._broken(loop, error),
                on_close_callback=lambda _, error: self._broken(loop, error),
                custom_ioloop=loop,
            )
            loop.start()
        except Exception as error:  # noqa: BLE001 -- kept as the link's fault; a dead thread would be silence
            self._fault = self._explained(error)
        finally:
            session, self._session = self._session, None
            with self._changed:
                self._loop = None
                self._blocked = None
                self._ready.clear()
                # Also what was posted to this loop after it stopped turning: nobody else would ever answer it.
                batches, questions = list(self._batches), list(self._questions)
                self._changed.notify_all()
            if session is not None:
                session.gone()
            for batch in batches:
                batch.close()
            for question in questions:
                if not question.done():
                    question.set_exception(self.failure(NO_LINK))
            loop.close()

    def _opened(self, session: "_Session") -> None:
        """The session can publish: take up the subscriptions."""
        with self._changed:
            self._generation = session.generation
            self._session = session
            self._fault = None
            wanted = dict(self._wanted)
            self._changed.notify_all()
        for queue, prefetch in wanted.items():
            session.consume(queue, prefetch)

    def _broken(self, loop: IOLoop, error: BaseException) -> None:
        with self._changed:
            if not self._ending.is_set():
                self._fault = self._explained(error)
            self._changed.notify_all()
        loop.stop()

    def _turned_away(self) -> bool:
        return self._fault is not None and self._fault.code in {TLS_REFUSED, SERVER_UNTRUSTED, LOGIN_REFUSED}

    def _close(self, loop: IOLoop) -> None:
        if self._connection is not None and self._connection.is_open:
            self._connection.close()
        else:
            loop.stop()

    def _arrived(self, delivery: Delivery) -> None:
        with self._changed:
            if delivery.queue in self._wanted:
                self._ready.append(delivery)
                self._changed.notify_all()

    def _forget(self, void: Callable[[Delivery], bool]) -> None:
        with self._changed:
            kept = [delivery for delivery in self._ready if not void(delivery)]
            self._ready.clear()
            self._ready.extend(kept)

    def _add(self, batch: Batch) -> None:
        if self._session is None:
            batch.close()
        else:
            self._session.publish(batch)

    def _settle(self, deliveries: list[Delivery], *, positive: bool) -> None:
        if deliveries:
            self._post(lambda _: self._session.settle(deliveries, positive=positive) if self._session else None)

    def _post(self, work: Callable[[IOLoop], None]) -> bool:
        """Have something done in the I/O thread; False when there is no connection to do it on."""
        with self._changed:
            loop = self._loop
            if loop is None:
                return False
            loop.add_callback_threadsafe(lambda: work(loop))
            return True

    def _call(self, queue: str, work: Callable[["_Session", "Future[Any]"], None]) -> Any:
        """Ask something of the session and wait for the answer."""
        answer: Future[Any] = Future()

        def ask(_: IOLoop) -> None:
            if self._session is None:
                answer.set_exception(self.failure(NO_LINK, queue=queue))
            else:
                work(self._session, answer)

        with self._changed:
            self._questions.add(answer)
            if not self._post(ask):
                answer.set_exception(self.failure(NO_LINK, queue=queue))
        try:
            return answer.result(CALL_SECONDS)
        except FutureTimeoutError as error:
            raise self.failure(NO_LINK, queue=queue) from error
        finally:
            self._questions.discard(answer)

    def _explained(self, error: BaseException) -> YunhuobanError:
        """Turn whatever pika gave into one declared error; a refused certificate hides under a protocol error."""
        causes = list(_causes(error))
        found = type(causes[-1]).__name__

        def among(*kinds: type[BaseException]) -> bool:
            return any(isinstance(cause, kinds) for cause in causes)

        if among(ssl.SSLCertVerificationError):
            return self.failure(SERVER_UNTRUSTED, found)
        if among(
            exceptions.ProbableAuthenticationError, exceptions.ProbableAccessDeniedError, exceptions.AuthenticationError
        ):
            return self.failure(LOGIN_REFUSED, found)
        if among(ssl.SSLError, exceptions.IncompatibleProtocolError):
            return self.failure(TLS_REFUSED, found)
        if among(OSError):
            return self.failure(UNREACHABLE, found)
        return self.failure(NO_LINK, found)


class _Session:
    """One open connection: its publishing channel, its consuming channels, its questions. I/O thread only."""

    def __init__(self, link: BrokerLink, connection: Any, generation: int) -> None:
        self.generation = generation
        self._link = link
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
                self._link._arrived(self._delivery(queue, number, method, properties, body))  # noqa: SLF001

        def closed(_: Any, error: BaseException) -> None:
            self._drop(number)
            if self._consumers.get(queue) == number:  # not by us
                del self._consumers[queue]
                self._link._forget(lambda delivery: delivery.channel == number)  # noqa: SLF001
                self._link._fault = self._refused(queue, error)  # noqa: SLF001
                self._later(FIRST_PAUSE_SECONDS * 5, lambda: self._consume_again(queue, prefetch))

        self._connection.channel(on_open_callback=opened)

    def end(self, queue: str) -> None:
        """Close a subscription's channel."""
        number = self._consumers.pop(queue, None)
        channel = self._channels.get(number or 0)
        if channel is not None and channel.is_open:
            channel.close()

    def depth(self, queue: str, answer: "Future[Any]") -> None:
        def opened(channel: Any, number: int) -> None:
            def declared(frame: Any) -> None:
                self._answer(number, frame.method.message_count)
                channel.close()

            channel.queue_declare(queue, passive=True, callback=declared)

        self._ask(queue, answer, opened)

    def get(self, queue: str, limit: int, answer: "Future[Any]") -> None:
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

    def close_channel(self, number: int, answer: "Future[Any]") -> None:
        channel = self._channels.get(number)
        if channel is None or not channel.is_open:
            answer.set_result(None)
            return
        channel.add_on_close_callback(lambda *_: answer.set_result(None) if not answer.done() else None)
        channel.close()

    def _ask(self, queue: str, answer: "Future[Any]", work: Callable[[Any, int], None]) -> None:
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
        if queue in self._link._wanted:  # noqa: SLF001 -- link and session are one thing in two threads
            self.consume(queue, prefetch)

    def _later(self, seconds: float, work: Callable[[], None]) -> None:
        self._connection.ioloop.call_later(seconds, lambda: work() if self._connection.is_open else None)

    def _refused(self, queue: str, error: BaseException) -> YunhuobanError:
        status = str(getattr(error, "reply_code", type(error).__name__))
        return self._link.failure(NOT_ALLOWED, found=status, queue=queue, status=status)

    def _open_publisher(self) -> None:
        self._connection.channel(on_open_callback=self._on_publisher_open)

    def _on_publisher_open(self, channel: Any) -> None:
        channel.add_on_close_callback(self._on_publisher_closed)
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_confirm, callback=lambda _: self._on_publisher_ready(channel))

    def _on_publisher_ready(self, channel: Any) -> None:
        self._publisher = channel
        self._link._opened(self)  # noqa: SLF001
        self._settlement.send_waiting()

    def _on_publisher_closed(self, _: Any, error: BaseException) -> None:
        """Everything unconfirmed on this channel is undecided for good; tags begin anew on the next one."""
        self._publisher = None
        self._settlement.close()
        self._settlement = Settlement(self._send, self._may_send)
        if self._connection.is_open:
            self._link._fault = self._refused("publish", error)  # noqa: SLF001
            self._open_publisher()

    def _may_send(self) -> bool:
        """Not while the channel is opened anew, nor during an alarm: what waits then times out unsent."""
        return self._publisher is not None and self._link.blocked is None

    def _send(self, outgoing: Outgoing) -> None:
        properties = BasicProperties(
            content_type=outgoing.content_type,
            headers=dict(outgoing.headers),
            delivery_mode=2,
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
        self._link._blocked = str(frame.method.reason)  # noqa: SLF001

    def _on_unblocked(self, *_: Any) -> None:
        self._link._blocked = None  # noqa: SLF001
        self._settlement.send_waiting()

    def _delivery(self, queue: str, number: int, method: Any, properties: Any, body: bytes) -> Delivery:
        return broker_properties.delivery(
            properties, method, body, queue=queue, generation=self.generation, channel=number
        )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and everything that pika packed into it."""
    seen: set[int] = set()
    waiting: deque[object] = deque([error])
    while waiting:
        each = waiting.popleft()
        if isinstance(each, BaseException) and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting.extend(each.args)
            waiting.extend([each.__cause__, getattr(each, "exception", None)])
            waiting.extend(getattr(each, "exceptions", ()))
