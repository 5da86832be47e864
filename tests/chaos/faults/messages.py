"""Messages that come again, out of order, or are no messages at all, each under a county's own certificate."""

import hashlib
import os
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Final

import pika
from pika.credentials import ExternalCredentials
from pika.exceptions import AMQPError

from certs import contexts
from hub import bootstrap
from hub.broker import BrokerLink, Outcome
from hub.outflow.effects import forward
from schemas import topology
from schemas.envelope import new_id
from schemas.errors import YunhuobanError
from tests.chaos.arena import COUNTIES, Arena
from tests.chaos.faults.fault import NotInflictedError
from tests.chaos.plan import Kind, Step

_CONTENT_TYPE: Final = "application/vnd.yunhuoban.avro"
_RECENT: Final = 60
_CONNECT_SECONDS: Final = 5


class Resent:
    """Copies of what a county has in its outbox, sent or not, some of them twice, in any order."""

    kind: ClassVar = Kind(name="resent", targets=COUNTIES, seconds=(0, 0), touches=("broker",), weight=4, cheap=True)

    def inflict(self, arena: Arena, step: Step) -> None:
        """Publish the copies."""
        chance = random.Random(step.chance)
        found = arena.road.county(
            step.target, "SELECT * FROM outbox WHERE state != 'draft' ORDER BY seq DESC LIMIT ?", _RECENT
        )
        copies = [row for row in found for _ in range(chance.choice((0, 1, 1, 2)))]
        chance.shuffle(copies)
        with publisher(arena, step.target) as publish:
            for row in copies:
                publish(
                    row["exchange"], row["routing_key"], row["body"],
                    message_id=row["message_id"], type=row["type"], headers={"signatures": [row["signature"]]},
                )  # fmt: skip

    def heal(self, arena: Arena, step: Step) -> None:
        """Nothing to do."""


class Redelivered:
    """Copies of what the hub has forwarded to a county, put into its inbox again, in any order."""

    kind: ClassVar = Kind(
        name="redelivered", targets=COUNTIES, seconds=(0, 0), touches=("broker",), weight=3, cheap=True
    )

    def inflict(self, arena: Arena, step: Step) -> None:
        """Publish the copies as the hub does."""
        chance = random.Random(step.chance)
        found = arena.road.hub(
            "SELECT * FROM messages WHERE destination = ? AND state = 'admitted' ORDER BY admitted_at DESC LIMIT ?",
            step.target, _RECENT,
        )  # fmt: skip
        parcels = [forward(dict(row)) for row in found for _ in range(chance.choice((0, 1, 2)))]
        chance.shuffle(parcels)
        link = BrokerLink(bootstrap.link_parameters(arena.settings))
        try:
            link.start(_CONNECT_SECONDS)
        except YunhuobanError as error:
            raise NotInflictedError(str(error)) from error
        try:
            outcomes = link.publish([each.outgoing for each in parcels])
        finally:
            link.stop()
        if parcels and Outcome.CONFIRMED not in outcomes:
            raise NotInflictedError("the broker takes nothing")

    def heal(self, arena: Arena, step: Step) -> None:
        """Nothing to do."""


class Poison:
    """What is no message, or not one that could be believed. Every one of them has to be refused, and no other."""

    kind: ClassVar = Kind(name="poison", targets=COUNTIES, seconds=(0, 0), touches=("broker",), weight=4, cheap=True)

    def inflict(self, arena: Arena, step: Step) -> None:
        """Publish a dozen."""
        chance = random.Random(step.chance)
        real = arena.road.county(
            step.target, "SELECT * FROM outbox WHERE state = 'received' ORDER BY seq DESC LIMIT ?", _RECENT
        )
        with publisher(arena, step.target) as publish:
            for _ in range(12):
                row = chance.choice(real) if real else None
                message_id, body, properties = _poison(chance, row, step.target)
                digest = hashlib.sha256(body).hexdigest()
                arena.history.fault(self.kind.name, refusals=1, message=message_id, source=step.target, sha256=digest)
                exchange = chance.choice((topology.SUBMIT, topology.EXPRESS))
                key = f"from.{step.target}.{chance.randrange(16):02d}.application.submitted"
                publish(exchange, key, body, message_id=message_id, **properties)

    def heal(self, arena: Arena, step: Step) -> None:
        """Nothing to do."""


def _poison(chance: random.Random, row: Any, county: str) -> tuple[str, bytes, dict[str, Any]]:
    """Id, body and properties of something bad, under an id of its own: no honest message is spoilt by it."""
    message_id = new_id()
    good: dict[str, Any] = {"type": "application.submitted", "headers": {"signatures": ["eyJhbGciOiJFUzI1NiJ9..c2ln"]}}
    body = bytes(row["body"]) if row is not None else os.urandom(700)
    signature = str(row["signature"]) if row is not None else "e30..e30"
    signed = good | {"headers": {"signatures": [signature]}}
    match chance.randrange(8):
        case 0:
            return message_id, chance.randbytes(chance.randrange(5000)), good
        case 1:
            return message_id, b"", good
        case 2:
            return message_id, body[: chance.randrange(1, len(body))], signed
        case 3:
            at = chance.randrange(len(body))
            return message_id, body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :], signed
        case 4:  # true bytes and signature under an id that is not theirs
            return message_id, body, signed
        case 5:
            return message_id, body, good | {"headers": _nested(chance.randrange(2, 60))}
        case 6:
            return message_id, body, signed | {"reply_to": f"county.{county}.inbox", "priority": 9}
        case _:
            return message_id, body, good | {"headers": {"signatures": [signature] * 3, "x-death": [{"count": 2**40}]}}


def _nested(depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {"signatures": ["e30..e30"]}
    for _ in range(depth):
        made = {"signatures": [made]}
    return made


@contextmanager
def publisher(arena: Arena, county: str) -> Iterator[Any]:
    """A way to publish anything under a county's certificate, confirmed. Raises NotInflictedError without a broker."""
    folder = arena.world.county(county) / "certs"
    context = contexts.client_context(folder / "anchors.pem", folder / "connection.pem", folder / "connection.key")
    parameters = pika.ConnectionParameters(
        host="localhost",
        port=arena.world.amqps_port,
        virtual_host=arena.settings.broker.vhost,
        credentials=ExternalCredentials(),
        ssl_options=pika.SSLOptions(context, "localhost"),
        socket_timeout=_CONNECT_SECONDS,
        stack_timeout=_CONNECT_SECONDS * 2,
        blocked_connection_timeout=_CONNECT_SECONDS,
    )

    def publish(exchange: str, key: str, body: bytes, **properties: Any) -> None:
        fields: Mapping[str, Any] = {"content_type": _CONTENT_TYPE, "delivery_mode": 2, "user_id": county} | properties
        channel.basic_publish(exchange, key, body, pika.BasicProperties(**fields))

    try:
        connection = pika.BlockingConnection(parameters)
        channel = connection.channel()
        channel.confirm_delivery()
        yield publish
        connection.close()
    except (AMQPError, OSError) as error:
        raise NotInflictedError(f"{type(error).__name__}: {error}"[:200]) from error
