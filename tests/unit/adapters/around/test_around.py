"""Around and beside a case through two counties' real stores and real cryptography, under duplicated delivery."""

import uuid
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from adapters.case import around, casebook
from adapters.store import tables
from schemas.errors import YunhuobanError
from tests import around_records as of
from tests.county_begun import begin_at
from tests.county_records import ITEM
from tests.county_world import ISSUING, OWN_ITEM, WINDOW, Network, World
from tests.sampling import examples
from tests.unit.adapters.around.saying import begin, say


def states(world: World, case_no: str) -> tuple[str, str]:
    """Where both counties see it."""
    where = select(tables.cases.c.state).where(tables.cases.c.case_no == case_no)
    return tuple(county.rows(where)[0][0] for county in (world.window, world.issuing))


def twice(world: World) -> None:
    """Everything arrives twice, the copies later and in the other order."""
    for county in (world.window, world.issuing):
        county.read(), county.handle(), county.issue(), county.write()
        world.carry(county, deliver=False)
    copies = list(reversed(world.held))
    world.deliver()
    world.held = copies
    world.settle()


MATTERS = [
    ("question.asked", ITEM, [(ISSUING, "question.answered"), (WINDOW, "question.continued"),
                              (ISSUING, "question.answered"), (WINDOW, "question.closed")], "settled"),
    ("appeal.raised", ITEM, [(WINDOW, "appeal.escalated"), (ISSUING, "appeal.answered"),
                             (WINDOW, "appeal.returned"), (ISSUING, "appeal.answered"),
                             (WINDOW, "appeal.closed")], "settled"),
    ("alive.requested", OWN_ITEM, [(ISSUING, "alive.answered")], "checked"),
    ("list.published", OWN_ITEM, [(ISSUING, "list.reconciled")], "reconciled"),
]  # fmt: skip


@pytest.mark.parametrize(("opening", "item", "steps", "end"), MATTERS)
def test_a_matter_runs_to_its_end_at_both_counties(world: World, opening, item, steps, end) -> None:
    """Under its own number, each message with one effect although it came twice, and nothing left waiting."""
    number = begin(world, opening, service_item=item)
    twice(world)
    for code, kind in steps:
        say(world, code, number, kind)
        twice(world)
    assert states(world, number) == (end, end)
    for county in (world.window, world.issuing):
        assert {state for (state,) in county.rows(select(tables.outbox.c.state))} <= {"received"}
        assert county.rows(select(tables.troubles)) == []
    with world.issuing.store.read() as tx:
        case = casebook.find(tx, number)
        assert case is not None
        told = [each.type for each in around.said(tx, world.issuing.identity, case) if each.source == WINDOW]
    assert told == [opening, *(kind for code, kind in steps if code == WINDOW)]
    assert world.foreign.rows(select(tables.cases)) == []


def test_papers_go_there_and_back_around_a_case(world: World) -> None:
    """Listed, sealed, opened by two, a mismatch told; the case stands where it stood; a second receipt is refused."""
    case_no = begin_at(world, "application.submitted")
    say(world, WINDOW, case_no, "parcel.sent")
    twice(world)
    torn = of.parcel_receipt(
        matches=False, mismatches=[{"name": "住所证明", "problem": "missing", "note": "清单为二份，只有一份"}]
    )
    say(world, ISSUING, case_no, "parcel.received", torn)
    twice(world)
    with pytest.raises(YunhuobanError, match="E-AROUND-003"):
        say(world, ISSUING, case_no, "parcel.received")
    say(world, ISSUING, case_no, "parcel.sent", of.parcel(direction="returned"))
    world.settle()
    say(world, WINDOW, case_no, "parcel.received")
    world.settle()
    assert states(world, case_no) == ("submitted", "submitted")


def test_a_slot_that_was_taken_is_refused_to_the_second(world: World) -> None:
    """Two applicants want one slot: who comes second is told so with a code, loses nothing, and books another."""
    first = begin_at(world, "application.accepted")
    second = world.up_to("application.accepted", "WQ2")
    for each in (first, second):
        say(world, ISSUING, each, "visit.offered")
    world.settle()
    for each in (first, second):
        say(world, WINDOW, each, "visit.booked")
    world.settle()
    refused = select(tables.outbox.c.case_no, tables.outbox.c.refusal_code).where(tables.outbox.c.state == "refused")
    assert world.window.rows(refused) == [(second, "E-AROUND-009")]
    say(world, WINDOW, second, "visit.booked", of.visit_booking(slot_no=of.LATER_SLOT))
    world.settle()
    for each in (first, second):
        say(world, ISSUING, each, "visit.done")
    world.settle()
    assert states(world, first) == states(world, second) == ("accepted", "accepted")


def test_nobody_is_asked_about_what_a_county_does_not_handle(world: World) -> None:
    """A question to nobody: refused before it is signed, and no number is used up."""
    with pytest.raises(YunhuobanError, match=r"E-SRC-103|E-CAT-102"):
        begin(world, "question.asked", service_item=OWN_ITEM)
    with pytest.raises(YunhuobanError, match="E-ID-002"):
        begin(world, "question.asked", county="999999")
    assert world.window.rows(select(tables.cases)) == []


def test_a_list_that_does_not_add_up_is_not_reconciled(world: World) -> None:
    """A line without a result is named before anything is signed; the list still waits."""
    number = begin(world, "list.published", service_item=OWN_ITEM)
    world.settle()
    with pytest.raises(YunhuobanError, match="E-AROUND-008"):
        say(
            world, ISSUING, number, "list.reconciled", of.reconciliation(count=1, differing=0, outcomes=[of.outcome(1)])
        )
    assert states(world, number) == ("listed", "listed")


@settings(max_examples=examples(40, 4), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_order_of_arrival_ends_at_the_same_place(
    county_network: Network, tmp_path: Path, data: st.DataObject
) -> None:
    """What both said around a case, delivered in any order and any number of times, is the same at both."""
    folder = tmp_path / str(uuid.uuid4())
    folder.mkdir()
    world = World(network=county_network, folder=folder)
    case_no = begin_at(world, "application.accepted")
    said = [(WINDOW, "parcel.sent"), (ISSUING, "visit.offered"), (WINDOW, "rating.given"), (ISSUING, "parcel.sent")]
    for code, kind in data.draw(st.permutations(said)):
        say(world, code, case_no, kind)
    for county in (world.window, world.issuing):
        world.carry(county, deliver=False)
    copies = data.draw(st.lists(st.sampled_from(world.held), max_size=6))
    world.held = data.draw(st.permutations([*world.held, *copies]))
    world.settle()
    world.later(hours=1)
    world.settle()
    kinds = {}
    for county in (world.window, world.issuing):
        with county.store.read() as tx:
            case = casebook.find(tx, case_no)
            assert case is not None
            found = around.said(tx, county.identity, case)
        kinds[county.code] = sorted((each.source, each.type) for each in found)
    assert kinds[WINDOW] == kinds[ISSUING] == sorted(said)
