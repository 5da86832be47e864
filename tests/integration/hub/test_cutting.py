"""A revoked connection certificate loses its open connections within seconds; the others' stay."""

import base64
import time
from collections.abc import Iterator
from pathlib import Path

import pika
import pytest
from pika.credentials import ExternalCredentials

from certs import contexts, keys
from certs.chain import TrustStore
from certs.profiles import Role
from hub.registry import county
from hub.registry.cutting import AGAIN_SECONDS, Cutter
from hub.registry.revocation import RevocationFolder
from hub.store import Store, open_store
from tests.brokers import ISSUING_COUNTY, WINDOW_COUNTY, TestVhost, now
from tests.county_world import OWN_ITEM
from tests.hub_world import make_county

CUT_SECONDS = 5.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty hub store."""
    opened = open_store(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    yield opened
    opened.close()


def connect(vhost: TestVhost, chain: Path, key: Path) -> pika.BlockingConnection:
    """A county's open connection."""
    context = contexts.client_context(vhost.broker.trust.anchors, chain, key)
    return pika.BlockingConnection(
        pika.ConnectionParameters(
            host="127.0.0.1",
            port=vhost.broker.node.settings.amqps_port,
            virtual_host=vhost.name,
            credentials=ExternalCredentials(),
            ssl_options=pika.SSLOptions(context, "localhost"),
        )
    )


def listen(connection: pika.BlockingConnection, seconds: float) -> None:
    """Take part for so long; raises when the broker closes the connection."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        connection.process_data_events(0.1)


def enrol(vhost: TestVhost, store: Store, code: str, connection: Path) -> None:
    """As `hub county add` does, with the connection certificate on the card."""
    authority = vhost.broker.trust.authority
    lists = authority.publish_crls(now=now())
    chains = TrustStore([authority.root], [authority.issuing], lists, trial=True)
    named = base64.b64encode(keys.der(keys.load_certificates(connection)[0])).decode()
    card = make_county(authority, code).card(OWN_ITEM, connection_certificate=named)
    with store.write() as tx:
        county.enrol(tx, card, chains=chains, now=now())


def test_a_revoked_connection_is_cut_within_seconds(vhost: TestVhost, store: Store):
    """From the new list in the folder to the closed connection; another county works on; the revoked one stays out."""
    trust, management = vhost.broker.trust, vhost.broker.management
    window, issuing = (trust.give(Role.COUNTY_CONNECTION, code) for code in (WINDOW_COUNTY, ISSUING_COUNTY))
    enrol(vhost, store, WINDOW_COUNTY, window[0])
    enrol(vhost, store, ISSUING_COUNTY, issuing[0])
    watch = RevocationFolder(
        trust.authority.folder / "crl",
        store=store,
        authorities=[trust.authority.root, trust.authority.issuing],
        broker_folder=trust.crl_folder,
    )
    watch.run_once(now())
    cutter = Cutter(store, management)
    assert cutter.run_once() == [], "nobody is revoked yet"
    revoked, other = connect(vhost, *window[:2]), connect(vhost, *issuing[:2])

    trust.authority.revoke(window[2], now=now(), reason="key_compromise")
    trust.authority.publish_crls(now=now())
    started = time.monotonic()
    assert watch.run_once(now())
    assert cutter.run_once() == [WINDOW_COUNTY]
    with pytest.raises(pika.exceptions.AMQPError):
        listen(revoked, CUT_SECONDS)
    assert time.monotonic() - started < CUT_SECONDS
    other.process_data_events(0.1)
    assert other.is_open
    with pytest.raises((pika.exceptions.AMQPError, OSError)):
        connect(vhost, *window[:2])
    assert cutter.run_once() == []
    other.close()


def test_who_was_let_in_while_others_were_cut_off_is_cut_off_too(vhost: TestVhost, store: Store, tmp_path: Path):
    """Its handshake began under the old list: the second cut comes by itself, and there is no third."""
    trust, management = vhost.broker.trust, vhost.broker.management
    given = trust.give(Role.COUNTY_CONNECTION, WINDOW_COUNTY)
    enrol(vhost, store, WINDOW_COUNTY, given[0])
    authorities = [trust.authority.root, trust.authority.issuing]
    trust.authority.revoke(given[2], now=now(), reason="key_compromise")
    trust.authority.publish_crls(now=now())
    elsewhere = tmp_path / "not the broker's"  # which has the old list still
    RevocationFolder(
        trust.authority.folder / "crl", store=store, authorities=authorities, broker_folder=elsewhere
    ).run_once(now())
    moment = 0.0
    cutter = Cutter(store, management, monotonic=lambda: moment)
    assert cutter.run_once() == [WINDOW_COUNTY]
    late = connect(vhost, *given[:2])
    assert not cutter.due
    moment += AGAIN_SECONDS
    assert cutter.due
    assert cutter.run_once() == [WINDOW_COUNTY]
    with pytest.raises(pika.exceptions.AMQPError):
        listen(late, CUT_SECONDS)
    moment += AGAIN_SECONDS
    assert not cutter.due
    assert cutter.run_once() == []
