"""The hub's AMQP door against a real broker: confirms, returns, lost connections, subscriptions, hostile properties."""

import itertools
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable

import pika
import pytest

from hub.broker import BrokerLink, LinkParameters, Outcome, Outgoing
from hub.broker import link as door
from hub.broker.properties import UNREADABLE
from hub.broker.session import NOT_ALLOWED
from schemas import topology
from schemas.errors import YunhuobanError
from tests import brokers
from tests.awaiting import LONGEST_SECONDS, until
from tests.brokers import HUB, TestVhost, declared_for_links
from tests.integration.hub.test_broker_trust import county_channel

INBOX = topology.county_inbox(brokers.ISSUING_COUNTY)
OTHER_INBOX = topology.county_inbox(brokers.WINDOW_COUNTY)

declared = pytest.fixture(declared_for_links)


def outgoing(number: int, queue: str = INBOX, exchange: str = "county", body: bytes = b"x" * 1024) -> Outgoing:
    """Return one message for a county's queue."""
    return Outgoing(
        exchange=exchange,
        routing_key=queue,
        body=body,
        message_id=f"m-{number}",
        type="Test",
        content_type="application/octet-stream",
        headers={"number": number},
    )


def tiny_queue(vhost: TestVhost, name: str, bytes_limit: int) -> None:
    """Make a county-like queue that is full after a few messages."""
    whole = topology.declarations([])
    like = {
        "x-queue-type": "quorum",
        "x-overflow": "reject-publish",
        "x-max-length-bytes": bytes_limit,
        "x-delivery-limit": topology.DELIVERY_LIMIT,
    }
    queue = topology.Queue(name=name, arguments=like)
    binding = topology.Binding(exchange="county", queue=name, key=name)
    vhost.broker.management.apply(
        vhost.name, topology.Topology(exchanges=whole.exchanges, queues=(queue,), bindings=(binding,))
    )


def test_what_is_confirmed_arrives_once_in_order_with_its_properties(link: BrokerLink) -> None:
    """A pipelined batch to two destinations is confirmed whole and taken in the order it was sent, per queue."""
    both = [outgoing(number, queue) for number in range(300) for queue in (INBOX, OTHER_INBOX)]
    assert link.publish(both, 20) == [Outcome.CONFIRMED] * 600
    link.subscribe(INBOX, 100)
    link.subscribe(OTHER_INBOX, 100)
    seen: dict[str, list[int]] = {INBOX: [], OTHER_INBOX: []}
    while sum(map(len, seen.values())) < 600:
        taken = link.take(50, 10)
        assert 0 < len(taken) <= 50
        for delivery in taken:
            seen[delivery.queue].append(delivery.headers["number"])
            assert delivery.properties_set == {"content_type", "headers", "delivery_mode", "message_id", "type"}
            assert type(delivery.headers["number"]) is int
        link.ack(taken)
    assert seen == {INBOX: list(range(300)), OTHER_INBOX: list(range(300))}
    assert link.take(1, 0.1) == []
    until(lambda: link.depth(INBOX) == 0)


def test_a_nack_is_attributed_to_the_right_message(vhost: TestVhost, link: BrokerLink) -> None:
    """With a full destination among others, exactly the messages that are not in the queue are said to be nacked."""
    tiny_queue(vhost, "tiny", 20_000)
    mixed = [outgoing(number, "tiny" if number % 3 == 0 else INBOX) for number in range(300)]
    outcomes = link.publish(mixed, 20)
    by_queue = {
        queue: [(o.message_id, outcome) for o, outcome in zip(mixed, outcomes, strict=True) if o.routing_key == queue]
        for queue in ("tiny", INBOX)
    }
    assert {outcome for _, outcome in by_queue[INBOX]} == {Outcome.CONFIRMED}
    held = {delivery.message_id for delivery in link.browse("tiny", 200)}
    assert 0 < len(held) < 100
    assert {name for name, outcome in by_queue["tiny"] if outcome is Outcome.CONFIRMED} == held
    assert {outcome for _, outcome in by_queue["tiny"]} == {Outcome.CONFIRMED, Outcome.NACKED}


def test_what_has_no_route_is_returned_or_caught(link: BrokerLink) -> None:
    """Without an alternate exchange a message is returned; with one it lies in `unrouted`."""
    assert link.publish([outgoing(1, INBOX), outgoing(2, "nowhere", exchange=""), outgoing(3, INBOX)]) == [
        Outcome.CONFIRMED,
        Outcome.RETURNED,
        Outcome.CONFIRMED,
    ]
    assert link.publish([outgoing(4, "county.999999.inbox")]) == [Outcome.CONFIRMED]
    assert link.depth("unrouted") == 1


