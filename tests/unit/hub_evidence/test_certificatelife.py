"""Certificates that end soon are found: the hub's own in its folder, of a county the newest of each role."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from certs import keys
from certs.profiles import Role
from hub.registry import county
from hub.settings import HubSettings
from hub.views.certificatelife import ending
from hub.views.status import status
from tests.hub_world import START, WINDOW, Network, World, make_county
from tests.unit.hub_evidence.standing_broker import StandingBroker
from tests.unit.hub_evidence.test_status import shown


@pytest.fixture
def folder(tmp_path: Path, network: Network) -> Path:
    """The hub's own certificates, of which one ends soon."""
    for role, name, days in ((Role.HUB_CONNECTION, "connection", 397), (Role.HUB_SIGNING, "signing", 10)):
        key = keys.generate_key()
        issued = network.authority.issue(role, "hub", key.public_key(), now=START, days=days)
        keys.save_certificates([issued], tmp_path / f"{name}.pem")
    return tmp_path


def found(world: World, folder: Path, days: int) -> list[tuple[str, str]]:
    """Whose and which, so many days on."""
    with world.store.read() as tx:
        return [(each.holder, each.name) for each in ending(tx, folder, world.now + timedelta(days=days))]


def test_who_ends_soon(world: World, network: Network, folder: Path):
    """Nothing young; the hub's own at its time; a county whose new certificate came is no longer named."""
    assert found(world, folder, 0) == [("", "signing")]
    late = found(world, folder, 372)
    assert ("", "connection") in late
    assert (WINDOW, "signing") in late
    fresh = make_county(network.authority, WINDOW)
    fresh.sequence = 2
    issued = network.authority.issue(
        Role.COUNTY_SIGNING, WINDOW, fresh.signing_key.public_key(), now=world.now + timedelta(days=10)
    )
    fresh.signing = issued
    with world.store.write() as tx:
        county.enrol(tx, fresh.card(network.item), chains=network.chains(), now=world.now + timedelta(days=10))
    assert (WINDOW, "signing") not in found(world, folder, 372)
    with world.store.write() as tx:
        for code in list(network.counties):
            county.set_state(tx, code, "suspended")
    assert {holder for holder, _ in found(world, folder, 372)} == {""}


def test_the_status_says_the_first_of_them(world: World, folder: Path):
    """In the terminal, by name, red when it is the hub's own; one word when nothing ends soon."""
    with world.store.read() as tx:
        early = status(tx, StandingBroker(), settings=HubSettings(folder=Path("/nowhere")), now=world.now)
    assert "都还早" in shown(early)
    with world.store.read() as tx:
        said = replace(early, certificates=ending(tx, folder, world.now))
    assert "最早的是 hub 的 signing" in shown(said)
