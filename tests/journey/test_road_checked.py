"""The checker of the chaos runs over a quiet journey of real processes: whatever it asks, the answer is good."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from deploy.demo.world import WUQIAO, YONGJI
from tests.chaos.checker import check
from tests.chaos.clients import RecordedRoad
from tests.chaos.evidence import gather
from tests.chaos.findings import Problem
from tests.chaos.history import History
from tests.journey.road import Road, until

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def recorded(road: Road, tmp_path: Path) -> Iterator[RecordedRoad]:
    """The same stage, with windows that write down what they do, and sheets of their own."""
    numbers = count(1)
    with History(tmp_path) as history:
        made = RecordedRoad(road.stage, history)
        for window in made.windows.values():
            window._serials = lambda: f"C{next(numbers):07d}"
        yield made
        for window in made.windows.values():
            window.leave()


def test_a_recorded_journey_is_green(recorded: RecordedRoad):
    """Granted in both directions, and denied: no rule complains of these cases, nor of the journal at all.

    The other journeys on this stage are not recorded, so that what is said of their cases says nothing.
    """
    local = {WUQIAO.code: recorded.submit(WUQIAO.code), YONGJI.code: recorded.submit(YONGJI.code)}
    local[WUQIAO.code] += recorded.submit(WUQIAO.code, flawed=True)
    mine = [number for numbers in local.values() for number in numbers]
    for code, numbers in local.items():
        cases = recorded.cases(code, numbers)
        recorded.finish(code, cases)
        mine += cases

    def problems() -> list[Problem]:
        report = check(recorded.history.events(), gather(recorded.world.folder))
        return [p for p in report.problems if p.rule.startswith("journal.") or p.case.startswith(tuple(mine))]

    until(lambda: not problems(), "nothing undone")  # what the hub has done is marked with its next batch
