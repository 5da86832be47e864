"""Who gets into the broker, and what a county can do inside: tried with every wrong certificate and every wrong key."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pika
import pytest
from pika import exceptions
from pika.credentials import ExternalCredentials

from certs import contexts, crl
from certs.profiles import Role
from hub.broker import BrokerLink, LinkParameters
from hub.broker import link as door
from schemas import topology
from schemas.errors import YunhuobanError
from tests import brokers
from tests.brokers import RunningBroker, TestTrust, TestVhost, declared_for_links

declared = pytest.fixture(declared_for_links)


def refusal(parameters: LinkParameters) -> YunhuobanError:
    """Return the error with which the link does not come up."""
    with pytest.raises(YunhuobanError) as raised:
        BrokerLink(parameters).start(10)
    return raised.value


@contextmanager
def county_channel(parameters: LinkParameters) -> Iterator[Any]:
    """Open a county's own channel with plain pika, as any county could."""
    connection = pika.BlockingConnection(
        pika.ConnectionParameters(
            host=parameters.host,
            port=parameters.port,
            virtual_host=parameters.vhost,
            credentials=ExternalCredentials(),
            ssl_options=pika.SSLOptions(parameters.context, parameters.server_hostname),
        )
    )
    channel = connection.channel()
    channel.confirm_delivery()
    try:
        yield channel
    finally:
        connection.close()


def test_a_revoked_certificate_is_refused(vhost: TestVhost) -> None:
    """A certificate that worked is refused as soon as the new list is published; everybody else stays welcome."""
    trust = vhost.broker.trust
    chain_file, key_file, serial = trust.give(Role.COUNTY_CONNECTION, brokers.ISSUING_COUNTY)
    context = contexts.client_context(trust.anchors, chain_file, key_file)
    parameters = vhost.broker.parameters(vhost.name, context)
    with BrokerLink(parameters):
        pass
    trust.authority.revoke(serial, now=brokers.now(), reason="superseded")
    trust.publish_crls()
    assert refusal(parameters).code is door.TLS_REFUSED
    with BrokerLink(vhost.hub_parameters()):
        pass


def test_an_expired_certificate_is_refused(vhost: TestVhost) -> None:
    """A certificate whose days are over opens nothing."""
    context = vhost.broker.trust.context(brokers.ISSUING_COUNTY, age_days=10, days=5)
    assert refusal(vhost.broker.parameters(vhost.name, context)).code is door.TLS_REFUSED


@pytest.mark.parametrize("role", [Role.COUNTY_SIGNING, Role.COUNTY_ENCRYPTION, Role.PAGE])
def test_a_certificate_of_another_role_is_refused(vhost: TestVhost, role: Role) -> None:
    """The county's other certificates, signing, encryption and page, open no connection."""
    context = vhost.broker.trust.context(brokers.ISSUING_COUNTY, role)
    assert refusal(vhost.broker.parameters(vhost.name, context)).code is door.TLS_REFUSED


