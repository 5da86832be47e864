"""What every test of the hub on a real broker needs: a network of counties, and the hub's store beside it.

A module that must run on a store of its own, or on both, has a fixture of the same name.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.broker.node import BrokerNode
from tests import brokers
from tests.brokers import TestTrust
from tests.hub_world import Network, World


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Authority, hub keys and counties."""
    return Network.make(tmp_path_factory.mktemp("network"))


@pytest.fixture
def world(network: Network, tmp_path: Path) -> Iterator[World]:
    """The hub's store; its scripted link stays unused where the real broker is meant."""
    made = World.make(network, tmp_path)
    yield made
    made.close()


@pytest.fixture
def own_trust(tmp_path: Path) -> TestTrust:
    """The authority behind `own_node`."""
    return TestTrust.make(tmp_path)


@pytest.fixture
def own_node(tmp_path: Path, own_trust: TestTrust) -> Iterator[BrokerNode]:
    """A node of the test's own that is not started, in a folder with a Chinese name and a space."""
    brokers.require_broker()
    node = BrokerNode(brokers.node_settings(tmp_path / "云伙伴 消息", own_trust))
    yield node
    node.stop(grace_seconds=0)
