"""Several cases that are one thing to the applicant: one part fails, and the others are taken back, step by step."""

import itertools

import pytest
from sqlalchemy import select

from adapters.case import casebook, groupbook, groupstanding
from adapters.case.groups import GroupKeeper
from adapters.case.groupstanding import Group
from adapters.case.grouptables import groups
from adapters.store import tables
from schemas.casegroup import GroupState, Part, Step, due, failed, standing
from schemas.lifecycle import ENDED, MATTERS, CaseState
from tests import around_records as of
from tests.county_records import acceptance, closing, decision
from tests.county_world import ISSUING, WINDOW, World
from tests.unit.adapters.around.saying import say

NUMBER = of.group_part()["group_no"]
DENIED = {"outcome": "denied", "reasons": "不符合法定条件。", "remedies": "可以申请行政复议。"}


def joined(world: World, *, all_or_none: bool = True) -> tuple[str, str]:
    """Two cases in one group."""
    numbers = []
    for part in (1, 2):
        case_no = world.up_to("application.submitted", f"WQ{part}")
        say(world, WINDOW, case_no, "group.joined", of.group_part(part=part, all_or_none=all_or_none))
        world.settle()
        numbers.append(case_no)
    return numbers[0], numbers[1]


def decide(world: World, case_no: str, **changes: str) -> None:
    """Accepted and decided by the authority's own system."""
    world.issuing.source.add("application.accepted", case_no, acceptance())
    world.settle()
    world.issuing.source.add("decision.made", case_no, decision(**changes))
    world.settle()


def turn(world: World) -> int:
    """One turn of the window county's loop for groups."""
    window = world.window
    done = GroupKeeper(store=window.store, identity=window.identity, box=window.box).run_once(window.view(), world.now)  # type: ignore[arg-type]
    world.settle()
    return done


def group(world: World) -> Group:
    """As the window county finds it."""
    with world.window.store.read() as tx:
        found = groupstanding.find(tx, WINDOW, NUMBER)
    assert found is not None
    return found


def test_one_part_fails_and_the_other_is_taken_back(world: World) -> None:
    """Granted, then the other denied: its undoing is asked for once, answered, and the group ends with nothing."""
    first, second = joined(world)
    assert group(world).state is GroupState.UNDER_WAY
    decide(world, first)
    assert turn(world) == 0
    decide(world, second, **DENIED)
    assert group(world).state is GroupState.COMPENSATING
    assert (turn(world), turn(world)) == (1, 0)
    say(world, ISSUING, first, "case.undone")
    world.settle()
    assert group(world).state is GroupState.NONE
    for county in (world.window, world.issuing):
        with county.store.read() as tx:
            case = casebook.find(tx, first)
        assert case is not None
        assert case.state is CaseState.UNDONE


def test_a_part_that_is_not_decided_is_withdrawn(world: World) -> None:
    """By the window's node, once, with the case that failed among the reasons."""
    first, second = joined(world)
    decide(world, second, **DENIED)
    assert (turn(world), turn(world)) == (1, 0)
    assert group(world).state is GroupState.NONE
    assert {each.case_no: each.state for each in group(world).parts} == {first: "withdrawn", second: "denied"}


def test_the_countys_own_system_is_told_of_the_nodes_withdrawal(world: World) -> None:
    """It did not say it itself: one row of it, also when the loop comes again; the other part's is written as ever."""
    _first, second = joined(world)
    decide(world, second, **DENIED)
    for _ in range(2):
        turn(world)
    assert ("case.withdrawn", "WQ1/case.withdrawn") in world.window.sink.rows
    assert world.window.sink.order.count("case.withdrawn") == 1


@pytest.mark.long
def test_what_no_mapping_can_name_is_not_planned_for_the_local_system(world: World) -> None:
    """A group leaves no trace there; one that waited for a rule would hold up everything that comes after it."""
    joined(world)
    planned = {row.type for row in world.issuing.rows(select(tables.local_writes.c.type))}
    assert planned == {"application.submitted"}


