"""The management door against a real broker: applied twice, read back, differences found, connections closed."""

import time
from dataclasses import replace

import pytest

from hub.broker import BrokerLink, handles
from hub.broker import management as door
from hub.broker.management import Management
from schemas import topology
from schemas.errors import YunhuobanError
from tests import brokers
from tests.awaiting import until
from tests.brokers import RunningBroker, TestVhost

COUNTIES = [brokers.WINDOW_COUNTY, brokers.ISSUING_COUNTY]


def test_applying_twice_changes_nothing_and_is_quick(vhost: TestVhost) -> None:
    """A second application of the topology is well under two seconds and leaves the same queues."""
    management = vhost.broker.management
    before = management.queues(vhost.name)
    began = time.monotonic()
    management.apply(vhost.name, topology.declarations(COUNTIES))
    assert time.monotonic() - began < 2.0
    assert [queue.name for queue in management.queues(vhost.name)] == [queue.name for queue in before]


def test_a_queue_with_other_arguments_is_found(vhost: TestVhost) -> None:
    """RabbitMQ's import says nothing when a queue exists differently; reading back does."""
    whole = topology.declarations(COUNTIES)
    inbox = topology.county_inbox(brokers.WINDOW_COUNTY)
    queues = tuple(
        replace(queue, arguments={**queue.arguments, "x-max-length-bytes": 1}) if queue.name == inbox else queue
        for queue in whole.queues
    )
    with pytest.raises(YunhuobanError) as raised:
        vhost.broker.management.apply(vhost.name, replace(whole, queues=queues))
    assert raised.value.code is door.DIFFERS
    assert raised.value.params["name"] == inbox


def test_permissions_are_read_back_and_every_difference_is_named(vhost: TestVhost) -> None:
    """A widened topic, a missing one, and a user nobody expects are all found."""
    management = vhost.broker.management
    expected = [topology.hub_permissions(brokers.HUB), *map(topology.permissions, COUNTIES)]
    assert management.verify_back(vhost.name, expected) == []
    assert management.verify_back(vhost.name, expected[1:]) == [brokers.HUB]
    own = topology.permissions(brokers.WINDOW_COUNTY)
    wide = replace(own.topics[0], write=".*")
    management.grant(vhost.name, replace(own, topics=(wide, own.topics[1])))
    assert management.verify_back(vhost.name, expected) == [brokers.WINDOW_COUNTY]
    management.grant(vhost.name, own)
    management.revoke(vhost.name, brokers.ISSUING_COUNTY)
    assert management.verify_back(vhost.name, expected) == [brokers.ISSUING_COUNTY]


def test_open_connections_of_a_user_are_closed(vhost: TestVhost) -> None:
    """Closing a county's connections ends its link, also one that was made this moment, and touches no other user."""
    management = vhost.broker.management
    context = vhost.broker.trust.context(brokers.WINDOW_COUNTY)
    with BrokerLink(vhost.hub_parameters()) as hub, BrokerLink(vhost.broker.parameters(vhost.name, context)) as county:
        until(lambda: management.connections_of(brokers.WINDOW_COUNTY) == 1)  # those of tests before are closed late
        assert management.close_connections(brokers.WINDOW_COUNTY) == 1
        until(lambda: county.generation >= 2)
        assert hub.generation == 1
    assert management.close_connections("nobody") == 0


def test_the_overview_shows_version_and_alarms(broker: RunningBroker) -> None:
    """The pages learn the version and that no alarm stands."""
    overview = broker.management.overview()
    assert overview.version
    assert (overview.memory_alarm, overview.disk_alarm) == (False, False)


def test_the_broker_says_how_many_files_it_may_open(broker: RunningBroker) -> None:
    """More counties than find room there are refused before anything is declared for them."""
    with pytest.raises(YunhuobanError) as raised:
        handles.demand(broker.management, 100_000)
    assert raised.value.code is handles.TOO_FEW_HANDLES
    limit = broker.management.file_handles()
    assert limit is not None
    assert limit > 1_000


def test_a_wrong_password_and_a_silent_port_are_declared_errors(broker: RunningBroker) -> None:
    """Neither the password nor an httpx error reaches the caller."""
    with Management(broker.node.management_url, "hub@management", "wrong") as management:
        with pytest.raises(YunhuobanError) as raised:
            management.vhosts()
        assert raised.value.code is door.REFUSED
    with Management(f"http://127.0.0.1:{brokers.free_port()}", "x", "y") as management:
        with pytest.raises(YunhuobanError) as raised:
            management.vhosts()
        assert raised.value.code is door.NO_ANSWER
