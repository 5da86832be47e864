"""The county's only door to RabbitMQ, on kombu 5.7 with py-amqp 5.4.

kombu brings the failover list, the connection over mutual TLS and `memory://` for a test-bed. What it would do badly
is done here, each point measured against RabbitMQ 3.10.8:

- Confirms are selected and settled here by delivery tag. py-amqp's `confirm_publish` takes *any* confirm for the last
  message (after a time-out the next message gets the previous one's answer), its timer starts anew with every frame,
  and kombu takes a nack for a lost connection. Here a nack is "full", everything else unsettled is "unavailable", and
  a connection is never used again after anything but a confirm or a nack. Nothing is ever sent twice by this module.
- Messages are built on the channel: `Producer.publish` adds a priority, which admission refuses.
- Messages are taken as bytes off the channel: py-amqp decodes a body that names an encoding, kombu's `Message` unpacks
  a body that names a compression, and a mixin acknowledges and drops what it cannot decode.
- Nothing is declared, not even passively. Heartbeats are driven by `receive`, `keep_alive` and `send`.
- A message without a route is confirmed all the same, because the alternate exchange takes it. Nobody can see that
  from here; the destination's signed receipt is what counts.

Every wait ends: a step of connecting after `connect_seconds` (the system's own resolver apart), a confirm after
`confirm_seconds`, `receive` after `wait_seconds` plus at most one round of the failover list.
"""

import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

import amqp
from kombu.connection import Connection

from adapters.link.messages import (
    BLOCKED,
    LOST,
    MEMORY,
    NOT_ALLOWED,
    UNCONFIRMED,
    UNREACHABLE,
    Arrival,
    LinkParameters,
    SendOutcome,
    Submission,
)
from adapters.link.refusal import refusal, text
from adapters.link.renewal import OnMessage, RenewingLink, Wire
from certs import contexts
from schemas.errors import YunhuobanError
from schemas.topology import Topology

__all__ = ["Arrival", "Link", "LinkParameters", "SendOutcome", "Submission", "knock", "lay_out_memory"]

CONTENT_TYPE: Final = "application/vnd.yunhuoban.avro"
TRANSIENT: Final = 1
PERSISTENT: Final = 2
GOODBYE_SECONDS: Final = 1.0
# Frames as AMQP 0-9-1 §4.2.3 lays them out: basic.publish to no exchange, and a content header that says one byte.
_METHOD, _HEADER, _END = 1, 2, b"\xce"
_PUBLISH: Final = struct.pack(">HHHBBB", 60, 40, 0, 0, 0, 0)
_ONE_BYTE_TO_COME: Final = struct.pack(">HHQH", 60, 0, 1, 0)

# What py-amqp raises when a connection ends or a frame makes no sense; its own transport admits to the AttributeError.
_FAULTS: Final = (OSError, amqp.AMQPError, AttributeError, KeyError, ValueError, struct.error)

# kombu says that it is typed, and is not.
_open_client: Final[Callable[..., Any]] = Connection


class Link(RenewingLink):
    """A county's connection to the hub; what it promises stands in `RenewingLink`."""

    def _open(self) -> Wire:
        return _MemoryWire(self.parameters.user) if self.parameters.memory else _BrokerWire(self.parameters)


