"""An inspection and the clock: paused around it where the item says so, running on where it does not."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from adapters.case import casebook, caseclock
from adapters.store import tables
from pages.people.person import Person, Role
from schemas import clock, codec, directory
from schemas.errors import YunhuobanError
from schemas.lifecycle import CaseState
from tests import around_records as of
from tests import stated_records
from tests.around_pages import Browser
from tests.county_begun import begin_at
from tests.county_records import ITEM
from tests.county_world import ISSUING, WINDOW, World
from tests.taking_world import publish
from tests.unit.adapters.around.saying import say

PAUSING = of.visit_offer(pauses=True)
BOTH = Person(account="both", name="钱二", roles=frozenset({Role.CLERK, Role.APPROVER, Role.COUNTY_IT}))


def stated(**changes: Any) -> dict[str, bytes]:
    """What 永济 adds about its item, as an entry of the directory."""
    record = stated_records.detail(**changes)
    return {directory.detail_key(ISSUING, ITEM): codec.encode("ItemDetail", record)}


def state(world: World, case_no: str, code: str = ISSUING) -> CaseState:
    """Where a case stands at a county."""
    with world.counties[code].store.read() as tx:
        case = casebook.find(tx, case_no)
        assert case is not None
        return case.state


def steps(world: World, case_no: str) -> list[str]:
    """The special procedures that the issuing county opened and closed."""
    columns = tables.outbox.c
    wanted = select(columns.type).where(columns.case_no == case_no, columns.type.startswith("procedure."))
    return [row.type for row in world.issuing.rows(wanted.order_by(columns.seq))]


def paused(world: World, case_no: str) -> bool:
    """Whether the limit stands still now, as the window county sees it."""
    with world.window.store.read() as tx:
        return clock.clock(caseclock.events(tx, [case_no])[case_no]).paused_at is not None


def test_the_limit_stands_still_from_the_booking_to_the_result(world: World) -> None:
    """Opened once by the node when the booking takes effect, also when it moves; closed with the result; both know."""
    case_no = begin_at(world, "application.accepted")
    publish(world, stated=stated())
    say(world, ISSUING, case_no, "visit.offered", PAUSING)
    world.settle()
    assert steps(world, case_no) == [], "an offer alone stops nothing"
    say(world, WINDOW, case_no, "visit.booked")
    world.settle()
    assert state(world, case_no) is CaseState.SPECIAL
    assert paused(world, case_no)
    say(world, WINDOW, case_no, "visit.booked", of.visit_booking(slot_no=of.LATER_SLOT))
    world.settle()
    assert steps(world, case_no) == ["procedure.opened"]
    world.later(days=1)
    say(world, ISSUING, case_no, "visit.done")
    world.settle()
    assert steps(world, case_no) == ["procedure.opened", "procedure.closed"]
    assert (state(world, case_no), state(world, case_no, WINDOW)) == (CaseState.ACCEPTED, CaseState.ACCEPTED)
    assert not paused(world, case_no)


def test_the_limit_runs_on_when_the_visiting_county_says_the_result(world: World) -> None:
    """Its people looked and its window says so: the procedure ends as it does when the issuing county looked itself."""
    case_no = begin_at(world, "application.accepted")
    publish(world, stated=stated())
    say(world, ISSUING, case_no, "visit.offered", PAUSING | {"means": "visiting_county"})
    world.settle()
    say(world, WINDOW, case_no, "visit.booked")
    world.settle()
    assert state(world, case_no) is CaseState.SPECIAL
    say(world, WINDOW, case_no, "visit.done")
    world.settle()
    assert steps(world, case_no) == ["procedure.opened", "procedure.closed"]
    assert (state(world, case_no), state(world, case_no, WINDOW)) == (CaseState.ACCEPTED, CaseState.ACCEPTED)


@pytest.mark.long
def test_where_the_item_does_not_say_so_the_limit_runs_on(world: World) -> None:
    """An offer that claims a pause is refused before it is signed; one that does not pauses nothing."""
    case_no = begin_at(world, "application.accepted")
    for said in ({}, stated(visit_pauses=False)):
        publish(world, stated=said)
        with pytest.raises(YunhuobanError, match="E-ADM-112"):
            say(world, ISSUING, case_no, "visit.offered", PAUSING)
    say(world, ISSUING, case_no, "visit.offered")
    world.settle()
    say(world, WINDOW, case_no, "visit.booked")
    world.settle()
    say(world, ISSUING, case_no, "visit.done")
    world.settle()
    assert steps(world, case_no) == []
    assert state(world, case_no) is CaseState.ACCEPTED


@pytest.mark.long
def test_one_procedure_follows_the_other(world: World) -> None:
    """Booked while another procedure is open: the inspection's own is opened as soon as that one is closed."""
    case_no = begin_at(world, "application.accepted")
    publish(world, stated=stated(special_procedures=["hearing"]))
    hearing = {
        "procedure": "hearing", "notice_no": "TB1", "opened_at": world.now, "reasons": "利害关系人要求听证。",
        "clerk": "张批准", "expected_until": (world.now + timedelta(days=9)).date(),
    }  # fmt: skip
    say(world, ISSUING, case_no, "visit.offered", PAUSING)
    say(world, ISSUING, case_no, "procedure.opened", hearing)
    world.settle()
    say(world, WINDOW, case_no, "visit.booked")
    world.settle()
    assert steps(world, case_no) == ["procedure.opened"]
    closing = {"procedure": "hearing", "closed_at": world.now, "result": "听证结束。", "clerk": "张批准"}
    say(world, ISSUING, case_no, "procedure.closed", closing)
    world.settle()
    assert state(world, case_no) is CaseState.SPECIAL
    assert steps(world, case_no) == ["procedure.opened", "procedure.closed", "procedure.opened"]


