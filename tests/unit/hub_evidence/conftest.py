"""A hub per test over one network of authority and counties per run, and whole cases written into it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.bootstrap import Keys
from tests.databases import Databases
from tests.hub_world import Case, Message, Network, World


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Network:
    """Authority, hub keys and three enrolled counties."""
    return Network.make(tmp_path_factory.mktemp("network"), databases)


@pytest.fixture
def world(network: Network, tmp_path: Path) -> Iterator[World]:
    """A hub in a store of its own."""
    made = World.make(network, tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def hub_keys(network: Network) -> Keys:
    """The hub's keys as its folder would give them."""
    return Keys(
        anchors=[network.authority.root],
        issuing=[network.authority.issuing],
        checkpoint=network.log,
        grants=network.grants,
        directory=network.issuer(),
    )


def whole_case(world: World) -> tuple[Case, list[Message]]:
    """A case from application to hand-over, one second between rungs, every rung signed as received, one refused."""
    case = Case(world)
    sent = []
    for write in (
        case.application, case.acceptance, case.decision, case.license, case.authorisation, case.claim, case.outcome,
        case.hand_over,
    ):  # fmt: skip
        message = write()
        world.send(message)
        world.later(seconds=1)
        sent.append(message)
        if message.envelope.destination != "hub":
            world.send(case.received(message))
            world.later(seconds=1)
    world.send(case.hand_over())  # out of turn: refused, and a leaf like any other
    return case, sent
