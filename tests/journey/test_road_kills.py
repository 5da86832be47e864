"""Every process killed with SIGKILL at a random moment of a running journey: nothing is lost, nothing prints twice.

The moment is drawn from the whole duration of the same journey undisturbed. Seeds are printed; `LONG=1` runs them all.
"""

import random
import time
from collections.abc import Callable

import pytest

from deploy.demo.world import WUQIAO
from tests.journey.road import Road

CASES = 3
RECOVERY_SECONDS = 150.0
"""A broker that was killed starts again in ten seconds here; the rest is for a loaded machine."""
PARTS = ("broker", "admission", "express", "keeper", "130928", "140881", "local-130928", "local-140881")
LONG_SEEDS = range(100, 104)

pytestmark = pytest.mark.timeout(400)


def _runs() -> list[object]:
    """Two fixed runs always; every part with every seed when asked."""
    short = [pytest.param("admission", 1), pytest.param("130928", 2)]
    return short + [pytest.param(part, seed, marks=pytest.mark.long) for part in PARTS for seed in LONG_SEEDS]


@pytest.fixture(scope="module")
def usual_seconds(road: Road) -> float:
    """How long the same journey takes when nobody dies."""
    started = time.monotonic()
    cases = road.take(WUQIAO.code, CASES)
    road.finish(WUQIAO.code, cases, seconds=RECOVERY_SECONDS)
    return time.monotonic() - started


@pytest.mark.parametrize(("part", "seed"), _runs())
def test_a_killed_process_changes_nothing_but_the_time(road: Road, usual_seconds: float, record_property, part, seed):
    """Killed and started again as its unit would: every case ends with one sheet and every rung receipted."""
    moment = random.Random(seed).uniform(0, usual_seconds)
    print(f"{part} killed {moment:.2f} s after the applications (seed {seed}, usually {usual_seconds:.1f} s)")
    before = road.pid(part)
    started = time.monotonic()
    local = road.submit(WUQIAO.code, CASES)
    killed = _once(lambda: time.monotonic() - started >= moment, lambda: _kill(road, part))
    cases = _cases_meanwhile(road, local, killed)
    road.finish(WUQIAO.code, cases, seconds=RECOVERY_SECONDS, each=killed)
    seconds = time.monotonic() - started
    record_property("seconds", round(seconds, 1))
    print(f"finished after {seconds:.1f} s")
    assert road.pid(part) != before, "the case was over before the moment: nothing was killed"
    for case_no in cases:
        road.check_once(case_no)
    assert "完整" in road.stage.command("hub", "journal", "-d", str(road.world.hub))


def _kill(road: Road, part: str) -> None:
    road.kill(part)
    road.bring_back(part)


def _once(due: Callable[[], bool], act: Callable[[], None]) -> Callable[[], None]:
    """Act the first time that it is due."""
    done = False

    def look() -> None:
        nonlocal done
        if not done and due():
            done = True
            act()

    return look


def _cases_meanwhile(road: Road, local: list[str], killed: Callable[[], None]) -> list[str]:
    """The case numbers, while the moment may come at any time."""
    deadline = time.monotonic() + RECOVERY_SECONDS
    marks = ",".join("?" * len(local))
    while True:
        killed()
        found = road.county(WUQIAO.code, f"SELECT case_no FROM cases WHERE local_case IN ({marks})", *local)
        if len(found) == len(local):
            return sorted(row["case_no"] for row in found)
        assert time.monotonic() < deadline, "the applications were not read"
        time.sleep(0.05)
