"""The plan of a run is a function of its seed, bounded, and never hits one part twice at once."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.faults import CHEAP, FAULTS, KINDS, NEEDS
from tests.chaos.plan import Kind, parts, plan, written
from tests.chaos.run import KEYS, Run, is_good, write

ROOT = Path(__file__).resolve().parents[2]
LONG = Run(seed=7, seconds=1800, kinds=KINDS)
GOOD = dict.fromkeys(KEYS, 0) | {"problems": [], "recovery": {}}


def test_the_same_seed_is_the_same_plan_in_every_process():
    """What SEED=… prints can be replayed: neither the process nor its hash seed has a say."""
    script = "from tests.chaos.test_plan import LONG; from tests.chaos.plan import written; print(written(LONG.plan()))"
    another = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | {"PYTHONHASHSEED": another}, cwd=ROOT, check=True,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.strip() == written(LONG.plan()).strip()
    assert Run(seed=8, seconds=1800, kinds=KINDS).plan() != LONG.plan()


@pytest.mark.parametrize("seed", range(5))
def test_a_plan_keeps_its_bounds(seed):
    """Every fault is over in time, there are at most as many as asked for, and they come in order."""
    steps = Run(seed=seed, seconds=300, kinds=KINDS).plan()
    assert steps
    assert all(step.ends_seconds <= 300 for step in steps)
    assert [step.at_seconds for step in steps] == sorted(step.at_seconds for step in steps)
    assert sorted(step.number for step in steps) == list(range(1, len(steps) + 1))
    assert len(Run(seed=seed, seconds=300, kinds=KINDS, most_cycles=5).plan()) == 5


@pytest.mark.parametrize("seed", range(5))
def test_no_part_is_hit_twice_at_once(seed):
    """Two faults of one part never overlap; others do."""
    steps = Run(seed=seed, seconds=1800, kinds=KINDS).plan()
    overlaps = 0
    for i, step in enumerate(steps):
        for later in steps[i + 1 :]:
            if later.at_seconds <= step.ends_seconds:
                overlaps += 1
                mine, its = (parts(FAULTS[each.fault].kind, each.target) for each in (step, later))
                assert not mine & its, (step, later)
    assert overlaps


def test_half_an_hour_has_two_hundred_faults_of_every_kind():
    """The long run is what it is said to be."""
    counted = Counter(step.fault for step in LONG.plan())
    assert counted.total() >= 200
    assert set(counted) == set(FAULTS)
    assert all(counted[kind.name] <= kind.most for kind in KINDS)


def test_each_step_hits_what_its_kind_may_hit_as_long_as_it_may():
    """Targets and durations come from the kind."""
    for step in LONG.plan():
        kind = FAULTS[step.fault].kind
        assert step.target in kind.targets
        assert kind.seconds[0] <= step.seconds <= kind.seconds[1]


def test_kinds_that_have_had_their_turns_end_a_plan():
    """A plan of nothing but bounded kinds ends by itself."""
    kind = Kind(name="once", targets=("a",), seconds=(1, 1), most=2)
    assert len(plan(1, [kind], seconds=1e6, most=1000)) == 2


def test_the_short_run_needs_nothing_special():
    """Neither root, nor libfaketime, nor rabbitmqctl."""
    assert not {kind.name for kind in CHEAP} & NEEDS.keys()
    assert len(CHEAP) >= 10


def test_a_report_has_its_keys_and_any_finding_makes_it_bad(tmp_path):
    """What reads latest.json finds what it looks for; nothing wrong passes for good."""
    file = tmp_path / "chaos" / "latest.json"
    write(GOOD, file)
    assert json.loads(file.read_text(encoding="utf-8")).keys() >= {
        "seed", "cycles", "cases", "messages", "lost", "doubled", "invented", "reordered", "problems", "recovery",
    }  # fmt: skip
    assert is_good(GOOD)
    for name in ("lost", "doubled", "invented", "reordered"):
        assert not is_good(GOOD | {name: 1})
    assert not is_good(GOOD | {"problems": ["anything"]})
