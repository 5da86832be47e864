"""A hub's folder with real certificates and a store, whose broker never ran; copied for each test that spoils it."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certs import keys
from deploy.demo.world import World, build
from hub.backup import last, writing
from hub.backup.last import LastBackup
from hub.settings import HubSettings
from hub.store import open_store


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> World:
    """As an operator leaves it before the first start, saved once."""
    world = build(tmp_path_factory.mktemp("doctor") / "world")
    open_store(HubSettings.load(world.hub).database).close()
    keys.save_public_key(keys.generate_key().public_key(), world.hub / "certs" / writing.RECOVERY_KEY)
    last.keep(world.hub, LastBackup(at=datetime.now(UTC), octets=1))
    return world


@pytest.fixture
def folder(laid_out: World, tmp_path: Path) -> Path:
    """The test's own."""
    return Path(shutil.copytree(laid_out.hub, tmp_path / "hub"))
