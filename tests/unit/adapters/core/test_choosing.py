"""The catalogue at the sender: what the hub would refuse is not signed, and what a new directory may cure waits."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from adapters.directory import choosing
from adapters.store import tables
from certs import keys
from schemas.catalogue import records
from schemas.catalogue.model import Entity, Mode
from schemas.divisions import register
from schemas.envelope import Envelope
from schemas.identifiers.item import BASIC_LENGTH
from tests import county_records
from tests.catalogue_world import ALLIANCE, agreed, alliance, implementation, listed, material, member
from tests.county_records import ITEM, application
from tests.county_world import ISSUING, WINDOW, World, entries_of

BASIC = ITEM[-BASIC_LENGTH:]
PAST = date(2026, 1, 1)
OTHER = "ZALLIANCE"
Changed = Mapping[str, Entity | None]


def catalogue(changed: Changed) -> dict[str, Entity]:
    """Both counties implement the item and agreed on it; it asks for one material and is not handled jointly."""
    found = agreed(ITEM, [WINDOW, ISSUING])
    item: Any = found[f"item/{BASIC}"]
    found[item.key] = replace(item, modes=(Mode.ONLINE, Mode.RELAYED), materials=(material("SQB"),))
    return {key: each for key, each in (found | changed).items() if each is not None}


def publish(world: World, changed: Changed | None = None) -> None:
    """A newer directory, with this catalogue beside counties and certificates, reaches the window."""
    network, hub = world.network, world.hub
    world.later(seconds=1)
    state = entries_of(
        counties=[hub.county(code, now=world.now) for code in network.identities],
        offers=[],
        transport_certificates=[keys.der(network.transport.issuing)],
        crls=network.crls,
        hub_certificates=[keys.der(network.log.certificate), keys.der(network.grants.certificate)],
        seal_certificates=[],
        seal_crls=[],
    )
    state |= records.entries(catalogue(changed or {}).values())
    hub.serial += 1
    world.window.arrive_directory(*hub.published(state, now=world.now))
    world.window.handle()


def submit(world: World, *codes: str, **changes: Any) -> int:
    """The window's system says an application with materials of these codes; the number of messages made of it."""
    made = [county_records.material("材料", code=code) for code in codes]
    world.window.source.add("application.submitted", "WQ1", application(materials=made, **changes))
    return world.window.read()


def told(world: World) -> list[str]:
    """Codes that people at the window were told."""
    return [code for (code,) in world.window.rows(select(tables.troubles.c.code))]


def waiting(world: World) -> int:
    """Local records that are tried again."""
    return len(world.window.rows(select(tables.waiting_records.c.key)))


def facts(world: World) -> list[dict[str, Any]]:
    """What the applications in the outbox say in the clear."""
    bodies = world.window.rows(select(tables.outbox.c.body).where(tables.outbox.c.type == "application.submitted"))
    return [dict(Envelope.parse(body).facts or {}) for (body,) in bodies]


ENDED = {"valid_from": PAST, "valid_to": PAST + timedelta(days=30)}
CURED_BY_A_DIRECTORY: dict[str, Changed] = {
    "E-CAT-101": {f"item/{BASIC}": None, listed().key: None, f"implementation/{ISSUING}/{ITEM}": None,
                  f"implementation/{WINDOW}/{ITEM}": None, "item/000131127999": None},
    "E-CAT-102": {f"implementation/{ISSUING}/{ITEM}": None},
    "E-CAT-103": {f"implementation/{ISSUING}/{ITEM}": implementation(county=ISSUING, code=ITEM, **ENDED)},
    "E-CAT-104": {alliance().key: alliance(**ENDED)},
    "E-CAT-105": {member(WINDOW).key: member(WINDOW, **ENDED)},
    "E-CAT-106": {listed().key: None},
}  # fmt: skip


