"""What was admitted is replaced only when its destination cannot open or read it, and then only by the same thing."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.intake import refusals
from hub.store import tables
from schemas import releases
from schemas.envelope import KEY_BURNT, new_id
from tests import contract_versions
from tests.hub_world import FOREIGN, ISSUING, WINDOW, Case, Message, World, sign


def anew(world: World, first: Message, **changes: Any) -> Message:
    """The same message under a new id, encrypted anew."""
    envelope = replace(
        first.envelope, **({"id": new_id(), "supersedes": first.envelope.id, "data": os.urandom(99)} | changes)
    )
    return sign(envelope, world.network.counties[first.envelope.source])


def burnt(case: Case, first: Message) -> Message:
    """The destination's word that the key is gone."""
    return word(case, first, KEY_BURNT.code)


def word(case: Case, first: Message, code: str) -> Message:
    """The destination refuses a message with a code."""
    envelope = first.envelope
    about = {"source": envelope.destination, "destination": envelope.source, "in_reply_to": envelope.id}
    return case.message("message.refused", {"code": code}, **about)


@pytest.mark.parametrize("kind", ["application.submitted", "license.issued", "print.authorised"])
def test_the_second_form_of_a_message_changes_nothing_but_is_delivered(world: World, kind: str):
    """It is admitted and forwarded; case, licenses and authorisations stay as the first form made them."""
    case = Case(world)
    case.up_to(kind)
    first = case.sent[kind]
    before = [world.rows(select(table)) for table in (tables.cases, tables.licenses, tables.print_authorisations)]
    world.send(burnt(case, first))
    second = anew(world, first)
    world.send(second)
    assert world.verdicts(first.envelope.source)[second.envelope.id] == "admitted"
    assert second.envelope.id in world.delivered(first.envelope.destination)
    after = [world.rows(select(table)) for table in (tables.cases, tables.licenses, tables.print_authorisations)]
    assert after == before
    following = {
        "application.submitted": case.acceptance,
        "license.issued": case.authorisation,
        "print.authorised": case.claim,
    }
    last = following[kind]()
    world.send(last)
    assert world.verdicts(last.envelope.source)[last.envelope.id] == "admitted", "the case goes on"


def test_nothing_that_stands_is_replaced(world: World):
    """Without the destination's word, or, when it could not open the first one, with other facts: refused."""
    case = Case(world)
    case.up_to("print.authorised")
    licensed = case.sent["license.issued"]
    unasked = anew(world, licensed)
    world.send(unasked)
    assert world.refusal(unasked)["code"] == refusals.SUPERSEDES_WRONG.code
    world.send(burnt(case, licensed))
    facts = {**(licensed.envelope.facts or {}), "license_state": "revoked"}
    other = anew(world, licensed, facts=facts)
    world.send(other)
    assert world.refusal(other)["code"] == refusals.SUPERSEDES_WRONG.code


@pytest.mark.parametrize("opened", [True, False], ids=["opened meanwhile", "not opened"])
def test_a_form_in_another_version_changes_nothing_but_is_delivered(world: World, tmp_path: Path, opened: bool):
    """The destination went back to an older contract: it cannot say what it cannot read, and need not."""
    with contract_versions.released(tmp_path / "released", contract_versions.older()):
        case = Case(world)
        case.up_to("decision.made")
        first = case.sent["decision.made"]
        assert first.envelope.contract == ""
        if opened:
            world.send(case.received(first))
        older = {"contract": "1.0", "dataschema": releases.dataschema("Decision", "1.0")}
        other = anew(world, first, **older, facts={"outcome": "denied"})
        world.send(other)
        assert world.refusal(other)["code"] == refusals.SUPERSEDES_WRONG.code, "it has to say the same"
        before = world.rows(select(tables.cases))
        second = anew(world, first, **older)
        world.send(second)
        assert world.verdicts(ISSUING)[second.envelope.id] == "admitted"
        assert second.envelope.id in world.delivered(WINDOW)
        assert world.rows(select(tables.cases)) == before
        last = case.license()
        world.send(last)
        assert world.verdicts(ISSUING)[last.envelope.id] == "admitted", "the case goes on"


def test_a_foreign_county_replaces_nothing(world: World):
    """`supersedes` names a message of the sender's own; another county's id under it is just an unknown one."""
    case = Case(world)
    case.up_to("application.accepted")
    first = case.sent["application.submitted"]
    world.send(burnt(case, first))
    stranger = case.application(source=FOREIGN, destination=ISSUING, supersedes=first.envelope.id)
    world.send(stranger)
    assert world.verdicts(FOREIGN)[stranger.envelope.id] in ("E-ADM-054", "E-ADM-055")
    assert world.verdicts(WINDOW)[first.envelope.id] == "admitted"


def test_what_the_hub_refused_is_simply_sent_anew(world: World):
    """The first form never counted: the second is judged like any message."""
    case = Case(world)
    first = case.application(encrypted_for=bytes(32))
    world.send(first)
    second = anew(world, first, encrypted_for=world.network.counties[ISSUING].encrypted_for)
    world.send(second)
    assert world.verdicts(WINDOW) == {first.envelope.id: "E-ADM-042", second.envelope.id: "admitted"}
    assert world.rows(select(tables.cases.c.state)) == [("submitted",)]
