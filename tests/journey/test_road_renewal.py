"""Both counties' certificates are renewed while cases are on their way: no process is restarted, no case is lost."""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certs import keys, signing
from certs.probe import probe
from deploy.demo.world import WUQIAO, YONGJI
from schemas import codec
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


def test_the_hubs_own_certificates_change_while_cases_are_on_their_way(road: Road, tmp_path: Path, record_property):
    """Broker, connection and both signers: no county's process and not the broker is restarted, no case is lost."""
    names = ("hub", WUQIAO.code, YONGJI.code, "broker")
    processes = {name: road.pid(name) for name in names}
    workers = {name: road.pid(name) for name in ("admission", "express", "slow", "keeper")}
    certificates = road.world.hub / "certs"
    (before,) = road.take(WUQIAO.code)
    said = road.stage.command("hub", "renew", "request", "--out", str(tmp_path), "-d", str(road.world.hub))
    chains = []
    for line in said.splitlines():
        words = line.split()[1:]
        words[1] = str(road.world.transport.folder)
        for option in ("--request", "--out"):
            at = words.index(option) + 1
            words[at] = str(tmp_path / words[at])
        road.stage.command("certs", *words)
        chains.append(words[-1])
    started = time.monotonic()
    road.stage.command("hub", "renew", "take", *chains, "-d", str(road.world.hub))
    new = keys.thumbprint(keys.load_certificates(certificates / "broker.pem")[0])
    until(lambda: keys.thumbprint(shown(road)) == new, "the broker shows its new certificate")
    record_property("seconds_until_the_broker_shows_it", round(time.monotonic() - started, 1))
    until(lambda: all(road.pid(name) != pid for name, pid in workers.items()), "every worker has the new ones")
    record_property("seconds_until_every_worker_has_them", round(time.monotonic() - started, 1))
    (after,) = road.take(WUQIAO.code)
    road.finish(WUQIAO.code, [before, after])
    for case_no in (before, after):
        road.check_once(case_no)
    assert {name: road.pid(name) for name in names} == processes
    newest = keys.thumbprint(keys.load_certificates(certificates / "checkpoint.pem")[0])
    (row,) = road.hub("SELECT evidence FROM messages WHERE case_no = ? ORDER BY admitted_at DESC LIMIT 1", after)
    receipt = codec.decode(bytes(row["evidence"]), "AdmissionReceipt")
    assert signing.read_header(receipt["checkpoint_signature"]).thumbprint == newest


def shown(road: Road) -> keys.Certificate:
    """The certificate that the broker presents now."""
    certificates = road.world.county(WUQIAO.code) / "certs"
    facts = probe(
        "localhost",
        road.world.amqps_port,
        server_hostname="localhost",
        anchors=keys.load_certificates(certificates / "anchors.pem"),
        chain=keys.load_certificates(certificates / "connection.pem"),
        key=keys.load_private_key(certificates / "connection.key"),
        at=datetime.now(UTC),
        timeout_seconds=5.0,
    )
    return facts.server_chain[0]
