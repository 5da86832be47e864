"""What counties say of themselves, at the hub: in the next directory, the newest of a key, and nobody else's."""

import hashlib
from datetime import date, timedelta
from typing import Any

import pytest

from hub.registry import directory, stating
from schemas import codec, shapes
from schemas.envelope import Envelope, new_id
from schemas.messages import HUB, TYPES
from schemas.stating import STATEMENTS
from tests import stated_records as of
from tests.hub_world import ISSUING, WINDOW, Case, Message, World, sign

GOOD = {kind: record | {STATEMENTS[kind].owner: ISSUING} for kind, record in of.GOOD.items()}


def say(world: World, county: str, kind: str, **changes: Any) -> Message:
    """A county's word about itself."""
    record = TYPES[kind].record
    data = codec.encode(record, GOOD[kind] | changes)
    envelope = Envelope(
        id=new_id(), source=county, destination=HUB, type=kind, case_no="", service_item="", time=world.now,
        expires=world.now + timedelta(days=1), trial=False, dataschema=shapes.dataschema(record),
        encrypted_for=None, data_commitment=hashlib.sha256(data).digest(), data=data,
    )  # fmt: skip
    return sign(envelope, world.network.counties[county])


def held(world: World) -> dict[str, bytes]:
    """What the newest directory holds of it."""
    with world.store.write() as tx:
        directory.publish_if_due(tx, world.network.issuer(), world.now)
        return {
            key: bytes(value)
            for part in directory.answer(tx, world.network.issuer(), 0)
            for each in codec.decode(part[0], "Directory")["entries"]
            for key, value in [(each["key"], each["value"])]
            if key.partition("/")[0] in {"powers", "expert", "bundle", "detail", "answer"}
        }


@pytest.mark.both_stores
def test_what_a_county_says_stands_in_the_next_directory(world: World) -> None:
    """As it was said, each kind; what is withdrawn leaves it, and an older word that comes late changes nothing."""
    world.send(*(say(world, ISSUING, kind) for kind in STATEMENTS))
    entries = held(world)
    assert entries == {
        stated.key(GOOD[kind]): codec.encode(stated.record, GOOD[kind]) for kind, stated in STATEMENTS.items()
    }
    late = say(world, ISSUING, "bundle.stated", name="旧")
    world.later(seconds=5)
    world.send(
        say(world, ISSUING, "bundle.stated", withdrawn=True), say(world, ISSUING, "expert.stated", withdrawn=True)
    )
    world.send(late)
    assert world.verdicts(ISSUING)[late.envelope.id] == "admitted"
    assert sorted(key.partition("/")[0] for key in held(world)) == ["answer", "detail", "powers"]


def test_a_county_speaks_for_itself_and_not_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another county's powers are refused (E-STATE-001); there is an end of statements (E-STATE-007)."""
    foreign = say(world, WINDOW, "powers.stated")
    world.send(foreign)
    assert world.refusal(foreign)["code"] == "E-STATE-001"
    monkeypatch.setattr(stating, "MOST_OF_A_COUNTY", 1)
    first, second = say(world, ISSUING, "expert.stated"), say(world, ISSUING, "expert.stated", expert_no="E002")
    world.send(first, second)
    assert world.verdicts(ISSUING)[first.envelope.id] == "admitted"
    assert world.refusal(second)["code"] == "E-STATE-007"
    world.later(seconds=1)
    third = say(world, ISSUING, "expert.stated", expert_no="E002")
    world.send(say(world, ISSUING, "expert.stated", withdrawn=True))
    world.send(third)
    assert world.verdicts(ISSUING)[third.envelope.id] == "admitted"  # as the refusal says: withdraw first


def test_the_same_again_makes_no_new_directory(world: World) -> None:
    """What changes nothing reaches nobody's inbox."""
    world.send(say(world, ISSUING, "item.stated"))
    held(world)
    world.later(seconds=1)
    world.send(say(world, ISSUING, "item.stated"))
    with world.store.write() as tx:
        assert directory.publish_if_due(tx, world.network.issuer(), world.now) is None


@pytest.mark.both_stores
def test_a_county_is_held_to_what_it_stated_of_its_item(world: World) -> None:
    """A special procedure that its item has not, and an inspection that pauses where none does, stay outside."""
    item = world.network.item
    procedure = {"procedure": "hearing", "expected_until": date(2026, 12, 1)}
    visit = {"visit": 1, "means": "video", "pauses": True}

    def opened(kind: str, facts: dict[str, Any]) -> str:
        case = Case(world)
        case.up_to("application.accepted")
        message = case.message(kind, facts)
        world.send(message)
        return world.verdicts(ISSUING)[message.envelope.id]

    assert opened("visit.offered", visit) == "E-ADM-112", "nothing was stated: the limit runs on"
    assert opened("procedure.opened", procedure) == "admitted", "nothing was stated: the law decides"
    stated = {"service_item": item[:31], "special_procedures": ["tender"], "visit_pauses": True}
    world.send(say(world, ISSUING, "item.stated", **stated))
    assert opened("visit.offered", visit) == "admitted"
    assert opened("procedure.opened", procedure) == "E-ADM-111"
    assert opened("procedure.opened", procedure | {"procedure": "tender"}) == "admitted"
    assert opened("procedure.opened", procedure | {"procedure": "inspection"}) == "admitted", "around the inspection"
    world.later(seconds=5)
    world.send(say(world, ISSUING, "item.stated", **stated | {"withdrawn": True}))
    assert opened("procedure.opened", procedure) == "admitted"
