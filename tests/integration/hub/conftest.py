"""What every test of the hub on a real broker needs: a network of counties, and the hub's store beside it.

A module that must run on a store of its own, or on both, has a fixture of the same name.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

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
