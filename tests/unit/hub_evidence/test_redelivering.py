"""How often a queue handed over again is told, and when it last did; the real broker: `test_redelivering_broker.py`."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from hub import instants
from hub.broker.management import Management
from hub.broker.states import QueueState
from hub.observing import redelivering
from hub.observing.redelivering import Rise
from hub.settings import HubSettings
from hub.views.overviewsource import StoreOverview
from hub.web.overview import build_app
from pages.access import Access
from tests.hub_world import ISSUING, START, WINDOW, World
from tests.unit.hub_evidence.standing_broker import StandingBroker

INBOX, OTHER = f"county.{ISSUING}.inbox", f"county.{WINDOW}.inbox"


class Counting(StandingBroker):
    """A broker that counts, and whose queues are empty."""

    def __init__(self, again: dict[str, int]) -> None:
        """`again` is how often each queue handed over again."""
        super().__init__()
        self.again = again

    def queues(self, vhost: str) -> list[QueueState]:
        """Every queue, with its count."""
        empty = {"ready": 0, "unacknowledged": 0}
        return [replace(each, **empty, redelivered=self.again.get(each.name, 0)) for each in super().queues(vhost)]


@pytest.mark.both_stores
def test_a_rise_has_its_moment_and_a_restart_begins_anew(world: World):
    """Only a count that rises moves the moment; one that fell belongs to a broker that was started meanwhile."""
    broker, minute = Counting({}), timedelta(minutes=1)

    def look(after: int) -> tuple[int, dict[str, Rise]]:
        changed = redelivering.look(world.store, broker.queues("v"), START + after * minute)
        with world.store.read() as tx:
            return changed, dict(redelivering.known(tx))

    assert look(1) == (0, {})
    broker.again = {INBOX: 3}
    assert look(2) == (1, {INBOX: Rise(3, START + 2 * minute)})
    assert look(3) == (0, {INBOX: Rise(3, START + 2 * minute)})
    broker.again = {INBOX: 5, OTHER: 1}
    assert look(4) == (2, {INBOX: Rise(5, START + 4 * minute), OTHER: Rise(1, START + 4 * minute)})
    broker.again = {}
    assert look(5)[1][INBOX] == Rise(0, START + 4 * minute)
    broker.again = {INBOX: 2}
    assert look(6)[1][INBOX] == Rise(2, START + 6 * minute)


def test_a_broker_that_keeps_no_statistics_is_not_taken_for_a_calm_one(world: World):
    """Where no queue has any, nothing is known; where one has, a queue without has handed over nothing again.

    Of statistics that hold nothing asked for, RabbitMQ writes an empty list instead of an object.
    """

    def states(*rows: dict[str, object]) -> dict[str, int | None]:
        answer = httpx.MockTransport(lambda _: httpx.Response(200, json=list(rows)))
        with Management("http://127.0.0.1:9", "hub", "p", transport=answer) as management:
            found = management.queues("v")
        redelivering.look(world.store, found, START)
        return {each.name: each.redelivered for each in found}

    assert states({"name": INBOX}, {"name": OTHER}) == {INBOX: None, OTHER: None}
    counted = {"name": INBOX, "message_stats": {"redeliver": 7}}
    assert states(counted, {"name": OTHER}) == {INBOX: 7, OTHER: 0}
    assert states(counted, {"name": OTHER, "message_stats": []}) == {INBOX: 7, OTHER: 0}


def test_the_page_shows_the_count_and_how_long_ago(world: World, monkeypatch: pytest.MonkeyPatch):
    """An empty queue that has just handed over again is listed; after an hour only its own page says it.

    A broker that does not count shows a dash.
    """
    monkeypatch.setattr(instants, "now", lambda: world.now)
    broker, access = Counting({INBOX: 17}), Access()
    source = StoreOverview(world.store, broker, HubSettings(folder=Path("/nowhere")))
    redelivering.look(world.store, broker.queues("v"), world.now)
    with TestClient(build_app(source, access), base_url="http://127.0.0.1:8000") as client:
        client.get(access.address(8000))
        listed = client.get("/queues").text
        assert f"queue-county-{ISSUING}-inbox" in listed
        assert f"queue-county-{WINDOW}-inbox" not in listed
        assert ">17 <small>" in listed
        world.later(hours=2)
        assert f"queue-county-{ISSUING}-inbox" not in client.get("/queues").text
        assert "17 次" in client.get(f"/queues/{INBOX}").text
    plain = StoreOverview(world.store, StandingBroker(), HubSettings(folder=Path("/nowhere")))
    assert {row.redelivered for row in plain.queues()} == {None}
