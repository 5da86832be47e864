"""Hub and counties killed at any step, with messages lost, doubled and late: the checker stays green.

A virtual clock makes hours of resending cheap, so these runs reach what a run of real processes only waits for. The
seed stands in the name of each; `LONG=1` runs many more.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hub.broker import Outcome
from hub.intake.poison import SOLO_ATTEMPTS
from tests.chaos.checker import check
from tests.chaos.smallbroker import Packet
from tests.chaos.smallcounty import WUQIAO, YONGJI
from tests.chaos.smallworld import SmallWorld
from tests.county_doubles import PowerCut

pytestmark = pytest.mark.timeout(300)
SHORT_SEEDS = (1, 2)
LONG_SEEDS = range(100, 160)


class Storm:
    """Kills and a bad broker, by chance, until it has done enough."""

    def __init__(self, seed: int) -> None:
        """The same seed does the same at the same steps."""
        self.chance = random.Random(seed)
        self.left = 40
        self.done: list[str] = []
        self._hub_kills = 0

    def cut(self, step: str) -> None:
        """The end of a process at this step, sometimes."""
        if step == "hub idle":
            self._hub_kills = 0
        elif self.left > 0 and self.chance.random() < 0.06 and self._may_kill(step):
            self._did(step)
            raise PowerCut

    def _may_kill(self, step: str) -> bool:
        """A worker that dies three times over the same message takes it for poison, as the design says."""
        self._hub_kills += step.startswith("hub")
        return not step.startswith("hub") or self._hub_kills < SOLO_ATTEMPTS

    def takes(self, world: SmallWorld) -> Callable[[Packet], Outcome]:
        """The broker loses a publish without a word, keeps it and says nothing, keeps it twice, or out of order."""

        def take(packet: Packet) -> Outcome:
            queue = world.broker.queues[packet.queue]
            if self.left <= 0 or self.chance.random() > 0.15:
                return Outcome.CONFIRMED
            what = self.chance.choice(("lose", "silent", "twice", "first"))
            self._did(f"{what} {packet.type}")
            match what:
                case "lose":
                    return Outcome.TIMED_OUT
                case "silent":
                    queue.append(packet)
                    return Outcome.TIMED_OUT
                case "twice":
                    queue.append(replace(packet, redelivered=True))
                case "first":
                    queue.rotate(1)
            return Outcome.CONFIRMED

        return take

    def _did(self, what: str) -> None:
        self.left -= 1
        self.done.append(what)


def _seeds() -> list[Any]:
    return [*SHORT_SEEDS, *[pytest.param(seed, marks=pytest.mark.long) for seed in LONG_SEEDS]]


@pytest.mark.parametrize("seed", _seeds())
def test_a_storm_of_kills_and_lost_messages_loses_and_doubles_nothing(make_world: Any, seed: int):
    """Every case comes to its end, and every book agrees."""
    storm = Storm(seed)
    world: SmallWorld = make_world(storm.cut)
    world.broker.takes = storm.takes(world)
    world.take(WUQIAO, "WQ1")
    world.take(YONGJI, "YJ1")
    world.take(WUQIAO, "WQ2", flawed=True)
    world.settle()
    report = check(world.history.events(), world.gather())
    assert report.good, f"{storm.done}\n{report}"
    assert report.cases == 3
    assert storm.left == 0
