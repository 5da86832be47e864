"""Every process killed with SIGKILL at a random moment of a running journey: nothing is lost, nothing prints twice.

The moment is drawn from the whole duration of the same journey undisturbed. The seed
stands in the name of each run; `LONG=1` runs them all.
"""

import random
import time
from collections.abc import Callable

import pytest

from deploy.demo.world import WUQIAO
from tests.journey.road import Road, until

CASES = 3
RECOVERY_SECONDS = 150.0
"""A broker that was killed starts again in ten seconds here; the rest is for a loaded machine."""
PARTS = ("hub", "broker", "admission", "express", "keeper", "130928", "140881", "local-130928", "local-140881")
LONG_SEEDS = range(100, 104)
_BEGUN = "SELECT 1 FROM print_authorisations WHERE authorisation_no = ? AND started_at IS NOT NULL"

pytestmark = pytest.mark.timeout(400)


def _runs() -> list[object]:
    """Two fixed runs always; every part with every seed when asked."""
    short = [pytest.param("admission", 8), pytest.param("130928", 9)]
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
    moment = random.Random(f"{part} {seed}").uniform(0, usual_seconds)
    started = time.monotonic()
    killed_after = 0.0

    def kill_when_due() -> None:
        nonlocal killed_after
        if not killed_after and time.monotonic() - started >= moment:
            killed_after = time.monotonic() - started
            road.kill(part)

    local = road.submit(WUQIAO.code, CASES)
    cases = _read_meanwhile(road, local, kill_when_due)
    road.finish(WUQIAO.code, cases, seconds=RECOVERY_SECONDS, each=kill_when_due)
    seconds = time.monotonic() - started
    if not killed_after:  # quicker than usual: then it dies at the very end, and nothing may come of that either
        moment = 0.0
        kill_when_due()
        road.finish(WUQIAO.code, cases, seconds=RECOVERY_SECONDS)
    record_property("killed_after_seconds", round(killed_after, 2))
    record_property("finished_after_seconds", round(seconds, 2))
    for case_no in cases:
        road.check_once(case_no)
    assert "完整" in road.stage.command("hub", "journal", "-d", str(road.world.hub))


@pytest.mark.long
def test_killed_as_soon_as_a_sheet_may_be_out_it_is_there_once(road: Road):
    """Between the ledger's word and the printer's a crash leaves a question; a person looks, and answers it.

    What did not come out is replaced by the issuing county under another number.
    """
    window = road.windows[WUQIAO.code]
    for _ in range(3):
        (case_no,) = road.take(WUQIAO.code)
        (number,) = until(lambda case_no=case_no: window.numbers(case_no), "authorised", RECOVERY_SECONDS)
        window.print(number)
        while not road.county(WUQIAO.code, _BEGUN, number):
            pass  # the moment is short
        road.kill(WUQIAO.code)
        road.finish(WUQIAO.code, [case_no], seconds=RECOVERY_SECONDS)
        road.check_once(case_no)


def _read_meanwhile(road: Road, local: list[str], each: Callable[[], None]) -> list[str]:
    """The case numbers of these applications, while the moment may come at any time."""

    def look() -> list[str]:
        each()
        found = road.county(WUQIAO.code, "SELECT case_no, local_case FROM cases")
        cases = sorted(row["case_no"] for row in found if row["local_case"] in local)
        return cases if len(cases) == len(local) else []

    return until(look, "the applications read", RECOVERY_SECONDS)
