"""What a county's store can say of a license: one that issued it, one that prints it, one that never heard of it."""

from sqlalchemy import insert, select, update

from adapters.directory.directories import CurrentDirectory
from adapters.hall.verifying import holding
from adapters.hall.verifying.knowledge import Known, known_of
from adapters.printing.tables import PRINTS
from adapters.store import tables
from certs import keys
from schemas.envelope import Envelope
from schemas.identifiers.license import LicenseIdentifier
from tests.county_begun import begin_at
from tests.county_records import license_state_change
from tests.county_world import World


def identifier(world: World) -> str:
    """Of the license that the case ended in."""
    (body,) = world.issuing.rows(select(tables.outbox.c.body).where(tables.outbox.c.type == "license.issued"))[0]
    return str(Envelope.parse(body).facts["license_identifier"])


def asked(county, text: str) -> Known | None:
    """What that county's store says."""
    with county.store.read() as tx:
        return known_of(tx, county.identity, text, trial=True)


def test_both_counties_know_the_files_and_the_state(world: World) -> None:
    """The same digests at both, the journal's time, and the state with its age; a third county knows nothing."""
    begin_at(world, "print.authorised")
    here = identifier(world)
    window, issuing = asked(world.window, here), asked(world.issuing, here)
    assert window is not None
    assert issuing is not None
    assert window.files == issuing.files
    assert len(window.files) == 2
    assert window.state == issuing.state == "valid"
    assert window.journalled_at is not None
    assert window.state_said_at == window.journalled_at
    foreign = next(each for each in world.counties.values() if each not in (world.window, world.issuing))
    assert asked(foreign, here) is None
    assert asked(world.window, "no identifier") is None


def test_a_county_checks_with_what_it_holds(world: World) -> None:
    """Its seal roots, the lists of its newest directory, and its store to ask."""
    begin_at(world, "print.authorised")
    county = world.window
    directory = CurrentDirectory(county.identity, trial=True)
    verifier, ask = holding.of_county(county.store, county.identity, directory, trial=True, now=world.now)
    assert verifier.anchors == [keys.der(each) for each in county.identity.seal_anchors]
    assert sorted(verifier.crls) == sorted(world.network.seal_crls)
    assert ask(identifier(world)) == asked(county, identifier(world))


def test_a_state_that_changed_and_a_later_version_are_known(world: World) -> None:
    """What the issuer said last counts; of a later version the store needs to have heard only the identifier."""
    begin_at(world, "print.authorised")
    here = identifier(world)
    record = license_state_change(license_identifier=here, license_state="suspended")
    world.issuing.source.add("license.state_changed", world.case_no(), record, key="state")
    world.settle()
    for county in (world.window, world.issuing):
        known = asked(county, here)
        assert known is not None
        assert known.state == "suspended"
        assert known.newest == ""
    later = LicenseIdentifier.parse(here).next_version().text
    with world.issuing.store.write() as tx:
        tx.execute(
            insert(tables.own_licenses).values(license_identifier=later, case_no="x", state="valid", changed_at=0)
        )
    known = asked(world.issuing, here)
    assert known is not None
    assert known.newest == later
    with world.window.store.write() as tx:
        tx.execute(update(PRINTS).values(license_identifier=later))
    known = asked(world.window, here)
    assert known is not None
    assert (known.newest, known.files) == (later, {})
