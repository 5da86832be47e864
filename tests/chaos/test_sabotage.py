"""The product sabotaged on purpose, over real pipelines and stores: the checker must turn red, and only then.

Each scenario runs twice, with the mistake and without it. The second run is the control: the same faults, and green.
Both go without the hub's telling a word again (`words_once`), which heals what two of the mistakes lose.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from hub.broker import Outcome
from tests.chaos.checker import check
from tests.chaos.findings import Report
from tests.chaos.sabotage.patches import SABOTAGES, sabotaged
from tests.chaos.smallbroker import CountyLink, HubLink, Packet
from tests.chaos.smallcounty import WUQIAO, YONGJI
from tests.chaos.smallworld import SmallWorld
from tests.county_doubles import PowerCut


@dataclass
class Every:
    """Does something at every n-th step of a kind, a few times."""

    step: str
    every: int
    times: int
    seen: int = 0

    def due(self, step: str) -> bool:
        """Whether it is this one."""
        self.seen += self.step in step
        due = self.step in step and self.times > 0 and self.seen % self.every == 0
        self.times -= due
        return due

    def cut(self, step: str) -> None:
        """End the process there."""
        if self.due(step):
            raise PowerCut


def kills_before_a_county_commits(make: Callable[..., SmallWorld]) -> SmallWorld:
    """A county dies with arrivals in its hands, again and again."""
    return make(Every(f"{WUQIAO} arrivals before commit", 3, 12).cut)


def confirms_that_never_come(make: Callable[..., SmallWorld]) -> SmallWorld:
    """The broker loses messages and says nothing."""
    world, loses = make(), Every("message.received", 2, 6)

    def takes(packet: Packet) -> Outcome:
        at_county = packet.queue.endswith((".inbox", ".express"))
        return Outcome.TIMED_OUT if at_county and loses.due(packet.type) else Outcome.CONFIRMED

    world.broker.takes = takes
    return world


def kills_before_the_hub_acknowledges(make: Callable[..., SmallWorld]) -> SmallWorld:
    """The hub's worker dies after its work, and what it had comes again."""
    return make(Every("hub acknowledges", 4, 6).cut)


def a_printer_that_forgets_its_jobs(make: Callable[..., SmallWorld]) -> SmallWorld:
    """The sheet is out, but the printer knows nothing of the job."""
    world = make()
    for county in world.counties.values():
        county.printer.loses_jobs = True
    return world


def nothing_special(make: Callable[..., SmallWorld]) -> SmallWorld:
    """No fault at all."""
    return make()


SCENARIOS: dict[str, tuple[Callable[..., SmallWorld], set[str]]] = {
    "early_acknowledge": (kills_before_a_county_commits, {"delivery.lost", "waiting.outbox"}),
    "lost_confirm": (confirms_that_never_come, {"delivery.lost", "waiting.outbox"}),
    "skipped_duplicates": (kills_before_the_hub_acknowledges, {"journal.doubled"}),
    "journalled_is_delivered": (nothing_special, {"delivery.lost"}),
    "retried_print": (a_printer_that_forgets_its_jobs, {"sheet.doubled"}),
    "deleted_journal_row": (nothing_special, {"journal.gap", "journal.missing", "receipt.journal"}),
}
"""What goes wrong around the mistake, and the rules that must be broken by it."""


def run(make: Callable[..., SmallWorld], scenario: Callable[..., SmallWorld], sabotage: str) -> Report:
    """Three cases in both directions under one scenario."""
    with sabotaged("words_once"), sabotaged(sabotage, hub_link=HubLink, county_link=CountyLink):
        world = scenario(make)
        world.take(WUQIAO, "WQ1")
        world.take(YONGJI, "YJ1")
        world.take(WUQIAO, "WQ2", flawed=True)
        world.settle()
    return check(world.history.events(), world.gather())


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_mistake_turns_the_checker_red(make_world: Any, name: str):
    """Each of the six is found, and by the rules that it breaks."""
    scenario, rules = SCENARIOS[name]
    report = run(make_world, scenario, name)
    assert rules <= set(report.rules()), str(report)


@pytest.mark.parametrize("scenario", dict.fromkeys(each for each, _ in SCENARIOS.values()))
def test_the_same_faults_without_the_mistake_leave_it_green(make_world: Any, scenario: Any):
    """The control: kills, lost confirms and a forgetful printer do no harm to the product as it is."""
    report = run(make_world, scenario, "")
    assert report.good, str(report)
    assert report.cases == 3


def test_every_sabotage_has_a_scenario():
    """None is left out."""
    assert set(SCENARIOS) == set(SABOTAGES)
