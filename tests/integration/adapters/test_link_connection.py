"""Connecting, being refused, losing the connection and coming back, through the county's door on a real broker."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.link.connection import Link, LinkParameters, SendOutcome
from certs import keys
from certs.probe import probe
from certs.profiles import Role
from schemas import topology
from tests import links
from tests.brokers import ISSUING_COUNTY, WINDOW_COUNTY, TestTrust, TestVhost, declared_for_links, free_port, now

INBOX = topology.county_inbox(WINDOW_COUNTY)

declared = pytest.fixture(declared_for_links)


@pytest.fixture
def county(vhost: TestVhost) -> Iterator[Link]:
    """The window county's link."""
    link = Link(links.parameters(vhost))
    yield link
    link.close()


def refused(link: Link) -> str:
    """Return the code of the problem that made a submission unavailable."""
    assert link.send(links.submission()) is SendOutcome.UNAVAILABLE
    assert not link.connected
    assert link.last_problem is not None
    return link.last_problem.code.code


def test_a_certificate_for_another_name_is_refused(vhost: TestVhost):
    """Without a name kombu checks none; the link always has one, and a broker with another name gets nothing."""
    assert refused(Link(links.parameters(vhost, server_hostname="elsewhere.example"))) == "E-LINK-003"


def test_a_broker_of_another_authority_is_refused(vhost: TestVhost, tmp_path):
    """Only our own anchors count."""
    other = TestTrust.make(tmp_path, name="Somebody else")
    assert refused(Link(links.parameters(vhost, anchors=other.anchors))) == "E-LINK-003"


@pytest.fixture
def revoked(vhost: TestVhost) -> LinkParameters:
    """The window county's parameters with a certificate that was revoked."""
    trust = vhost.broker.trust
    chain, key, serial = trust.give(Role.COUNTY_CONNECTION, WINDOW_COUNTY)
    trust.authority.revoke(serial, now=now(), reason="superseded")
    trust.publish_crls()
    return links.parameters(vhost, chain=chain, key=key)


def test_a_revoked_certificate_is_told_as_such(revoked: LinkParameters):
    """The county learns that its certificate is the reason, not that something is wrong with the protocol.

    In TLS 1.3 the refusal races with our first bytes; where they lost, the reason used to be lost with them.
    """
    assert {refused(Link(revoked)) for _ in range(30)} == {"E-LINK-004"}


def test_the_probe_hears_why_a_certificate_is_refused(vhost: TestVhost, revoked: LinkParameters):
    """`adapter doctor` names the alert every time, whoever is quicker."""
    port = vhost.broker.node.settings.amqps_port
    shown = {
        "anchors": keys.load_certificates(revoked.anchors),
        "chain": keys.load_certificates(revoked.chain),
        "key": keys.load_private_key(revoked.key),
    }
    facts = [probe("127.0.0.1", port, server_hostname=revoked.server_hostname, at=now(), **shown) for _ in range(30)]
    assert {(each.stage, each.alert) for each in facts} == {("refused", "tls alert certificate revoked")}


def test_a_county_that_is_not_set_up_is_told_as_such(vhost: TestVhost):
    """A good certificate of a county without a user on the broker, and a virtual host that is not there."""
    assert refused(Link(links.parameters(vhost, "510107"))) == "E-LINK-005"
    assert refused(Link(replace(links.parameters(vhost), vhost="nothing"))) == "E-LINK-005"


def test_the_failover_list_is_tried_in_order(vhost: TestVhost):
    """A closed port, a host that says nothing, then the broker: one submission, confirmed, within the time-outs."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        alive = vhost.broker.node.settings.amqps_port
        urls = [f"127.0.0.1:{free_port()}", f"amqps://127.0.0.1:{silent.getsockname()[1]}", f"127.0.0.1:{alive}"]
        link = Link(links.parameters(vhost, urls=urls, connect_seconds=0.5))
        started = time.monotonic()
        assert link.send(links.submission()) is SendOutcome.CONFIRMED
        assert 0.5 <= time.monotonic() - started < 3.0
        assert link._wire._address == f"127.0.0.1:{alive}"
        link.close()


def test_nobody_there_is_unavailable_at_once_and_tried_again_with_pauses(vhost: TestVhost):
    """Sending in a loop does not connect in a loop, and `receive` keeps to its time."""
    link = Link(links.parameters(vhost, urls=[f"127.0.0.1:{free_port()}"]))
    assert refused(link) == "E-LINK-002"
    for _ in range(1000):
        assert link.send(links.submission()) is SendOutcome.UNAVAILABLE
    assert 2 <= link._failures <= 4
    link.listen([INBOX], prefetch=1)
    started = time.monotonic()
    assert link.receive(0.5) == []
    assert 0.4 < time.monotonic() - started < 1.5


def test_a_killed_connection_comes_back_by_itself(vhost: TestVhost, county: Link):
    """The hub closes the connections of one county: at most one submission is spent on it, and nobody else notices."""
    other = Link(links.parameters(vhost, ISSUING_COUNTY))
    assert other.send(links.submission(0, code=ISSUING_COUNTY)) is SendOutcome.CONFIRMED
    assert county.send(links.submission(1)) is SendOutcome.CONFIRMED
    kill(vhost, WINDOW_COUNTY)
    assert SendOutcome.CONFIRMED in {county.send(links.submission(2)) for _ in range(2)}
    assert county._generation == 2
    assert other.send(links.submission(3, code=ISSUING_COUNTY)) is SendOutcome.CONFIRMED
    assert other._generation == 1
    other.close()


def test_an_idle_sender_notices_before_it_publishes(vhost: TestVhost, county: Link):
    """After a pause the link looks at its connection first, so that no submission is spent on a dead one."""
    assert county.send(links.submission(1)) is SendOutcome.CONFIRMED
    kill(vhost, WINDOW_COUNTY)
    county._used_at -= 60
    assert county.send(links.submission(2)) is SendOutcome.CONFIRMED
    assert county._generation == 2


def test_heartbeats_are_driven_by_the_link(vhost: TestVhost):
    """With an interval of 2 s, a receiver that gets nothing for 7 s is still on its first connection."""
    link = Link(links.parameters(vhost, heartbeat_seconds=2, connect_seconds=0.9))
    link.listen([INBOX], prefetch=1)
    assert link.receive(7.0) == []
    assert link.connected
    assert link._generation == 1
    link.close()


def kill(vhost: TestVhost, user: str) -> None:
    """Have the broker close a user's connections."""
    assert vhost.broker.management.close_connections(user)
