"""An application that the hub's gate refused waits and goes by itself; nobody has to touch the local record."""

from typing import Any

import pytest
from sqlalchemy import select

from adapters.case import casebook
from adapters.store import tables
from schemas.conformance.standing import NOT_TESTED, TRIAL_FIRST
from schemas.errors import Code
from schemas.lifecycle import CaseState
from schemas.messages import Parties
from tests.county_records import application, refusal
from tests.county_world import ISSUING, ITEM, WINDOW, World, case_no


def applications(world: World) -> list[tuple[Any, ...]]:
    """State and code of each application that was sent, the oldest first."""
    columns = tables.outbox.c
    query = select(columns.state, columns.refusal_code).where(columns.type == "application.submitted")
    return [tuple(row) for row in world.window.rows(query.order_by(columns.seq))]


def troubles(world: World) -> list[str]:
    """The codes that people are told of."""
    return [code for (code,) in world.window.rows(select(tables.troubles.c.code))]


def refuse(world: World, code: Code) -> None:
    """The hub's gate does not let the newest application through."""
    row = max(world.window.due(), key=lambda each: each.seq)
    said = refusal(row.message_id, code=code.code, field="trial")
    world.window.arrive_receipt(
        world.hub.receipt(row.body, row.signature, at=world.now, message_id=row.message_id, refusal=said)
    )
    while world.window.handle():
        pass


def read_for(world: World, **duration: float) -> int:
    """Let time pass, and read; returns how many messages were made."""
    world.later(**duration)
    return world.window.read()


@pytest.fixture
def refused(world: World) -> World:
    """An application in earnest, refused because no trial was done."""
    world.window.source.add("application.submitted", "WQ1", application())
    assert world.window.read() == 1
    refuse(world, TRIAL_FIRST)
    return world


def trial(world: World, state: CaseState) -> None:
    """A trial case of the same item with the same county stands here."""
    with world.window.store.write() as tx:
        casebook.open_case(
            tx, case_no=case_no(77), parties=Parties(window=WINDOW, issuing=ISSUING), service_item=ITEM, trial=True,
            local_case="WQ-T", now=world.now,
        )  # fmt: skip
        tx.execute(tables.cases.update().where(tables.cases.c.case_no == case_no(77)).values(state=state))


def test_it_waits_without_being_sent_again(refused: World):
    """Hours pass and no trial is done: nothing is sent, the county's own system has no refusal, people are told."""
    assert [read_for(refused, minutes=10) for _ in range(12)] == [0] * 12
    assert applications(refused) == [("refused", TRIAL_FIRST.code)]
    assert refused.window.write() == 0
    assert TRIAL_FIRST.code in troubles(refused)


def test_it_goes_by_itself_when_the_trial_is_done(refused: World):
    """Under a new case number, in the place of the refused one; the troubles about it are gone."""
    trial(refused, CaseState.HANDED_OVER)
    assert read_for(refused, minutes=6) == 1
    assert [state for state, _ in applications(refused)] == ["refused", "waiting"]
    assert troubles(refused) == []


def test_a_trial_that_is_under_way_opens_nothing(refused: World):
    """Only the whole road does."""
    trial(refused, CaseState.LICENSED)
    assert read_for(refused, minutes=6) == 0


def test_a_trial_itself_is_never_held_back(refused: World):
    """Otherwise nothing would ever open."""
    refused.window.source.add("application.submitted", "WQ2", application(project_no="WQ2"), trial=True)
    assert read_for(refused, minutes=6) == 1


def test_each_refusal_makes_the_next_try_come_later(refused: World):
    """The hub may still say no though this county saw its trial end: it is asked seldom, not every second."""
    trial(refused, CaseState.HANDED_OVER)
    pauses = []
    for _ in range(4):
        waited = 0
        while not read_for(refused, seconds=1):
            waited += 1
        pauses.append(waited)
        refuse(refused, TRIAL_FIRST)
    assert pauses == sorted(pauses)
    assert pauses[-1] >= 2 * pauses[1]


def test_what_lacks_a_test_goes_with_a_newer_directory(world: World):
    """The hub makes a new directory when a result comes in: until then nothing is sent."""
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.read()
    refuse(world, NOT_TESTED)
    assert read_for(world, minutes=6) == 0
    world.later(minutes=1)
    world.hub.serial += 1
    world.window.arrive_directory(*world.hub.directory(now=world.now))
    while world.window.handle():
        pass
    assert read_for(world, minutes=6) == 1
