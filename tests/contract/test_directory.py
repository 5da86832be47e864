"""The directory between hub and county: what the one publishes, the other takes, whichever way it comes."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.directory import asking, directories, directoryview
from adapters.store import Store, open_store, tables
from certs import signing
from deploy.crowd import filling
from deploy.crowd.counties import Maker
from hub.registry import county, directory
from schemas import codec
from schemas import directory as form
from tests.hub_world import ISSUING, START, WINDOW, Network, World

MANY = 40


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Made once for the module."""
    return Network.make(tmp_path_factory.mktemp("network"))


@pytest.fixture
def world(network: Network, tmp_path: Path) -> World:
    """A hub with a crowd of counties."""
    made = World.make(network, tmp_path)
    crowd = Maker(network.authority, now=START).counties(MANY)
    filling.enrol(made.store, crowd, chains=network.chains(), now=made.now)
    return made


def publish(world: World) -> tuple[bytes, str]:
    """The next serial, as it goes into every inbox."""
    world.later(seconds=1)
    with world.store.write() as tx:
        directory.publish_if_due(tx, world.network.issuer(), world.now)
        row = directory.newest(tx)
    return row.body, row.signature


def take(store: Store, world: World, *records: tuple[bytes, str]) -> list[str]:
    """What a county makes of them."""
    outcomes: list[str] = []
    for body, signature in records:
        with store.write() as tx:
            anchors = [world.network.authority.root]
            outcomes.append(directories.accept(tx, body, signature, anchors=anchors, trial=True, now=world.now))
    return outcomes


def test_a_county_holds_what_the_hub_holds_after_joining_after_a_change_and_after_a_gap(
    world: World, network: Network, tmp_path: Path
) -> None:
    """The announcement is not enough, the answer is; then each change is applied; what was missed is asked for."""
    store = open_store(f"sqlite:///{tmp_path / 'county.sqlite'}")
    issuer: Any = network.issuer()
    announced = publish(world)
    assert take(store, world, announced) == ["lacking"]
    with store.read() as tx:
        since = asking.due(tx, world.now + asking.FIRST_PAUSE)
    assert since == 0
    with world.store.read() as tx:
        parts = directory.answer(tx, issuer, since)
    assert take(store, world, *parts)[-1] == "applied"
    for state in ("suspended", "active"):
        with world.store.write() as tx:
            county.set_state(tx, ISSUING, state)
        assert take(store, world, publish(world)) == ["applied"]
    with world.store.write() as tx:
        county.enrol(tx, network.counties[WINDOW].card(network.item, offers=[]), chains=network.chains(), now=world.now)
    publish(world)  # lost
    with world.store.write() as tx:
        county.set_state(tx, ISSUING, "suspended")
    assert take(store, world, publish(world)) == ["lacking"]
    with store.read() as tx:
        since = asking.due(tx, world.now + asking.FIRST_PAUSE) or 0
    with world.store.read() as tx:
        assert take(store, world, *directory.answer(tx, issuer, since)) == ["applied"]
        newest = directory.newest(tx)
    with store.read() as tx:
        held = {row.key: row.value for row in tx.execute(select(tables.directory_entries))}
        serial = tx.execute(select(tables.directories.c.serial)).scalar_one()
    assert serial == newest.serial
    assert form.state_digest({key: form.value_digest(value) for key, value in held.items()}) == newest.state_sha256
    view = directoryview.view(held, serial=serial, expires_at=world.now, anchors=[network.authority.root], trial=True)
    assert len(view.members) == MANY + 3
    assert not view.members[ISSUING].active
    assert (WINDOW, network.item) not in view.offers
    store.close()


def test_what_the_hub_signs_is_typed_as_a_directory(world: World, network: Network) -> None:
    """No other signature of the hub's key passes for one."""
    body, signature = publish(world)
    assert signing.read_header(signature).typ is signing.Typ.DIRECTORY
    assert codec.record_name(body) == "Directory"
    assert len(body) < 400
