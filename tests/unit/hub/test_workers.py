"""A worker process that dies and is not replaced is missed, however many of its kind work; a stopped one is not."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hub.alerting import words
from hub.alerting.conditions import Matter, found
from hub.alerting.facts import FactFinder
from hub.alerting.limits import DEFAULT
from hub.observing import beating, workers
from hub.observing.beating import at_work
from hub.observing.workers import Roll, Worker
from hub.settings import HubSettings
from hub.store import Store
from hub.views.groundsource import GroundFinder
from hub.web.grounds import idle
from pages.wording import say
from tests.awaiting import until
from tests.hub_world import World
from tests.unit.hub_evidence.standing_broker import StandingBroker

BEAT = timedelta(seconds=10)


def worker(world: World, number: int, *, machine: str = "a", count: int = 3, again: str = "") -> Worker:
    """One that begins now."""
    name = f"{machine}{number}{again}"
    return Worker(id=name, role="admission", machine=machine, number=number, count=count, began_at=world.now)


def enter(world: World, *entered: Worker) -> None:
    """They begin."""
    with world.store.write() as tx:
        for each in entered:
            workers.enter(tx, each, world.now)


def pass_by(world: World, seconds: float, *living: Worker) -> None:
    """Time in which these, and nobody else, say that they are there."""
    until = world.now + timedelta(seconds=seconds)
    while world.now < until:
        world.later(seconds=BEAT.total_seconds())
        with world.store.write() as tx:
            for each in living:
                workers.beat(tx, each, world.now)


def roll(world: World) -> Roll | None:
    """Of the admission workers."""
    with world.store.read() as tx:
        return workers.rolls(tx, world.now).get("admission")


@pytest.mark.both_stores
def test_one_of_three_that_dies_is_missed_until_it_is_started_again(world: World) -> None:
    """After three beats that did not come, and no longer once another has its place."""
    first, second, third = (worker(world, number) for number in range(3))
    enter(world, first, second, third)
    pass_by(world, 30, first, second)
    assert roll(world) == Roll(there=3, gone=0)
    pass_by(world, 10, first, second)
    assert roll(world) == Roll(there=2, gone=1)
    again = worker(world, 2, again="'")
    enter(world, again)
    assert roll(world) == Roll(there=3, gone=0)
    pass_by(world, 120, first, second, again)
    assert roll(world) == Roll(there=3, gone=0)


def test_one_that_dies_at_once_is_missed_though_the_others_began_a_moment_later(world: World) -> None:
    """Who begins with it does not begin in its place."""
    first, second = worker(world, 0), worker(world, 1)
    enter(world, first)
    world.later(seconds=0.1)
    enter(world, second)
    pass_by(world, 60, second)
    assert roll(world) == Roll(there=1, gone=1)


def test_one_that_is_replaced_at_once_is_never_missed(world: World) -> None:
    """As `hub up` replaces it: before anybody knew that it had died."""
    first, second = worker(world, 0), worker(world, 1)
    enter(world, first, second)
    pass_by(world, 10, first)
    again = worker(world, 1, again="'")
    enter(world, again)
    pass_by(world, 60, first, again)
    assert roll(world) == Roll(there=2, gone=0)


def test_a_planned_stop_is_no_death(world: World) -> None:
    """Whoever is told to stop takes its row away, and `hub up` with fewer workers those that it starts no more."""
    first, second, third = (worker(world, number) for number in range(3))
    enter(world, first, second, third)
    with world.store.write() as tx:
        workers.leave(tx, second, world.now)
    pass_by(world, 60, first, third)
    assert roll(world) == Roll(there=2, gone=0)
    fewer = worker(world, 0, count=1, again="'")
    enter(world, fewer)
    pass_by(world, 60, fewer)
    assert roll(world) == Roll(there=1, gone=0)


def test_one_that_begins_elsewhere_makes_up_for_one_death(world: World) -> None:
    """A machine is gone and another takes over; its stop later on brings no old death back."""
    first, lost = worker(world, 0), worker(world, 0, machine="b")
    enter(world, first, lost)
    pass_by(world, 60, first)
    assert roll(world) == Roll(there=1, gone=1)
    other = worker(world, 0, machine="c")
    enter(world, other)
    pass_by(world, 10, first, other)
    assert roll(world) == Roll(there=2, gone=0)
    with world.store.write() as tx:
        workers.leave(tx, other, world.now)
    pass_by(world, 60, first)
    assert roll(world) == Roll(there=1, gone=0)


def test_what_was_taken_away_without_a_stop_is_forgotten_in_the_end(world: World) -> None:
    """After a week: no alert stands for ever."""
    enter(world, worker(world, 0))
    world.later(days=6)
    assert roll(world) == Roll(there=0, gone=1)
    world.later(days=2)
    assert roll(world) is None


def test_page_and_alert_say_how_many_of_how_many(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the others work, and in both languages."""
    monkeypatch.setattr("hub.instants.now", lambda: world.now)
    first, second, third = (worker(world, number) for number in range(3))
    enter(world, first, second, third)
    finder = GroundFinder(world.store, tmp_path)
    pass_by(world, 40, first, second)
    assert idle((), GroundFinder(world.store, tmp_path)()) == [], "a hub that is starting waits for its workers"
    (line,) = idle((), finder())
    params = line.params | {name: say(each, "zh") for name, each in line.marked_params.items()}
    assert say(line.sentence, "zh", **params) == "受理进程本来有 3 个，现在少了 1 个，没有重新启动。"
    facts = FactFinder(world.store, StandingBroker(), HubSettings(folder=tmp_path))(world.now)
    (matter,) = [each for each in found(facts, DEFAULT)["worker-died"] if each.subject == "admission"]
    assert matter == Matter(subject="admission", count=1, whole=3)


