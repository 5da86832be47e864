"""The bench's own hands on the broker: put messages in, count and empty queues. Never measured itself."""

import time
from collections import deque
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Final, Self

import pika
from pika.credentials import ExternalCredentials
from pika.spec import Basic, BasicProperties

from deploy.bench.messages import Wire
from hub.broker import LinkParameters
from hub.intake.inspection import CONTENT_TYPE, SIGNATURES

QUORUM: Final = {"x-queue-type": "quorum"}
_WINDOW: Final = 500
_LOOK_SECONDS: Final = 0.05
_LOAD_SECONDS: Final = 300.0
_PATIENT_SECONDS: Final = 120.0


def connection_parameters(parameters: LinkParameters) -> pika.ConnectionParameters:
    """The hub's own way to the broker (TLS, EXTERNAL), as pika wants it."""
    return pika.ConnectionParameters(
        host=parameters.host,
        port=parameters.port,
        virtual_host=parameters.vhost,
        credentials=ExternalCredentials(),
        ssl_options=pika.SSLOptions(parameters.context, parameters.server_hostname),
        heartbeat=0,
        socket_timeout=_PATIENT_SECONDS,
        stack_timeout=_PATIENT_SECONDS,  # a broker that has just been given 8,500 queues is busy for a while
    )


class Confirms:
    """Publisher confirms of one channel, whose tags rise from 1: up to which tag everything is confirmed."""

    __slots__ = ("_ahead", "upto")

    def __init__(self) -> None:
        self.upto = 0
        self._ahead: set[int] = set()

    def take(self, tag: int, *, multiple: bool) -> int:
        """Enter one confirm and return the tag up to which nothing is missing."""
        if multiple:
            self.upto = max(self.upto, tag)
            self._ahead = {each for each in self._ahead if each > tag}
        elif tag > self.upto:
            self._ahead.add(tag)
        while self.upto + 1 in self._ahead:
            self.upto += 1
            self._ahead.remove(self.upto)
        return self.upto


class Posting:
    """What the loader publishes: one message and where it goes."""

    __slots__ = ("body", "exchange", "key", "properties")

    def __init__(self, exchange: str, key: str, wire: Wire, *, as_user: bool = True) -> None:
        """`as_user` states the sender as `user_id`, the property that RabbitMQ compares with the certificate."""
        self.exchange, self.key, self.body = exchange, key, wire.body
        self.properties = BasicProperties(
            content_type=CONTENT_TYPE,
            headers={SIGNATURES: [wire.signature]},
            delivery_mode=2,
            message_id=wire.message_id,
            type=wire.type,
            user_id=wire.source if as_user else None,
        )


class Hands:
    """One connection for loading, counting and emptying."""

    def __init__(self, parameters: LinkParameters) -> None:
        """Connect."""
        self._connection = pika.BlockingConnection(connection_parameters(parameters))
        self._channel = self._connection.channel()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._connection.is_open:
            self._connection.close()

    def declare(self, *queues: str) -> None:
        """Durable quorum queues on the default exchange."""
        for name in queues:
            self._channel.queue_declare(name, durable=True, arguments=QUORUM)

    def purge(self, queues: Iterable[str]) -> None:
        """Empty these queues."""
        for name in queues:
            self._channel.queue_purge(name)

    def ready(self, queues: Sequence[str]) -> int:
        """How many messages lie ready in these queues together."""
        return sum(self._channel.queue_declare(name, passive=True).method.message_count for name in queues)

    def wait_consumers(self, queues: Sequence[str], limit_seconds: float) -> None:
        """Return when each of these queues has a consumer. Raises RuntimeError when that does not happen."""
        deadline = time.monotonic() + limit_seconds
        while not all(self._channel.queue_declare(name, passive=True).method.consumer_count for name in queues):
            if time.monotonic() > deadline:
                raise RuntimeError(f"no consumer came to {queues[0]}")
            time.sleep(_LOOK_SECONDS)

    def settled(self, queues: Sequence[str], *, quiet_seconds: float, limit_seconds: float) -> tuple[int, float]:
        """Count until nothing has come for a while; the count, and when it was first seen (`time.time`)."""
        deadline = time.time() + limit_seconds
        count, seen_at = self.ready(queues), time.time()
        while time.time() - seen_at < quiet_seconds and time.time() < deadline:
            time.sleep(0.005)
            again = self.ready(queues)
            if again != count:
                count, seen_at = again, time.time()
        return count, seen_at


def load(parameters: LinkParameters, postings: Sequence[Posting]) -> None:
    """Publish everything with confirms, a window of them open at a time; returns when the broker holds all of it."""
    _Loader(parameters, postings).run()


class _Loader:
    def __init__(self, parameters: LinkParameters, postings: Sequence[Posting]) -> None:
        self._left = deque(postings)
        self._sent, self._count = 0, len(postings)
        self._confirms = Confirms()
        self._channel: Any = None
        self._fault: str | None = None
        self._connection = pika.SelectConnection(
            connection_parameters(parameters),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._opened),
            on_open_error_callback=lambda _, error: self._fail(type(error).__name__),
            on_close_callback=lambda connection, _: connection.ioloop.stop(),
        )

    def run(self) -> None:
        self._connection.ioloop.call_later(_LOAD_SECONDS, lambda: self._fail("too slow"))
        self._connection.ioloop.start()
        if self._fault or self._confirms.upto < self._count:
            raise RuntimeError(f"loading: {self._confirms.upto} of {self._count} confirmed; {self._fault}")

    def _opened(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_close_callback(lambda _, error: self._fail(str(error)))
        channel.confirm_delivery(self._on_confirm, callback=lambda _: self._send())

    def _send(self) -> None:
        while self._left and self._sent - self._confirms.upto < _WINDOW:
            each = self._left.popleft()
            self._channel.basic_publish(each.exchange, each.key, each.body, each.properties)
            self._sent += 1
        if self._confirms.upto == self._count:
            self._connection.close()

    def _on_confirm(self, frame: Any) -> None:
        if isinstance(frame.method, Basic.Nack):
            self._fail("the broker nacked")
            return
        self._confirms.take(frame.method.delivery_tag, multiple=frame.method.multiple)
        self._send()

    def _fail(self, reason: str) -> None:
        if self._connection.is_open:
            self._fault = self._fault or reason
            self._connection.close()
