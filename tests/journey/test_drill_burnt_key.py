"""The drill "this key is burnt" on a stage of its own: every step comes to hold, and the figures are kept."""

import json
from pathlib import Path

import pytest

from deploy.demo.stage import Stage
from deploy.demo.world import build
from deploy.drill import burntkey
from tests.brokers import require_broker
from tests.printers import require_printer

pytestmark = [pytest.mark.timeout(600), pytest.mark.long]  # the short slices: test_suspending, unit/joining


def test_a_burnt_key_is_out_and_the_county_is_back(tmp_path: Path, record_property):
    """The thief is refused by broker and authority; the county works under new keys; each step has its time."""
    require_broker()
    require_printer()
    with Stage(build(tmp_path / "world")) as stage:
        times = burntkey.BurntKey(stage=stage, say=lambda _what, _at: None).run()
    burntkey.write(times, tmp_path / "latest.json")
    said = json.loads((tmp_path / "latest.json").read_text("utf-8"))
    assert list(said["seconds"].values()) == sorted(said["seconds"].values())
    assert said["all_clear"] == max(times.values())
    record_property("seconds_to_all_clear", said["all_clear"])
