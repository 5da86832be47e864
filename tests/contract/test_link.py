"""One behaviour of the county's AMQP door, on kombu's memory broker and on RabbitMQ; and both libraries at one queue.

What memory cannot show is tested on the broker only, in `tests/integration/adapters`: confirms, limits, permissions,
dead letters, the redelivered flag, the order of what is delivered again, a lost connection.
"""

from collections.abc import Callable, Iterator

import pytest

from adapters.link.connection import Arrival, Link, LinkParameters, SendOutcome, lay_out_memory
from hub.broker import BrokerLink, Outcome, Outgoing
from schemas import topology
from tests import links
from tests.brokers import ISSUING_COUNTY, WINDOW_COUNTY, TestVhost, declared_for_links

SHARD = topology.admission_queue(topology.shard(links.CASE))
INBOX = topology.county_inbox(WINDOW_COUNTY)
ADMITTED = {"content_type", "headers", "delivery_mode", "message_id", "type", "user_id"}

declared = pytest.fixture(declared_for_links)


class LinkBehaviour:
    """What a test-bed and a broker must both keep. `door` opens a further link; sender and hub share one broker."""

    def test_bytes_and_headers_arrive_as_they_were_sent(self, door: Callable[[str], Link]):
        """NUL, bytes that are no UTF-8 and an empty body arrive exactly, with id, type and every signature."""
        sender, hub = door(WINDOW_COUNTY), door("hub")
        bodies = [links.BODY, bytes(range(256)) * 1000, b""]
        for number, body in enumerate(bodies):
            assert sender.send(links.submission(number, body=body)) is SendOutcome.CONFIRMED
        hub.listen([SHARD], prefetch=10)
        found = links.arrivals(hub, 3)
        assert [arrival.body for arrival in found] == bodies
        assert {type(arrival.body) for arrival in found} == {bytes}
        assert [arrival.message_id for arrival in found] == ["id-0", "id-1", "id-2"]
        assert {arrival.type for arrival in found} == {"application.submitted"}
        assert {arrival.queue for arrival in found} == {SHARD}
        assert found[0].headers == {"signatures": list(links.submission().signatures)}

    def test_one_queue_keeps_its_order(self, door: Callable[[str], Link]):
        """A hundred messages of one case arrive in the order of sending, also beyond the prefetch."""
        sender, hub = door(WINDOW_COUNTY), door("hub")
        for number in range(100):
            sender.send(links.submission(number))
        hub.listen([SHARD], prefetch=7)
        order: list[str] = []
        while len(order) < 100:
            found = hub.receive(5.0)
            assert 0 < len(found) <= 7
            order += [arrival.message_id for arrival in found]
            hub.ack(found)
        assert order == [f"id-{number}" for number in range(100)]

    def test_what_is_not_acknowledged_comes_again(self, door: Callable[[str], Link]):
        """A link that ends without acknowledging leaves the message for the next one."""
        sender, first, second = door(WINDOW_COUNTY), door("hub"), door("hub")
        sender.send(links.submission())
        first.listen([SHARD], prefetch=10)
        assert [arrival.body for arrival in links.arrivals(first, 1)] == [links.BODY]
        first.close()
        second.listen([SHARD], prefetch=10)
        assert [arrival.body for arrival in links.arrivals(second, 1)] == [links.BODY]

    def test_an_acknowledgement_removes(self, door: Callable[[str], Link]):
        """What was acknowledged never comes again."""
        sender, first, second = door(WINDOW_COUNTY), door("hub"), door("hub")
        sender.send(links.submission())
        first.listen([SHARD], prefetch=10)
        first.ack(links.arrivals(first, 1))
        first.close()
        second.listen([SHARD], prefetch=10)
        assert second.receive(0.5) == []

    def test_an_acknowledgement_of_an_older_connection_is_ignored(self, door: Callable[[str], Link]):
        """The message comes again, and the link goes on working."""
        sender, hub = door(WINDOW_COUNTY), door("hub")
        sender.send(links.submission())
        hub.listen([SHARD], prefetch=10)
        old = links.arrivals(hub, 1)
        hub.close()
        hub.ack(old)
        again = links.arrivals(hub, 1)
        hub.ack(old)
        assert [arrival.message_id for arrival in again] == ["id-0"]
        hub.ack(again)
        hub.ack(again)  # a second time changes nothing either
        assert sender.send(links.submission(1)) is SendOutcome.CONFIRMED
        assert [arrival.message_id for arrival in links.arrivals(hub, 1)] == ["id-1"]

    def test_prefetch_limits_what_is_out(self, door: Callable[[str], Link]):
        """Not more than `prefetch` messages are handed over before something is settled."""
        sender, hub = door(WINDOW_COUNTY), door("hub")
        for number in range(6):
            sender.send(links.submission(number))
        hub.listen([SHARD], prefetch=2)
        found = links.arrivals(hub, 2)
        assert len(found) == 2
        assert hub.receive(0.3) == []
        hub.reject(found)
        assert len(links.arrivals(hub, 2)) == 2

    def test_receive_waits_no_longer_than_asked(self, door: Callable[[str], Link]):
        """An empty queue costs the time given, and no problem is reported."""
        hub = door("hub")
        hub.listen([SHARD], prefetch=1)
        assert hub.receive(0.2) == []
        assert hub.connected
        assert hub.last_problem is None


