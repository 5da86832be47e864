"""Four ways for each journey; one network of counties for all of them, and a world in memory for each walk."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.county_world import Network, World
from tests.hall_world import Hall
from tests.journey.pages_fakes import chromium
from tests.pages.look import Look
from tests.pages.walking import WAYS, Walkers
from tests.unit.adapters.conftest import county_network as county_network  # noqa: PLC0414 -- fixtures
from tests.unit.adapters.conftest import world as world  # noqa: PLC0414


@pytest.fixture(scope="module")
def browser(quick_passwords: None) -> Iterator[Browser]:
    """Debian's Chromium; sealing is another process's."""
    yield from chromium()


@pytest.fixture(params=WAYS, ids=str)
def look(request: pytest.FixtureRequest) -> Look:
    """The way in which a journey is walked."""
    found: Look = request.param
    return found


@pytest.fixture
def walkers(request: pytest.FixtureRequest, browser: Browser, look: Look) -> Iterator[Walkers]:
    """Whoever takes part."""
    pictures = request.config.getoption("--pages-folder", default=None)
    made = Walkers(browser, look, journey=request.node.nodeid, folder=pictures)
    yield made
    made.close()


@pytest.fixture
def hall(county_network: Network, world: World) -> Hall:
    """The window's."""
    return Hall(world)
