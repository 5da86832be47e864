"""The contestants side by side: each round lets every one of them run over the same load, in turning order.

A noisy machine hits a round, not a contestant; what is compared are the rates of one round.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from deploy.bench import faststream_app, hubrun, relay
from deploy.bench.ground import Ground
from deploy.bench.messages import Wire
from deploy.bench.plan import Sized
from deploy.bench.runs import Run, Spread, ratio

Runs = Mapping[str, Sequence[Run]]
RUNNERS: Final[Mapping[str, Callable[[Ground, list[Wire], Path], Run]]] = {
    "relay": relay.measure,
    "hub_1": lambda ground, load, log: hubrun.measure(ground, load, 1, log),
    "hub_2": lambda ground, load, log: hubrun.measure(ground, load, 2, log),
    "faststream": faststream_app.measure,
}


def contest(
    ground: Ground, load: list[Wire], sized: Sized, log: Path, step: Callable[[str], None]
) -> dict[str, list[Run]]:
    """All rounds of one size; `step` hears of each run before it begins."""
    names = list(sized.messages)
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for number in range(sized.rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            step(f"{name} · {number + 1}/{sized.rounds}")
            runs[name].append(RUNNERS[name](ground, load[: sized.messages[name]], log))
    return runs


def as_json(runs: Runs) -> dict[str, Any]:
    """Raw runs, rates, and the ratios to the relay and to FastStream of each round."""
    found: dict[str, Any] = {
        name: {
            "rate": Spread.of([each.rate for each in some]).as_json(),
            "runs": [{"messages": e.messages, "seconds": e.seconds, "rate": e.rate} for e in some],
        }
        for name, some in runs.items()
    }
    pairs = (("relay", "hub_1"), ("relay", "hub_2"), ("relay", "faststream"), ("faststream", "hub_1"))
    found["ratios"] = {
        f"{above}/{below}": ratio(runs[above], runs[below]).as_json()
        for below, above in pairs
        if below in runs and above in runs
    }
    return found
