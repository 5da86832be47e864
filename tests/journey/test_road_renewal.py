"""Both counties' certificates are renewed while cases are on their way: no process is restarted, no case is lost."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from adapters.countyit.joining.memory import Joining
from certs import keys, signing
from certs.probe import probe
from deploy.demo.stage import ROOT
from deploy.demo.world import WUQIAO, YONGJI
from deploy.onboarding.hubpeople import open_joining_page
from hub.settings import HubSettings
from schemas import codec
from schemas.joining import codes
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


def answers(address: str) -> bool:
    """Whether the joining page is there."""
    try:
        return httpx.get(f"{address}/root", verify=False, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


@contextmanager
def joining_page(road: Road, code: str) -> Iterator[None]:
    """The hub's joining page as a process of its own, and a county that remembers having joined by it."""
    settings, record = road.world.hub / "hub.toml", road.world.county(code) / "certs"
    before = settings.read_bytes()
    open_joining_page(road.world)
    page = HubSettings.load(road.world.hub).joining
    root = codes.write_root(keys.der(road.world.transport.root))
    own = {"request_id": "0" * 32, "request_sha256": "", "keys_fingerprint": "", "address": page.address}
    with (road.world.folder / "logs" / "joining.log").open("ab") as log:
        command = [sys.executable, "-m", "hub", "joining", "-d", str(road.world.hub)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        until(lambda: answers(page.address), "the joining page answers")
        Joining(state="active", hub_fingerprint=root, **own).save(record)
        yield
    finally:
        (record / "joining.json").unlink(missing_ok=True)
        process.terminate()
        process.wait(30)
        settings.write_bytes(before)


def test_a_county_that_reaches_the_page_carries_nothing(road: Road, tmp_path: Path, record_property):
    """The running node posts, fetches, changes over and hands its card in; only the authority's person types."""
    hub, county = ("-d", str(road.world.hub)), road.world.county(WUQIAO.code)
    renewal, before, pid = county / "renewal", in_use(road, WUQIAO.code), road.pid(WUQIAO.code)
    (during,) = road.take(WUQIAO.code)
    with joining_page(road, WUQIAO.code):
        started = time.monotonic()
        road.stage.command("adapters", "renew", "--now", "-d", str(county))
        until(lambda: WUQIAO.code in road.stage.command("hub", "county", "renewals", *hub), "the hub has the request")
        out, back = str(tmp_path / "requests"), str(tmp_path / "answers")
        road.stage.command("hub", "county", "renewals", "--out", out, *hub)
        road.stage.command("certs", "renew", str(road.world.transport.folder), out, "--out", back)
        road.stage.command("hub", "county", "renewed", back, *hub)
        until(lambda: not list(renewal.iterdir()), "the county has changed over", 180)
        record_property("seconds_until_changed_over", round(time.monotonic() - started, 1))
    after = in_use(road, WUQIAO.code)
    assert all(after[name] != before[name] for name in ROLES)
    assert road.pid(WUQIAO.code) == pid
    (since,) = road.take(WUQIAO.code)
    road.finish(WUQIAO.code, [during, since])
    for case_no in (during, since):
        road.check_once(case_no)


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
