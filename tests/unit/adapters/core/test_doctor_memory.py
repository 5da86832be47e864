"""What `adapter doctor` reads out of the county's own store: the hub's time, the directory, the contract."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters import identity
from adapters.countyit.doctor import examining
from adapters.countyit.doctor.findings import Step
from adapters.settings import HubSettings
from certs import keys, signing
from schemas import codec, releases
from tests import doctoring
from tests.brokers import TestTrust, free_port
from tests.county_records import application, refusal
from tests.county_world import ISSUING, WINDOW, World

SEVEN = timedelta(minutes=7)


def told(world: World, at: datetime, address: str = "") -> tuple[dict[Step, str], list[Any]]:
    """What the doctor says by a clock at this time, and the problems; without a broker only the store speaks."""
    county = world.window
    hub = HubSettings(urls=(address or f"127.0.0.1:{free_port()}",))
    url = f"sqlite:///{county.folder / county.code}.sqlite"
    report = examining.examine(county.settings.model_copy(update={"hub": hub, "store_url": url}), clock=lambda: at)
    return doctoring.outcomes(report), list(report.examinations[0].problems)


def test_a_clock_that_is_seven_minutes_slow_is_told_by_how_much(world: World) -> None:
    """The hub signed the directory at a time that this clock has not reached yet: behind by at least the difference."""
    found, problems = told(world, world.now - SEVEN)
    assert found[Step.CLOCK] == "E-LINK-030"
    (said,) = [each.params["off"] for each in problems if each.code.code == "E-LINK-030"]
    assert said == "0:07:00"
    for borne in (timedelta(minutes=4), timedelta(0)):
        assert told(world, world.now - borne)[0][Step.CLOCK] == "passed"


def answered(world: World, *, hub_is_at: datetime, refused: bool) -> None:
    """We send an application, and the hub answers it, by its own clock."""
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.read()
    (row,) = world.window.due()
    verdict = refusal(row.message_id, code="E-ADM-020", field="time", now=hub_is_at) if refused else None
    receipt = world.hub.receipt(row.body, row.signature, at=hub_is_at, message_id=row.message_id, refusal=verdict)
    world.window.arrive_receipt(receipt)
    world.window.handle()
    for anew in world.window.due():
        receipt = world.hub.receipt(anew.body, anew.signature, at=hub_is_at, message_id=anew.message_id)
        world.window.arrive_receipt(receipt)
        world.window.handle()


@pytest.mark.parametrize("refused", [True, False], ids=["refused", "admitted"])
def test_a_clock_that_is_seven_minutes_fast_is_told_by_how_much(world: World, refused: bool) -> None:
    """Our message was made, by our clock, seven minutes after the hub had it: what the hub's own receipt proves.

    What is written anew after such a refusal bears the hub's time and hides nothing.
    """
    world.later(minutes=30)
    answered(world, hub_is_at=world.now - SEVEN, refused=refused)
    found, problems = told(world, world.now)
    assert found[Step.CLOCK] == "E-LINK-031"
    (said,) = [each.params["off"] for each in problems if each.code.code == "E-LINK-031"]
    assert said == "0:07:00"


def test_a_clock_within_what_the_hub_bears_is_in_order(world: World) -> None:
    """Four minutes ahead the hub takes everything."""
    world.later(minutes=30)
    answered(world, hub_is_at=world.now - timedelta(minutes=4), refused=False)
    assert told(world, world.now)[0][Step.CLOCK] == "passed"


def test_a_clock_that_was_set_right_is_not_accused(world: World) -> None:
    """Our clock is now before the time under which the message was made: somebody has set it back since."""
    world.later(minutes=30)
    hub = world.now - SEVEN
    answered(world, hub_is_at=hub, refused=True)
    assert told(world, hub + timedelta(minutes=1))[0][Step.CLOCK] == "passed"


def test_a_revoked_broker_is_known_by_the_directorys_lists(world: World) -> None:
    """E-LINK-028: TLS alone would connect, for no county's library looks at a list; the doctor has the hub's."""
    trust = TestTrust(folder=world.folder / "given", authority=world.network.transport)
    with doctoring.tls_server(trust, age_days=1) as address:  # made before the world began, however long ago that is
        found, _ = told(world, world.now, address)
        assert (found[Step.TLS], found[Step.SERVER]) == ("passed", "passed")
        (broker,) = [keys.load_certificates(each)[0] for each in trust.folder.glob("broker-*.pem")]
        trust.authority.revoke(broker.serial_number, now=world.now - timedelta(hours=1), reason="key_compromise")
        lists = [keys.crl_der(each) for each in trust.authority.publish_crls(now=world.now)]
        world.window.arrive_directory(*world.hub.directory(now=world.now, crls=lists))
        world.window.handle()
        assert told(world, world.now, address)[0][Step.SERVER] == "E-LINK-028"


def states(world: World, code: str, *versions: str, **changes: Any) -> None:
    """The county states to read these versions, and the directory says so."""
    own = world.network.identities[code]
    statement, _ = identity.key_statement(own, sequence=2, now=world.now)
    body = codec.encode("KeyStatement", codec.decode(statement, "KeyStatement") | {"contract_versions": list(versions)})
    signature = signing.sign(body, key=own.signing_key, certificate=own.signing_certificate, typ=signing.Typ.KEYS)
    new = {"key_statement": body, "key_statement_signature": signature} | changes
    entries = [world.hub.county(each, now=world.now, **(new if each == code else {})) for each in world.counties]
    world.window.arrive_directory(*world.hub.directory(now=world.now, counties=entries))
    world.window.handle()


def test_the_contract_is_compared_with_what_the_directory_says(world: World) -> None:
    """In order; then the hub has us down for another version (E-LINK-035); then we are suspended (E-LINK-103)."""
    assert told(world, world.now)[0][Step.CONTRACT] == "passed"
    states(world, WINDOW, "0.8")
    found, problems = told(world, world.now)
    assert found[Step.CONTRACT] == "E-LINK-035"
    assert problems[-1].params == {"stated": "0.8", "own": releases.current()}
    states(world, WINDOW, releases.current(), state="suspended")
    assert told(world, world.now)[0][Step.CONTRACT] == "E-LINK-103"


def test_a_partner_that_reads_nothing_of_ours_is_named(world: World) -> None:
    """E-LINK-106 for a county that we deal with; for one that we never had to do with it does not matter."""
    states(world, ISSUING, "9.0")
    assert told(world, world.now)[0][Step.CONTRACT] == "passed"
    states(world, ISSUING, releases.current())
    answered(world, hub_is_at=world.now, refused=False)
    states(world, ISSUING, "9.0")
    found, problems = told(world, world.now)
    assert (found[Step.CONTRACT], problems[-1].place) == ("E-LINK-106", ISSUING)
