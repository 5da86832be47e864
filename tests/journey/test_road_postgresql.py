"""The whole road with the hub's store on PostgreSQL: both directions, and the server killed while cases are on it."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.demo.stage import Stage
from deploy.demo.world import WUQIAO, YONGJI, build
from tests.brokers import require_broker
from tests.journey.road import Road, left_behind, until
from tests.postgres import PostgresNode
from tests.printers import require_printer

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresNode) -> Iterator[Road]:
    """The demonstration's world, whose hub.toml names a database of the run's PostgreSQL."""
    require_broker()
    require_printer()
    world = build(tmp_path_factory.mktemp("served"))
    database = postgres.create()
    settings = world.hub / "hub.toml"
    url = f'store_url = "{postgres.url(database)}"'
    settings.write_text(f"{url}\n{settings.read_text(encoding='utf-8')}", encoding="utf-8")
    with Stage(world) as stage:
        road = Road(stage)
        yield road
        for window in road.windows.values():
            window.leave()
    assert left_behind(world.folder) == []
    postgres.drop(database)


def test_cases_of_both_directions_survive_the_death_of_the_server(served: Road, postgres: PostgresNode, tmp_path: Path):
    """SIGKILL to PostgreSQL in mid-run: it recovers, the hub goes on by itself, each copy is on paper once."""
    road = served
    cases = {plan.code: road.take(plan.code, 5) for plan in (WUQIAO, YONGJI)}
    until(lambda: len(road.hub("SELECT 1 FROM messages")) > 10, "cases on the road")
    before = road.hub("SELECT leaf_index, leaf_hash FROM journal ORDER BY leaf_index")
    postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        road.hub("SELECT 1")
    postgres.start()
    after = road.hub("SELECT leaf_index, leaf_hash FROM journal ORDER BY leaf_index")
    assert after[: len(before)] == before, "what was committed is gone"
    for code, some in cases.items():
        road.finish(code, some, seconds=240)
        for case_no in some:
            road.check_once(case_no)
    hub = str(road.world.hub)
    assert "完整" in road.stage.command("hub", "journal", "-d", hub)
    case_no = cases[WUQIAO.code][0]
    proof, trust = tmp_path / "case.proof.json", tmp_path / "trust.json"
    road.stage.command("hub", "proof", case_no, "-o", str(proof), "--trust-out", str(trust), "-d", hub)
    assert case_no in road.stage.command("hub", "verify", str(proof), "--trust", str(trust))
    assert not (road.world.hub / "hub.sqlite").exists()
