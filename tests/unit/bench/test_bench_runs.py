"""The benchmark's arithmetic: what is compared are runs of one round, and a confirm counts once."""

import pytest

from deploy.bench.hands import Confirms
from deploy.bench.runs import Run, Spread, percentile, ratio


def run(rate: float) -> Run:
    """A run of one second."""
    return Run(messages=int(rate), seconds=1.0)


def test_a_ratio_is_the_median_of_the_rounds_and_not_of_the_medians():
    """A noisy round slows both contestants, and its ratio stands."""
    found = ratio([run(500), run(50), run(400)], [run(1000), run(100), run(500)])
    assert (found.median, found.smallest, found.largest, found.count) == (0.5, 0.5, 0.8, 3)


def test_rounds_that_do_not_pair_are_an_error():
    """A contestant that missed a round is not compared with another one's."""
    with pytest.raises(ValueError, match="zip"):
        ratio([run(1)], [run(1), run(2)])


def test_a_spread_says_what_its_median_stands_for():
    """Smallest, largest and how many."""
    assert Spread.of([3.0, 1.0, 2.0]).as_json() == {"median": 2.0, "min": 1.0, "max": 3.0, "count": 3}


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_a_measured_value(share: float, expected: int):
    """Nearest rank: nothing is interpolated."""
    assert percentile([float(each) for each in range(100, 0, -1)], share) == expected


def test_of_one_value_every_percentile_is_that_value():
    """A short run has no tail to invent."""
    assert percentile([7.0], 0.5) == percentile([7.0], 0.99) == 7.0


def test_confirms_out_of_order_count_when_nothing_before_them_is_missing():
    """Otherwise the relay would acknowledge what the broker does not hold."""
    confirms = Confirms()
    assert [confirms.take(tag, multiple=False) for tag in (2, 3, 1)] == [0, 0, 3]


def test_a_multiple_confirm_settles_everything_up_to_it_once():
    """Singles before and behind it are neither lost nor counted twice."""
    confirms = Confirms()
    confirms.take(7, multiple=False)
    confirms.take(2, multiple=False)
    assert confirms.take(6, multiple=True) == 7
    assert confirms.take(5, multiple=True) == 7
    assert confirms.take(8, multiple=False) == 8
