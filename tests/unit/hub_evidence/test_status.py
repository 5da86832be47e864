"""The hub's status: what the store and the broker say, also when the broker does not answer."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from hub.broker.management import NO_ANSWER
from hub.outflow.delivery import mark_held
from hub.pace.slowed import slow_down
from hub.registry import directory
from hub.settings import HubSettings
from hub.views.ledgerview import Pile
from hub.views.standing import HubStatus
from hub.views.status import render, status
from tests.hub_world import ISSUING, WINDOW, Case, World
from tests.unit.hub_evidence.conftest import whole_case
from tests.unit.hub_evidence.standing_broker import StandingBroker


def ask(world: World, broker: StandingBroker) -> HubStatus:
    """The status now."""
    with world.store.read() as tx:
        return status(tx, broker, settings=HubSettings(folder=Path("/nowhere")), now=world.now)


def shown(found: HubStatus) -> str:
    """What the operator sees."""
    out = io.StringIO()
    Console(width=120, file=out).print(render(found))
    return out.getvalue()


@pytest.mark.both_stores
def test_work_in_hand(world: World):
    """Who has not signed for what and since when; parked messages; cases and prints by state; journal and lists."""
    whole_case(world)
    case = Case(world)
    case.up_to("application.submitted")
    world.later(seconds=90)
    world.send(case.acceptance())
    world.send(case.license(prev="00000000-0000-4000-8000-000000000000"))
    world.later(seconds=30)
    with world.store.write() as tx:
        mark_held(tx, ISSUING, "inbox_full")
        slow_down(tx, [(WINDOW, "submit"), (WINDOW, "express")], queue_stands=True, now=world.now)
    found = ask(world, StandingBroker())
    counties = {each.code: each for each in found.counties}
    assert counties[ISSUING].waiting.count == 1
    assert (found.at - counties[ISSUING].waiting.oldest_at).total_seconds() == 120
    assert counties[WINDOW].waiting.count == 1
    assert counties[ISSUING].held
    assert not counties[WINDOW].held
    assert (counties[WINDOW].slowed_since, counties[ISSUING].slowed_since) == (world.now, None)
    assert (counties[WINDOW].connected, counties[ISSUING].connected) == (True, False)
    assert found.parked.count == 1
    assert found.dead.count == 0
    assert found.cases == {"handed_over": 1, "accepted": 1}
    assert found.prints == {"printed": 1}
    assert found.leaves == 18
    assert len(found.revocation_lists) == 2
    assert all(abs(each.age_days) < 0.1 for each in found.revocation_lists)
    text = shown(found)
    for words in ("限速", "RabbitMQ 3.10.8", f"County {ISSUING}", "120.0 s", "18"):
        assert words in text


def test_broker_away(world: World):
    """A broker that does not answer is one red line; everything else is there."""
    whole_case(world)
    found = ask(world, StandingBroker(away=True))
    assert found.broker is None
    assert found.broker_trouble is not None
    assert found.broker_trouble.code is NO_ANSWER
    assert {each.connected for each in found.counties} == {None}
    assert found.cases == {"handed_over": 1}
    assert "E-BROKER-020" in shown(found)


def test_new_hub_and_directory(world: World):
    """A hub that has seen nothing has a status; a published directory shows its serial and end."""
    found = ask(world, StandingBroker(disk_alarm=True))
    assert (found.leaves, found.epoch, found.checkpoint_at, found.directory_serial) == (0, None, None, None)
    assert shown(found)
    with world.store.write() as tx:
        directory.publish_if_due(tx, world.network.issuer(), world.now)
    found = ask(world, StandingBroker())
    assert found.directory_serial is not None
    assert found.directory_ends_at is not None
    assert found.unsaid.count == 3


def test_of_thousands_those_are_listed_for_whom_something_waits(world: World):
    """Nobody reads 2,843 lines: held ones first, then the longest piles, and how many there are in all."""
    found = ask(world, StandingBroker())
    (one, *_others) = found.counties
    many = [replace(one, code=str(100_000 + at), held=at == 500, waiting=Pile(count=int(at == 7), oldest_at=None))
            for at in range(1000)]  # fmt: skip
    text = shown(replace(found, counties=many))
    assert "100500" in text
    assert "100007" in text
    assert "100001" not in text
    assert "1000" in text
