"""Who waits for whom, what passes, what is late, who is away: counted by the hub's own store, also after a restart."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import pytest
from fastapi.testclient import TestClient

from hub import instants
from hub.observing import hours, presence
from hub.observing.keeping import Observer
from hub.observing.lateness import LateWatch
from hub.settings import HubSettings
from hub.views.overviewsource import StoreOverview
from hub.web.matrix import LATE_SECONDS, REST, matrix
from hub.web.overview import build_app
from hub.web.traffic import Flow, PairRow
from pages.access import Access
from tests.hub_world import ISSUING, START, WINDOW, Case, World
from tests.unit.hub_evidence.standing_broker import StandingBroker

NOW = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)


class Door(StandingBroker):
    """The broker behind a door, as the observer opens it each time."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""


@pytest.fixture
def broker() -> Door:
    """The window county alone is connected."""
    return Door()


@pytest.fixture
def observer(world: World, broker: Door, monkeypatch: pytest.MonkeyPatch) -> Observer:
    """The observer over the test's hub, at the test's time."""
    monkeypatch.setattr(instants, "now", lambda: world.now)
    return Observer(world.store, lambda: broker)


@pytest.fixture
def source(world: World, broker: Door, observer: Observer) -> StoreOverview:
    """What the pages ask."""
    return StoreOverview(world.store, broker, HubSettings(folder=Path("/nowhere")))


def test_who_waits_for_whom_until_the_destination_signs(world: World, source: StoreOverview):
    """A pair with its oldest message and how many; whom to phone; gone when the destination has signed."""
    case = Case(world)
    (application,) = case.up_to("application.submitted")
    (pair,) = source.pairs()
    assert (pair.source, pair.destination, pair.count, pair.oldest_at) == (WINDOW, ISSUING, 1, world.now)
    assert [row.message_id for row in source.between(WINDOW, ISSUING)] == [application.envelope.id]
    assert [row.message_id for row in source.between(WINDOW[:2], ISSUING[:2])] == [application.envelope.id]
    assert source.between(ISSUING, WINDOW) == []
    assert source.contacts({ISSUING})[ISSUING].telephone
    world.send(case.received(application))
    assert source.between(WINDOW, ISSUING) == []
    found = source.rates()
    assert (found.admitted, found.signed, found.refused) == (1, 1, 0)
    assert source.flows() == {ISSUING: Flow(0.2, 0.2)}


def test_who_has_gone_is_away_since_then(world: World, broker: Door, observer: Observer, source: StoreOverview):
    """The broker forgets who was there; the observer does not. Who never was has no moment."""
    observer.look()
    rows = {row.code: row for row in source.counties()}
    assert (rows[WINDOW].online, rows[WINDOW].since_at) == (True, START)
    assert (rows[ISSUING].online, rows[ISSUING].since_at) == (False, None)
    world.later(minutes=5)
    with world.store.write() as tx:
        presence.note(tx, [WINDOW, ISSUING], {}, world.now)
    gone = world.now
    world.later(hours=3)
    broker.connections = list  # type: ignore[method-assign]
    assert {row.code: row.since_at for row in StoreOverview(
        world.store, broker, HubSettings(folder=Path("/nowhere"))).counties()}[WINDOW] == gone  # fmt: skip


def test_a_case_past_its_answer_is_late_until_it_is_answered(world: World, source: StoreOverview):
    """Five working days without a word are late (行政许可法 art. 32), and a paused or answered case is not."""
    case = Case(world)
    watch = LateWatch(world.store, world.now)
    case.up_to("application.submitted")
    watch.look(world.now)
    assert source.late_count() == 0
    world.later(days=9)
    watch.look(world.now)
    (row,) = source.late()
    assert (row.case_no, row.issuing_county, source.late_count()) == (case.case_no, ISSUING, 1)
    assert row.due_at < world.now
    assert "<b>1</b>" in _overview(source)


@pytest.mark.both_stores
def test_hours_count_everything_once_across_restarts(world: World, broker: Door, observer: Observer):
    """Counted from the journal up to a size: what came while nobody looked is counted too, and nothing twice."""
    Case(world).up_to("application.submitted")
    observer.look()
    observer.look()
    world.later(hours=1)
    Case(world).up_to("application.submitted")
    world.later(hours=2)
    Case(world).up_to("application.submitted")
    Observer(world.store, lambda: broker).look()  # after a restart
    with world.store.read() as tx:
        rows = hours.since(tx, START - timedelta(hours=1))
    assert [row.admitted for row in rows] == [1, 1, 0, 1]
    assert [(row.waiting, row.offline) for row in rows] == [(1, 2), (None, None), (None, None), (3, 2)]
    assert rows[-1].oldest_age_seconds == 3 * 3600
    world.later(days=367)
    observer.look()
    with world.store.read() as tx:
        assert all(row.hour_at >= instants.to_millis(world.now - hours.KEPT) for row in hours.since(tx, START))


def test_a_silent_broker_leaves_its_numbers_out(world: World, broker: Door, observer: Observer):
    """Nobody is said to be offline when the broker does not tell; the rest of the hour is noted."""
    broker.away = True
    observer.look()
    with world.store.read() as tx:
        assert presence.known(tx) == {}
        (row,) = hours.since(tx, START - timedelta(hours=1))
    assert (row.offline, row.waiting) == (None, 0)


def pairs(count: int) -> list[PairRow]:
    """So many counties, each waiting for the next, in as many provinces as there are; the oldest first."""
    codes = [f"{11 + number % 53}{number:04}" for number in range(count)]
    return [
        PairRow(
            source=code, destination=codes[(at + 1) % count], count=2, oldest_at=NOW - timedelta(minutes=count - at)
        )
        for at, code in enumerate(codes)
    ]


def test_the_matrix_stays_readable_with_thousands_of_counties():
    """Few counties stand for themselves; many are folded into provinces and the rest, and nothing gets lost."""
    few = matrix(pairs(3), {"110000": "A"}, NOW)
    assert (few.folded, len(few.sources), few.count) == (False, 3, 6)
    assert few.cells["110000", "120001"].href == "/pairs/110000/120001"
    many = matrix(pairs(2843), {}, NOW)
    assert many.folded
    assert len(many.sources) <= 11
    assert many.sources[-1].code == REST
    assert sum(cell.count for cell in many.cells.values()) == many.count == 2 * 2843


def test_a_cell_says_its_age_by_sign_and_words():
    """Colour only repeats it: three signs, and an age in its largest unit."""
    for seconds, expected in ((5, ("good", "✓")), (90, ("wait", "…")), (LATE_SECONDS + 1, ("bad", "!"))):
        row = PairRow(source=WINDOW, destination=ISSUING, count=1, oldest_at=NOW - timedelta(seconds=seconds))
        (cell,) = matrix([row], {}, NOW).cells.values()
        assert (cell.tone, cell.sign) == expected
    assert (cell.age_unit, cell.age_count) == ("{count} 分", 5)


def _overview(source: StoreOverview) -> str:
    access = Access()
    with TestClient(build_app(source, access), base_url="http://127.0.0.1:8000") as client:
        client.get(access.address(8000))
        return client.get("/late").text + client.get("/").text
