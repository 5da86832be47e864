"""The catalogue between hub and county: the full one reaches a county in parts, and then changes one by one."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.directory import asking, directories, directoryview
from adapters.store import Store, open_store, tables
from deploy.crowd import catalogue as invented
from hub.catalogue import importing, state
from hub.registry import directory
from hub.registry.directory import PUSHED_BYTES
from schemas import codec
from schemas import directory as form
from schemas.catalogue import offering, records
from schemas.catalogue.model import Entity, Implementation
from schemas.catalogue.view import CatalogueView
from tests.hub_world import Network, World


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Made once for the module."""
    return Network.make(tmp_path_factory.mktemp("network"))


def put(world: World, entities: dict[str, Entity]) -> None:
    """As an import does."""
    with world.store.write() as tx:
        importing.put(tx, records.entries(entities.values()))


def publish(world: World) -> tuple[bytes, str]:
    """The next serial, as it goes into every inbox."""
    world.later(seconds=1)
    with world.store.write() as tx:
        directory.publish_if_due(tx, world.network.issuer(), world.now)
        row = directory.newest(tx)
    return row.body, row.signature


def take(store: Store, world: World, *signed: tuple[bytes, str]) -> list[str]:
    """What a county makes of them."""
    outcomes: list[str] = []
    for body, signature in signed:
        with store.write() as tx:
            anchors = [world.network.authority.root]
            outcomes.append(directories.accept(tx, body, signature, anchors=anchors, trial=True, now=world.now))
    return outcomes


def held(store: Store, world: World, before: directoryview.DirectoryView | None = None) -> directoryview.DirectoryView:
    """The county's view."""
    with store.read() as tx:
        entries = {row.key: bytes(row.value) for row in tx.execute(select(tables.directory_entries))}
        serial = tx.execute(select(tables.directories.c.serial)).scalar_one()
    anchors = [world.network.authority.root]
    return directoryview.view(entries, serial=serial, expires_at=world.now, anchors=anchors, trial=True, before=before)


def of_catalogue(view: CatalogueView) -> dict[str, bytes]:
    """Its entries of the catalogue's kinds."""
    return {key: value for key, value in view.entries.items() if form.kind_of(key) in form.CATALOGUE}


def test_the_full_catalogue_reaches_a_county_and_a_change_of_one_item_is_a_small_push(
    network: Network, tmp_path: Path
) -> None:
    """Announced, asked for, taken in parts within the bound; then one entry of one record, and a removal."""
    world = World.make(network, tmp_path)
    store = open_store(f"sqlite:///{tmp_path / 'county.sqlite'}")
    take(store, world, publish(world))
    whole = invented.entities()
    put(world, whole)
    announced = publish(world)
    assert len(announced[0]) < 400
    assert take(store, world, announced) == ["lacking"]
    with store.read() as tx:
        since = asking.due(tx, world.now + asking.FIRST_PAUSE)
    assert since is not None
    with world.store.read() as tx:
        parts = directory.answer(tx, network.issuer(), since)
        on_hub = state.entries(tx)
    assert 1 < len(parts) <= 24
    assert all(len(body) <= form.PART_BYTES + 64 * 1024 for body, _ in parts)
    assert take(store, world, *parts)[-1] == "applied"
    view = held(store, world)
    assert of_catalogue(view.catalogue) == on_hub
    assert len(on_hub) == len(whole)

    code = invented.implementation_code("140881", "000131127004")
    agreed = {"service_item": code, "issuing": "140881", "window": "130928"}
    assert offering.alliances(view.catalogue, **agreed, on=world.now.date()) == [invented.PARTNERS]
    changed = whole[form.implementation_key("140881", code)]
    assert isinstance(changed, Implementation)
    assert view.catalogue.implementation("140881", code) == changed

    item = view.catalogue.item("000131127004")
    assert item is not None
    put(world, {item.key: replace(item, name="改名")})
    pushed = publish(world)
    assert len(pushed[0]) < 4096 < PUSHED_BYTES
    assert [each["key"] for each in codec.decode(pushed[0], "Directory")["entries"]] == [item.key]
    assert take(store, world, pushed) == ["applied"]
    found = held(store, world, view).catalogue.item("000131127004")
    assert found is not None
    assert found.name == "改名"
    store.close()
    world.close()


def test_a_removal_reaches_the_county(network: Network, tmp_path: Path) -> None:
    """What the hub's catalogue does not hold any more, the county's does not either."""
    world = World.make(network, tmp_path)
    store = open_store(f"sqlite:///{tmp_path / 'county.sqlite'}")
    few = {key: each for key, each in invented.entities().items() if form.kind_of(key) in (form.ALLIANCE, form.MEMBER)}
    put(world, few)
    assert take(store, world, publish(world)) == ["applied"]
    left = dict(few)
    del left[form.member_key(invented.PARTNERS, "140881")]
    with world.store.write() as tx:
        importing.put(tx, records.entries(left.values()), whole=True)
    assert take(store, world, publish(world)) == ["applied"]
    view = held(store, world)
    assert view.catalogue.member(invented.PARTNERS, "140881") is None
    assert view.catalogue.member(invented.PARTNERS, "130928") is not None
    with world.store.read() as tx:
        assert of_catalogue(view.catalogue) == state.entries(tx)
    store.close()
    world.close()
