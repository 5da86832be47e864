"""What will go wrong, when, where and for how long: a pure function of the seed, bounded in time and in count.

Kinds of faults are drawn from a deck, each as often as its weight says, and the deck is shuffled anew when it is
empty: a long run has every kind several times, whatever the seed. Targets are drawn the same way. Between two faults
lies a short rest, a long one (in which recovery is measured), or none: then they overlap, unless both touch the same
part.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, TypeVar

T = TypeVar("T")

FIRST_SECONDS: Final = 3.0
OVERLAP, SHORT_REST, LONG_REST = "overlap", "short", "long"
RESTS: Final[Mapping[str, tuple[float, float]]] = {
    OVERLAP: (0.3, 1.5),  # after the beginning of the fault before
    SHORT_REST: (0.5, 2.5),  # after its end
    LONG_REST: (5.0, 10.0),
}
REST_WEIGHTS: Final = {OVERLAP: 4, SHORT_REST: 4, LONG_REST: 3}
APART_SECONDS: Final = 1.0
"""Between two faults of the same part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of fault."""

    name: str
    targets: tuple[str, ...]
    """What it may hit; the first word is what `touches` is made of."""
    seconds: tuple[float, float]
    """Shortest and longest duration; both 0 for what is over at once."""
    touches: tuple[str, ...] = ()
    """Parts that no other fault may touch meanwhile, beside the target itself."""
    weight: int = 1
    """How often it is in the deck."""
    most: int = 1_000_000
    """How often it may happen in one run."""
    cheap: bool = False
    """Whether it belongs to the short run: quick to inflict and to recover from, and needing no special rights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One fault of the plan."""

    number: int
    at_seconds: float
    """After the beginning."""
    fault: str
    target: str
    seconds: float
    chance: int
    """A seed for whatever else the fault has to draw."""

    @property
    def ends_seconds(self) -> float:
        """When it is to be healed."""
        return round(self.at_seconds + self.seconds, 3)


def plan(seed: int, kinds: Sequence[Kind], *, seconds: float, most: int) -> tuple[Step, ...]:
    """At most `most` faults, all over after `seconds`."""
    chance = random.Random(seed)
    deck = _deck(chance, [kind for kind in kinds for _ in range(kind.weight)])
    targets = {kind.name: _deck(chance, kind.targets) for kind in kinds}
    left = {kind.name: kind.most for kind in kinds}
    busy_until: dict[str, float] = {}
    steps: list[Step] = []
    begins = ends = 0.0
    while len(steps) < most and any(left.values()):
        kind = next(deck)
        if not left[kind.name]:
            continue
        target = next(targets[kind.name])
        lasts = round(chance.uniform(*kind.seconds), 3)
        (rest,) = chance.choices(list(REST_WEIGHTS), list(REST_WEIGHTS.values()))
        pause = chance.uniform(*RESTS[rest])
        at = (begins if rest == OVERLAP else ends) + pause if steps else FIRST_SECONDS
        touched = parts(kind, target)
        at = round(max([at, *(busy_until.get(part, 0.0) + APART_SECONDS for part in touched)]), 3)
        if at + lasts > seconds:
            break
        begins, ends = at, max(ends, at + lasts)
        busy_until |= dict.fromkeys(touched, at + lasts)
        left[kind.name] -= 1
        steps.append(
            Step(
                number=len(steps) + 1, at_seconds=at, fault=kind.name, target=target, seconds=lasts,
                chance=chance.getrandbits(32),
            )
        )  # fmt: skip
    return tuple(sorted(steps, key=lambda step: (step.at_seconds, step.number)))


def written(steps: Sequence[Step]) -> str:
    """The plan as JSON lines."""
    return "".join(json.dumps(asdict(step), ensure_ascii=False) + "\n" for step in steps)


def parts(kind: Kind, target: str) -> set[str]:
    """What a fault touches: no two of the same part stand at once."""
    return {target.split(maxsplit=1)[0], *kind.touches}


def _deck(chance: random.Random, cards: Sequence[T]) -> Iterator[T]:
    while True:
        yield from chance.sample(cards, len(cards))