def test_an_exchange_that_is_not_there_closes_only_the_channel(link: BrokerLink) -> None:
    """The batch comes back as closed, and the next one goes through on a new channel of the same connection."""
    assert link.publish([outgoing(1, exchange="nowhere")]) == [Outcome.CLOSED]
    assert link.publish([outgoing(2)]) == [Outcome.CONFIRMED]
    assert link.generation == 1


def test_a_connection_lost_under_publish_settles_everything_and_comes_back(vhost: TestVhost, link: BrokerLink) -> None:
    """What was not confirmed is said to be closed; the link connects and subscribes again; old deliveries are void."""
    link.subscribe(OTHER_INBOX, 10)
    assert link.publish([outgoing(0, OTHER_INBOX)]) == [Outcome.CONFIRMED]
    (old,) = link.take(10, 10)
    outcomes: list[Outcome] = []
    for start in itertools.count(step=500):
        outcomes += link.publish([outgoing(number) for number in range(start, start + 500)], 20)
        if start == 500:
            assert vhost.broker.management.close_connections(HUB) == 1
        if outcomes[-1] is not Outcome.CONFIRMED:
            break
    assert set(outcomes) <= {Outcome.CONFIRMED, Outcome.CLOSED}
    until(lambda: link.generation == 2)
    assert link.publish([outgoing(1)]) == [Outcome.CONFIRMED]
    assert link.depth(INBOX) >= outcomes.count(Outcome.CONFIRMED) + 1
    link.ack([old])
    (again,) = link.take(10, 10)
    assert (again.message_id, again.redelivered, again.generation) == (old.message_id, True, 2)
    link.ack([again])
    until(lambda: link.depth(OTHER_INBOX) == 0)


def test_a_publish_without_answer_times_out_and_the_late_confirm_harms_nothing(link: BrokerLink) -> None:
    """After a time-out too short for any broker the same link goes on, and every later outcome is its own."""
    late = link.publish([outgoing(number) for number in range(200)], 0.0)
    assert Outcome.TIMED_OUT in late
    assert link.publish([outgoing(number) for number in range(1000, 1200)], 20) == [Outcome.CONFIRMED] * 200
    assert link.depth(INBOX) <= 400


def test_unsubscribing_gives_back_and_subscribing_again_works(link: BrokerLink) -> None:
    """Closing the subscription's channel returns what was not acknowledged, at once and in order, many times over."""
    link.publish([outgoing(number) for number in range(20)])
    for _ in range(10):
        link.subscribe(INBOX, 100)
        first = link.take(100, 10)
        assert first[0].headers["number"] == 0
        link.unsubscribe(INBOX)
        assert link.take(1, 0) == []
        link.ack(first)  # void: its channel is closed
        until(lambda: link.depth(INBOX) == 20)
    assert link.connected


def test_a_part_of_a_batch_can_be_acknowledged(link: BrokerLink) -> None:
    """Acknowledging every other delivery leaves the rest; giving them back brings them again."""
    link.publish([outgoing(number) for number in range(10)])
    link.subscribe(INBOX, 10)
    taken = link.take(10, 10)
    while len(taken) < 10:
        taken += link.take(10, 10)
    link.ack(taken[1::2])
    link.requeue(taken[0::2])
    again = link.take(10, 10)
    while len(again) < 5:
        again += link.take(10, 10)
    assert sorted(delivery.headers["number"] for delivery in again) == [0, 2, 4, 6, 8]
    assert all(delivery.delivery_count > 0 and delivery.redelivered for delivery in again)


def test_dead_letters_can_be_held_and_taken_out_one_by_one(link: BrokerLink) -> None:
    """Browsing changes nothing; acknowledging one held message removes that one only."""
    link.publish([outgoing(number, "", exchange="dead") for number in range(5)])
    assert [delivery.headers["number"] for delivery in link.browse("dead.letters", 3)] == [0, 1, 2]
    until(lambda: link.depth("dead.letters") == 5)
    with link.held("dead.letters", 10) as held:
        link.ack([held[2]])
    until(lambda: link.depth("dead.letters") == 4)
    assert [d.headers["number"] for d in sorted(link.browse("dead.letters", 9), key=lambda d: d.headers["number"])] == [
        0,
        1,
        3,
        4,
    ]


