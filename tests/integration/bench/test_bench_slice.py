"""`make bench` as a whole, in the smallest size: every part runs on a real node and its figures are figures."""

import dataclasses
import json
from pathlib import Path

import pytest

from deploy.bench.bench import RECORD, Bench, run
from deploy.bench.plan import QUICK, Sized
from deploy.bench.report import TARGETS
from tests.brokers import require_broker

TINY = dataclasses.replace(
    QUICK,
    counties=3,
    sizes_kib={1: Sized(rounds=1, messages={"relay": 500, "hub_1": 500, "hub_2": 900, "faststream": 60})},
    latency_seconds=1.0,
    flat_messages=500,
    enrolled=5,
    profiled_messages=500,
    licenses=1,
    journal_entries=1_000,
    memory_messages=200,
    flooded_seconds=1.0,
)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_every_part_is_measured_and_nothing_is_left_running(tmp_path: Path):
    """The record has its keys and sane values, and the folder's processes are gone."""
    require_broker()
    bench = Bench(folder=tmp_path / "bench", plan=TINY, step=lambda _: None)
    run(bench)
    record = json.loads((tmp_path / "bench" / RECORD).read_text())
    assert {name for name in TARGETS if not 0 < record[name] < 100} == set()
    assert {"machine", "throughput", "latency", "steps", "flooding", "flat", "journal", "memory", "licenses"} <= set(
        record
    )
    assert record["machine"]["fsync_ms"] > 0
    assert sum(record["steps"]["shares"].values()) == pytest.approx(1.0)
    for contestant in ("relay", "hub_1", "hub_2", "faststream"):
        assert [each["rate"] > 0 for each in record["throughput"]["1"][contestant]["runs"]] == [True]
    assert left_running(tmp_path) == []


def left_running(folder: Path) -> list[str]:
    """Command lines of living processes that name this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(folder) in command and "pytest" not in command:
                found.append(command)
    return found
