"""The restore drill with every process real: hub and broker destroyed in mid-work, restored from a backup, whole again.

Cases before the backup, across it and after it; windows go on working all the while. Afterwards nothing that was
receipted is missing, no sheet came out twice, and the proofs of all cases are good.
"""

import shutil
import time
from pathlib import Path

import pytest

from deploy.demo.world import WUQIAO
from tests.journey.road import Road, until

pytestmark = [pytest.mark.timeout(1500), pytest.mark.long]
SECONDS = 300.0


def test_hub_and_broker_lost_and_restored(road: Road, tmp_path: Path, record_property):
    """Backup while running, more work, everything of the hub deleted, restore into the empty place, all settled."""
    hub, key, backup = str(road.world.hub), tmp_path / "recovery.key", tmp_path / "backup.yhb"
    (road.world.hub / "certs" / "recovery.pub").unlink(missing_ok=True)  # of an earlier journey
    road.stage.command("hub", "backup", "key", str(key), "-d", hub)
    before = road.take(WUQIAO.code, 2)
    road.finish(WUQIAO.code, before, seconds=SECONDS)
    across = road.take(WUQIAO.code, 2)
    started = time.monotonic()
    road.stage.command("hub", "backup", str(backup), "-d", hub)
    record_property("backup_seconds", round(time.monotonic() - started, 2))
    assert "完整" in road.stage.command("hub", "backup", "check", str(backup), "--key", str(key))
    after = road.take(WUQIAO.code, 2)
    road.finish(WUQIAO.code, across + after[:1], seconds=SECONDS)
    receipted = {
        (row["source"], row["message_id"], row["leaf_hash"])
        for row in road.hub("SELECT * FROM journal WHERE verdict = 'admitted' AND source != 'hub'")
    }
    road.stage.kill("hub")
    until(lambda: not _broker_runs(road), "the broker gone with its hub")
    shutil.rmtree(road.world.hub)
    lost_at = time.monotonic()

    restored = road.stage.command("hub", "restore", str(backup), "--key", str(key), "--folder", hub)
    assert "新纪元" in restored
    record_property("restore_seconds", round(time.monotonic() - lost_at, 2))
    road.stage.start_hub()
    until(lambda: not road.hub("SELECT 1 FROM restore_counties WHERE state = 'awaited'"), "reported", SECONDS)
    record_property("prints_again_after_seconds", round(time.monotonic() - lost_at, 2))
    road.finish(WUQIAO.code, before + across + after, seconds=SECONDS)
    until(lambda: not road.hub("SELECT 1 FROM recovered WHERE NOT readmitted"), "all learnt again", SECONDS)
    record_property("whole_after_seconds", round(time.monotonic() - lost_at, 2))

    known = {
        (row["source"], row["message_id"], row["leaf_hash"])
        for row in road.hub("SELECT * FROM journal WHERE verdict = 'admitted'")
    }
    assert receipted <= known
    trust = tmp_path / "trust.json"
    for case_no in before + across + after:
        road.check_once(case_no)
    for case_no in (before[0], across[0], after[0]):
        file = tmp_path / f"{case_no}.json"
        road.stage.command("hub", "proof", case_no, "-o", str(file), "--trust-out", str(trust), "-d", hub)
        assert "核验通过" in road.stage.command("hub", "verify", str(file), "--trust", str(trust))
    assert "完整" in road.stage.command("hub", "journal", "-d", hub)
    road.stage.command("hub", "restore", "report", "-d", hub)
    more = road.take(WUQIAO.code, 1)
    road.finish(WUQIAO.code, more, seconds=SECONDS)
    road.check_once(more[0])


def _broker_runs(road: Road) -> bool:
    """Stop the private node of a hub that was killed, as the end of its machine would."""
    from hub import bootstrap
    from hub.settings import HubSettings

    node = bootstrap.node(HubSettings.load(road.world.hub))
    node.stop(grace_seconds=2)
    return bool(node.status().running)