def test_a_queue_that_is_not_there_is_said_so_and_taken_up_when_it_comes(vhost: TestVhost, link: BrokerLink) -> None:
    """A question about a missing queue has one declared error; a subscription waits for the queue.

    Who consumes in the moment in which a quorum queue is being declared loses the whole connection (541, measured on
    3.10.8): what was under way is closed, the link connects and subscribes anew, and the same id is sent again.
    """
    with pytest.raises(YunhuobanError) as raised:
        link.depth("tiny")
    assert raised.value.code is NOT_ALLOWED
    link.subscribe("tiny", 5)
    until(lambda: link.fault is not None and link.fault.code is NOT_ALLOWED)
    tiny_queue(vhost, "tiny", 20_000)
    until(lambda: link.publish([outgoing(1, "tiny")]) == [Outcome.CONFIRMED])
    (delivery,) = link.take(1, 15)
    assert delivery.message_id == "m-1"


def test_the_link_waits_for_a_broker_that_is_not_there() -> None:
    """A port where nothing listens is one declared sentence, and nothing stays behind."""
    parameters = LinkParameters(
        host="127.0.0.1",
        port=brokers.free_port(),
        vhost="/",
        server_hostname="localhost",
        context=ssl.create_default_context(),
    )
    with pytest.raises(YunhuobanError) as raised:
        BrokerLink(parameters).start(1)
    assert raised.value.code is door.UNREACHABLE
    assert not [thread for thread in threading.enumerate() if thread.name == "broker-link"]


def test_a_broker_that_never_answers_is_a_sentence() -> None:
    """A port that takes connections and says nothing is told after the limit, and nothing stays behind."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        parameters = LinkParameters(
            host="127.0.0.1",
            port=silent.getsockname()[1],
            vhost="/",
            server_hostname="localhost",
            context=ssl.create_default_context(),
        )
        with pytest.raises(YunhuobanError) as raised:
            BrokerLink(parameters).start(0.5)
    assert raised.value.code is door.NO_LINK
    assert not [thread for thread in threading.enumerate() if thread.name == "broker-link"]


def _raw_properties(headers: bytes) -> pika.BasicProperties:
    """Return properties whose header table is exactly these bytes, which no honest library would send."""
    raw = pika.BasicProperties(headers={})
    raw.encode = lambda: [struct.pack(">H", 1 << 13), struct.pack(">I", len(headers)), headers]  # type: ignore[method-assign]
    return raw


def _nested(levels: int) -> bytes:
    table = b""
    for _ in range(levels):
        table = b"\x01aF" + struct.pack(">I", len(table)) + table
    return table


@pytest.mark.parametrize("headers", [_nested(3000), b"\x01aT" + struct.pack(">Q", 2**62)], ids=["nested", "date"])
def test_hostile_headers_reach_admission_instead_of_ending_the_reader(
    headers: bytes, link: BrokerLink, county_link: Callable[[str], LinkParameters]
) -> None:
    """A message whose properties cannot be read arrives marked, can be acknowledged, and the next one follows."""
    key = topology.submit_key(brokers.ISSUING_COUNTY, "130928-20261122-000017-C", "Application")
    with county_channel(county_link(brokers.ISSUING_COUNTY)) as channel:
        channel.basic_publish("submit", key, b"hostile", _raw_properties(headers))
        channel.basic_publish("submit", key, b"honest", pika.BasicProperties(message_id="m-1"))
    link.subscribe("admission.07", 10)
    taken = link.take(2, 10)
    while len(taken) < 2:
        taken += link.take(2, 10)
    assert (taken[0].body, taken[0].headers, taken[0].message_id) == (b"hostile", {UNREADABLE: True}, None)
    assert taken[1].message_id == "m-1"
    link.ack(taken)
    until(lambda: link.depth("admission.07") == 0)
    assert link.generation == 1


def test_a_batch_has_a_limit_in_bytes(link: BrokerLink):
    """However many messages may be taken: once there are this many bytes, the rest waits for the next batch."""
    assert link.publish([outgoing(n, body=bytes(1000)) for n in range(5)]) == [Outcome.CONFIRMED] * 5
    link.subscribe(INBOX, 10)
    taken: list[int] = []
    deadline = time.monotonic() + LONGEST_SECONDS
    while sum(taken) < 5:
        assert time.monotonic() < deadline
        taken.append(len(link.take(10, 1.0, most_bytes=1500)))
    assert max(taken) <= 2
