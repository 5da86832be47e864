"""Runs and what is made of them: rates, medians, spreads, ratios of runs of one round, percentiles."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one contestant."""

    messages: int
    seconds: float

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A median with the smallest and the largest value it stands for."""

    median: float
    smallest: float
    largest: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of at least one value."""
        return cls(median=statistics.median(values), smallest=min(values), largest=max(values), count=len(values))

    def as_json(self) -> dict[str, Any]:
        """For the record."""
        return {"median": self.median, "min": self.smallest, "max": self.largest, "count": self.count}


def ratio(above: Sequence[Run], below: Sequence[Run]) -> Spread:
    """Of the rates of each round's pair: a noisy minute hits both, so the pairs are compared and not the medians."""
    return Spread.of([up.rate / down.rate for up, down in zip(above, below, strict=True)])


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share (0 to 1) of the values lies: nearest rank, no interpolation."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]