@pytest.mark.parametrize("code", CURED_BY_A_DIRECTORY)
def test_what_a_new_directory_may_cure_waits_for_it(world: World, code: str) -> None:
    """Told to people, not signed, kept; with the directory that allows it, it goes, and the trouble is gone."""
    changed = dict(CURED_BY_A_DIRECTORY[code])
    if code == "E-CAT-101":  # something is in the catalogue, or there would be none
        kept: Any = agreed(ITEM, [])[f"item/{BASIC}"]
        changed["item/000131127999"] = replace(kept, code="000131127999")
    publish(world, changed)
    assert submit(world, "SQB", alliance=ALLIANCE) == 0
    assert (told(world), facts(world), waiting(world)) == ([code], [], 1)
    assert code in {each.code for each in choosing.MAY_COME}
    publish(world)
    assert world.window.read() == 1
    assert (told(world), len(facts(world)), waiting(world)) == ([], 1, 0)


@pytest.mark.parametrize(
    ("codes", "changes", "code"),
    [
        (["SQB"], {"mode": "joint"}, "E-CAT-107"),
        ([], {}, "E-CAT-108"),
        (["SQB", "WHAT"], {}, "E-CAT-109"),
    ],
)
def test_what_only_the_window_can_correct_does_not_wait(
    world: World, codes: list[str], changes: dict[str, Any], code: str
) -> None:
    """Told to people and not signed; corrected in the local system it goes."""
    publish(world)
    assert submit(world, *codes, **changes) == 0
    assert (told(world), facts(world), waiting(world)) == ([code], [], 0)
    assert submit(world, "SQB") == 1
    assert told(world) == []


def test_a_local_system_that_knows_no_alliances_leaves_the_choice_to_the_directory(world: World) -> None:
    """The first one that has both counties and the item; the facts say what the payload says."""
    publish(world)
    assert submit(world, "SQB") == 1
    assert facts(world) == [{"mode": "relayed", "alliance": ALLIANCE, "material_codes": ["SQB"], "named_licenses": []}]


def test_the_choice_is_made_when_it_can_be_sent(world: World) -> None:
    """An alliance that ended while the application waited for something else is not the one it goes under."""
    later = {
        f"alliance/{OTHER}": alliance(id=OTHER),
        **{f"member/{OTHER}/{county}": member(county, alliance=OTHER) for county in (WINDOW, ISSUING)},
        f"alliance-item/{OTHER}/{BASIC}": listed(alliance=OTHER, service_item=BASIC),
    }
    publish(world, later | {f"implementation/{ISSUING}/{ITEM}": None})
    assert submit(world, "SQB") == 0
    publish(world, later | {listed().key: None})
    assert world.window.read() == 1
    assert [each["alliance"] for each in facts(world)] == [OTHER]


@pytest.mark.parametrize("filled", [True, False], ids=["by the catalogue", "by the cards"])
def test_a_division_code_of_before_is_told_with_its_successor(world: World, filled: bool) -> None:
    """任县 became 任泽区 at the end of 2020: not signed, not waited for, and it goes when the code is corrected."""
    if filled:
        publish(world)
    made = [county_records.material("材料", code="SQB")]
    world.window.source.add("application.submitted", "WQ1", application(materials=made), destination="130527")
    assert world.window.read() == 0
    assert (told(world), facts(world), waiting(world)) == ([register.OUT_OF_DATE.code], [], 0)
    assert world.window.rows(select(tables.troubles.c.expected)) == [("130506",)]
    assert submit(world, "SQB") == 1
    assert told(world) == []


def test_a_county_that_is_known_and_away_is_waited_for(world: World) -> None:
    """Its code is right: it is suspended, and comes back."""
    away = [
        world.hub.county(code, now=world.now, **({"state": "suspended"} if code == ISSUING else {}))
        for code in world.counties
    ]
    world.window.arrive_directory(*world.hub.directory(now=world.now, counties=away))
    world.window.handle()
    assert submit(world, "SQB") == 0
    assert (told(world), facts(world), waiting(world)) == (["E-LINK-103"], [], 1)
    world.window.arrive_directory(*world.hub.directory(now=world.now))
    world.window.handle()
    assert world.window.read() == 1
    assert told(world) == []
