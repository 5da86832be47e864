"""Chaos in short: a fixed seed, the faults that are quick to inflict, a handful of cases; the rest as in earnest.

`make chaos` is the long run.
"""

import pytest

from tests.brokers import require_broker
from tests.chaos.faults import CHEAP
from tests.chaos.run import KEYS, Run, carry_out, is_good
from tests.journey.road import left_behind, until
from tests.printers import require_printer

SHORT = Run(
    seed=38, seconds=22, kinds=CHEAP, most_cycles=8, most_cases=8, most_open=6, pace_seconds=1.5, settle_seconds=400
)


@pytest.mark.timeout(900)
def test_some_seconds_of_faults_harm_nothing(tmp_path, record_property):
    """Nothing lost, doubled, invented or reordered; every case at its end; no process left."""
    require_broker()
    require_printer()
    report = carry_out(SHORT, tmp_path / "world", say=lambda _: None, progress=lambda _: None)
    for name, value in report.items():
        record_property(name, value)
    assert is_good(report), report["problems"]
    assert report.keys() == set(KEYS)
    assert report["cases"] >= 5
    assert report["cycles"] + sum(report["missed"].values()) == len(SHORT.plan())
    assert report["cycles"] >= 4
    until(lambda: not left_behind(tmp_path / "world"), "every process ended")
