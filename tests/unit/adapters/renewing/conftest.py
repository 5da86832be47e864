"""A county in force, copied for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo import world as demo
from deploy.demo.world import World
from tests.renewing_world import Renewing


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Authorities, hub and counties; for copies only."""
    return demo.build(tmp_path_factory.mktemp("renewing") / "world")


@pytest.fixture
def renewing(made: World, tmp_path: Path) -> Iterator[Renewing]:
    """Nothing is due yet."""
    opened = Renewing.of(made, tmp_path / "world")
    yield opened
    opened.close()
