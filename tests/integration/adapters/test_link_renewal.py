"""A new connection certificate is taken into use without a restart: the link connects anew, and loses nothing."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.link.connection import Link, SendOutcome
from certs import authority, keys, profiles
from certs.algorithms import KeyKind
from certs.profiles import Role
from hub.broker import BrokerLink
from hub.broker.messages import Outcome, Outgoing
from schemas import topology
from tests import links
from tests.awaiting import until
from tests.brokers import WINDOW_COUNTY, TestVhost, declared_for_links, now

INBOX = topology.county_inbox(WINDOW_COUNTY)

declared = pytest.fixture(declared_for_links)


@pytest.fixture
def county(vhost: TestVhost, tmp_path: Path) -> Iterator[Link]:
    """The window county's link, whose certificate lies in files of the test's own."""
    chain, key = tmp_path / "connection.pem", tmp_path / "connection.key"
    put(vhost, chain, key)
    link = Link(links.parameters(vhost, chain=chain, key=key))
    yield link
    link.close()


def put(vhost: TestVhost, chain: Path, key: Path) -> None:
    """A fresh pair, the key first, as the change-over does it."""
    made = vhost.broker.trust.give(Role.COUNTY_CONNECTION, WINDOW_COUNTY)
    shutil.copy(made[1], key)
    keys.save_certificates(keys.load_certificates(made[0]), chain)


def renew(vhost: TestVhost, link: Link) -> None:
    """Replace the pair of a link."""
    put(vhost, link.parameters.chain, link.parameters.key)


def test_the_next_message_goes_under_the_new_certificate(vhost: TestVhost, county: Link):
    """No message is refused by the change; the broker sees one connection, and it is the new one."""
    assert county.send(links.submission(1)) is SendOutcome.CONFIRMED
    renew(vhost, county)
    assert county.send(links.submission(2)) is SendOutcome.CONFIRMED
    assert county.opened == 2
    assert county.send(links.submission(3)) is SendOutcome.CONFIRMED
    assert county.opened == 2, "once is enough"
    until(lambda: vhost.broker.management.connections_of(WINDOW_COUNTY) == 1)


def test_what_is_in_hand_is_settled_first(vhost: TestVhost, county: Link, link: BrokerLink):
    """A message that arrived before the change is acknowledged on the old connection and does not come again."""
    county.listen([INBOX], 10)
    county.receive(0.5)
    deliver(link, "one")
    (first,) = links.arrivals(county, 1)
    renew(vhost, county)
    county.receive(0.1)
    assert county.opened == 1, "not while something is in hand"
    county.ack([first])
    assert county.receive(0.1) == []
    deliver(link, "two")
    (second,) = links.arrivals(county, 1)
    assert (second.message_id, second.redelivered) == ("two", False)
    assert county.opened == 2


def test_half_a_change_is_waited_for(vhost: TestVhost, county: Link):
    """Between key and certificate nothing fits together: the link goes on as soon as it does."""
    assert county.send(links.submission(1)) is SendOutcome.CONFIRMED
    made = vhost.broker.trust.give(Role.COUNTY_CONNECTION, WINDOW_COUNTY)
    keys.save_certificates(keys.load_certificates(made[0]), county.parameters.chain)
    assert county.send(links.submission(2)) is SendOutcome.UNAVAILABLE
    assert county.last_problem is not None
    assert county.last_problem.code.code == "E-CERT-090"
    shutil.copy(made[1], county.parameters.key)
    until(lambda: county.send(links.submission(2)) is SendOutcome.CONFIRMED)


def test_a_renewed_key_may_be_of_another_kind(vhost: TestVhost, county: Link, monkeypatch: pytest.MonkeyPatch):
    """The profile now asks for P-384: the broker takes the new connection, and the county is the same user."""
    assert county.send(links.submission(1)) is SendOutcome.CONFIRMED
    profile = replace(profiles.PROFILES[Role.COUNTY_CONNECTION], key_kind=KeyKind.P384)
    monkeypatch.setattr(authority, "PROFILES", {**profiles.PROFILES, Role.COUNTY_CONNECTION: profile})
    key = keys.generate_key(KeyKind.P384)
    issuer = vhost.broker.trust.authority
    certificate = issuer.issue(Role.COUNTY_CONNECTION, WINDOW_COUNTY, key.public_key(), now=now())
    keys.save_private_key(key, county.parameters.key)
    keys.save_certificates(issuer.chain(certificate), county.parameters.chain)
    assert county.send(links.submission(2)) is SendOutcome.CONFIRMED
    assert county.opened == 2


def deliver(link: BrokerLink, message_id: str) -> None:
    """The hub puts a message into the county's inbox."""
    sent = Outgoing(
        exchange=topology.COUNTY, routing_key=INBOX, body=b"x", message_id=message_id, type="t", content_type="x/y"
    )
    assert link.publish([sent]) == [Outcome.CONFIRMED]
