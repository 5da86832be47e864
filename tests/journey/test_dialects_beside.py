"""The three dialects on the real road, in a ring: each county is window for the next one's item and decides another's.

Hub, broker, nodes and printer are real; the clerks work in their own databases and know nothing else.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import pytest

from deploy.demo.stage import Stage
from deploy.demo.world import YONGJI, build
from deploy.onboarding import beside
from deploy.onboarding.dialects import DIALECTS, Dialect
from deploy.onboarding.hall import Hall
from tests.brokers import require_broker
from tests.journey.road import Road, Window, left_behind, until
from tests.printers import require_printer

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]
PATIENCE_SECONDS = 180.0


@dataclass(frozen=True)
class Beside:
    """One county of a dialect on the road."""

    dialect: Dialect
    hall: Hall

    @property
    def code(self) -> str:
        """Its division code."""
        return self.dialect.plan.code


@pytest.fixture
def ring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Road, list[Beside]]]:
    """The demonstration's world and the three counties beside it."""
    require_broker()
    require_printer()
    with Stage(build(tmp_path_factory.mktemp("ring")), ready_seconds=PATIENCE_SECONDS) as stage:
        road = Road(stage)
        found = [Beside(each, beside.settle(stage, each)) for each in DIALECTS.values()]
        numbers = itertools.count(9_000_000)
        for each in found:
            until((stage.world.county(each.code) / "page.address").exists, f"the desk of {each.code}", PATIENCE_SECONDS)
            road.windows[each.code] = Window(stage.world.county(each.code), lambda: f"S{next(numbers)}")
        yield road, found
        for window in road.windows.values():
            window.leave()
        for each in found:
            each.hall.close()
    assert left_behind(stage.world.folder) == []


def test_a_ring_of_cases(ring: tuple[Road, list[Beside]]) -> None:
    """Four cases from a local record to paper and hand-over: three around the ring, one for a county that was there."""
    road, counties = ring
    wanted: list[tuple[Beside, Hall | None, str, str]] = []
    for at, window in enumerate(counties):
        issuing = counties[(at + 1) % len(counties)]
        plan = issuing.dialect.plan
        wanted.append((window, issuing.hall, window.hall.take(plan.item, plan.name, Random(at)), plan.code))
    first = counties[0]
    wanted.append((first, None, first.hall.take(YONGJI.item, YONGJI.name, Random(9)), YONGJI.code))
    for window, authority, local, _ in wanted:
        (case_no,) = road.cases(window.code, [local])
        if authority is not None:
            until(
                lambda case_no=case_no, authority=authority: case_no in authority.received(),
                f"{case_no} received",
                PATIENCE_SECONDS,
            )
            authority.accept(case_no)
            until(
                lambda hall=window.hall, local=local: came(hall, local, "受理"), f"{case_no} accepted", PATIENCE_SECONDS
            )
            authority.decide(case_no)

        def hand_over(hall: Hall = window.hall, local: str = local, done: list[str] = []) -> None:  # noqa: B006 -- its own
            if not done and came(hall, local, "打印合格", "打印"):
                done.append(hall.hand_over(local))

        road.finish(window.code, [case_no], seconds=PATIENCE_SECONDS, each=hand_over)
        reviewed = {"review.advanced": 1} if authority is not None else {}
        road.check_once(case_no, more=reviewed)


def came(hall: Hall, local: str, *steps: str) -> bool:
    """Whether one of these steps stands in the window's own system."""
    return any(each.step in steps for each in hall.came_back(local))
