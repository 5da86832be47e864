"""The draw of a review: nobody chooses, anybody repeats it."""

import uuid
from collections import Counter
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from schemas import drawing
from schemas.drawing import Seed

ID = "018f0000-0000-7000-8000-000000000002"
ROOT = bytes(range(32))
POOL = [f"130928-E{number:03}" for number in range(1, 8)]
POOLS = st.lists(st.from_regex(r"[0-9]{6}-[A-Z0-9-]{1,30}", fullmatch=True), max_size=30, unique=True)


def test_the_rank_is_the_digest_of_exactly_the_bytes_that_are_written_down():
    """Whoever has the specification alone gets the same."""
    said = b"yhb-review-draw-v1\x00" + ROOT + ID.encode() + b"130928-E001"
    assert drawing.rank(ROOT, ID, "130928-E001") == sha256(said).digest()


@given(st.data(), st.binary(min_size=32, max_size=32))
def test_the_order_of_the_pool_does_not_matter(data, root):
    """The same pool in any order, with an expert named twice, gives the same draw of everybody once."""
    pool = data.draw(POOLS)
    mixed = data.draw(st.permutations(pool))
    drawn = drawing.order(root, ID, pool)
    assert drawn == drawing.order(root, ID, [*mixed, *pool[:1]])
    assert sorted(drawn) == sorted(pool)


@given(st.lists(st.integers(0, 50), unique=True), st.integers(0, 50))
def test_the_seed_is_the_first_checkpoint_over_the_leaf(sizes, leaf):
    """A checkpoint of size n holds the leaves 0…n-1; no smaller one that holds the leaf is known."""
    found = drawing.seed(leaf, [Seed(size, bytes([size])) for size in sizes])
    over = sorted(size for size in sizes if size > leaf)
    assert found == (Seed(over[0], bytes([over[0]])) if over else None)


def test_everybody_has_the_same_chance():
    """Over two thousand seeds each of seven comes first about as often: chi-squared below its 99.99 % of 6 degrees."""
    times = 2000
    seeds = [sha256(number.to_bytes(4)).digest() for number in range(times)]
    for place in (0, len(POOL) - 1):
        found = Counter(drawing.order(root, ID, POOL)[place] for root in seeds)
        mean = times / len(POOL)
        assert sum((found[each] - mean) ** 2 / mean for each in POOL) < 27.9


def test_another_review_is_another_draw():
    """The id of the message that convened it counts: two reviews under one checkpoint do not draw alike."""
    drawn = {tuple(drawing.order(ROOT, str(uuid.UUID(int=each)), POOL)) for each in range(20)}
    assert len(drawn) > 15


def test_a_repeated_draw_answers_each_question_alone():
    """A seed that was chosen and an order that was changed are two findings."""
    convened, right = {"pool": POOL}, Seed(12, ROOT)
    drawn = {"seed_size": 12, "seed_root": ROOT, "drawn": drawing.order(ROOT, ID, POOL)}
    found = drawing.repeat(convened, ID, drawn, right)
    assert found.right
    assert [each.expert for each in found.ranked] == drawn["drawn"]
    chosen = drawing.repeat(convened, ID, drawn, Seed(11, ROOT))
    assert (chosen.seed_right, chosen.order_right, chosen.right) == (False, True, False)
    assert not drawing.repeat(convened, ID, drawn, None).seed_right
    changed = drawing.repeat(convened, ID, drawn | {"drawn": drawn["drawn"][::-1]}, right)
    assert (changed.seed_right, changed.order_right) == (True, False)


def test_an_expert_is_named_with_the_county():
    """Numbers are unique only within a county; what is no such name is none."""
    assert drawing.expert("130928", "E-1") == "130928-E-1"
    assert drawing.parts("130928-E-1") == ("130928", "E-1")
    assert drawing.parts("E001") is None
