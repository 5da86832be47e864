"""Receiving through the county's door on a real broker: bytes as they are, dead letters, nothing declared."""

import base64
import time
import zlib
from collections.abc import Iterator

import pytest
from kombu.connection import Connection

from adapters.link.connection import Link
from certs import contexts
from hub.broker import BrokerLink, Outcome, Outgoing
from schemas import topology
from tests import links
from tests.awaiting import LONGEST_SECONDS, until
from tests.brokers import HUB, WINDOW_COUNTY, TestVhost, declared_for_links

INBOX = topology.county_inbox(WINDOW_COUNTY)
EXPRESS = topology.county_express(WINDOW_COUNTY)

declared = pytest.fixture(declared_for_links)


@pytest.fixture
def county(vhost: TestVhost) -> Iterator[Link]:
    """The window county's link, listening to its inbox."""
    link = Link(links.parameters(vhost))
    link.listen([INBOX], prefetch=10)
    yield link
    link.close()


def send(link: BrokerLink, number: int = 0, queue: str = INBOX, body: bytes = links.BODY, **headers: object) -> None:
    """Put a message into a county's queue as the hub does."""
    outgoing = Outgoing(
        exchange=topology.COUNTY,
        routing_key=queue,
        body=body,
        message_id=f"id-{number}",
        type="receipt",
        content_type="application/vnd.yunhuoban.avro",
        headers=headers,
    )
    assert link.publish([outgoing]) == [Outcome.CONFIRMED]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1", "base64", "no-such-thing"])
def test_a_body_that_names_an_encoding_stays_bytes(vhost: TestVhost, county: Link, encoding: str):
    """py-amqp would hand over text, or other bytes; the signature covers what was sent."""
    document = {
        "routing_key": INBOX,
        "payload": base64.b64encode(b"plain text").decode(),
        "payload_encoding": "base64",
        "properties": {"content_encoding": encoding},
    }
    vhost.broker.management.call("POST", f"/api/exchanges/{vhost.name}/{topology.COUNTY}/publish", document)
    [arrival] = links.arrivals(county, 1)
    assert arrival.body == b"plain text"
    assert (arrival.message_id, arrival.type, arrival.headers) == ("", "", {})


def test_a_body_that_names_a_compression_is_not_unpacked(county: Link, link: BrokerLink):
    """The library's own Message would unpack it, however large it becomes."""
    bomb = zlib.compress(bytes(10_000_000))
    send(link, body=bomb, compression="application/x-gzip")
    [arrival] = links.arrivals(county, 1)
    assert arrival.body == bomb


def test_rejected_messages_are_dead_letters(county: Link, link: BrokerLink):
    """`reject` never puts a message back; a person decides about it."""
    send(link, 1)
    send(link, 2)
    found = links.arrivals(county, 2)
    county.reject(found[:1])
    county.ack(found[1:])
    link.subscribe(topology.DEAD_LETTERS, 10)
    [dead] = link.take(1, 20.0)
    assert (dead.message_id, dead.body) == ("id-1", links.BODY)
    assert county.receive(0.3) == []


def test_redelivery_is_marked_and_keeps_its_order(county: Link, link: BrokerLink):
    """What was not acknowledged comes again, first and in order, and says so."""
    for number in range(5):
        send(link, number)
    found = links.arrivals(county, 5)
    assert not any(arrival.redelivered for arrival in found)
    county.ack(found[:1])
    county.close()
    send(link, 5)
    again = links.arrivals(county, 5)
    assert [arrival.message_id for arrival in again] == ["id-1", "id-2", "id-3", "id-4", "id-5"]
    assert [arrival.redelivered for arrival in again] == [True] * 4 + [False]
    county.ack(found)  # void: these tags belong to the old connection
    county.ack(again[:1])
    county.close()
    assert [arrival.message_id for arrival in links.arrivals(county, 4)] == ["id-2", "id-3", "id-4", "id-5"]


def test_both_queues_of_a_county_are_heard_at_once(county: Link, link: BrokerLink):
    """Each arrival names its queue."""
    county.listen([INBOX, EXPRESS], prefetch=10)
    send(link, 1)
    send(link, 2, queue=EXPRESS)
    assert {(a.message_id, a.queue) for a in links.arrivals(county, 2)} == {("id-1", INBOX), ("id-2", EXPRESS)}


def test_a_missing_queue_is_not_declared_and_heard_when_it_is_there(vhost: TestVhost, county: Link, link: BrokerLink):
    """Adapters declare nothing, not even passively; the link says what is wrong and goes on by itself."""
    call = vhost.broker.management.call
    call("DELETE", f"/api/queues/{vhost.name}/{EXPRESS}")
    county.listen([EXPRESS], prefetch=1)
    assert county.receive(0.5) == []
    assert county.last_problem.code.code == "E-LINK-006"
    assert "NOT_FOUND" in county.last_problem.found
    assert EXPRESS not in {queue.name for queue in vhost.broker.management.queues(vhost.name)}
    vhost.broker.management.apply(vhost.name, topology.declarations([WINDOW_COUNTY]))
    send(link, 1, queue=EXPRESS)
    assert [arrival.message_id for arrival in links.arrivals(county, 1, 20.0)] == ["id-1"]
    assert county.last_problem is None


def test_a_queue_deleted_under_the_listener_is_noticed(vhost: TestVhost, county: Link):
    """The broker cancels the consumer; the link does not wait for ever for what cannot come."""
    county.receive(0.1)
    vhost.broker.management.call("DELETE", f"/api/queues/{vhost.name}/{INBOX}")
    deadline = time.monotonic() + LONGEST_SECONDS
    while county.last_problem is None:
        assert time.monotonic() < deadline
        county.receive(0.1)


def test_another_countys_queue_is_closed(county: Link):
    """The broker lets a county read its own queues only."""
    county.listen([topology.county_inbox("130928")], prefetch=1)
    assert county.receive(0.2) == []
    assert "ACCESS_REFUSED" in county.last_problem.found


def test_a_message_that_cannot_be_read_stays_where_it_is(vhost: TestVhost, county: Link, link: BrokerLink):
    """Never acknowledged and dropped: the link says that something is wrong and tries again with pauses."""
    p = links.parameters(vhost, HUB)
    tls = contexts.kombu_ssl(p.anchors, p.chain, p.key, server_hostname=p.server_hostname)
    with Connection(
        f"amqps://{p.addresses[0]}",
        virtual_host=p.vhost,
        ssl=tls,
        login_method="EXTERNAL",
        transport_options={"confirm_publish": True},
    ) as connection:
        channel = connection.channel()
        message = channel.prepare_message(b"", properties={"message_id": b"\xff\xfe"})
        channel.basic_publish(message, topology.COUNTY, INBOX)
    assert county.receive(1.0) == []
    assert county.last_problem.code.code == "E-LINK-010"
    assert "UnicodeDecodeError" in county.last_problem.found
    assert 2 <= county._generation <= 6
    county.close()
    until(lambda: link.depth(INBOX) == 1)
