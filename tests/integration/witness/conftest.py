"""One network of authority, hub and counties per run; a fresh hub and fresh nodes per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import county_world, hub_world
from tests.witness_world import Stage, hub_network


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> tuple[county_world.Network, hub_world.Network]:
    """The same keys as the counties' world and as the hub's world know them."""
    counties = county_world.Network.make(tmp_path_factory.mktemp("counties"))
    return counties, hub_network(counties, tmp_path_factory.mktemp("hub"))


@pytest.fixture
def stage(networks: tuple[county_world.Network, hub_world.Network], tmp_path: Path) -> Iterator[Stage]:
    """One honest hub and three counties."""
    counties, hub = networks
    made = Stage(counties=county_world.World(network=counties, folder=tmp_path), network=hub, folder=tmp_path)
    yield made
    for county in made.counties.counties.values():
        county.store.close()
    for side in made.sides():
        side.world.store.close()