@pytest.mark.long
def test_what_a_person_closed_stays_closed(world: World) -> None:
    """The approver ends the procedure before the result: neither the result nor a moved booking opens it again."""
    case_no = begin_at(world, "application.accepted")
    publish(world, stated=stated())
    say(world, ISSUING, case_no, "visit.offered", PAUSING)
    world.settle()
    say(world, WINDOW, case_no, "visit.booked")
    world.settle()
    closing = {"procedure": "inspection", "closed_at": world.now, "result": "改用书面核查。", "clerk": "张批准"}
    say(world, ISSUING, case_no, "procedure.closed", closing)
    world.settle()
    say(world, WINDOW, case_no, "visit.booked", of.visit_booking(slot_no=of.LATER_SLOT))
    world.settle()
    say(world, ISSUING, case_no, "visit.done")
    world.settle()
    assert steps(world, case_no) == ["procedure.opened", "procedure.closed"]
    assert state(world, case_no) is CaseState.ACCEPTED


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
def test_booked_and_moved_in_any_order_of_arrival_it_is_opened_once(world: World, seed: int) -> None:
    """Everything that the hub holds comes twice and in another order: one procedure, one end."""
    case_no = begin_at(world, "application.accepted")
    publish(world, stated=stated())
    say(world, ISSUING, case_no, "visit.offered", PAUSING)
    world.settle()
    say(world, WINDOW, case_no, "visit.booked")
    say(world, WINDOW, case_no, "visit.booked", of.visit_booking(slot_no=of.LATER_SLOT))
    world.carry(world.window, deliver=False)
    held = list(world.held)
    random.Random(seed).shuffle(held)
    world.held[:] = [*held, *reversed(held)]
    world.deliver()
    world.settle()
    assert steps(world, case_no) == ["procedure.opened"]
    assert state(world, case_no) is CaseState.SPECIAL


def test_a_procedure_that_the_item_has_not_is_refused(world: World) -> None:
    """Neither offered on the paper nor signed; without a statement the law alone decides."""
    case_no = begin_at(world, "application.accepted")
    opening = {
        "procedure": "auction", "notice_no": "TB1", "opened_at": world.now, "reasons": "依法拍卖。", "clerk": "张批准",
        "expected_until": (world.now + timedelta(days=9)).date(),
    }  # fmt: skip
    publish(world, stated=stated(special_procedures=["hearing"], visit_pauses=False))
    with pytest.raises(YunhuobanError, match="E-ADM-111"):
        say(world, ISSUING, case_no, "procedure.opened", opening)
    assert state(world, case_no) is CaseState.ACCEPTED
    publish(world)
    say(world, ISSUING, case_no, "procedure.opened", opening)
    assert state(world, case_no) is CaseState.SPECIAL


@pytest.mark.long
def test_the_slot_that_was_moved_from_is_free_again_and_each_visit_keeps_its_own(world: World) -> None:
    """A second inspection does not free the hour of the first; a moved booking does."""
    first = begin_at(world, "application.accepted")
    second = world.up_to("application.accepted", local_case="WQ2")
    for case_no in (first, second):
        say(world, ISSUING, case_no, "visit.offered")
        world.settle()
    begins = world.now + timedelta(days=9)
    again = of.visit_offer(visit=2, slots=[of.slot("S9", begins)])
    say(world, WINDOW, first, "visit.booked")
    say(world, ISSUING, first, "visit.offered", again)
    world.settle()
    say(world, WINDOW, first, "visit.booked", of.visit_booking(visit=2, slot_no="S9"))
    world.settle()

    def refused() -> set[str]:
        columns = tables.outbox.c
        wanted = select(columns.refusal_code).where(columns.type == "visit.booked", columns.state == "refused")
        return {str(row[0]) for row in world.window.rows(wanted)}

    say(world, WINDOW, second, "visit.booked")
    world.settle()
    assert refused() == {"E-AROUND-009"}, "the first inspection's hour is still taken"
    say(world, WINDOW, first, "visit.booked", of.visit_booking(slot_no=of.LATER_SLOT))
    world.settle()
    say(world, WINDOW, second, "visit.booked")
    world.settle()
    columns = tables.outbox.c
    good = select(columns.case_no).where(columns.type == "visit.booked", columns.state == "received")
    assert second in {row.case_no for row in world.window.rows(good)}, "moved away, so free"


@pytest.mark.long
def test_evidence_is_named_by_its_digest(world: World) -> None:
    """The digest of a picture goes with the point that it shows; what is none is told at its field."""
    case_no = begin_at(world, "application.accepted")
    say(world, ISSUING, case_no, "visit.offered")
    world.settle()
    say(world, WINDOW, case_no, "visit.booked")
    world.settle()
    issuing, path = Browser(world, ISSUING, BOTH), f"/around/{case_no}/visit.done"
    said = {
        "done_at": "2026-12-01T09:00", "inspector": "张批准", "second_inspector": "李审批", "results__1__passed": "yes",
        "results__2__passed": "yes", "results__1__evidence_sha256": "x" * 64,
    }  # fmt: skip
    assert 'id="e-results-1-evidence_sha256"' in issuing.post(path, **said).text
    issuing.done(path, **said | {"results__1__evidence_sha256": "AB" * 32})
    world.settle()
    assert "ab" * 32 in Browser(world, WINDOW, BOTH).get(f"/around/{case_no}")
