"""Flat cost: the same traffic between two counties, with these two enrolled and with every county of the country.

Two grounds with a node each; the one that is not measured is frozen. `ratio` is the cost of being many: same
messages, same counties, other enrolment. `spread_ratio` has the traffic between 200 counties as well, which makes one
receipt message per sender and batch out of two: that is the price of traffic, not of enrolment, and is shown apart.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from deploy.bench import hubrun
from deploy.bench.children import ROOT
from deploy.bench.ground import Ground
from deploy.bench.messages import KIB, make_load
from deploy.bench.plan import Plan
from deploy.bench.runs import Run, Spread, ratio
from hub.instants import now

_SPREAD: Final = 200


def measure(small: Ground, large: Ground, plan: Plan, log: Path, step: Callable[[str], None]) -> dict[str, Any]:
    """Rounds of both, the ratios, and how long enrolling, starting and listing everybody takes."""
    runs: dict[str, list[Run]] = {"two": [], "all": [], "spread": []}
    many = {code: large.counties[code] for code in list(large.counties)[:_SPREAD]}
    load = make_load(small.counties, count=plan.flat_messages, size_bytes=KIB, now=now())
    spread = make_load(many, count=plan.flat_messages, size_bytes=KIB, now=now())
    turns = (("two", small, load), ("all", large, load), ("spread", large, spread))
    for number in range(plan.flat_rounds):
        for name, ground, messages in turns[number % 3 :] + turns[: number % 3]:
            step(f"{name} · {number + 1}/{plan.flat_rounds}")
            (small if ground is large else large).freeze()
            ground.thaw()
            runs[name].append(hubrun.measure(ground, messages, 1, log))
    large.thaw()
    return {
        "enrolled": len(large.counties),
        "ratio": ratio(runs["all"], runs["two"]).as_json(),
        "spread_ratio": ratio(runs["spread"], runs["two"]).as_json(),
        "rates": {name: Spread.of([each.rate for each in some]).as_json() for name, some in runs.items()},
        "seconds": {name: round(taken, 3) for name, taken in large.seconds.items()} | {"command_list": _listing(large)},
    }


def _listing(ground: Ground) -> float:
    """Seconds of `hub county list` from the shell's point of view."""
    started = time.monotonic()
    command = [sys.executable, "-m", "hub", "county", "list", "--folder", str(ground.settings.folder)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return round(time.monotonic() - started, 3)
