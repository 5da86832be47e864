"""On SQLite one writes at a time: who goes first waits for the one who writes now, not for all who want to."""

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from hub.store import Store, open_store, tables
from hub.store.turns import Gate
from schemas.errors import YunhuobanError

WRITERS = 3


def _count(store: Store, name: str) -> None:
    with store.write() as tx:
        tx.execute(insert(tables.counters).values(name=name, value=1))


@pytest.fixture
def database(tmp_path: Path) -> str:
    """A migrated database."""
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    open_store(url).close()
    return url


def test_who_goes_first_waits_for_no_queue_of_writers(database: str):
    """Writers follow each other without a pause; each express write begins before any of them has a second turn."""
    first, ending, begun = open_store(database, goes_first=True), threading.Event(), list[str]()
    others = [open_store(database) for _ in range(WRITERS)]

    def write(name: str, store: Store) -> None:
        while not ending.is_set():
            with store.write():
                begun.append(name)
                time.sleep(0.01)

    threads = [threading.Thread(target=write, args=(str(i), store)) for i, store in enumerate(others)]
    for each in threads:
        each.start()
    try:
        between = []
        for turn in range(20):
            while len(begun) < (turn + 1) * WRITERS:
                time.sleep(0.001)
            before = len(begun)
            with first.write():
                between.append(begun[before:])
    finally:
        ending.set()
        for each in threads:
            each.join(30)
    # At most those who had already passed the gate when it was shut; nobody twice.
    assert all(len(names) == len(set(names)) for names in between), between
    for each in (first, *others):
        each.close()


def test_nobody_begins_while_the_gate_is_shut_and_readers_are_not_kept(database: str, tmp_path: Path):
    """A gate that is shut keeps writers out; reading goes on; opening it lets them in."""
    store, gate, done = open_store(database), Gate(tmp_path / "hub.sqlite"), threading.Event()

    def write() -> None:
        _count(store, "a")
        done.set()

    with gate.shut():
        assert gate.is_shut()
        writer = threading.Thread(target=write)
        writer.start()
        with store.read() as tx:
            assert tx.execute(select(tables.counters)).all() == []
        assert not done.wait(0.2)
    assert done.wait(30)
    writer.join(30)
    assert not gate.is_shut()
    store.close()


def test_a_gate_that_stays_shut_stops_nobody_for_ever(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Whoever shut it hangs: after the time that SQLite itself would wait, the others write all the same."""
    monkeypatch.setattr("hub.store.engine.BUSY_SECONDS", 0.2)
    store = open_store(database)
    with Gate(tmp_path / "hub.sqlite").shut():
        _count(store, "a")
    store.close()


def test_a_writer_that_hangs_is_an_error_in_time(database: str, monkeypatch: pytest.MonkeyPatch):
    """As before: the store says that it is away, and is well again afterwards."""
    monkeypatch.setattr("hub.store.engine.BUSY_SECONDS", 0.2)
    one, other = open_store(database), open_store(database, goes_first=True)
    with one.write(), pytest.raises(YunhuobanError, match="E-STORE-001"):
        _count(other, "a")
    _count(other, "b")
    one.close()
    other.close()
