"""A hub in process for the short slice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.hub_world import Network, World


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Network:
    """Authority, hub keys and three enrolled counties."""
    return Network.make(tmp_path_factory.mktemp("network"), databases)


@pytest.fixture
def world(network: Network, tmp_path: Path) -> Iterator[World]:
    """A hub in a store of its own."""
    made = World.make(network, tmp_path)
    yield made
    made.close()
