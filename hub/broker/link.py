"""The hub's only AMQP door: one connection in a thread of its own, so that heartbeats live while the caller works.

The caller's side (`BrokerLink`) blocks and is safe from any thread; everything of pika happens in the I/O thread, in a
`Session` per connection. Deliveries and tags belong to their session: whatever comes from an older one is ignored,
because the broker delivers it again. Confirms are settled by `hub.broker.messages.Settlement`. Sources: pika 1.4
`SelectConnection`; measured: on 3.10.8 a consumer that is cancelled and registered again can kill its channel, so a
subscription ends by closing its channel.
"""

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

from hub.broker.messages import CONFIRM_SECONDS, Batch, Delivery, LinkParameters, Outcome, Outgoing
from hub.broker.session import FIRST_PAUSE_SECONDS, Session
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
NO_LINK: Final = errors.declare(
    "E-BROKER-035", "与消息服务 {address} 的连接断开或没有及时回答。", "连接会自动恢复，请稍后再试。"
)

LONGEST_PAUSE_SECONDS: Final = 10.0
CALL_SECONDS: Final = 10.0
BLOCKED_SECONDS: Final = 60.0
MOST_BYTES: Final = 32 * 2**20
"""Of one batch: 500 small messages, or 128 of a quarter of a megabyte, which are committed and published together."""


class BrokerLink:
    """One connection to the broker that renews itself. Use it as a context manager, or `start` and `stop` it."""

    def __init__(self, parameters: LinkParameters) -> None:
        self.parameters = parameters
        self._changed = threading.Condition()
        self._ready: deque[Delivery] = deque()
        self._wanted: dict[str, int] = {}
        self._loop: IOLoop | None = None
        self._session: Session | None = None
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
            self.forget(lambda delivery: delivery.queue == queue)
        self._post(lambda _: self._session.end(queue) if self._session else None)

    def take(self, limit: int, wait_seconds: float, *, most_bytes: int = MOST_BYTES) -> list[Delivery]:
        """At least one delivery, or none after `wait_seconds`; then what is there, in order.

        At most `limit`, and no more once their bodies have `most_bytes`.
        """
        taken: list[Delivery] = []
        size = 0
        with self._changed:
            self._changed.wait_for(lambda: self._ready, wait_seconds)
            while self._ready and len(taken) < limit and size < most_bytes:
                taken.append(self._ready.popleft())
                size += len(taken[-1].body)
        return taken

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
        return self.start_publishing(outgoings).outcomes(timeout_seconds)

    def start_publishing(self, outgoings: Sequence[Outgoing]) -> Batch:
        """Publish all and return at once; ask the batch for the outcomes, which also ends it."""
        batch = Batch(outgoings, self._batches.discard)
        with self._changed:
            if outgoings:
                self._batches.add(batch)
            if not self._post(lambda _: self._add(batch)):
                batch.close()
        return batch

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
                on_open_callback=lambda connection: Session(self, connection, self._generation + 1),
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

    def opened(self, session: Session) -> None:
        """The session can publish: take up the subscriptions."""
        with self._changed:
            self._generation = session.generation
            self._session = session
            self._fault = None
            wanted = dict(self._wanted)
            self._changed.notify_all()
        for queue, prefetch in wanted.items():
            session.consume(queue, prefetch)

    def note_fault(self, fault: YunhuobanError) -> None:
        """Something that the broker refused; shown until it is well again."""
        self._fault = fault

    def note_blocked(self, reason: str | None) -> None:
        """The broker's alarm has begun or, with None, ended."""
        self._blocked = reason

    def wants(self, queue: str) -> bool:
        """Whether somebody is still subscribed to this queue."""
        return queue in self._wanted

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

    def arrived(self, delivery: Delivery) -> None:
        """Keep a message for `take`, if its queue is still wanted."""
        with self._changed:
            if delivery.queue in self._wanted:
                self._ready.append(delivery)
                self._changed.notify_all()

    def forget(self, void: Callable[[Delivery], bool]) -> None:
        """Drop deliveries that the broker will hand over again."""
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

    def _call(self, queue: str, work: Callable[[Session, "Future[Any]"], None]) -> Any:
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
