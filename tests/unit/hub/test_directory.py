"""The directory: its serial rises with changes of trust, it goes to every active county, it is renewed in time."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from certs import signing
from hub import county, directory, trust
from hub.store import tables
from schemas import codec
from tests.hub_world import FOREIGN, ISSUING, WINDOW, Case, World


def publish(world: World) -> int | None:
    """What the keeper does every second."""
    with world.store.write() as tx:
        return directory.publish_if_due(tx, world.network.issuer(), world.now)


def unsent(world: World) -> list[tuple[str, str]]:
    """Destination and type of what is still to go out."""
    rows = world.rows(select(tables.outgoing).where(~tables.outgoing.c.done))
    return sorted((row.destination, row.type) for row in rows)


def test_serial_rises_with_trust_and_with_nothing_else(world: World):
    """Messages, grants and repeated looks publish nothing; a suspension does."""
    first = publish(world)
    assert first is not None
    assert publish(world) is None
    Case(world).up_to("case.handed_over")
    assert publish(world) is None
    with world.store.write() as tx:
        county.set_state(tx, FOREIGN, "suspended")
    second = publish(world)
    assert second is not None
    assert second > first
    assert publish(world) is None


@pytest.mark.both_stores
def test_it_is_signed_and_complete_and_goes_to_every_active_county(world: World):
    """Counties with their certificates and statements, offers, lists; a suspended one is listed, not written to."""
    with world.store.write() as tx:
        county.set_state(tx, FOREIGN, "suspended")
    publish(world)
    assert unsent(world) == [(code, "directory.published") for code in sorted((WINDOW, ISSUING))]
    (row,) = world.rows(select(tables.directories))
    certificate = world.network.grants.certificate
    signing.verify(row.signature, row.body, certificate=certificate, typ=signing.Typ.DIRECTORY)
    record = codec.decode(row.body, "Directory")
    assert {each["division_code"]: each["state"] for each in record["counties"]} == {
        WINDOW: "active", ISSUING: "active", FOREIGN: "suspended",
    }  # fmt: skip
    assert all(each["signing_certificates"] and each["key_statement"] for each in record["counties"])
    assert len(record["crls"]) == 2
    assert len(record["offers"]) == 3


def test_a_newer_one_takes_the_place_of_one_that_was_not_sent(world: World):
    """A county that was away gets the newest, once."""
    publish(world)
    with world.store.write() as tx:
        trust.bump(tx)
    publish(world)
    assert len(unsent(world)) == 3


def test_it_is_renewed_long_before_it_ends(world: World):
    """Nobody can encrypt by an expired one: it is renewed daily, so that the hub may be away for six days."""
    publish(world)
    world.later(hours=23)
    assert publish(world) is None
    world.later(hours=2)
    assert publish(world) is not None
    with world.store.read() as tx:
        row = directory.newest(tx)
    assert codec.decode(row.body, "Directory")["expires_at"] == world.now + timedelta(days=7)


def test_the_sweep_sends_it(world: World):
    """From the stored bytes, like everything that the hub says."""
    publish(world)
    world.sweep(-1).run_once()
    assert unsent(world) == []
    assert {each.routing_key for each in world.link.published} == {
        f"county.{code}.inbox" for code in (WINDOW, ISSUING, FOREIGN)
    }
