"""Both counties' certificates are renewed while cases are on their way: no process is restarted, no case is lost."""

import shutil
import time
from pathlib import Path

import pytest

from certs import keys, signing
from deploy.demo.world import WUQIAO, YONGJI
from tests.journey.road import Road, until

pytestmark = [pytest.mark.timeout(300), pytest.mark.long]  # the short slices: unit/adapters/renewing, test_link_renewal

ROLES = ("connection", "signing", "encryption")


def in_use(road: Road, code: str) -> dict[str, bytes]:
    """Thumbprints of a county's three certificates."""
    folder = road.world.county(code) / "certs"
    return {name: keys.thumbprint(keys.load_certificates(folder / f"{name}.pem")[0]) for name in ROLES}


def carry(source: Path, target: Path) -> None:
    """As whoever synchronises the folders does: whole files only."""
    shutil.copy(source, target.with_suffix(".part"))
    target.with_suffix(".part").replace(target)


def renew(road: Road, code: str, carried: Path) -> None:
    """Ask, have it certified, bring the answer and then the card; the running node does the rest."""
    before, renewal = in_use(road, code), road.world.county(code) / "renewal"
    road.stage.command("adapters", "renew", "--now", "-d", str(road.world.county(code)))
    out = carried / code
    authority = str(road.world.transport.folder)
    road.stage.command("certs", "renew", authority, str(renewal / "request.json"), "--out", str(out))
    (answer,) = out.iterdir()
    carry(answer, renewal / "answer.json")
    until((renewal / "card.json").exists, f"the answer taken in by {code}")
    assert in_use(road, code)["connection"] != before["connection"]
    road.stage.command("hub", "county", "add", str(renewal / "card.json"), "-d", str(road.world.hub))
    until(lambda: not list(renewal.iterdir()), f"{code} has changed over")
    after = in_use(road, code)
    assert all(after[name] != before[name] for name in ROLES)


def test_both_counties_change_over_while_cases_are_on_their_way(road: Road, tmp_path: Path, record_property):
    """Cases taken before, during and after end as every case does; all messages since are signed by the new keys."""
    names = ("hub", WUQIAO.code, YONGJI.code, "admission", "keeper", "broker")
    processes = {name: road.pid(name) for name in names}
    (before,) = road.take(WUQIAO.code)
    started = time.monotonic()
    renew(road, WUQIAO.code, tmp_path)
    (between,) = road.take(WUQIAO.code)
    renew(road, YONGJI.code, tmp_path)
    record_property("seconds_for_both_counties", round(time.monotonic() - started, 1))
    (after,) = road.take(WUQIAO.code)
    cases = [before, between, after]
    road.finish(WUQIAO.code, cases)
    for case_no in cases:
        road.check_once(case_no)
    assert {name: road.pid(name) for name in names} == processes
    refused = road.hub("SELECT verdict FROM messages WHERE state = 'refused' AND case_no IN (?, ?, ?)", *cases)
    assert refused == []
    signatures = [row[0] for row in road.hub("SELECT signature FROM messages WHERE case_no = ?", after)]
    signers = {signing.read_header(each).thumbprint for each in signatures}
    assert signers == {in_use(road, code)["signing"] for code in (WUQIAO.code, YONGJI.code)}