class _BrokerWire:
    """A connection to RabbitMQ, opened by kombu and then held as py-amqp's own, which never reconnects by itself."""

    def __init__(self, parameters: LinkParameters) -> None:
        """Connect to the first broker of the list that answers. Raises E-LINK-002 to -005 or E-CERT-090."""
        self._parameters = parameters
        self._blocked = False
        self._tag = 0
        self._confirmed: bool | None = None
        self._publisher: Any = None
        self._consumer: Any = None
        self._connection, self._address = self._connect()

    def _connect(self) -> tuple[Any, str]:
        parameters = self._parameters
        addresses = parameters.addresses
        client = _open_client(
            [f"amqps://{address}" for address in addresses],
            virtual_host=parameters.vhost,
            login_method="EXTERNAL",
            ssl=contexts.kombu_ssl(
                parameters.anchors, parameters.chain, parameters.key, server_hostname=parameters.server_hostname
            ),
            heartbeat=parameters.heartbeat_seconds,
            connect_timeout=parameters.connect_seconds,
            transport_options={
                "on_blocked": self._on_blocked,
                "on_unblocked": self._on_unblocked,
                # py-amqp gives up on a connection whose data is unacknowledged for one second: a bad line is not dead.
                "socket_settings": {socket.TCP_USER_TIMEOUT: parameters.heartbeat_seconds * 1000},
            },
        )
        problems: list[YunhuobanError] = []

        def failed(error: Exception, _: float) -> None:
            at_vhost = "vhost" if isinstance(error, amqp.NotAllowed) else ""
            denied = "user" if isinstance(error, amqp.AccessRefused) else at_vhost
            problems.append(refusal(error, addresses[len(problems)], parameters, denied=denied))

        try:
            client.ensure_connection(
                failed,
                max_retries=len(addresses) - 1,
                interval_start=0,
                interval_step=0,
                interval_max=0,
                reraise_as_library_errors=False,
            )
        except _FAULTS as error:
            failed(error, 0)
            telling = [problem for problem in problems if problem.code is not UNREACHABLE]
            if telling:
                raise telling[0] from error
            found = "; ".join(problem.found for problem in problems)
            raise YunhuobanError(UNREACHABLE, place="link", found=found, address=", ".join(addresses)) from error
        return client.connection, addresses[len(problems)]

    def takes(self) -> bool:
        """Whether the broker takes messages now. It tells only those who publish, so half a message is begun.

        Its body never comes, so that nothing is published; when the broker is short of memory or disk it says so
        (RabbitMQ's `connection.blocked`) and reads no further, otherwise it answers what comes next.
        """
        with self._explained():
            begun, asking = self._open_channel(), self._open_channel()
            for kind, content in ((_METHOD, _PUBLISH), (_HEADER, _ONE_BYTE_TO_COME)):
                frame = struct.pack(">BHI", kind, begun.channel_id, len(content)) + content + _END
                self._connection.transport.write(frame)
            asking.send_method(amqp.spec.Basic.Qos, "lBb", (0, 1, False))
        if not self.read(self._parameters.connect_seconds):
            raise YunhuobanError(UNCONFIRMED, place="link", seconds=f"{self._parameters.connect_seconds:g}")
        return not self._blocked

    def publish(self, submission: Submission) -> bool:
        """Publish and wait for the confirm of exactly this message, until `confirm_seconds` are over."""
        deadline = time.monotonic() + self._parameters.confirm_seconds
        with self._explained():
            channel = self._publisher = self._publisher or self._open_publisher()
            message = _message(channel, submission, self._parameters.user)
            self._tag += 1
            self._confirmed = None
            channel.basic_publish(
                message,
                exchange=submission.exchange,
                routing_key=submission.routing_key,
                timeout=self._parameters.confirm_seconds,
            )
        while self._confirmed is None:
            left = deadline - time.monotonic()
            if left <= 0:
                seconds = f"{self._parameters.confirm_seconds:g}"
                raise YunhuobanError(BLOCKED if self._blocked else UNCONFIRMED, place="link", seconds=seconds)
            self.read(left)
        return self._confirmed

    def consume(self, queues: Sequence[str], prefetch: int, on_message: OnMessage) -> None:
        """Subscribe on one channel, with the prefetch per consumer (quorum queues refuse a shared one)."""
        with self._explained():
            channel = self._consumer = self._open_channel()
            channel.basic_qos(0, prefetch, False)  # noqa: FBT003 -- py-amqp and kombu name this argument differently
            for queue in queues:
                channel.basic_consume(queue=queue, callback=lambda message, queue=queue: on_message(queue, message))

    def read(self, seconds: float) -> bool:
        """Handle one frame; a time-out keeps the part of a frame that has come."""
        with self._explained():
            try:
                self._connection.blocking_read(seconds)
            except TimeoutError:
                return False
        return True

    def ack(self, tag: Any) -> None:
        """Acknowledge one delivery."""
        with self._explained():
            self._consumer.basic_ack(tag)

    def reject(self, tag: Any) -> None:
        """Dead-letter one delivery."""
        with self._explained():
            self._consumer.basic_reject(tag, requeue=False)

    def heartbeat(self) -> None:
        """Send a heartbeat if one is due; two missing ones are a lost connection."""
        with self._explained():
            self._connection.heartbeat_tick()

    def close(self) -> None:
        """Close the connection with the broker's consent, or without."""
        with suppress(*_FAULTS):
            self._connection.sock.settimeout(GOODBYE_SECONDS)
            self._connection.close()
        self.drop()

    def drop(self) -> None:
        """Close the socket; a broker in trouble would let an orderly end wait."""
        with suppress(*_FAULTS):
            if self._connection.connected:
                self._connection.sock.settimeout(0)
            self._connection.collect()

    def _open_channel(self) -> Any:
        channel = self._connection.channel()
        channel.auto_decode = False  # else a body that names an encoding is no longer the bytes that were sent
        return channel

    def _open_publisher(self) -> Any:
        channel = self._open_channel()
        channel.confirm_select()
        channel.events["basic_ack"].add(self._on_ack)
        channel.events["basic_nack"].add(self._on_nack)
        return channel

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._on_confirm(tag, multiple=multiple, confirmed=True)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._on_confirm(tag, multiple=multiple, confirmed=False)

    def _on_confirm(self, tag: int, *, multiple: bool, confirmed: bool) -> None:
        """Settle the one message in flight; a confirm of another message says nothing about it."""
        if tag == self._tag or (multiple and tag > self._tag):
            self._confirmed = confirmed

    def _on_blocked(self, _: str) -> None:
        self._blocked = True

    def _on_unblocked(self) -> None:
        self._blocked = False

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what the library raises into a sentence for county IT."""
        try:
            yield
        except amqp.ChannelError as error:
            raise YunhuobanError(NOT_ALLOWED, place="link", found=text(error)) from error
        except _FAULTS as error:
            raise YunhuobanError(LOST, place="link", found=text(error), address=self._address) from error


def knock(parameters: LinkParameters) -> bool:
    """Connect once, and say whether the broker takes messages now. Raises E-LINK-002 to -005, -008, -010."""
    wire = _BrokerWire(parameters)
    try:
        return wire.takes()
    finally:
        wire.close()


class _MemoryWire:
    """kombu's in-memory broker: shows translation and order, never reliability.

    It confirms nothing, drops what has no route, has no limits, dead letters or permissions, and puts what is
    delivered again behind what waits.
    """

    def __init__(self, user: str) -> None:
        self._user = user
        self._client = _open_client(MEMORY, transport_options={"polling_interval": 0.01})
        self._channel = self._client.channel()

    def publish(self, submission: Submission) -> bool:
        """Put the message into its queues."""
        message = _message(self._channel, submission, self._user)
        self._channel.basic_publish(message, exchange=submission.exchange, routing_key=submission.routing_key)
        return True

    def consume(self, queues: Sequence[str], prefetch: int, on_message: OnMessage) -> None:
        """Subscribe; the prefetch counts for all queues together."""
        self._channel.basic_qos(0, prefetch)
        for queue in queues:
            self._channel.basic_consume(
                queue=queue,
                no_ack=False,
                consumer_tag=queue,
                callback=lambda message, queue=queue: on_message(queue, message),
            )

    def read(self, seconds: float) -> bool:
        """Handle one message."""
        try:
            self._client.drain_events(timeout=seconds)
        except TimeoutError:
            return False
        return True

    def ack(self, tag: Any) -> None:
        """Forget one delivery."""
        self._channel.basic_ack(tag)

    def reject(self, tag: Any) -> None:
        """Forget one delivery: there are no dead letters here."""
        self._channel.basic_reject(tag, requeue=False)

    def heartbeat(self) -> None:
        """Nothing to do: there is no connection that could be lost."""

    def close(self) -> None:
        """Put back what is not acknowledged, which kombu does not do by itself on this transport."""
        self._channel.basic_recover(requeue=True)
        self._client.release()

    def drop(self) -> None:
        """The same as `close`."""
        self.close()


def lay_out_memory(topology: Topology) -> None:
    """Make exchanges and empty queues in this process's memory broker, as the hub does on its own: for test-beds."""
    with _open_client(MEMORY) as client:
        channel = client.channel()
        for exchange in topology.exchanges:
            channel.exchange_declare(exchange.name, type=exchange.kind, durable=True)
        for queue in topology.queues:
            channel.queue_declare(queue.name)
            channel.queue_purge(queue.name)
        for binding in topology.bindings:
            channel.queue_bind(binding.queue, exchange=binding.exchange, routing_key=binding.key)


def _message(channel: Any, submission: Submission, user: str) -> Any:
    """Return the message with exactly the properties that admission takes, no priority and no encoding among them."""
    return channel.prepare_message(
        submission.body,
        content_type=CONTENT_TYPE,
        headers={"signatures": list(submission.signatures)},
        properties={
            "delivery_mode": PERSISTENT if submission.persistent else TRANSIENT,
            "message_id": submission.message_id,
            "type": submission.type,
            "user_id": user,
        },
    )
