"""Small worlds: authorities and keys once for the run, everything else new for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chaos.cutting import Cut
from tests.chaos.smallworld import SmallNetwork, SmallWorld

MakeWorld = Callable[..., SmallWorld]


@pytest.fixture(scope="session")
def small_network(tmp_path_factory: pytest.TempPathFactory) -> SmallNetwork:
    """Authorities, the hub's keys and two enrolled counties."""
    return SmallNetwork(tmp_path_factory.mktemp("small"))


@pytest.fixture
def make_world(small_network: SmallNetwork, tmp_path: Path) -> Iterator[MakeWorld]:
    """A function that makes a world, with a cut if wanted; each is closed at the end."""
    made: list[SmallWorld] = []

    def make(cut: Cut = lambda _: None) -> SmallWorld:
        folder = tmp_path / f"world-{len(made)}"
        folder.mkdir()
        made.append(SmallWorld(small_network, folder, cut))
        return made[-1]

    yield make
    for each in made:
        each.close()
