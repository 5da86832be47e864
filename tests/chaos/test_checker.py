"""The checker is checked: green for a good run, red under the right rule for every fault seeded into its books."""

import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chaos import rules
from tests.chaos.checker import check
from tests.chaos.evidence import Evidence
from tests.chaos.findings import Kind
from tests.chaos.history import Event
from tests.chaos.seeded import FAULTS, spoiled
from tests.chaos.smallcounty import WUQIAO, YONGJI
from tests.chaos.smallworld import SmallNetwork, SmallWorld

Good = tuple[list[Event], Evidence]


@pytest.fixture(scope="module")
def good(small_network: SmallNetwork, tmp_path_factory: pytest.TempPathFactory) -> Good:
    """History and books of four cases in both directions, one of them denied: real pipelines, real stores."""
    world = SmallWorld(small_network, tmp_path_factory.mktemp("good"))
    for code, number, flawed in ((WUQIAO, "WQ1", False), (YONGJI, "YJ1", False), (WUQIAO, "WQ2", True)):
        world.take(code, number, flawed=flawed)
    world.settle()
    found = world.history.events(), world.gather()
    world.close()
    return found


def test_a_good_run_is_green(good: Good):
    """No rule complains, and every case is counted."""
    report = check(*good)
    assert report.good, str(report)
    assert (report.cases, report.lost, report.doubled, report.invented, report.reordered) == (3, 0, 0, 0, 0)


@pytest.mark.parametrize("name", FAULTS)
def test_a_seeded_fault_is_found_by_its_rules(good: Good, name: str):
    """Each fault, at two places."""
    for seed in (1, 2):
        history, evidence = spoiled(*good)
        expected = FAULTS[name](history, evidence, random.Random(f"{name} {seed}").choice)
        report = check(history, evidence)
        assert expected <= set(report.rules()), f"{name}: {expected - set(report.rules())}\n{report}"


def test_every_rule_is_broken_by_some_fault(good: Good):
    """No rule that cannot turn red."""
    text = "".join(path.read_text(encoding="utf-8") for path in Path(rules.__path__[0]).glob("*.py"))
    named = set(re.findall(r'"([a-z]+\.[a-z]+)"', text)) - set(_types(good[1]))
    broken: set[str] = set()
    for name, fault in FAULTS.items():
        history, evidence = spoiled(*good)
        fault(history, evidence, random.Random(name).choice)
        broken |= set(check(history, evidence).rules())
    assert named - broken == set()


@settings(max_examples=40, deadline=None)
@given(data=st.data(), names=st.lists(st.sampled_from(sorted(FAULTS)), min_size=1, max_size=2, unique=True))
def test_any_fault_of_any_case_is_found(good: Good, data: Any, names: list[str]):
    """Whatever is spoiled, and where, and what beside it: the checker is red and does not stumble."""
    history, evidence = spoiled(*good)
    expected = FAULTS[names[0]](history, evidence, lambda options: data.draw(st.sampled_from(list(options))))
    report = check(history, evidence)
    assert expected <= set(report.rules()), str(report)
    if names[1:]:
        try:
            FAULTS[names[1]](history, evidence, random.Random(names[1]).choice)
        except (StopIteration, IndexError, ValueError, KeyError, TypeError):
            return  # the first one left nothing for the second
        assert not check(history, evidence).good


def test_what_the_history_explains_is_no_problem(good: Good):
    """A poisoned message leaves a dead letter and a refusal; a submission without an answer may have been taken."""
    history, evidence = spoiled(*good)
    FAULTS["a_dead_letter"](history, evidence, random.Random(1).choice)
    FAULTS["never_submitted"](history, evidence, random.Random(1).choice)
    assert {"waiting.dead", "application.unknown"} <= set(check(history, evidence).rules())
    code = next(iter({e.details["county"] for e in good[0] if e.kind == "submit"} & {WUQIAO, YONGJI}))
    for county in {WUQIAO, YONGJI, code}:
        history.append(_event("submit", "invoke", county=county))
    history.append(_event("fault", "info", fault="poison", dead_letters=1))
    assert check(history, evidence).good, str(check(history, evidence))


def test_a_report_says_how_much_of_what(good: Good):
    """The numbers of a run are those of its problems."""
    history, evidence = spoiled(*good)
    for name in ("a_doubled_sheet", "a_dead_letter", "written_out_of_order", "a_sheet_without_authorisation"):
        FAULTS[name](history, evidence, random.Random(name).choice)
    report = check(history, evidence)
    assert (report.doubled, report.lost, report.reordered, report.invented) == (1, 1, 1, 1), str(report)
    numbers = report.numbers()
    assert numbers["problems"] == 4
    assert numbers["rules"]["sheet.doubled"] == 1
    assert {each.kind for each in report.problems} == {Kind.DOUBLED, Kind.LOST, Kind.REORDERED, Kind.INVENTED}


def _event(kind: Any, phase: Any, **details: Any) -> Event:
    return Event(at="", monotonic=0.0, process="nemesis", kind=kind, phase=phase, details=details)


def _types(evidence: Evidence) -> set[str]:
    from schemas.messages import HUB_TYPES, TYPES

    return set(TYPES) | set(HUB_TYPES)
