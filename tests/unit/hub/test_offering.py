"""The catalogue at admission: a sender that skipped the check is told, its message kept, its case not opened."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from hub.catalogue import importing
from hub.store import tables
from schemas.catalogue import records
from schemas.catalogue.model import Entity, Mode
from schemas.identifiers.item import BASIC_LENGTH
from tests.catalogue_world import ALLIANCE, agreed, alliance, implementation, item, listed, material, member
from tests.hub_world import ISSUING, WINDOW, Case, World

ENDED = {"valid_from": date(2026, 1, 1), "valid_to": date(2026, 2, 1)}


def put(world: World, changed: Mapping[str, Entity | None]) -> None:
    """Both counties implement the item and agreed on it; it asks for one material and is not handled jointly."""
    code = world.network.item
    found = agreed(code, [WINDOW, ISSUING])
    asked: Any = found[f"item/{code[-BASIC_LENGTH:]}"]
    found[asked.key] = replace(asked, modes=(Mode.ONLINE, Mode.RELAYED), materials=(material("SQB"),))
    wanted = [each for each in (found | changed).values() if each is not None]
    world.store.redo(lambda tx: importing.put(tx, records.entries(wanted), whole=True))


def lacking(world: World, what: str) -> Mapping[str, Entity | None]:
    """A catalogue in which something is not as the application needs it."""
    code = world.network.item
    basic = code[-BASIC_LENGTH:]
    mine = f"implementation/{ISSUING}/{code}"
    return {
        "": {},
        "item": {
            f"item/{basic}": None, listed(service_item=basic).key: None, mine: None,
            f"implementation/{WINDOW}/{code}": None, "item/000131127999": item(code="000131127999"),
        },
        "implementation": {mine: None},
        "days": {mine: implementation(county=ISSUING, code=code, **ENDED)},
        "alliance": {alliance().key: alliance(**ENDED)},
        "member": {member(WINDOW).key: member(WINDOW, **ENDED)},
        "list": {listed(service_item=basic).key: None},
    }[what]  # fmt: skip


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("E-CAT-101", "item", {}),
    ("E-CAT-102", "implementation", {}),
    ("E-CAT-103", "days", {}),
    ("E-CAT-104", "alliance", {}),
    ("E-CAT-104", "", {"alliance": "NONE"}),
    ("E-CAT-105", "member", {}),
    ("E-CAT-106", "list", {}),
    ("E-CAT-107", "", {"mode": "joint"}),
    ("E-CAT-108", "", {"material_codes": []}),
    ("E-CAT-109", "", {"material_codes": ["SQB", "WHAT"]}),
]


@pytest.mark.parametrize(("code", "what", "changes"), REFUSED)
def test_what_the_catalogue_does_not_allow_opens_no_case(
    world: World, code: str, what: str, changes: dict[str, Any]
) -> None:
    """Refused with its code, journalled, kept, told to the sender, delivered to nobody; the next one is admitted."""
    put(world, lacking(world, what))
    case = Case(world)
    message = case.application(**({"alliance": ALLIANCE, "material_codes": ["SQB"]} | changes))
    world.send(message)
    assert world.verdicts(WINDOW) == {message.envelope.id: code}
    assert world.refusal(message)["code"] == code
    assert (world.delivered(ISSUING), world.rows(select(tables.cases))) == ([], [])
    kept = world.rows(select(tables.messages.c.body, tables.messages.c.state))
    assert [tuple(row) for row in kept] == [(message.body, "refused")]
    put(world, {})
    good = Case(world).application(alliance=ALLIANCE, material_codes=["SQB"])
    world.send(good)
    assert world.delivered(ISSUING) == [good.envelope.id]


def test_what_is_withdrawn_strands_no_case_that_it_opened(world: World) -> None:
    """The catalogue is asked when a case is opened, never again."""
    put(world, {})
    case = Case(world)
    world.send(case.application(alliance=ALLIANCE, material_codes=["SQB"]))
    put(world, lacking(world, "implementation"))
    world.later(hours=1)
    acceptance = case.acceptance()
    world.send(acceptance)
    assert world.delivered(WINDOW) == [acceptance.envelope.id]