def test_only_groups_that_are_not_over_are_read(world: World) -> None:
    """The loop ends a group when nothing of it can move any more, and reads it no longer; it is found all the same."""
    _first, second = joined(world)
    decide(world, second, **DENIED)
    assert numbers(world) == [NUMBER]
    turn(world)
    turn(world)
    assert numbers(world) == []
    assert group(world).state is GroupState.NONE
    assert group(world).listed.over_at == world.now


@pytest.mark.long
def test_a_group_is_not_over_while_the_hub_may_still_refuse(world: World) -> None:
    """The withdrawal has not been admitted yet: what it refuses would take the step back."""
    _first, second = joined(world)
    decide(world, second, **DENIED)
    window = world.window
    keeper = GroupKeeper(store=window.store, identity=window.identity, box=window.box)  # type: ignore[arg-type]
    for _ in range(2):
        keeper.run_once(window.view(), world.now)
    assert numbers(world) == [NUMBER]


@pytest.mark.long
def test_another_countys_group_of_the_same_number_is_another_one(world: World) -> None:
    """What one window calls its group says nothing about the group of another."""
    joined(world)
    theirs = world.issuing.rows(select(groups.c.window_county, groups.c.number))
    assert [tuple(row) for row in theirs] == [(WINDOW, NUMBER)]
    with world.issuing.store.read() as tx:
        assert groupbook.find(tx, ISSUING, NUMBER) is None
        assert groupbook.open_numbers(tx, ISSUING) == []


def numbers(world: World) -> list[str]:
    """The groups that the window's loop reads."""
    with world.window.store.read() as tx:
        return groupbook.open_numbers(tx, WINDOW)


def test_a_part_that_was_denied_and_closed_has_failed_all_the_same(world: World) -> None:
    """The authority closes what it denied before the window's node looks: the other part is withdrawn nevertheless."""
    first, second = joined(world)
    decide(world, second, **DENIED)
    world.issuing.source.add("case.closed", second, closing(result="denied"))
    world.settle()
    assert group(world).state is GroupState.COMPENSATING
    assert turn(world) == 1
    assert {each.case_no: each.state for each in group(world).parts} == {first: "withdrawn", second: "denied"}


def test_an_authority_may_keep_what_it_granted(world: World) -> None:
    """It answers with its reasons; the group then ends partly, and nobody asks again."""
    first, second = joined(world)
    decide(world, first)
    decide(world, second, **DENIED)
    turn(world)
    say(world, ISSUING, first, "case.undone", of.undo_result(undo_outcome="kept", reasons="许可已被使用。"))
    world.settle()
    assert group(world).state is GroupState.PARTLY
    assert turn(world) == 0


def test_parts_that_do_not_hang_together_are_left_alone(world: World) -> None:
    """The applicant chose so: one denial changes nothing for the other."""
    first, second = joined(world, all_or_none=False)
    decide(world, second, **DENIED)
    assert turn(world) == 0
    decide(world, first)
    assert group(world).state is GroupState.PARTLY


@pytest.mark.parametrize("count", [1, 2, 3])
def test_whatever_is_due_leads_to_an_end(count: int) -> None:
    """From any states of the parts: taking every step that is due, and having it answered, ends the compensation."""
    states = sorted(set(CaseState) - MATTERS)
    for chosen in itertools.product(states, repeat=count):
        parts = [Part(case_no=str(n), part=n, state=state) for n, state in enumerate(chosen, 1)]
        steps = due(parts, all_or_none=True)
        assert bool(steps) <= (failed(parts) is not None)
        assert not [part for part, _step in steps if part.state in ENDED]
        after = dict(enumerate(parts, 1))
        for part, step in steps:
            end = CaseState.WITHDRAWN if step is Step.WITHDRAW else CaseState.UNDONE
            after[part.part] = Part(
                case_no=part.case_no, part=part.part, state=end, undo_requested=True, undo_answered=True
            )
        assert due(list(after.values()), all_or_none=True) == []
        whole = standing(list(after.values()), count=count, all_or_none=True)
        if failed(parts) is not None:
            assert whole in (GroupState.NONE, GroupState.PARTLY)