class TestMemory(LinkBehaviour):
    """The behaviour on `memory://`."""

    @pytest.fixture
    def door(self, tmp_path) -> Iterator[Callable[[str], Link]]:
        """Open links to an empty memory broker."""
        lay_out_memory(topology.declarations([WINDOW_COUNTY, ISSUING_COUNTY]))
        opened: list[Link] = []

        def door(user: str) -> Link:
            parameters = LinkParameters(
                urls=["memory://"],
                vhost="/",
                user=user,
                anchors=tmp_path,
                chain=tmp_path,
                key=tmp_path,
                server_hostname="localhost",
            )
            opened.append(Link(parameters))
            return opened[-1]

        yield door
        for link in opened:
            link.close()


class TestRabbitMQ(LinkBehaviour):
    """The behaviour on RabbitMQ with mutual TLS and a county's permissions."""

    @pytest.fixture
    def door(self, vhost: TestVhost) -> Iterator[Callable[[str], Link]]:
        """Open links to the test's virtual host."""
        opened: list[Link] = []

        def door(user: str) -> Link:
            opened.append(Link(links.parameters(vhost, user)))
            return opened[-1]

        yield door
        for link in opened:
            link.close()


class TestBothLibraries:
    """What kombu sends is read by pika byte for byte, and the other way round."""

    @pytest.fixture
    def county(self, vhost: TestVhost) -> Iterator[Link]:
        """The window county's link."""
        link = Link(links.parameters(vhost))
        yield link
        link.close()

    def test_pika_reads_what_kombu_sent(self, county: Link, link: BrokerLink):
        """The same bytes and headers, and exactly the properties that admission takes: no priority, no encoding."""
        assert county.send(links.submission()) is SendOutcome.CONFIRMED
        link.subscribe(SHARD, 10)
        [delivery] = link.take(1, 10.0)
        assert delivery.body == links.BODY
        assert delivery.headers == {"signatures": list(links.submission().signatures)}
        assert delivery.properties_set == ADMITTED
        assert (delivery.message_id, delivery.type, delivery.user_id) == ("id-0", "application.submitted", "140881")
        assert delivery.content_type == "application/vnd.yunhuoban.avro"
        assert (delivery.exchange, delivery.routing_key) == ("submit", links.submission().routing_key)
        assert not delivery.redelivered

    def test_kombu_reads_what_pika_sent(self, county: Link, link: BrokerLink):
        """The same bytes, the list of signatures as text, the evidence as bytes, also when it happens to be text."""
        evidence = [b"\x00\xff\xfe evidence", b"all ASCII"]
        for number, proof in enumerate(evidence):
            outgoing = Outgoing(
                exchange=topology.COUNTY,
                routing_key=INBOX,
                body=links.BODY,
                message_id=f"id-{number}",
                type="receipt",
                content_type="application/vnd.yunhuoban.avro",
                headers={"signatures": ["a..b"], "evidence": proof},
            )
            assert link.publish([outgoing]) == [Outcome.CONFIRMED]
        county.listen([INBOX], prefetch=10)
        found: list[Arrival] = links.arrivals(county, 2)
        assert [arrival.body for arrival in found] == [links.BODY, links.BODY]
        assert [arrival.headers for arrival in found] == [{"signatures": ["a..b"], "evidence": e} for e in evidence]
        assert [(arrival.message_id, arrival.type) for arrival in found] == [("id-0", "receipt"), ("id-1", "receipt")]
        county.ack(found)
