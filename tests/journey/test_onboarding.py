"""A whole afternoon as `make onboarding` plays it: from an invitation to an item that is live, everything real."""

from pathlib import Path

import pytest

from deploy.demo.stage import Stage
from deploy.demo.tested import try_counties
from deploy.demo.world import build
from deploy.onboarding.dialects import DIALECTS
from deploy.onboarding.hubpeople import HubPeople, open_joining_page
from deploy.onboarding.joining import join
from tests.brokers import require_broker
from tests.journey.road import left_behind
from tests.printers import require_printer

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@pytest.mark.parametrize("name", DIALECTS)
def test_from_an_invitation_to_a_live_item(tmp_path: Path, name: str) -> None:
    """As window and as authority, a trial first and then in earnest; no more than a dozen commands."""
    require_broker()
    require_printer()
    world = build(tmp_path / "world")
    open_joining_page(world)
    try_counties(world)
    with Stage(world) as stage:
        people = HubPeople(stage)
        people.require_conformance()
        found = join(stage, people, DIALECTS[name], say=lambda _: None)
    assert found["stopped_at"] == ""
    assert found["live_as"] == {"window": True, "authority": True}
    assert found["commands"] <= 12
    assert left_behind(world.folder) == []
