"""A group is pressed several times at once, its waiting part sent by several loops, on either store: each part once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.hall.grouping.sending import PartSender
from adapters.store import tables
from tests.county_stores import stored
from tests.county_world import World
from tests.databases import Databases
from tests.grouping_world import Window, publish
from tests.taking_world import CLERK, place_of

TOGETHER = 4


@pytest.fixture
def window(world: World, databases: Databases, tmp_path: Path) -> Iterator[Window]:
    """The window's, over a store of the kind that is tested."""
    with stored(world, world.window, databases, tmp_path):
        publish(world)
        yield Window(world=world)


@pytest.mark.long
def test_presses_and_loops_at_once_make_each_part_once(window: Window, world: World) -> None:
    """Two parts, two applications, two joinings, however many press and however many loops look at the same moment."""
    number = window.begin_bundle()
    window.fill(number)

    def press(_: int) -> None:
        window.desk.press(number, all_or_none=True, person=CLERK)

    with ThreadPoolExecutor(TOGETHER) as together:
        list(together.map(press, range(TOGETHER)))
    world.settle()
    window.decide(window.case(number, 1))
    with ThreadPoolExecutor(TOGETHER) as together:
        done = list(together.map(lambda _: PartSender(place_of(world)).run_once(world.now), range(TOGETHER)))
    assert sum(done) == 1
    (row,) = window.desk.overview()
    assert row.group.listed.number == number
    assert [each.groups for each in window.desk.report(window.desk.today.year, window.desk.today.month)] == [1]
    box = tables.outbox.c
    for kind in ("application.submitted", "group.joined"):
        assert len(world.window.rows(select(box.seq).where(box.type == kind))) == 2
