"""One county: its own certificate and connection, an outbox that is kept until confirmed, and an inbox."""

import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pika
from pika.adapters.select_connection import IOLoop
from pika.credentials import ExternalCredentials
from pika.spec import Basic, BasicProperties

from deploy.bench.messages import Wire
from hub.intake.inspection import CONTENT_TYPE, SIGNATURES
from schemas import topology
from tests.rehearsal.wires import exchange

_AGAIN_SECONDS: Final = (2.0, 6.0)
_PREFETCH: Final = 50


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One message out of an inbox."""

    county: str
    type: str
    message_id: str
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Door:
    """Where the broker is."""

    port: int
    vhost: str


class Node:
    """One county's connection; everything happens in the loop's thread."""

    def __init__(
        self, code: str, door: Door, context: ssl.SSLContext, loop: IOLoop, arrived: Callable[[Arrival], None]
    ) -> None:
        """Not connected yet."""
        self.code = code
        self.fetching = True
        self.rejects = 0
        """How many of the next messages it takes for poison."""
        self.outbox: dict[str, Wire] = {}
        self._door, self._context, self._loop, self._arrived = door, context, loop, arrived
        self._wanted = True
        self._connection: Any = None
        self._out: Any = None
        self._in: list[Any] = []
        self._tags: dict[int, str] = {}

    @property
    def connected(self) -> bool:
        """Whether it can publish now."""
        return self._out is not None and self._out.is_open

    def connect(self) -> None:
        """Connect, and stay connected until `cut`."""
        if not self._wanted or (self._connection is not None and not self._connection.is_closed):
            return
        parameters = pika.ConnectionParameters(
            host="localhost",
            port=self._door.port,
            virtual_host=self._door.vhost,
            credentials=ExternalCredentials(),
            ssl_options=pika.SSLOptions(self._context, "localhost"),
            socket_timeout=30,
            stack_timeout=30,
        )
        self._connection = pika.SelectConnection(
            parameters,
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._opened),
            on_open_error_callback=lambda *_: self._lost(),
            on_close_callback=lambda *_: self._lost(),
            custom_ioloop=self._loop,
        )

    def cut(self) -> None:
        """The county's machine is off."""
        self._wanted = False
        if self._connection is not None and self._connection.is_open:
            self._connection.close()

    def come_back(self) -> None:
        """It is on again."""
        self._wanted = True
        self.connect()

    def stop_fetching(self) -> None:
        """Connected, and taking nothing."""
        self.fetching = False
        for channel in self._in:
            if channel.is_open:
                channel.close()

    def fetch(self) -> None:
        """Take again."""
        self.fetching = True
        if self.connected:
            self._consume()

    def send(self, wire: Wire) -> None:
        """Into the outbox, and out when there is a connection."""
        self.outbox[wire.message_id] = wire
        if self.connected:
            self._publish(wire)

    def _lost(self) -> None:
        self._out, self._in, self._tags = None, [], {}
        if self._wanted:
            self._loop.call_later(random.uniform(*_AGAIN_SECONDS), self.connect)

    def _opened(self, channel: Any) -> None:
        self._tags = {}
        channel.add_on_close_callback(lambda *_: self._end())
        channel.confirm_delivery(self._confirmed, callback=lambda _: self._ready(channel))

    def _ready(self, channel: Any) -> None:
        self._out = channel
        for wire in list(self.outbox.values()):
            self._publish(wire)
        if self.fetching:
            self._consume()

    def _end(self) -> None:
        if self._connection is not None and self._connection.is_open:
            self._connection.close()

    def _consume(self) -> None:
        self._in = []
        for queue in (topology.county_inbox(self.code), topology.county_express(self.code)):
            self._connection.channel(on_open_callback=lambda channel, queue=queue: self._subscribe(channel, queue))

    def _subscribe(self, channel: Any, queue: str) -> None:
        self._in.append(channel)
        channel.add_on_cancel_callback(lambda *_: self._end())
        channel.add_on_close_callback(lambda *_: self._end() if self.fetching else None)
        channel.basic_qos(prefetch_count=_PREFETCH)
        channel.basic_consume(queue, self._take)

    def _publish(self, wire: Wire) -> None:
        properties = BasicProperties(
            content_type=CONTENT_TYPE,
            headers={SIGNATURES: [wire.signature]},
            delivery_mode=2,
            message_id=wire.message_id,
            type=wire.type,
            user_id=self.code,
        )
        self._tags[len(self._tags) + 1] = wire.message_id
        self._out.basic_publish(exchange(wire), wire.key, wire.body, properties)

    def _confirmed(self, frame: Any) -> None:
        method = frame.method
        if isinstance(method, Basic.Nack):
            return
        first = 1 if method.multiple else method.delivery_tag
        for tag in range(first, method.delivery_tag + 1):
            self.outbox.pop(self._tags.get(tag, ""), None)

    def _take(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        if self.rejects and properties.type not in (None, "directory.published"):
            self.rejects -= 1
            channel.basic_nack(method.delivery_tag, requeue=False)
            return
        kind, number = properties.type or "", properties.message_id or ""
        self._arrived(Arrival(county=self.code, type=kind, message_id=number, body=body))
        channel.basic_ack(method.delivery_tag)
