"""Late cases are known within seconds, and knowing them costs no more when very many cases are open."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from hub.instants import to_millis
from hub.observing import deadlines, lateness
from hub.observing.lateness import LateWatch
from hub.observing.tables import case_limits
from hub.store import tables
from hub.web.overview import REFRESH_SECONDS
from tests.awaiting import until
from tests.hub_world import ISSUING, WINDOW, Case, World


def late(world: World) -> int:
    """How many the page would show."""
    with world.store.read() as tx:
        return deadlines.late_count(tx, world.now)


@pytest.fixture
def watched(world: World) -> Iterator[None]:
    """The keeper's thread, which has swept already and does so no more."""
    watch, stop, swept = LateWatch(world.store, world.now), threading.Event(), threading.Event()
    sweep = watch.sweep
    watch.sweep = lambda now: sweep(now) if not swept.is_set() and not swept.set() else 0  # type: ignore[method-assign]
    thread = threading.Thread(target=watch.keep, args=(stop, lambda: world.now), daemon=True)
    thread.start()
    assert swept.wait(10)
    yield
    stop.set()
    thread.join(10)


def test_a_case_is_late_on_the_page_within_five_seconds(world: World, watched: None) -> None:
    """Whether a step promised a day that has passed, or a quiet case passes its limit; no longer once it has moved."""
    promised, quiet = Case(world), Case(world)
    quiet.up_to("application.submitted")
    (application,) = promised.up_to("application.submitted")
    passed = {"promised_on": (world.now - timedelta(days=3)).date()}
    world.later(seconds=1)
    world.send(promised.message("application.accepted", passed, in_reply_to=application.envelope.id))
    until(lambda: late(world) == 1)
    world.later(days=9)
    until(lambda: late(world) == 2)
    world.send(promised.decision())
    until(lambda: late(world) == 1)
    assert lateness.EVERY_SECONDS + REFRESH_SECONDS < 5


def test_a_limit_goes_with_its_case(world: World) -> None:
    """What has ended is looked at once more, and its limit forgotten; a sweep finds what was missed."""
    watch, case, missed = LateWatch(world.store, world.now), Case(world), Case(world)
    for each in (case, missed):
        each.up_to("application.submitted")
    assert watch.look(world.now) == 2
    _to_its_end(world, case)
    assert watch.look(world.now) == 1
    assert [row.case_no for row in world.rows(select(case_limits))] == [missed.case_no]
    _to_its_end(world, missed)
    world.later(days=1)
    LateWatch(world.store, world.now).sweep(world.now)
    assert world.rows(select(case_limits)) == []


@pytest.mark.both_stores
def test_more_than_are_taken_at_once_come_the_next_time(world: World) -> None:
    """The oldest first, and none is passed over."""
    watch, moments = LateWatch(world.store, world.now), []
    _open(world, deadlines.MOVED_AT_ONCE + 3, limits=False)
    while len(moments) < 3:
        moments.append(watch.look(world.now))
    assert moments == [deadlines.MOVED_AT_ONCE, 3, 0]


@pytest.mark.parametrize(
    "ask",
    [
        deadlines.late_count,
        lambda tx, now: deadlines.late(tx, now, 500),
        deadlines.late_by_county,
        lambda tx, now: deadlines.moved(tx, now, now),
    ],
    ids=["count", "list", "by county", "moved"],
)
def test_what_is_late_costs_the_same_with_ten_times_as_many_open(world: World, ask: Callable[..., Any]) -> None:
    """A page asks every two seconds and the keeper looks as often: neither goes through all open cases."""
    if not world.url.startswith("sqlite"):
        pytest.skip("PostgreSQL knows how many are late and chooses by that")
    _open(world, 300)
    with world.store.read() as tx:
        few = _steps(tx, lambda: ask(tx, world.now))
    _open(world, 3000, first=300)
    with world.store.read() as tx:
        many = _steps(tx, lambda: ask(tx, world.now))
    assert many < 2 * few + 1000, f"{few} -> {many}"


def _to_its_end(world: World, case: Case) -> None:
    world.later(seconds=1)
    for write in (case.acceptance, case.decision, case.license, case.authorisation, case.claim, case.outcome):
        world.send(write())
    world.send(case.hand_over())


def _open(world: World, count: int, *, first: int = 0, limits: bool = True) -> None:
    """So many cases under way, none of them late, the last of them opened an hour ago."""
    changed = to_millis(world.now - (timedelta(hours=1) if limits else timedelta(0)))
    numbers = [f"{WINDOW}-20261101-{at:06}-C" for at in range(first, first + count)]
    same = {"window_county": WINDOW, "issuing_county": ISSUING, "service_item": world.network.item, "trial": False}
    cases = [
        {"case_no": each, "state": "accepted", "opened_at": changed, "changed_at": changed} | same for each in numbers
    ]
    due = to_millis(world.now + timedelta(days=9))
    told = {"changed_at": changed, "calendar": 0, "told_at": to_millis(world.now), "due_at": due}
    with world.store.write() as tx:
        tx.execute(insert(tables.cases), cases)
        if limits:
            tx.execute(insert(case_limits), [{"case_no": each} | told for each in numbers])


def _steps(tx: Connection, ask: Callable[[], Any]) -> int:
    """How many of SQLite's own steps it takes, by tens: the same on every machine."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 10
        return 0

    driver: Any = tx.connection.driver_connection
    driver.set_progress_handler(count, 10)
    try:
        ask()
    finally:
        driver.set_progress_handler(None, 0)
    return steps
