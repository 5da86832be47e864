"""A step that its destination refused after the hub had admitted it moved nothing: corrected it is sent, and goes."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from hub.evidence import casechecks
from hub.store import tables
from schemas import codec
from schemas.envelope import new_id
from tests.hub_world import ISSUING, WINDOW, Case, Message, World, sign

REFUSED = "E-ENV-103"


def refused(case: Case, message: Message, code: str = REFUSED) -> Message:
    """The destination's word about a message."""
    envelope = message.envelope
    about = {"source": envelope.destination, "destination": envelope.source, "in_reply_to": envelope.id}
    return case.message("message.refused", {"code": code}, **about)


def corrected(world: World, message: Message, **changes: Any) -> Message:
    """The same step under a new id, in the place of the refused one."""
    envelope = replace(message.envelope, **({"id": new_id(), "supersedes": message.envelope.id} | changes))
    return sign(envelope, world.network.counties[envelope.source])


def state(world: World) -> str:
    """Where the hub sees the only case."""
    ((found,),) = world.rows(select(tables.cases.c.state))
    return str(found)


def verdict(world: World, message: Message) -> str:
    """What the hub said of a message."""
    return world.verdicts(message.envelope.source)[message.envelope.id]


def in_proof(world: World) -> list[casechecks.Proven]:
    """All that was said of the case, as a proof has it, in the journal's order."""
    found = []
    for row in world.rows(select(tables.messages)):
        (entry,) = codec.decode(row.evidence, "AdmissionReceipt")["entries"]
        found.append((entry["leaf_index"], casechecks.proven(row.body, entry["admitted_at"], entry["verdict"])))
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]


@pytest.mark.parametrize(
    ("kind", "before", "facts", "after"),
    [
        ("application.accepted", "submitted", {"promised_on": date(2026, 12, 2)}, "accepted"),
        ("decision.made", "accepted", {"outcome": "denied"}, "denied"),
        ("license.issued", "granted", None, "licensed"),
        ("case.handed_over", "printed", None, "handed_over"),
    ],
)
def test_a_refused_step_is_taken_back_and_goes_when_it_is_corrected(
    world: World, kind: str, before: str, facts: dict[str, Any] | None, after: str
):
    """The case stands where it stood; the corrected step may say anything, is delivered, and the proof is in order."""
    case = Case(world)
    case.up_to(kind)
    first = case.sent[kind]
    world.send(refused(case, first))
    assert state(world) == before
    second = corrected(world, first, **({"facts": facts} if facts else {}))
    world.send(second)
    assert verdict(world, second) == "admitted"
    assert second.envelope.id in world.delivered(first.envelope.destination)
    assert state(world) == after
    world.send(refused(case, first))
    assert state(world) == after, "the same word once more changes nothing"
    assert casechecks.lawful(in_proof(world)) == after
    casechecks.one_case(in_proof(world), case.case_no, {WINDOW: "", ISSUING: ""})


def test_another_step_may_come_instead(world: World):
    """The decision was refused: the authority may open a special procedure, or the applicant withdraw."""
    case = Case(world)
    case.up_to("decision.made")
    world.send(refused(case, case.sent["decision.made"]))
    withdrawn = case.message("case.withdrawn")
    world.send(withdrawn)
    assert (verdict(world, withdrawn), state(world)) == ("admitted", "withdrawn")


def test_what_followed_on_a_refused_step_is_taken_back_with_it(world: World):
    """License and authorisation had been admitted on a refused decision: all three are made anew, and printed once.

    The authorisation that nobody took is ended, and the new one replaces it.
    """
    case = Case(world)
    case.up_to("print.authorised")
    for kind in ("decision.made", "license.issued", "print.authorised"):
        world.send(refused(case, case.sent[kind]))
        assert state(world) == "accepted"
    columns = tables.print_authorisations.c
    assert world.rows(select(columns.state)) == [("revoked",)]
    decided, licensed = case.decision(), case.license()
    again = case.authorisation(authorisation_no="R-1", replaces=case.authorisation_no)
    world.send(decided, licensed, again)
    assert [verdict(world, each) for each in (decided, licensed, again)] == ["admitted"] * 3
    world.send(case.claim(authorisation_no="R-1"), case.outcome(authorisation_no="R-1"))
    assert state(world) == "printed"
    assert sorted(world.rows(select(columns.state))) == [("printed",), ("revoked",)]


def test_what_restrains_holds_though_its_window_refuses_it(world: World):
    """A revoked license and an authorisation that was taken back stay so; a grant that was given stays, too."""
    case = Case(world)
    case.up_to("print.claimed")
    world.send(refused(case, case.sent["print.authorised"]))
    ended = case.message(
        "license.state_changed", {"license_identifier": case.license_identifier, "license_state": "revoked"}
    )
    world.send(ended)
    world.send(refused(case, ended))
    assert world.rows(select(tables.licenses.c.state)) == [("revoked",)]
    ((stands, revoked_at),) = world.rows(
        select(tables.print_authorisations.c.state, tables.print_authorisations.c.revoked_at)
    )
    assert (stands, revoked_at is not None) == ("claimed", True)
    made = case.sent["license.issued"]
    world.send(refused(case, made))
    anew = corrected(world, made)
    world.send(anew)
    assert verdict(world, anew) in ("E-ADM-102", "E-ADM-105"), "it does not come back to life"
    assert world.rows(select(tables.licenses.c.state)) == [("revoked",)]
