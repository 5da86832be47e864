"""Bringing lists in: newer ones only, of our authorities only; a bad file changes nothing and stops nobody."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select, update

from certs.authority import Authority
from hub.registry import trust
from hub.registry.revocation import RevocationFolder
from hub.store import tables
from schemas.errors import YunhuobanError
from tests.hub_world import START, WINDOW, Case, Network, World


@pytest.fixture
def folder(network: Network, tmp_path: Path) -> Path:
    """A hub's own copy of the authority's lists."""
    return Path(shutil.copytree(network.folder / "ca" / "crl", tmp_path / "lists"))


def counter(world: World) -> int:
    """The counter of trust."""
    with world.store.read() as tx:
        return trust.counter(tx)


def works(world: World) -> bool:
    """Whether a message is admitted."""
    message = Case(world).application()
    world.send(message)
    return world.verdicts(WINDOW).get(message.envelope.id) == "admitted"


def test_the_same_lists_change_nothing(world: World, network: Network, folder: Path):
    """Looked at every second, imported once."""
    watch, before = network.revocation_folder(world.store, folder), counter(world)
    assert not watch.run_once(START)
    assert not watch.run_once(START)
    assert counter(world) == before


@pytest.mark.parametrize("kind", ["garbage", "foreign", "empty", "older"])
def test_a_bad_file_changes_nothing(world: World, network: Network, folder: Path, tmp_path: Path, kind: str):
    """Neither admission nor the broker sees it, and messages go on."""
    old = (folder / "issuing.crl").read_bytes()
    if kind == "foreign":
        strange = Authority.create(tmp_path / "x", kind="transport", trial=True, now=START, name="X")
        old = (strange.folder / "crl" / "issuing.crl").read_bytes()
    elif kind == "older":
        network.authority.publish_crls(now=START)
        shutil.copytree(network.folder / "ca" / "crl", folder, dirs_exist_ok=True)
        network.revocation_folder(world.store, folder).run_once(START)
    before = counter(world)
    (folder / "issuing.crl").write_bytes({"garbage": b"\x30\x82", "empty": b""}.get(kind, old))
    watch = network.revocation_folder(world.store, folder)
    assert not watch.run_once(START)
    assert counter(world) == before
    assert works(world)


def test_a_list_that_is_taken_away_stays_in_force(world: World, network: Network, folder: Path):
    """Until its own end; somebody tidying a folder does not stop the hub."""
    (folder / "root.crl").unlink()
    watch = network.revocation_folder(world.store, folder)
    watch.run_once(START)
    (folder / "issuing.crl").unlink()
    watch.run_once(START)
    assert len(world.rows(select(tables.crls).where(tables.crls.c.current))) == 2
    assert works(world)


def test_a_stored_certificate_that_does_not_parse_pauses_admission(world: World):
    """Nothing is refused for the hub's own damage: admission names the code that stops it, and goes on once mended."""
    seconds = 0.0
    world.monotonic = lambda: seconds
    world.pipeline = world.worker()
    message, column = Case(world).application(), tables.county_certificates.c
    here = (column.division_code == WINDOW) & (column.role == "county_signing")
    ((good,),) = world.rows(select(column.der).where(here))

    def store(der: bytes) -> None:
        with world.store.write() as tx:
            tx.execute(update(tables.county_certificates).where(here).values(der=der))
            trust.bump(tx, WINDOW)

    store(b"damaged")
    with pytest.raises(YunhuobanError, match="E-STORE-004 E-CERT-003"):
        world.send(message)
    store(good)
    seconds = 60.0
    world.send()
    assert world.verdicts(WINDOW) == {message.envelope.id: "admitted"}


@pytest.mark.both_stores
def test_every_list_that_was_relied_on_is_kept(world: World, network: Network, folder: Path):
    """A proof needs the list of its day."""
    network.authority.publish_crls(now=START)
    shutil.copytree(network.folder / "ca" / "crl", folder, dirs_exist_ok=True)
    before = len(world.rows(select(tables.crls)))
    assert network.revocation_folder(world.store, folder).run_once(START)
    assert len(world.rows(select(tables.crls))) == before + 2
    assert len(world.rows(select(tables.crls).where(tables.crls.c.current))) == 2


def test_lists_that_did_not_reach_the_broker_at_once_are_news_when_they_do(
    world: World, network: Network, folder: Path, tmp_path: Path
):
    """Full disk between store and broker: what the new lists revoke is cut off all the same, at the next look."""
    network.authority.publish_crls(now=START)
    shutil.copytree(network.folder / "ca" / "crl", folder, dirs_exist_ok=True)
    authorities = [network.authority.root, network.authority.issuing]
    broker_folder = tmp_path / "broker's"
    watch = RevocationFolder(folder, store=world.store, authorities=authorities, broker_folder=broker_folder)
    broker_folder.touch()
    for _ in range(2):
        with pytest.raises(YunhuobanError):
            watch.run_once(START)
    broker_folder.unlink()
    assert watch.run_once(START)
    assert not watch.run_once(START)
