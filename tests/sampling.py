"""What the short run tries of much: some of every kind, another choice every day, so that in time all of it is tried.

The seed stands at the head of the run; `SAMPLE=2026-11-26` makes that day's choice again.
"""

import os
import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime
from typing import Final, TypeVar

Each = TypeVar("Each")

SEED: Final = os.environ.get("SAMPLE") or datetime.now(UTC).date().isoformat()
LONG: Final = os.environ.get("LONG") == "1"


def some(all_of_it: Iterable[Each], most: int, *, kind: Callable[[Each], Hashable] = lambda _: None) -> list[Each]:
    """So many of each kind, in their order; all of a kind that has no more."""
    kinds: dict[Hashable, list[tuple[int, Each]]] = defaultdict(list)
    for numbered in enumerate(all_of_it):
        kinds[kind(numbered[1])].append(numbered)
    chance = random.Random(SEED)
    chosen = [pair for each in kinds.values() for pair in (each if len(each) <= most else chance.sample(each, most))]
    return [each for _, each in sorted(chosen, key=lambda pair: pair[0])]


def examples(long: int, short: int) -> int:
    """How many examples a property of its own weight is tried with."""
    return long if LONG else short


def all_or_some(
    all_of_it: Iterable[Each], most: int, *, kind: Callable[[Each], Hashable] = lambda _: None
) -> list[Each]:
    """The same; everything with LONG=1."""
    return list(all_of_it) if LONG else some(all_of_it, most, kind=kind)
