"""One network of authorities per run, one alliance per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.county_world import Network
from tests.restore_world import Alliance


@pytest.fixture(scope="session")
def county_network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Authorities, hub keys and three counties' keys."""
    return Network.make(tmp_path_factory.mktemp("alliance"))


@pytest.fixture
def alliance(county_network: Network, tmp_path: Path) -> Iterator[Alliance]:
    """A hub and three counties with fresh stores."""
    made = Alliance(network=county_network, folder=tmp_path)
    yield made
    made.served.close()
    for county in made.counties.values():
        county.store.close()
