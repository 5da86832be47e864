"""From nothing to a live item, everything real: both counties test themselves, a trial to the hand, then in earnest."""

import json
from pathlib import Path

import pytest

from deploy.demo.stage import Stage
from deploy.demo.world import WUQIAO, YONGJI, build
from tests.brokers import require_broker
from tests.journey.road import Answer, Road, Window, left_behind, until
from tests.printers import require_printer

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


class TrialWindow(Window):
    """A clerk with a specimen in hand: the page asks for no number, because no sheet of stock was used."""

    def confirm(self, number: str, _serial: str) -> Answer:
        """确认合格."""
        assert 'id="serial"' not in self.get(f"/authorisations/{number}")
        return self.press(number, "confirm", stock_serial="")


def refusals(road: Road) -> list[str]:
    """Codes with which the hub refused 吴桥's applications, the oldest first."""
    query = "SELECT verdict FROM messages WHERE state = 'refused' AND source = ? ORDER BY admitted_at"
    found = road.hub(query, WUQIAO.code)
    return [row["verdict"] for row in found]


def test_from_the_first_test_to_a_live_item(tmp_path: Path) -> None:
    """In earnest it is refused before the trial (E-CNF-104), not after it; both sides show where the item stands."""
    require_broker()
    require_printer()
    world = build(tmp_path / "world")
    with Stage(world) as stage:
        road = Road(stage)
        hub = ("-d", str(world.hub))
        stage.command("hub", "county", "gate", "required", *hub)
        assert "missing" in stage.command("hub", "county", "items", YONGJI.code, *hub)
        for plan in (WUQIAO, YONGJI):
            folder = world.county(plan.code)
            stage.command("adapters", "test", "-d", str(folder))
            stage.command("hub", "county", "conformance", str(folder / "conformance.json"), *hub)
        assert "missing" not in stage.command("hub", "county", "items", YONGJI.code, *hub)
        road.submit(WUQIAO.code)
        until(lambda: refusals(road), "an application in earnest is refused")
        assert set(refusals(road)) == {"E-CNF-104"}
        trial = road.local(WUQIAO.code, "submit", "--count", "1", "--seed", "77", "--trial")
        cases = road.cases(WUQIAO.code, trial)
        usual = road.windows[WUQIAO.code]
        road.windows[WUQIAO.code] = TrialWindow(world.county(WUQIAO.code), lambda: "")
        road.finish(WUQIAO.code, cases, seconds=300)
        road.windows[WUQIAO.code].leave()
        road.windows[WUQIAO.code] = usual
        assert "live" in stage.command("hub", "county", "items", YONGJI.code, *hub)
        for plan in (WUQIAO, YONGJI):
            assert "live" in stage.command("adapters", "items", "-d", str(world.county(plan.code)))
        cases = road.take(WUQIAO.code)
        road.finish(WUQIAO.code, cases, seconds=300)
        assert [row["trial"] for row in road.hub("SELECT trial FROM cases WHERE case_no = ?", cases[0])] == [0]
        card = json.loads(stage.command("adapters", "card", "-d", str(world.county(YONGJI.code))))
        assert card["conformance"] == json.loads((world.county(YONGJI.code) / "conformance.json").read_text())
        for window in road.windows.values():
            window.leave()
    assert left_behind(world.folder) == []
