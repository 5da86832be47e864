"""A store that cannot be used is told of all the same, though the book of alerts lies in it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hub.alerting import book
from hub.alerting.plan import FILE, PlanFile
from hub.alerting.watch import AlertWatch
from hub.store import STORE_FAILED, Store, engine, open_store
from schemas.errors import YunhuobanError
from tests.hub_world import World
from tests.receivers import hook
from tests.unit.hub.alerting.standing_facts import Standing

PLAN = """[[step]]
name = "值班"
urls = ["{first}"]
[[step]]
name = "负责人"
after_minutes = 15
urls = ["{second}"]
"""


@dataclass
class Keeper:
    """A keeper's rounds over a store that somebody else may hold."""

    world: World
    store: Store
    watch: AlertWatch
    told: list[list[dict[str, Any]]] = field(default_factory=list)

    def round(self, **later: float) -> str:
        """After a while; the code with which it failed."""
        self.world.now += timedelta(**later)
        try:
            self.watch.run_once(self.world.now)
        except YunhuobanError as error:
            return error.code.code
        return ""

    @property
    def counts(self) -> list[int]:
        """How many notices each step got."""
        return [len(each) for each in self.told]


@pytest.fixture
def keeper(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    """A store that waits for others only briefly, and two steps."""
    if not world.url.startswith("sqlite"):
        pytest.skip("one program alone can hold the whole of an SQLite database only")
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    with ExitStack() as stack:
        (first, url), (second, other) = (stack.enter_context(hook()) for _ in range(2))
        (tmp_path / FILE).touch(mode=0o600)
        (tmp_path / FILE).write_text(PLAN.format(first=url, second=other), encoding="utf-8")
        store = open_store(world.url)
        stack.callback(store.close)
        watch = AlertWatch(store, Standing().facts, PlanFile(tmp_path), origin="test")
        yield Keeper(world, store, watch, [first, second])


@pytest.fixture
def locked(world: World) -> Callable[[], Any]:
    """Another program that has begun to write."""

    @contextmanager
    def hold() -> Iterator[None]:
        file = world.url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield

    return hold


@pytest.mark.both_stores
def test_whether_a_store_can_be_written_is_asked_without_writing(world: World) -> None:
    """A database that is closed to writers, as a standby's is, cannot: by no connection, whatever it did before."""
    assert world.store.writable(1.0)
    if world.url.startswith("postgresql"):
        with world.store.write() as tx:
            name = tx.execute(text("SELECT current_database()")).scalar_one()
            tx.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
        with closing(open_store(world.url)) as anew:
            assert not anew.writable(1.0)
            with anew.read() as tx:
                tx.execute(text("SELECT 1"))
            assert not anew.writable(1.0)


def test_a_store_that_is_locked_is_told_of_and_so_is_its_end(keeper: Keeper, locked: Callable[[], Any]) -> None:
    """Once it has failed for a while: one notice when it begins, one when it is over, and a line among what is over."""
    assert keeper.round() == ""
    with locked():
        assert keeper.store.writable(0.1) is False
        assert keeper.round(minutes=1) == STORE_FAILED.code
        assert keeper.counts == [0, 0], "a server that is started anew is back in a moment"
        assert keeper.round(seconds=30) == STORE_FAILED.code
        assert keeper.round(minutes=1) == STORE_FAILED.code
        assert keeper.counts == [1, 0]
        assert "数据库写不进去" in keeper.told[0][0]["message"]
        assert "runbooks.md#store" in keeper.told[0][0]["message"]
    assert keeper.round(minutes=1) == ""
    assert keeper.counts == [2, 0]
    assert "已恢复" in keeper.told[0][1]["title"]
    assert keeper.store.writable(0.1) is True
    with keeper.store.read() as tx:
        assert [row.kind for row in book.recent(tx, 10)] == ["store"]
        assert book.standing(tx) == []


def test_nobody_can_acknowledge_it_and_so_the_next_step_hears_of_it(keeper: Keeper, locked: Callable[[], Any]) -> None:
    """When the first one has had its time; both hear of the end. What was over before it was told is never told."""
    with locked():
        keeper.round()
        keeper.round(seconds=30)
        keeper.round(minutes=16)
        assert keeper.counts == [1, 1]
    keeper.round(minutes=1)
    assert keeper.counts == [2, 2]
    with locked():
        keeper.round(minutes=1)
    keeper.round(minutes=1)
    assert keeper.counts == [2, 2]


def test_a_keeper_that_does_not_look_tells_nothing(keeper: Keeper, locked: Callable[[], Any]) -> None:
    """Of several keepers one tells: the one whose turn it was."""
    with keeper.store.write() as tx:
        book.take_turn(tx, "another", keeper.world.now)
    assert keeper.round() == ""
    with locked():
        keeper.round()
        keeper.round(seconds=30)
    assert keeper.counts == [0, 0]
