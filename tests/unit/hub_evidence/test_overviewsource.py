"""The overview page's rows come from the real store and the broker, and the page shows them."""

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from hub import instants
from hub.outflow.delivery import mark_held
from hub.pace.slowed import slow_down
from hub.settings import HubSettings
from hub.views import kept
from hub.views.overviewsource import StoreOverview
from hub.web.attention import attention
from hub.web.overview import build_app
from hub.web.view import OverviewSource
from pages.access import Access
from schemas import topology
from schemas.errors import YunhuobanError
from tests.hub_world import ISSUING, WINDOW, Case, World
from tests.unit.hub_evidence.conftest import whole_case
from tests.unit.hub_evidence.standing_broker import StandingBroker


@pytest.fixture
def broker() -> StandingBroker:
    """A broker that answers."""
    return StandingBroker()


@pytest.fixture
def source(world: World, broker: StandingBroker, monkeypatch: pytest.MonkeyPatch) -> OverviewSource:
    """The source over the test's hub, at the test's time."""
    monkeypatch.setattr(instants, "now", lambda: world.now)
    return StoreOverview(world.store, broker, HubSettings(folder=Path("/nowhere")))


@pytest.mark.both_stores
def test_queues_and_what_waits(world: World, source: OverviewSource):
    """The oldest message that a county has not signed for stands at its inbox, or at its hold queue while held."""
    case = Case(world)
    (application,) = case.up_to("application.submitted")
    world.later(seconds=42)
    inbox, hold = f"county.{ISSUING}.inbox", f"county.{ISSUING}.hold"
    ages = {row.name: row.oldest_age_seconds for row in source.queues()}
    assert (ages[inbox], ages[hold], ages["dead.letters"]) == (42, None, None)
    assert [row.message_id for row in source.waiting(inbox)] == [application.envelope.id]
    assert source.waiting("dead.letters") == []
    assert source.waiting(f"county.{ISSUING}.express") == []
    with world.store.write() as tx:
        mark_held(tx, ISSUING, "inbox_full")
    ages = {row.name: row.oldest_age_seconds for row in source.queues()}
    assert (ages[inbox], ages[hold]) == (None, 42)
    assert {row.code: (row.held, row.online) for row in source.counties()}[ISSUING] == (True, False)
    world.send(case.received(application))
    assert source.waiting(inbox) == []


def test_a_broker_that_is_away_is_asked_once(source: OverviewSource, broker: StandingBroker):
    """For all parts of a page together: one that hangs takes seconds to be known as such, each time."""
    broker.away = True
    for ask in (source.queues, source.counties, source.alarms):
        with pytest.raises(YunhuobanError, match="E-BROKER-020"):
            ask()
    assert broker.asked == ["overview"]


def test_who_sends_too_fast_is_shown_and_nobody_else(world: World, source: OverviewSource):
    """As something to look at, with the county's name; its slow queue holds nothing that the store knows."""
    with world.store.write() as tx:
        slow_down(tx, [(WINDOW, "submit")], queue_stands=True, now=world.now)
    rows = source.counties()
    assert {row.code for row in rows if row.slowed} == {WINDOW}
    (found,) = [
        each for each in attention(queues=(), counties=rows, prints=None, alarms=()) if "限速队列" in each.sentence
    ]
    assert (found.href, found.tone, found.params["name"]) == (f"/counties/{WINDOW}", "wait", f"County {WINDOW}")
    assert source.waiting(topology.county_slow(WINDOW)) == []


def test_cases_and_ladder(world: World, source: OverviewSource):
    """Cases under way, the longest standing first; a closed one by its number only; its rungs with the hub's grant."""
    closed, _ = whole_case(world)
    older, newer = Case(world), Case(world)
    older.up_to("application.accepted")
    world.later(seconds=5)
    newer.up_to("application.submitted")
    assert [row.case_no for row in source.cases()] == [older.case_no, newer.case_no]
    assert source.case_counts() == {"accepted": 1, "submitted": 1}
    ladder = source.case(closed.case_no)
    assert ladder is not None
    assert [rung.by for rung in ladder.rungs].count("hub") == 1
    assert [rung.refused_code for rung in ladder.rungs] == [""] * 9 + ["E-ADM-102"]
    assert source.case("140881-20261122-999999-0") is None


def test_refusals(world: World, source: OverviewSource):
    """Refusals newest first, with the sentence that was sent; also those that left no message row."""
    case, sent = whole_case(world)
    world.later(seconds=1)
    world.send(case.application(id=sent[0].envelope.id))  # other bytes under the same id
    newest, first = source.refusals()
    assert (newest.code, first.code) == ("E-ADM-030", "E-ADM-102")
    assert (first.case_no, first.place) == (case.case_no, "type")
    assert newest.case_no == ""
    assert newest.sentence
    assert newest.sentence_en != newest.sentence


@pytest.mark.both_stores
def test_print_ledger(world: World, source: OverviewSource):
    """Authorisations by state; a grant without an outcome for more than an hour is unknown."""
    whole_case(world)
    Case(world).up_to("print.authorised")
    claimed = Case(world)
    claimed.up_to("print.claimed")
    counts = source.print_counts()
    assert (counts.authorised, counts.claimed, counts.printed, counts.spoiled, counts.unknown) == (1, 1, 1, 0, 0)
    assert [row.authorisation_no for row in source.prints("claimed")] == [claimed.authorisation_no]
    world.now += timedelta(minutes=60, seconds=1)
    counts = source.print_counts()
    assert (counts.claimed, counts.unknown) == (0, 1)
    assert source.prints("claimed") == []
    assert [row.case_no for row in source.prints("unknown")] == [claimed.case_no]
    assert len(source.prints("printed")) == 1


def test_broker_is_asked_once_a_second(source: OverviewSource, broker: StandingBroker, monkeypatch: pytest.MonkeyPatch):
    """Ten pages ask the management API once; a second later it is asked again, and its silence is kept as long."""
    clock = [100.0]
    monkeypatch.setattr(kept.time, "monotonic", lambda: clock[0])
    for _ in range(10):
        source.queues()
        source.alarms()
    assert len(broker.asked) == 2
    clock[0] += kept.KEEP_SECONDS
    broker.away = True
    for _ in range(3):
        with pytest.raises(YunhuobanError):
            source.queues()
    assert len(broker.asked) == 3


def test_alarms(source: OverviewSource, broker: StandingBroker):
    """A disk alarm names its node."""
    broker.disk_alarm = True
    assert [(each.node, each.resource) for each in source.alarms()] == [("hub@here", "disk")]


def test_the_page_shows_it(world: World, source: OverviewSource):
    """The overview and the case's page are served from the real store."""
    case, _ = whole_case(world)
    access = Access()
    with TestClient(build_app(source, access), base_url="http://127.0.0.1:8000") as client:
        token = access.address(8000).split("/", 3)[3]
        assert client.get(f"/{token}").status_code == 200
        assert WINDOW in client.get("/").text
        assert "E-ADM-102" in client.get(f"/cases/{case.case_no}").text
        assert client.get("/refusals").status_code == 200
        assert client.get("/prints/printed").status_code == 200
        assert client.get(f"/queues/county.{ISSUING}.inbox").status_code == 200
