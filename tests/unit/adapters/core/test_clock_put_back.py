"""What was written down under a clock that is put back afterwards does not wait until that time comes again."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from adapters.boxes import inbox, waiting
from adapters.directory import asking
from adapters.local.localwrites import NOT_WRITTEN
from adapters.store import tables
from schemas.errors import YunhuobanError
from tests.county_records import acceptance, application
from tests.county_world import World

MINUTES = timedelta(minutes=4)  # within the pauses that a repeated try may have
DAYS = timedelta(days=40)


def open_arrivals(world: World) -> int:
    """How many arrivals the issuing county would look at now."""
    with world.issuing.store.read() as tx:
        return len(inbox.due(tx, world.now, 10))


def carried(world: World) -> None:
    """An application is on its way from the window to the issuing county."""
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.read()
    world.carry(world.window)


@pytest.mark.parametrize("ahead", [MINUTES, DAYS])
def test_a_new_local_write_does_not_wait(world: World, ahead: timedelta):
    """It was to be made at once, and is made at once."""
    carried(world)
    world.now += ahead
    while world.issuing.handle():
        pass
    world.now -= ahead
    assert world.issuing.write() == 1


def test_a_repeated_local_write_waits_no_longer_than_its_longest_pause(world: World, monkeypatch: pytest.MonkeyPatch):
    """A try that failed under the wrong clock is made again under the right one."""

    def refuses(*_: Any) -> None:
        raise YunhuobanError(NOT_WRITTEN, place="disk")

    carried(world)
    while world.issuing.handle():
        pass
    world.now += DAYS
    with monkeypatch.context() as patched:
        patched.setattr(world.issuing.sink, "write", refuses)
        assert world.issuing.write() == 0
    world.now -= DAYS
    assert world.issuing.write() == 1


@pytest.mark.parametrize("ahead", [MINUTES, DAYS])
def test_an_arrival_is_opened_under_the_right_clock(world: World, ahead: timedelta):
    """It came while the clock was ahead, and nobody had looked at it yet."""
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.read()
    world.carry(world.window, deliver=False)
    world.now += ahead
    world.deliver()
    world.now -= ahead
    assert open_arrivals(world) == 1


def test_an_arrival_that_waits_for_something_is_looked_at_again(world: World):
    """What it needs was not there under the wrong clock; it is asked again under the right one."""
    carried(world)
    (row,) = [each for each in world.issuing.rows(select(tables.inbox)) if each.type == "application.submitted"]
    world.now += DAYS
    with world.issuing.store.write() as tx:
        inbox.try_later(tx, row, world.now)
    assert open_arrivals(world) == 0
    world.now -= DAYS
    assert open_arrivals(world) == 1


def test_a_record_that_waits_for_its_turn_is_tried_again(world: World):
    """The county's own step waits for the one before it; put back, the clock does not hold it for days."""
    world.issuing.source.add("application.accepted", "WQ1", acceptance())
    world.now += DAYS
    world.issuing.read()
    assert world.issuing.rows(select(tables.waiting_records.c.type)) == [("application.accepted",)]
    with world.issuing.store.read() as tx:
        (source,) = [name for (name,) in tx.execute(select(tables.waiting_records.c.source))]
        assert not waiting.any_due(tx, source, world.now)
        assert waiting.any_due(tx, source, world.now - DAYS)


def test_the_directory_is_asked_for_again(world: World):
    """What was asked under the wrong clock and lost is not missed for days."""
    with world.window.store.write() as tx:
        asking.asked(tx, 1, world.now + DAYS)
        assert asking.due(tx, world.now + DAYS) is None
        assert asking.due(tx, world.now) == 1
