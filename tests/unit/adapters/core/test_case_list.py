"""This county's open cases with their clocks, as its pages show them: by the hub's times, and of nobody's person."""

from datetime import timedelta

from adapters.hall.desk.view import CaseLine
from schemas.clockface import DueKind
from schemas.workdays.hours import beijing_day
from tests.county_records import ITEM, NAME, START, acceptance, application, decision, supplement_request
from tests.county_world import ISSUING, WINDOW, County, World


def line(county: County) -> CaseLine:
    """The only case under way."""
    (found,) = county.desk.cases()
    return found


def test_both_counties_see_the_same_clock(world: World) -> None:
    """The window and the authority, each from its own boxes: the hub's time of every step, the other county's name."""
    case_no = world.up_to("application.submitted")
    admitted_at = world.now
    world.later(hours=2)
    promised = beijing_day(world.now) + timedelta(days=10)
    world.issuing.source.add("application.accepted", case_no, acceptance(promised_on=promised))
    world.settle()
    window, issuing = line(world.window), line(world.issuing)
    assert window.clock == issuing.clock
    assert (window.clock.received_at, window.clock.accepted_at) == (admitted_at, admitted_at + timedelta(hours=2))
    assert [due.kind for due in window.clock.dues] == [DueKind.PROMISED]
    assert (window.case_no, window.state, window.item_name) == (case_no, "accepted", "公司登记")
    assert (window.decides, window.other_county, window.other_county_name) == (False, ISSUING, f"县{ISSUING}")
    assert (issuing.decides, issuing.other_county, issuing.service_item) == (True, WINDOW, ITEM)
    assert NAME not in repr(window) + repr(issuing)


def test_a_step_that_the_hub_has_not_answered_counts_already(world: World) -> None:
    """The case stands there; nobody is told that an answer is overdue which was given."""
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.read()
    assert line(world.window).clock.received_at == START
    world.settle()
    world.later(hours=1)
    world.issuing.source.add("supplement.requested", world.case_no(), supplement_request())
    world.issuing.read()
    assert line(world.issuing).clock.answered_at == START + timedelta(hours=1)
    assert line(world.issuing).clock.dues == ()


def test_what_is_due_first_stands_first_and_what_has_ended_is_found_by_its_number(world: World) -> None:
    """A denied case is not under way; its page stays. A number that is no case of ours is none."""
    first = world.up_to("application.accepted")
    world.later(minutes=1)
    for local, days in (("WQ2", 3), ("WQ3", 20)):
        world.window.source.add("application.submitted", local, application())
        world.settle()
        promised = beijing_day(world.now) + timedelta(days=days)
        world.issuing.source.add("application.accepted", world.case_no(), acceptance(promised_on=promised))
        world.settle()
    serials = [each.case_no.split("-")[2].lstrip("0") for each in world.issuing.desk.cases()]
    assert serials == ["2", "1", "3"]
    world.issuing.source.add(
        "decision.made", first, decision(outcome="denied", reasons="不符合条件", remedies="可复议")
    )
    world.settle()
    assert [each.case_no == first for each in world.window.desk.cases()] == [False, False]
    ended = world.window.desk.case(first)
    assert ended is not None
    assert (ended.state, ended.clock.ended_by) == ("denied", "decision.made")
    assert world.foreign.desk.case(first) is None
