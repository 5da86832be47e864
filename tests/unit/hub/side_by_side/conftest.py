"""A network on PostgreSQL, threads for the others, and the hub's keys."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub.bootstrap import Keys
from tests.databases import Served
from tests.hub_world import Network
from tests.postgres import PostgresNode


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresNode) -> Network:
    """A network whose hubs are on PostgreSQL, always: on SQLite there is nothing to see."""
    return Network.make(tmp_path_factory.mktemp("network"), Served(postgres))


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads for the others."""
    with ThreadPoolExecutor(8) as made:
        yield made


@pytest.fixture
def hub_keys(network: Network) -> Keys:
    """The hub's keys as its folder would give them."""
    return Keys(
        anchors=[network.authority.root], issuing=[network.authority.issuing], checkpoint=network.log,
        grants=network.grants, directory=network.issuer(),
    )  # fmt: skip
