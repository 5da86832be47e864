"""A journal of any length: appended to, proven from and checked in slices, with memory that does not grow with it."""

import time
import tracemalloc
from pathlib import Path

import pytest

from deploy.crowd import filling
from hub.bootstrap import Keys
from hub.evidence import journalcheck
from hub.evidence.journalcheck import check_journal
from hub.history import journal
from tests.hub_world import Network, World


def grown(network: Network, folder: Path, leaves: int) -> World:
    """A hub whose journal has so many leaves."""
    world = World.make(network, folder)
    world.now = filling.grow_journal(
        world.store, leaves, log=network.log, now=world.now, at_once=min(2000, leaves // 4)
    )
    return world


def peak_of_check(world: World, hub_keys: Keys) -> int:
    """Bytes that a whole check holds at most; it must find nothing."""
    with world.store.read() as tx:
        tracemalloc.start()
        found = check_journal(tx, keys=hub_keys, trial=True)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert found == []
    return peak


def test_memory_of_a_check_stays_flat(
    network: Network, hub_keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four times the leaves, the same memory: it is read in slices, and each journal here has several."""
    monkeypatch.setattr(journalcheck, "SLICE", 500)
    small, large = tmp_path / "small", tmp_path / "large"
    small.mkdir()
    large.mkdir()
    few = peak_of_check(grown(network, small, 1_500), hub_keys)
    many = peak_of_check(grown(network, large, 6_000), hub_keys)
    assert many < few * 1.5


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_million_leaves(network: Network, hub_keys: Keys, tmp_path: Path, record_property) -> None:
    """Append, proof and whole check, timed; the last batch costs what the first one cost."""
    figures: dict[str, float] = {}

    def timed(what: str, started: float) -> None:
        figures[what] = time.monotonic() - started
        record_property(what, figures[what])

    world, started = World.make(network, tmp_path), time.monotonic()
    last = filling.grow_journal(world.store, 50_000, log=network.log, now=world.now)
    timed("first 50,000 leaves (s)", started)
    last = filling.grow_journal(world.store, 900_000, log=network.log, now=last)
    started = time.monotonic()
    filling.grow_journal(world.store, 50_000, log=network.log, now=last)
    timed("last 50,000 leaves (s)", started)
    with world.store.read() as tx:
        started = time.monotonic()
        journal.prove(tx, 500_000, 1_000_000)
        timed("one inclusion proof (s)", started)
        started = time.monotonic()
        found = check_journal(tx, keys=hub_keys, trial=True)
        timed("whole check (s)", started)
    print("", *(f"{what:30} {value:10.3f}" for what, value in figures.items()), sep="\n")  # noqa: T201 -- the figures
    assert found == []
    assert figures["last 50,000 leaves (s)"] < figures["first 50,000 leaves (s)"] * 3
    assert figures["one inclusion proof (s)"] < 1.0
