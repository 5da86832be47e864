"""How much is measured: the whole bench, and the quick one that has the same figures in a few minutes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

CONTESTANTS: Final = ("relay", "hub_1", "hub_2", "faststream")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """The rounds of one message size."""

    rounds: int
    messages: Mapping[str, int]
    """Messages of one run, by contestant: as many as make the run long enough to be told from its ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that `QUICK=1` changes."""

    name: str
    counties: int
    """Counties that the traffic of the throughput rounds is between."""
    sizes_kib: Mapping[int, Sized]
    latency_rounds: int
    latency_shares: tuple[float, ...]
    """Shares of the hub's measured capacity at which latency is measured; 0.5 is one of them."""
    latency_seconds: float
    one_node: bool
    """Whether the same node is measured before and after everybody is enrolled, instead of two nodes in turns."""
    flat_rounds: int
    flat_messages: int
    enrolled: int
    """Counties of the large ground."""
    profiled_messages: int
    licenses: int
    journal_entries: int
    memory_messages: int
    flooded_seconds: float


FULL: Final = Plan(
    name="full",
    counties=16,
    sizes_kib={
        1: Sized(rounds=9, messages={"relay": 12_000, "hub_1": 8_000, "hub_2": 8_000, "faststream": 2_000}),
        16: Sized(rounds=5, messages={"relay": 4_000, "hub_1": 3_000, "hub_2": 3_000, "faststream": 1_000}),
        256: Sized(rounds=3, messages={"relay": 600, "hub_1": 500, "hub_2": 500, "faststream": 200}),
    },
    latency_rounds=5,
    latency_shares=(0.1, 0.5, 0.8),
    latency_seconds=15.0,
    one_node=False,
    flat_rounds=9,
    flat_messages=6_000,
    enrolled=2843,
    profiled_messages=8_000,
    licenses=60,
    journal_entries=1_000_000,
    memory_messages=100_000,
    flooded_seconds=20.0,
)
QUICK: Final = Plan(
    name="quick",
    counties=16,
    sizes_kib={
        1: Sized(rounds=2, messages={"relay": 3_000, "hub_1": 2_000, "hub_2": 2_000, "faststream": 300}),
        16: Sized(rounds=1, messages={"relay": 300, "hub_1": 300}),
        256: Sized(rounds=1, messages={"relay": 40, "hub_1": 40}),
    },
    latency_rounds=1,
    latency_shares=(0.5,),
    latency_seconds=2.0,
    one_node=True,
    flat_rounds=1,
    flat_messages=1_500,
    enrolled=2843,
    profiled_messages=1_000,
    licenses=4,
    journal_entries=10_000,
    memory_messages=1_500,
    flooded_seconds=2.0,
)
