"""The calendar between hub and county: what an operator imports moves the deadlines that a county counts."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.directory import directories, directoryview
from adapters.directory.directoryview import DirectoryView
from adapters.store import Store, open_store, tables
from hub.registry import calendars, directory
from hub.registry.directory import PUSHED_BYTES
from schemas import codec, shapes
from schemas import directory as form
from schemas.timelimits import check_supplement
from schemas.workdays import overridefile
from schemas.workdays.hours import format_hours, parse_hours
from schemas.workdays.limits import Limit, Unit, deadline
from schemas.workdays.override import HoursRule, Override
from tests.hub_world import ISSUING, Network, World

RECEIVED = datetime(2026, 11, 20, 2, tzinfo=UTC)  # a Friday in the morning of Beijing


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Made once for the module."""
    return Network.make(tmp_path_factory.mktemp("network"))


def enter(world: World, override: Override, *, replacing: bool = False) -> bool:
    """As `hub calendar import` does."""
    with world.store.write() as tx:
        return calendars.enter(tx, override, replacing=replacing, file_name="x.csv", now=world.now)


def publish(world: World) -> tuple[bytes, str] | None:
    """What the hub does every second: the next serial, if there is something to say."""
    world.later(seconds=1)
    with world.store.write() as tx:
        if directory.publish_if_due(tx, world.network.issuer(), world.now) is None:
            return None
        row = directory.newest(tx)
    return row.body, row.signature


def view(
    store: Store, world: World, *signed: tuple[bytes, str] | None, before: DirectoryView | None = None
) -> DirectoryView:
    """The county's view after it has taken these."""
    anchors = [world.network.authority.root]
    for record in signed:
        assert record is not None
        with store.write() as tx:
            directories.accept(tx, *record, anchors=anchors, trial=True, now=world.now)
    with store.read() as tx:
        entries = {row.key: bytes(row.value) for row in tx.execute(select(tables.directory_entries))}
        serial = tx.execute(select(tables.directories.c.serial)).scalar_one()
    return directoryview.view(entries, serial=serial, expires_at=world.now, anchors=anchors, trial=True, before=before)


def due(found: DirectoryView) -> date:
    """The last day of five working days from `RECEIVED`, as the county counts them."""
    return deadline(found.calendar.of(ISSUING), RECEIVED, Limit(5, Unit.WORKING_DAY)).at.date()


def calendar_entries(found: DirectoryView) -> list[bytes]:
    """What the county holds of the kind."""
    return [value for key, value in found.entries.items() if form.kind_of(key) == form.CALENDAR]


def test_an_import_at_the_hub_moves_a_deadline_at_the_county(network: Network, tmp_path: Path) -> None:
    """Nothing before the first import; then exactly the imported bytes, with the next second; the newer replaces it."""
    world = World.make(network, tmp_path)
    store = open_store(f"sqlite:///{tmp_path / 'county.sqlite'}")
    first = view(store, world, publish(world))
    assert calendar_entries(first) == []
    assert due(first) == date(2026, 11, 27)
    assert publish(world) is None

    holiday = overridefile.read(
        f"日期,安排,行政区划代码,说明\n2026-11-25,休息,{ISSUING},地方节日\n".encode(), place="x.csv"
    )
    assert enter(world, holiday)
    pushed = publish(world)
    assert pushed is not None
    assert [each["key"] for each in codec.decode(pushed[0], "Directory")["entries"]] == [
        form.digest_key(form.CALENDAR, holiday.encode())
    ]
    second = view(store, world, pushed, before=first)
    assert calendar_entries(second) == [holiday.encode()]
    assert due(second) == date(2026, 11, 30)
    check_supplement(second.calendar.of(ISSUING), RECEIVED, datetime(2026, 11, 30, 8, tzinfo=UTC))
    assert not enter(world, holiday)
    assert publish(world) is None

    assert enter(world, Override(), replacing=True)
    third = view(store, world, publish(world), before=second)
    assert calendar_entries(third) == [Override().encode()]
    assert due(third) == due(first)
    store.close()
    world.close()


def test_the_hours_of_every_hall_are_announced_and_asked_for(network: Network, tmp_path: Path) -> None:
    """More than goes into every inbox at once: the county asks and has it; the entry is within the contract's cap."""
    world = World.make(network, tmp_path)
    store = open_store(f"sqlite:///{tmp_path / 'county.sqlite'}")
    first = view(store, world, publish(world))
    hours = parse_hours("9:00-12:00 14:00-18:00") or ()
    halls = [
        HoursRule(f"13{number // 50 + 1:02}{number % 50 + 1:02}", weekday, hours)
        for number in range(300)
        for weekday in range(5)
    ]
    assert enter(world, Override(hours=tuple(halls)))
    announced = publish(world)
    assert announced is not None
    assert len(announced[0]) < PUSHED_BYTES
    with world.store.read() as tx:
        parts = directory.answer(tx, network.issuer(), first.serial)
    found = view(store, world, announced, *parts, before=first)
    (value,) = calendar_entries(found)
    assert PUSHED_BYTES < len(value) <= overridefile.MOST_BYTES
    assert format_hours(found.calendar.of("130101").hours(date(2026, 11, 20))) == "09:00-12:00 14:00-18:00"
    store.close()
    world.close()


def test_the_largest_calendar_fits_into_an_entry() -> None:
    """What an import may hold is what an entry may hold: no import can stop the directory."""
    (value,) = [field for field in shapes.raw()["DirectoryEntry"]["fields"] if field["name"] == "value"]
    assert value["max_bytes"] >= overridefile.MOST_BYTES
