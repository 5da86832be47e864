"""Flat cost: the same traffic between two counties, with these two enrolled and with every county of the country.

Two grounds with a node each, in turns; the one that is not measured is frozen. The quick bench has one ground, which
is measured with its few counties and then with everybody enrolled. `ratio` is the cost of being many: same messages,
same counties, other enrolment. `spread_ratio` has the traffic between 200 counties as well, which makes one receipt
message per sender and batch out of two: that is the price of traffic, not of enrolment, and is shown apart.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from deploy.bench import hubrun
from deploy.bench.children import ROOT
from deploy.bench.counties import BenchCounty
from deploy.bench.ground import Ground
from deploy.bench.messages import KIB, Wire, make_load
from deploy.bench.plan import Plan
from deploy.bench.runs import Run, Spread, ratio
from hub.instants import now

_SPREAD: Final = 200


Step = Callable[[str], None]


def in_turns(small: Ground, large: Ground, plan: Plan, log: Path, step: Step) -> dict[str, Any]:
    """Rounds of both grounds."""
    between_two, spread = _loads(large.counties, plan.flat_messages)
    turns = (("two", small, between_two), ("all", large, between_two), ("spread", large, spread))
    runs: dict[str, list[Run]] = {name: [] for name, _, _ in turns}
    for number in range(plan.flat_rounds):
        for name, ground, messages in turns[number % 3 :] + turns[: number % 3]:
            step(f"{name} · {number + 1}/{plan.flat_rounds}")
            (small if ground is large else large).freeze()
            ground.thaw()
            runs[name].append(hubrun.measure(ground, messages, 1, log))
    large.thaw()
    return _found(large, runs)


def before_and_after(
    ground: Ground, everyone: Mapping[str, BenchCounty], plan: Plan, log: Path, step: Step
) -> dict[str, Any]:
    """The same on one ground, whose few counties stand for two, and which is enlarged in between."""
    between_two, spread = _loads(everyone, plan.flat_messages)
    step("few")
    runs = {"two": [hubrun.measure(ground, between_two, 1, log) for _ in range(plan.flat_rounds)]}
    step(f"RabbitMQ · {len(everyone)} counties")
    ground.enlarge(everyone)
    for name, messages in (("all", between_two), ("spread", spread)):
        step(name)
        runs[name] = [hubrun.measure(ground, messages, 1, log) for _ in range(plan.flat_rounds)]
    return _found(ground, runs)


def _loads(counties: Mapping[str, BenchCounty], count: int) -> tuple[list[Wire], list[Wire]]:
    """Traffic between the first two, and between the first 200."""
    two, many = ({code: counties[code] for code in list(counties)[:some]} for some in (2, _SPREAD))
    return (
        make_load(two, count=count, size_bytes=KIB, now=now()),
        make_load(many, count=count, size_bytes=KIB, now=now()),
    )


def _found(large: Ground, runs: Mapping[str, list[Run]]) -> dict[str, Any]:
    """Rates, the ratios, and how long enrolling, starting and listing everybody takes."""
    return {
        "enrolled": len(large.counties),
        "ratio": ratio(runs["all"], runs["two"]).as_json(),
        "spread_ratio": ratio(runs["spread"], runs["two"]).as_json(),
        "rates": {name: Spread.of([each.rate for each in some]).as_json() for name, some in runs.items()},
        "runs": {name: [[each.messages, each.seconds] for each in some] for name, some in runs.items()},
        "seconds": {name: round(taken, 3) for name, taken in large.seconds.items()} | {"command_list": _listing(large)},
    }


def _listing(ground: Ground) -> float:
    """Seconds of `hub county list` from the shell's point of view."""
    started = time.monotonic()
    command = [sys.executable, "-m", "hub", "county", "list", "--folder", str(ground.settings.folder)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return round(time.monotonic() - started, 3)
