"""AMQP properties from anybody: from the bytes on the wire to a message that is admitted, refused or kept."""

import struct
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pika.spec import BasicProperties

from hub.broker import properties, session
from hub.broker.messages import Delivery
from hub.intake.inspection import first_look
from hub.outflow import deadletters
from tests.hostile import COSTLY, damaged
from tests.hub_world import World

pytestmark = pytest.mark.timeout(600)  # many examples with LONG=1

assert session.BasicProperties is BasicProperties  # importing it has put the guard in its place

TEXTS = st.text(max_size=20) | st.sampled_from(
    ["\0", "a\0b", "signatures", "x-death", "x-delivery-count", "CC", "é" * 60]
)
LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXTS | st.binary(max_size=20)
    | st.integers(86_400, 253_370_764_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
    | st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-1000, max_value=1000)
)  # fmt: skip
TABLES = st.dictionaries(
    TEXTS,
    st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)),
    max_size=4,
)
SHORT = st.none() | st.text(max_size=40) | st.just("\0" * 64) | st.just("x" * 255)


def encoded(made: BasicProperties) -> bytes:
    """As the broker passes them on."""
    return b"".join(made.encode())


def nested(depth: int, kind: bytes = b"F") -> bytes:
    """A header table in a table, or a list in a list, this deep."""
    body = b""
    for _ in range(depth):
        body = (b"\x01a" if kind == b"F" else b"") + kind + struct.pack(">I", len(body)) + body
    table = body if kind == b"F" else b"\x01a" + body
    return struct.pack(">HI", 0x2000, len(table)) + table


def arrived(data: bytes) -> Delivery:
    """What the link makes of these bytes."""
    method = SimpleNamespace(exchange="submit", routing_key="from.140881.00.x", redelivered=False, delivery_tag=1)
    read = BasicProperties().decode(data)
    return properties.delivery(read, method, b"body", queue="admission.00", generation=1, channel=1)


@st.composite
def wire(draw: st.DrawFn) -> bytes:
    """Properties as a hostile or broken sender makes them, then perhaps damaged on top."""
    values: dict[str, Any] = {
        name: draw(SHORT)
        for name in ("content_type", "content_encoding", "correlation_id", "reply_to", "expiration", "message_id",
                     "type", "user_id", "app_id", "cluster_id")
    }  # fmt: skip
    made = BasicProperties(
        headers=draw(st.none() | TABLES),
        delivery_mode=draw(st.none() | st.integers(0, 255)),
        priority=draw(st.none() | st.integers(0, 255)),
        timestamp=draw(st.none() | st.integers(0, 2**64 - 1)),
        **values,
    )
    try:
        data = encoded(made)
    except (struct.error, ValueError, OverflowError, AssertionError, TypeError):
        return draw(st.binary(max_size=300))
    return draw(st.just(data) | damaged(data))


@given(data=wire() | st.binary(max_size=300))
@example(data=b"")
@example(data=nested(3))
@example(data=nested(200))
@example(data=nested(330))
@example(data=nested(480))
@example(data=nested(900))
@example(data=nested(20_000))
@example(data=nested(20_000, b"A"))
@example(data=struct.pack(">HI", 0x2000, 2**32 - 1))
@example(data=struct.pack(">HIB", 0x2000, 12, 1) + b"aT" + b"\xff" * 8)
@example(data=struct.pack(">HQ", 0x0040, 2**64 - 1))
def test_any_properties_become_a_message_that_is_looked_at(data: bytes):
    """Nothing that a sender writes there ends the thread that reads it, nor the first look at it."""
    delivery = arrived(data)
    seen = first_look(delivery)
    assert seen.problem is not None, "the body is no envelope"
    assert set(seen.message_id) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-")


@given(data=wire())
@COSTLY
@pytest.mark.both_stores
def test_any_properties_can_be_kept(world: World, data: bytes):
    """As poison and as what a county rejected: in either store."""
    delivery = arrived(data)
    with world.store.write() as tx:
        deadletters.keep_poison(tx, delivery, world.now)
        number = deadletters.keep_from_broker(tx, delivery, world.now)
        assert number in [row.id for row in deadletters.waiting(tx)]
        tx.rollback()


def test_a_good_one_arrives_as_it_was():
    """What is damaged above arrives undamaged."""
    headers = {"signatures": ["a..b"], "x-delivery-count": 3, "n": {"d": Decimal("1.5")}}
    delivery = arrived(encoded(BasicProperties(headers=headers, message_id="m", user_id="140881")))
    assert (delivery.message_id, delivery.user_id, delivery.delivery_count) == ("m", "140881", 3)
    assert delivery.headers["signatures"] == ["a..b"]
