"""Enrolment: only a county's own certificates and statement, never an older statement; states count at once."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from certs import keys
from certs.profiles import Role
from hub.registry import county, directory, trust
from hub.registry.county import Card
from hub.store import tables
from schemas import codec
from schemas import directory as form
from schemas.errors import YunhuobanError
from tests.hub_world import ISSUING, START, WINDOW, Case, Network, World, make_county


def enrol(world: World, card: Card) -> None:
    """What `hub county add` does."""
    with world.store.write() as tx:
        county.enrol(tx, card, chains=world.network.chains(), now=world.now)


def encoded(data: bytes) -> str:
    """As on the card."""
    return base64.b64encode(data).decode()


def test_a_suspended_county_is_refused_with_the_next_batch_and_comes_back(world: World):
    """No restart, no waiting: the counter moves."""
    first, second, third = (Case(world).application() for _ in range(3))
    world.send(first)
    with world.store.write() as tx:
        county.set_state(tx, WINDOW, "suspended")
    world.send(second)
    with world.store.write() as tx:
        county.set_state(tx, WINDOW, "active")
    world.send(third)
    verdicts = world.verdicts(WINDOW)
    assert [verdicts[each.envelope.id] for each in (first, second, third)] == ["admitted", "E-ADM-010", "admitted"]


def test_enrolling_again_does_not_lift_a_suspension(world: World, network: Network):
    """A card is no pardon."""
    with world.store.write() as tx:
        county.set_state(tx, WINDOW, "revoked")
    enrol(world, network.counties[WINDOW].card(network.item))
    with world.store.read() as tx:
        assert {row.division_code: row.state for row in county.listed(tx)}[WINDOW] == "revoked"


def test_a_new_signing_certificate_overlaps_with_the_old_one(world: World, network: Network):
    """Both sign until the old one ends: what is on its way is not refused by a renewal."""
    fresh = make_county(network.authority, WINDOW)
    fresh.sequence = 2
    enrol(world, fresh.card(network.item))
    old, new = Case(world).application(), Case(world).application(signer=fresh)
    world.send(old, new)
    assert set(world.verdicts(WINDOW).values()) == {"admitted"}


def test_a_county_that_has_renewed_for_years_still_fits_the_directory(world: World, network: Network):
    """The entry takes eight signing certificates: those that end last, or the directory stops for all."""
    issued = []
    for number in range(2, 12):
        fresh = make_county(network.authority, WINDOW)
        fresh.sequence = number
        public = fresh.signing_key.public_key()
        fresh.signing = network.authority.issue(Role.COUNTY_SIGNING, WINDOW, public, now=world.now, days=300 + number)
        issued.append(keys.der(fresh.signing))
        enrol(world, fresh.card(network.item))
    with world.store.write() as tx:
        directory.publish_if_due(tx, network.issuer(), world.now)
        entries = [
            codec.decode(row.value, "CountyEntry")
            for row in tx.execute(select(tables.directory_entries)) if row.key == form.county_key(WINDOW)
        ]  # fmt: skip
    assert len(entries) == 1
    named = entries[0]["signing_certificates"]
    assert len(named) == 8
    assert set(issued[-7:]) <= set(named)


@pytest.mark.parametrize(
    "which", ["other county", "connection", "strange county in statement", "foreign key", "lapsed", "no key"]
)
def test_wrong_cards_are_refused(world: World, network: Network, which: str):
    """Certificate, statement and the keys in it must all be the county's own, in force, in their own role."""
    mine, other = network.counties[WINDOW], network.counties[ISSUING]
    statement, signature = mine.statement()
    changes: dict[str, Any] = {}
    if which == "other county":
        changes = {"signing_certificate": encoded(keys.der(other.signing))}
    elif which == "connection":
        changes = {"signing_certificate": encoded(keys.der(mine.connection))}
    elif which == "strange county in statement":
        statement, signature = other.statement()
        changes = {"key_statement": encoded(statement), "key_statement_signature": signature}
    else:
        forged = make_county(network.authority, WINDOW)
        forged.encryption = (
            other.encryption if which == "foreign key" else mine.signing if which == "no key" else forged.encryption
        )
        at = START - timedelta(days=400) if which == "lapsed" else START
        statement, signature = forged.statement(now=at)
        changes = {
            "signing_certificate": encoded(keys.der(forged.signing)),
            "key_statement": encoded(statement),
            "key_statement_signature": signature,
        }
    before = world.rows(select(tables.county_certificates))
    with pytest.raises(YunhuobanError) as caught:
        enrol(world, mine.card(network.item, **changes))
    assert caught.value.code.code in ("E-CONF-010", "E-CERT-055", "E-CERT-072", "E-ADM-080")
    assert world.rows(select(tables.county_certificates)) == before


def test_an_older_statement_never_takes_the_place_of_a_newer_one(world: World, network: Network):
    """A burnt key must not come back by replaying the statement that named it."""
    fresh = make_county(network.authority, WINDOW)
    fresh.sequence = 5
    enrol(world, fresh.card(network.item))
    with pytest.raises(YunhuobanError, match="E-ADM-081"):
        enrol(world, network.counties[WINDOW].card(network.item))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"division_code": 1}', '{"division_code": "999"}'])
def test_a_card_that_is_none_is_said_so(text: str):
    """E-CONF-010 or the identifier's own code, never a traceback."""
    with pytest.raises(YunhuobanError) as caught:
        Card.parse(text)
    assert caught.value.code.area in ("CONF", "ID")


def test_an_unknown_county_has_no_state(world: World):
    """E-CONF-011."""
    with pytest.raises(YunhuobanError, match="E-CONF-011"), world.store.write() as tx:
        county.set_state(tx, "999999", "active")
    with world.store.read() as tx:
        assert trust.counter(tx) > 0
