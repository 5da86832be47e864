"""Three county nodes per test over one network of authorities per run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.county_world import Network, World


@pytest.fixture(scope="session")
def county_network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Authorities, hub keys and three counties' keys."""
    return Network.make(tmp_path_factory.mktemp("counties"))


@pytest.fixture
def world(county_network: Network, tmp_path: Path) -> Iterator[World]:
    """Three nodes with fresh stores and the first directory."""
    made = World(network=county_network, folder=tmp_path)
    yield made
    for county in made.counties.values():
        county.store.close()