class Row:
    """An alert as the words ask for it."""

    kind, amount, whole = "worker-died", 1, 3


def test_the_words_of_the_alert() -> None:
    """Of how many, in both languages."""
    assert [words.sentence(Row, language) for language in ("zh", "en")] == ["3 个中少了 1 个", "1 of 3 gone"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beats that a test can wait for."""
    monkeypatch.setattr(beating, "EVERY_SECONDS", 0.05)
    monkeypatch.setattr(beating, "_AGAIN_SECONDS", 0.05)


def die_once(true: Callable[[], bool]) -> None:
    """Work until then."""
    until(true)
    raise OSError("died")


def counted(store: Store, at: Callable[[], datetime]) -> tuple[int, int]:
    """How many admission workers are there, and how many gone."""
    with store.read() as tx:
        found = workers.rolls(tx, at()).get("admission", Roll(there=0, gone=0))
    return found.there, found.gone


def test_a_process_is_there_until_it_is_stopped_and_missed_when_it_dies(
    world: World, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that ends it, or the end of its parent, is no planned stop."""
    monkeypatch.setattr("hub.instants.now", lambda: world.now)
    with at_work(world.store, "admission"):
        until(lambda: counted(world.store, lambda: world.now) == (1, 0))
    assert counted(world.store, lambda: world.now) == (0, 0)
    with pytest.raises(OSError, match="died"), at_work(world.store, "admission"):
        die_once(lambda: counted(world.store, lambda: world.now) == (1, 0))
    world.later(minutes=1)
    assert counted(world.store, lambda: world.now) == (0, 1)
    with at_work(world.store, "admission", planned=lambda: False):
        until(lambda: counted(world.store, lambda: world.now) == (1, 0))
    world.later(minutes=1)
    assert counted(world.store, lambda: world.now) == (0, 1)


def test_a_store_that_is_held_keeps_nobody_from_working(world: World, quick: None) -> None:
    """It works at once, and is entered when the store is free."""
    if not world.url.startswith("sqlite"):
        pytest.skip("nobody can hold the whole of a PostgreSQL database")
    database = Path(world.url.removeprefix("sqlite:///"))
    working = threading.Event()
    with closing(sqlite3.connect(database, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with at_work(world.store, "admission"):
            working.set()
            holder.execute("ROLLBACK")
            until(lambda: counted(world.store, beating.instants.now) == (1, 0))
    assert working.is_set()
