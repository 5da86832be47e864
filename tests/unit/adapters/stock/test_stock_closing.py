"""Every day is closed after midnight in Beijing: it balances, or the sheets and who had them last are named."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.hall.stock import balance, book, closing
from adapters.hall.stock.balance import Why
from adapters.hall.stock.closing import Closer
from adapters.hall.stock.serials import span
from adapters.hall.stock.tables import BALANCES, EVENTS, RUNS
from adapters.local import troublebook
from adapters.store import Store, open_store
from certs.atrest import AtRest
from tests.stock_world import CLERK, KEEPER, KIND, loaded, receive, serial

MIDNIGHT = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
"""The end of 22 November in Beijing."""


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = MIDNIGHT - timedelta(minutes=1)

    def __call__(self) -> datetime:
        """What it says."""
        return self.now

    def later(self, **duration: float) -> None:
        """Move it."""
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    """A minute before midnight."""
    return Clock()


@pytest.fixture
def store(tmp_path: Path, keys: AtRest) -> Iterator[Store]:
    """A county that received a box on 22 November and has issued ten sheets of it."""
    made = open_store(f"sqlite:///{tmp_path / 'county.sqlite'}")
    with made.write() as tx:
        receive(tx, keys)
        loaded(tx, 1, 10, station="P1")
    yield made
    made.close()


def closed(store: Store) -> list[tuple[str, int, int, int]]:
    """Every closing: day, sheets in stock, loaded, unexplained."""
    columns = BALANCES.c.day, BALANCES.c.in_stock, BALANCES.c.loaded, BALANCES.c.unexplained
    with store.read() as tx:
        return [tuple(row) for row in tx.execute(select(*columns).order_by(BALANCES.c.day))]


def told(store: Store) -> list[tuple[str, str, str]]:
    """What stands on the desk: code, place, found."""
    with store.read() as tx:
        return [(row.code, row.place, row.found) for row in troublebook.newest(tx)]


def test_a_day_is_closed_when_it_is_over_in_beijing(store: Store, clock: Clock) -> None:
    """Not a minute before midnight there; once; and a node that was down closes each day that it missed."""
    closer = Closer(store, clock)
    closer.run_once()
    assert closed(store) == []
    clock.later(minutes=1)
    for _ in range(3):
        assert closer.run_once() == 0
    assert closed(store) == [("2026-11-22", 490, 10, 0)]
    clock.later(days=3)
    Closer(store, clock).run_once()
    assert [row[0] for row in closed(store)] == ["2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25"]
    with store.read() as tx:
        assert [each.day for each in closing.lately(tx)] == [row[0] for row in reversed(closed(store))]
    assert told(store) == []


def test_every_event_is_in_one_day_whatever_a_clock_did(store: Store, clock: Clock) -> None:
    """What was written under a clock that was put back counts in the day that was open, and the days still chain."""
    closer = Closer(store, clock)
    clock.later(minutes=1)
    closer.run_once()
    with store.write() as tx:
        early = MIDNIGHT - timedelta(hours=5)
        book.issue(tx, KIND, span(serial(11), serial(20)), by=KEEPER, to=CLERK, now=early)
    clock.later(days=1)
    closer.run_once()
    with store.read() as tx:
        first, second = tx.execute(select(BALANCES).order_by(BALANCES.c.day)).all()
        found = balance.of(tx, KIND, after_event=first.through_event, through_event=second.through_event)
    assert (first.in_stock, second.in_stock, second.issued) == (490, 480, 10)
    assert found.closes
    assert told(store) == []


def test_what_nobody_accounts_for_is_named_until_somebody_does(store: Store, clock: Clock) -> None:
    """Returned and not taken back: the numbers and the clerk stand on the desk and in the status, then no more."""
    closer = Closer(store, clock)
    with store.write() as tx:
        book.give_back(tx, KIND, span(serial(8), serial(10)), by=CLERK, now=clock())
    clock.later(minutes=1)
    closer.run_once()
    assert closed(store)[0][3] == 3
    ((code, place, found),) = told(store)
    assert code == "E-STOCK-040"
    assert (place, found) == (KIND, f"{serial(8)}–{serial(10)} {CLERK} {Why.NOT_TAKEN_BACK}")
    with store.read() as tx:
        (standing,) = closing.differences(tx)
    assert (standing.code, standing.place, standing.found) == (closing.DIFFERENCE, KIND, found)
    clock.later(minutes=2)
    closer.run_once()
    assert len(told(store)) == 1
    with store.write() as tx:
        book.take_back(tx, KIND, span(serial(8), serial(10)), by=KEEPER, now=clock())
    clock.later(minutes=2)
    closer.run_once()
    assert told(store) == []


def test_a_book_that_was_changed_by_hand_does_not_close(store: Store, clock: Clock) -> None:
    """A run that vanished is named with who had it; an entry of a closed day that vanished is found, too."""
    closer = Closer(store, clock)
    clock.later(minutes=1)
    closer.run_once()
    with store.write() as tx:
        run = tx.execute(select(RUNS).where(RUNS.c.state == "loaded")).one()
        tx.execute(RUNS.delete().where(RUNS.c.id == run.id))
        tx.execute(RUNS.update().where(RUNS.c.previous_last == run.last).values(previous_last=run.previous_last))
        (found,) = balance.unexplained(tx, KIND)
        assert (found.serials, found.why, found.holder) == (f"{serial(1)}–{serial(10)}", Why.NOT_IN_BOOK, CLERK)
        tx.execute(EVENTS.delete().where(EVENTS.c.event == "load"))
        whys = [each.why for each in closing.tell(tx, KIND, clock())]
    assert whys == [Why.PAST_CHANGED, Why.NOT_IN_BOOK]
