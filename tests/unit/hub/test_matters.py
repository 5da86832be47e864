"""Matters beside the cases at the hub: numbers and parties like a case, states of their own, nothing tried first."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.observing import deadlines
from hub.store import tables
from schemas.facts import facts_of
from schemas.leaf import ADMITTED
from schemas.lifecycle import MATTERS
from schemas.messages import TYPES
from tests.around_records import GOOD
from tests.hub_world import Case, Message, World

LIVES = [
    (["question.asked", "question.answered", "question.continued", "question.answered", "question.closed"], "settled"),
    (
        ["appeal.raised", "appeal.escalated", "appeal.answered", "appeal.returned", "appeal.answered", "appeal.closed"],
        "settled",
    ),
]


def state(world: World, case: Case) -> str:
    """Where the hub sees it."""
    return str(world.rows(select(tables.cases.c.state).where(tables.cases.c.case_no == case.case_no))[0].state)


def verdicts(world: World, case: Case) -> list[str]:
    """Of all its messages, as they came."""
    columns = tables.messages.c
    rows = world.rows(select(columns.verdict).where(columns.case_no == case.case_no))
    return [row.verdict for row in rows]


@pytest.mark.parametrize(("life", "end"), LIVES)
def test_a_matter_lives_by_its_own_moves_however_it_arrives(world: World, life: list[str], end: str) -> None:
    """All at once, backwards and twice: admitted in its order, once each."""
    case = Case(world)
    said: list[Message] = []
    for kind in life:
        heard = [each.envelope.id for each in said if each.envelope.kind.sender is not TYPES[kind].sender]
        answered = {"in_reply_to": heard[-1]} if heard else {}
        said.append(case.message(kind, facts_of(kind, GOOD[kind]), **answered))
    world.send(*reversed(said), *said)
    assert verdicts(world, case) == [ADMITTED] * len(life)
    assert state(world, case) == end


def test_a_step_of_a_case_has_no_place_in_a_matter_nor_the_other_way_round(world: World) -> None:
    """Out of turn, by its code; both stand where they stood."""
    asked, case = Case(world), Case(world)
    world.send(asked.message("question.asked", facts_of("question.asked", GOOD["question.asked"])))
    world.send(case.application())
    world.send(asked.message("application.accepted", {"promised_on": GOOD["question.asked"]["answer_until"]}))
    world.send(case.message("question.answered", {"for_guide": True}))
    assert verdicts(world, asked) == [ADMITTED, "E-ADM-102"]
    assert verdicts(world, case) == [ADMITTED, "E-ADM-102"]
    assert (state(world, asked), state(world, case)) == ("asked", "submitted")


def test_who_is_asked_must_handle_the_item(world: World) -> None:
    """An item that nobody there handles is refused, and no matter is opened."""
    case = Case(world)
    other = world.network.item[:-1] + ("1" if world.network.item[-1] != "1" else "2")
    world.send(case.message("question.asked", facts_of("question.asked", GOOD["question.asked"]), service_item=other))
    assert verdicts(world, case) == ["E-ADM-041"]
    assert world.rows(select(tables.cases)) == []


def test_matters_have_no_clock_of_a_case(world: World) -> None:
    """They are not among the cases whose limits are worked out."""
    case, asked = Case(world), Case(world)
    world.send(case.application())
    world.send(asked.message("question.asked", facts_of("question.asked", GOOD["question.asked"])))
    with world.store.read() as tx:
        looked = {row.case_no for row in deadlines.outdated(tx, world.now + timedelta(days=2))}
    assert looked == {case.case_no}
    assert state(world, asked) in MATTERS
