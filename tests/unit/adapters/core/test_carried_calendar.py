"""The calendar in a county's directory: read once, never at the cost of the rest, and nothing certain where unread."""

import time
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.directory.carriedcalendar import UNREADABLE, CarriedCalendar
from adapters.store import open_store, tables
from schemas import directory as form
from schemas.errors import YunhuobanError
from schemas.workdays.override import COUNTRY, DayRule, Override, YearRule
from schemas.workdays.overridefile import MOST_BYTES
from tests.county_world import ISSUING, Network, World
from tests.unit.adapters.core.test_directory_changes import Told, base

HOLIDAY = date(2031, 3, 5)
IMPORTED = Override(years=(YearRule(2031),), days=(DayRule(HOLIDAY, COUNTRY, working=False),))
LATER = "日期,安排\n2031-03-05,半天\n".encode()


def entry(*values: bytes) -> dict[str, bytes]:
    """Entries of the directory."""
    return {form.digest_key(form.CALENDAR, value): value for value in values}


def base_counties(world: World) -> list[str]:
    """The counties of the directory."""
    keys = base(world.network)
    return [key.partition("/")[2] for key in keys if form.kind_of(key) == form.COUNTY]


def publish(world: World, *calendars: bytes) -> None:
    """A newer directory with these calendars reaches the window."""
    world.later(seconds=1)
    world.hub.serial += 1
    world.window.arrive_directory(*world.hub.published(base(world.network) | entry(*calendars), now=world.now))
    world.window.handle()


def told(world: World) -> list[str]:
    """Codes that people at the window were told."""
    return [code for (code,) in world.window.rows(select(tables.troubles.c.code))]


def test_what_was_imported_counts_over_the_published_calendar(world: World) -> None:
    """Its holiday is one, its year is certain; without an entry the published calendar counts alone."""
    assert world.window.view().calendar.of(ISSUING).day(date(2026, 10, 1)).provisional is False
    publish(world, IMPORTED.encode())
    calendar = world.window.view().calendar.of(ISSUING)
    assert not calendar.is_working_day(HOLIDAY)
    assert not calendar.day(date(2031, 3, 6)).provisional
    assert told(world) == []


def test_it_is_read_once_and_kept_over_directories(world: World) -> None:
    """A newer serial with the same entry has the very same calendar; another entry another one."""
    publish(world, IMPORTED.encode())
    before = world.window.view()
    first = before.calendar
    publish(world, IMPORTED.encode())
    assert world.window.view().serial > before.serial
    assert world.window.view().calendar is first
    publish(world, Override().encode())
    assert world.window.view().calendar.is_published(2031) is False


@pytest.mark.parametrize("values", [(LATER,), (b"\xff\xff",), (IMPORTED.encode(), Override().encode())])
def test_one_that_cannot_be_read_is_told_and_nothing_is_certain(world: World, values: tuple[bytes, ...]) -> None:
    """The directory stands, every day is provisional, a person knows; a readable one ends the trouble."""
    before = world.window.view()
    publish(world, *values)
    found = world.window.view()
    assert found.serial > before.serial
    assert set(found.members) == set(base_counties(world))
    assert told(world) == [UNREADABLE.code]
    assert found.calendar.of(ISSUING).day(date(2026, 10, 1)).provisional
    publish(world, IMPORTED.encode())
    assert told(world) == []


def test_one_under_another_key_is_no_entry(county_network: Network, tmp_path: Path) -> None:
    """As for every kind that is named by what it holds."""
    store = open_store(f"sqlite:///{tmp_path / 'county.sqlite'}")
    county = Told(county_network, store)
    county.take(county.answer(0)[0])
    misplaced = base(county_network) | {form.digest_key(form.CALENDAR, LATER): IMPORTED.encode()}
    with pytest.raises(YunhuobanError, match="E-LINK-111"):
        county.take(county.publish(misplaced))
    store.close()


def test_the_largest_entry_is_read_at_once() -> None:
    """A county is not held up by it, whatever an operator imported; more than the cap is not even looked at."""
    rules = [f"2031-01-{day:02},休息,{code:06},,x" for code in range(110000, 111150) for day in range(1, 29)]
    large = "\n".join(["日期,安排,行政区划代码,办公时间,说明", *rules, ""]).encode()
    assert MOST_BYTES * 0.8 < len(large) <= MOST_BYTES
    began = time.process_time()
    CarriedCalendar((large,)).calendar.of("110105").is_working_day(HOLIDAY)
    assert time.process_time() - began < 5
    assert not CarriedCalendar((large + large,)).calendar.complete
