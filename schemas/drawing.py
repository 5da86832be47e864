"""Drawing experts for a review so that nobody can choose them and anybody can draw them again (specification 14.8).

The seed is the root of the first checkpoint that the hub signs over the message that convened the review: the one with
the smallest size greater than that message's leaf index. Whoever convenes has signed the pool before the root exists.
The rank of an expert is SHA-256 over exactly these bytes:

    "yhb-review-draw-v1" 0x00 | root (32) | id of the convening message, 36 ASCII characters | expert, ASCII

where the expert is written as in the pool: division code, hyphen, the number within that county. Ranks are compared as
bytes; the smallest comes first. The first `wanted` are drawn, all others stand in reserve in this order. Pure.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

TAG: Final = b"yhb-review-draw-v1\0"
_EXPERT: Final = re.compile(r"([0-9]{6})-([A-Z0-9-]{1,30})")


@dataclass(frozen=True, slots=True)
class Seed:
    """What decides a draw: a checkpoint's size and root."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Ranked:
    """One expert of the pool and the digest that gives the place."""

    expert: str
    rank: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A draw done again beside the one that was published; every question has its own answer."""

    seed: Seed | None
    """The checkpoint that has to be the seed; None when none is known here."""
    ranked: Sequence[Ranked]
    """By the published seed's root."""
    seed_right: bool
    order_right: bool

    @property
    def right(self) -> bool:
        """Whether the published draw is the only one possible."""
        return self.seed_right and self.order_right


def expert(county: str, number: str) -> str:
    """An expert as in a pool: numbers are unique only within their county."""
    return f"{county}-{number}"


def parts(listed: str) -> tuple[str, str] | None:
    """County and number of an expert of a pool; None for another text."""
    found = _EXPERT.fullmatch(listed)
    return (found[1], found[2]) if found else None


def seed(leaf_index: int, checkpoints: Iterable[Seed]) -> Seed | None:
    """Of these checkpoints the first over this leaf; None while there is none."""
    return min((each for each in checkpoints if each.size > leaf_index), key=lambda each: each.size, default=None)


def rank(root: bytes, convening_id: str, listed: str) -> bytes:
    """The digest that gives one expert the place."""
    return sha256(TAG + root + convening_id.encode("ascii") + listed.encode("ascii")).digest()


def ranked(root: bytes, convening_id: str, pool: Iterable[str]) -> list[Ranked]:
    """The whole pool in the order of its ranks; an expert that is listed twice counts once."""
    found = [Ranked(each, rank(root, convening_id, each)) for each in set(pool)]
    return sorted(found, key=lambda each: (each.rank, each.expert))


def order(root: bytes, convening_id: str, pool: Iterable[str]) -> list[str]:
    """Those who are drawn and, after them, the reserve."""
    return [each.expert for each in ranked(root, convening_id, pool)]


def repeat(
    convened: Mapping[str, Any], convening_id: str, drawn: Mapping[str, Any], right_seed: Seed | None
) -> Repeated:
    """Draw again from the clear facts of both messages and the checkpoint that has to be the seed."""
    said = Seed(drawn["seed_size"], drawn["seed_root"])
    found = ranked(said.root, convening_id, convened["pool"])
    return Repeated(
        seed=right_seed,
        ranked=found,
        seed_right=said == right_seed,
        order_right=[each.expert for each in found] == list(drawn["drawn"]),
    )
