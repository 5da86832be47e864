"""Draws of expert reviews: from the pool, the convening message and a checkpoint to the order of everybody in it."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from deploy.contract.made import message_id
from deploy.contract.values import Json
from schemas import drawing
from schemas.drawing import Seed

_POOL: Final = tuple(f"{county}-E{number:03}" for county in ("130928", "140881") for number in range(1, 6))
_CHECKPOINTS: Final = ((17, "a"), (18, "b"), (25, "c"))
_LEAVES: Final = (16, 17, 18, 24, 25)


def vectors() -> Json:
    """The file `drawing.json`."""
    return {
        "about": "`seeds`: of the checkpoints that a hub signed, the size of the one that is the seed for a convening "
        "message at this leaf, null while there is none. `draws`: the whole pool in the order of its ranks, of which "
        "the first `wanted` are drawn; `hashed` is what the rank of the first of them is the SHA-256 of.",
        "seeds": [
            {"leaf_index": leaf, "checkpoints": [size for size, _ in _CHECKPOINTS], "seed_size": _seed(leaf)}
            for leaf in _LEAVES
        ],
        "draws": [
            _draw("a pool of two counties", _POOL, "draw 1", 3),
            _draw("the same pool under another checkpoint", _POOL, "draw 2", 3),
            _draw("a reserve of nobody", _POOL[:3], "draw 1", 3),
            _draw("one expert", ("140881-A-1",), "draw 1", 1),
        ],
    }


def _seed(leaf: int) -> int | None:
    found = drawing.seed(leaf, [Seed(size, sha256(name.encode()).digest()) for size, name in _CHECKPOINTS])
    return found.size if found is not None else None


def _draw(name: str, pool: Sequence[str], root_of: str, wanted: int) -> Json:
    root, convening = sha256(root_of.encode()).digest(), message_id("review.convened")
    ranked = drawing.ranked(root, convening, pool)
    first = ranked[0].expert
    return {
        "name": name,
        "root": root.hex(),
        "convening_id": convening,
        "pool": list(pool),
        "wanted": wanted,
        "hashed": (drawing.TAG + root + convening.encode() + first.encode()).hex(),
        "ranked": [{"expert": each.expert, "rank": each.rank.hex()} for each in ranked],
    }
