"""One road for all journeys: hub with its own broker, both counties' nodes and local systems, a printer; all real."""

from collections.abc import Iterator

import pytest

from deploy.demo.stage import Stage
from deploy.demo.world import WUQIAO, build
from tests.brokers import require_broker
from tests.journey.road import Road, left_behind
from tests.printers import require_printer


@pytest.fixture(scope="package")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    """Everything, started once and stopped after the last journey; no process of it may be left then.

    永济 authorises one copy (副本, A4), 吴桥 two (正本, A3, beside it).
    """
    require_broker()
    require_printer()
    world = build(tmp_path_factory.mktemp("road"))
    settings = world.county(WUQIAO.code) / "county.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('["duplicate"]', '["original", "duplicate"]'), encoding="utf-8")
    with Stage(world, ready_seconds=240) as stage:  # a busy machine takes its time to start a broker
        made = Road(stage)
        yield made
        for window in made.windows.values():
            window.leave()
    assert left_behind(world.folder) == []