def test_a_certificate_of_a_foreign_authority_is_refused(
    vhost: TestVhost, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """An authority of the same name and shape but with another key has no say here."""
    foreign = TestTrust.make(tmp_path_factory.mktemp("foreign"))
    chain_file, key_file, _ = foreign.give(Role.HUB_CONNECTION, brokers.HUB)
    context = contexts.client_context(vhost.broker.trust.anchors, chain_file, key_file)
    assert refusal(vhost.broker.parameters(vhost.name, context)).code is door.TLS_REFUSED


def test_a_broker_of_a_foreign_authority_is_not_trusted(
    vhost: TestVhost, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The link itself refuses a broker whose certificate its own anchors do not cover."""
    foreign = TestTrust.make(tmp_path_factory.mktemp("foreign"), "Other transport")
    context = foreign.context(brokers.HUB)
    assert refusal(vhost.broker.parameters(vhost.name, context)).code is door.SERVER_UNTRUSTED


def test_a_stale_list_refuses_everybody_and_a_fresh_one_heals(vhost: TestVhost) -> None:
    """Unknown is not good: with a list out of date nobody gets in, and with a fresh one work resumes by itself."""
    trust = vhost.broker.trust
    stale = trust.authority.publish_crls(now=brokers.now() - timedelta(days=20))
    crl.write_hashed_crls(trust.crl_folder, [trust.authority.root, trust.authority.issuing], stale)
    try:
        assert refusal(vhost.hub_parameters()).code is door.TLS_REFUSED
    finally:
        trust.publish_crls()
    with BrokerLink(vhost.hub_parameters()):
        pass


def test_a_user_without_rights_here_is_refused(vhost: TestVhost) -> None:
    """A good certificate of a county that never joined opens nothing."""
    context = vhost.broker.trust.context("999999")
    assert refusal(vhost.broker.parameters(vhost.name, context)).code is door.LOGIN_REFUSED


def test_a_password_opens_nothing(broker: RunningBroker, vhost: TestVhost) -> None:
    """PLAIN is not offered, not even to the management user with the right password."""
    credentials = pika.PlainCredentials("hub@management", broker.node.management_password())
    with pytest.raises(exceptions.AMQPConnectionError):
        pika.BlockingConnection(
            pika.ConnectionParameters(
                host="127.0.0.1",
                port=broker.node.settings.amqps_port,
                virtual_host=vhost.name,
                credentials=credentials,
                ssl_options=pika.SSLOptions(vhost.hub_context, "localhost"),
            )
        )


def test_tls_1_2_is_not_spoken(vhost: TestVhost) -> None:
    """A resumed 1.2 session would skip the certificate and the list, so there is none."""
    context = vhost.broker.trust.context(brokers.ISSUING_COUNTY)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert refusal(vhost.broker.parameters(vhost.name, context)).code is door.TLS_REFUSED


def test_a_county_publishes_under_its_own_key_only(
    vhost: TestVhost, link: BrokerLink, county_link: Callable[[str], LinkParameters]
) -> None:
    """Its own key arrives at the shard's queue with its user; another's key, exchange or user is refused."""
    key = topology.submit_key(brokers.ISSUING_COUNTY, "130928-20261122-000017-C", "Application")
    with county_channel(county_link(brokers.ISSUING_COUNTY)) as channel:
        channel.basic_publish("submit", key, b"x", pika.BasicProperties(user_id=brokers.ISSUING_COUNTY))
    link.subscribe("admission.07", 10)
    (delivery,) = link.take(10, 10)
    assert (delivery.user_id, delivery.routing_key, delivery.delivery_count) == (brokers.ISSUING_COUNTY, key, 0)
    link.ack([delivery])
    other = topology.submit_key(brokers.WINDOW_COUNTY, "130928-20261122-000017-C", "Application")
    inbox = topology.county_inbox(brokers.WINDOW_COUNTY)
    for exchange, wrong_key in (("submit", other), ("express", other), ("county", inbox), ("dead", ""), ("", inbox)):
        with county_channel(county_link(brokers.ISSUING_COUNTY)) as channel:
            with pytest.raises(exceptions.ChannelClosedByBroker) as raised:
                channel.basic_publish(exchange, wrong_key, b"x")
            assert raised.value.reply_code == 403
    with county_channel(county_link(brokers.ISSUING_COUNTY)) as channel:
        with pytest.raises(exceptions.ChannelClosedByBroker) as raised:
            channel.basic_publish("submit", key, b"x", pika.BasicProperties(user_id=brokers.WINDOW_COUNTY))
        assert raised.value.reply_code == 406


def test_a_county_reads_its_own_queues_only_and_declares_nothing(
    vhost: TestVhost, county_link: Callable[[str], LinkParameters]
) -> None:
    """Its inbox and express queue open; another's, the hub's, and every declaration or binding are refused."""
    parameters = county_link(brokers.ISSUING_COUNTY)
    attempts: list[Callable[[Any], Any]] = [
        lambda channel: channel.basic_get(topology.county_inbox(brokers.WINDOW_COUNTY)),
        lambda channel: channel.basic_get(topology.county_hold(brokers.ISSUING_COUNTY)),
        lambda channel: channel.basic_get("dead.letters"),
        lambda channel: channel.basic_consume("admission.07", lambda *_: None),
        lambda channel: channel.queue_declare("mine", durable=True),
        lambda channel: channel.queue_declare("", exclusive=True),
        lambda channel: channel.exchange_declare("mine"),
        lambda channel: channel.queue_bind(topology.county_inbox(brokers.ISSUING_COUNTY), "submit", "#"),
        lambda channel: channel.queue_delete(topology.county_inbox(brokers.ISSUING_COUNTY)),
    ]
    for attempt in attempts:
        with county_channel(parameters) as channel:
            with pytest.raises(exceptions.ChannelClosedByBroker) as raised:
                attempt(channel)
            assert raised.value.reply_code == 403
    with county_channel(parameters) as channel:
        assert channel.basic_get(topology.county_inbox(brokers.ISSUING_COUNTY)) == (None, None, None)
        assert channel.basic_get(topology.county_express(brokers.ISSUING_COUNTY)) == (None, None, None)
