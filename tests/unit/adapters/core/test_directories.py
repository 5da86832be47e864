"""Directories: only the hub's, never an older one, and what an expired one stops and does not stop."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from adapters.directory.directories import DIRECTORY_OLD, NOT_OUR_KEY
from adapters.store import tables
from certs import keys, signing
from certs.chain import REVOCATION_LIST_OLDER, ROLE_WRONG
from certs.profiles import Role
from tests.county_records import application
from tests.county_world import ISSUING, WINDOW, World, issue


def serial(world: World) -> int:
    """The serial that the window county believes."""
    ((found,),) = world.window.rows(select(tables.directories.c.serial))
    return int(found)


def codes(world: World) -> list[str]:
    """What people of the window county were told."""
    return [code for (code,) in world.window.rows(select(tables.troubles.c.code))]


def test_an_older_directory_is_refused(world: World) -> None:
    """And another one under the same serial, too; the same one again changes nothing."""
    older = world.hub.directory(now=world.now)
    newer = world.hub.directory(now=world.now)
    for each in (newer, newer):
        world.window.arrive_directory(*each)
    world.window.handle()
    assert (serial(world), codes(world)) == (3, [])
    world.window.arrive_directory(*older)
    world.window.handle()
    assert (serial(world), codes(world)) == (3, [DIRECTORY_OLD.code])
    world.hub.serial = 2
    world.window.arrive_directory(*world.hub.directory(now=world.now, counties=[]))
    world.window.handle()
    assert (serial(world), codes(world)) == (3, [DIRECTORY_OLD.code] * 2)


@pytest.mark.parametrize("signer", ["checkpoint", "county", "foreign authority", "bytes"])
def test_a_directory_signed_by_anything_else_is_refused(world: World, signer: str) -> None:
    """The checkpoint certificate, a county's, one under another root, or a signature over other bytes."""
    network = world.network
    match signer:
        case "checkpoint":
            body, signature = world.hub.directory(now=world.now, signer=network.log)
            expected = ROLE_WRONG.code
        case "county":
            county = issue(network.transport, Role.COUNTY_SIGNING, ISSUING)
            body, signature = world.hub.directory(now=world.now, signer=county)
            expected = signing.SIGNATURE_OTHER_CERTIFICATE.code
        case "foreign authority":
            from certs.authority import Authority

            past = world.now - timedelta(days=30)
            name = f"other-{world.folder.name}"
            other = Authority.create(network.folder / name, kind="transport", trial=True, now=past, name="X")
            hub = issue(other, Role.HUB_SIGNING, "hub")
            body, signature = world.hub.directory(
                now=world.now, signer=hub, hub_certificates=[keys.der(hub.certificate)],
                transport_certificates=[keys.der(other.issuing)], crls=[],
            )  # fmt: skip
            expected = "E-CERT-050"
        case _:
            body, _unused = world.hub.directory(now=world.now)
            _unused, signature = world.hub.directory(now=world.now)
            expected = signing.SIGNATURE_INVALID.code
    world.window.arrive_directory(body, signature)
    world.window.handle()
    assert (serial(world), codes(world)) == (1, [expected])


def test_a_directory_with_older_revocation_lists_is_refused(world: World) -> None:
    """A revocation that was published once cannot be hidden again."""
    newer = [keys.crl_der(each) for each in world.network.transport.publish_crls(now=world.now)]
    world.window.arrive_directory(*world.hub.directory(now=world.now, crls=newer))
    world.window.handle()
    world.window.arrive_directory(*world.hub.directory(now=world.now))
    world.window.handle()
    assert (serial(world), codes(world)) == (2, [REVOCATION_LIST_OLDER.code])


def test_stale_lists_let_the_directory_wait(world: World) -> None:
    """Unknown is no refusal: with stale lists nothing is believed and nothing refused."""
    world.later(days=20)
    world.window.arrive_directory(*world.hub.directory(now=world.now))
    world.window.handle()
    assert (serial(world), codes(world)) == (1, [])
    assert world.window.rows(select(tables.inbox.c.state).where(tables.inbox.c.state == "new")) == [("new",)]


def test_an_expired_directory_stops_new_cases_but_not_receiving(world: World) -> None:
    """Nothing new is encrypted; what comes is opened and applied, and the signed word follows with a new directory."""
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.read()
    world.later(days=8)  # the directory's week is over; the revocation lists hold for two
    world.window.source.add("application.submitted", "WQ2", application())
    world.window.read()
    assert len(world.window.rows(select(tables.cases))) == 1
    assert codes(world) == ["E-LINK-101"]
    world.carry(world.window)
    world.issuing.handle()
    assert world.issuing.rows(select(tables.cases.c.state)) == [("submitted",)]
    assert world.issuing.rows(select(tables.outbox.c.state)) == [("draft",)]
    fresh = world.hub.directory(now=world.now)
    for county in (world.window, world.issuing):
        county.arrive_directory(*fresh)
    world.later(minutes=6)
    world.settle()
    assert len(world.issuing.rows(select(tables.cases))) == 2
    assert codes(world) == []
    assert {each for (each,) in world.window.rows(select(tables.outbox.c.state))} == {"received"}


def test_a_county_whose_keys_are_misrepresented_is_told(world: World) -> None:
    """When the directory names a key of ours that we never made, our own people learn it."""
    entry = world.hub.county(WINDOW, now=world.now)
    identity = world.network.identities[WINDOW]
    from dataclasses import replace

    from adapters.identity import key_statement

    strange = issue(world.network.transport, Role.COUNTY_ENCRYPTION, WINDOW)
    body, signature = key_statement(
        replace(identity, encryption_certificate=strange.certificate), sequence=2, now=world.now
    )
    entry |= {"key_statement": body, "key_statement_signature": signature}
    others = [world.hub.county(ISSUING, now=world.now)]
    world.window.arrive_directory(*world.hub.directory(now=world.now, counties=[entry, *others]))
    world.window.handle()
    assert (serial(world), codes(world)) == (2, [NOT_OUR_KEY.code])
    world.window.arrive_directory(*world.hub.directory(now=world.now))
    world.window.handle()
    assert codes(world) == []
