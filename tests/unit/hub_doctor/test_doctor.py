"""`hub doctor` without a broker: each cause is made real, and is found by its code with what was expected."""

import json
import shutil
import socket
import sqlite3
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from certs import keys
from certs.authority import Authority
from certs.profiles import Role
from deploy.demo.world import World
from hub.backup import last, writing
from hub.broker.management import Management
from hub.cli import app
from hub.doctor import machine, timeservers, versions
from hub.doctor.broker import examine_version
from hub.doctor.examining import examine
from hub.doctor.findings import Outcome, Report, Step
from hub.doctor.ground import Ground
from hub.observing import workers
from hub.observing.workers import Worker
from hub.people.opening import HubPeople
from hub.settings import HubSettings
from hub.store import open_store, tables
from schemas.errors import YunhuobanError

BROKEN = {Step.BROKER, Step.ALARMS, Step.TOPOLOGY, Step.PERMISSIONS}
"""The private broker does not run in these tests."""


def report(folder: Path, **ahead: float) -> Report:
    """One examination, at another time if so asked."""
    return examine(HubSettings.load(folder), clock=lambda: datetime.now(UTC) + timedelta(**ahead))


def codes(found: Report, step: Step) -> set[str]:
    """What is wrong at a step, or to be known."""
    return {each.problem.code.code for each in found.findings if each.step is step and each.problem is not None}


def test_each_step_is_examined_and_a_sound_hub_passes_all_but_its_stopped_broker(folder: Path):
    """Every step has a finding; the stopped broker is said once, what needs it is not reached, the rest is in order."""
    heard: list[Step] = []
    found = examine(HubSettings.load(folder), told=heard.append)
    assert heard == list(Step)
    outcomes = {step: {each.outcome for each in found.findings if each.step is step} for step in Step}
    assert codes(found, Step.BROKER) == {"E-BROKER-020"}
    assert all(outcomes[step] == {Outcome.NOT_REACHED} for step in BROKEN - {Step.BROKER})
    sound = set(Step) - BROKEN - {Step.CLOCK, Step.DISK, Step.ACCOUNTS}
    assert all(outcomes[step] == {Outcome.PASSED} for step in sound), outcomes
    assert codes(found, Step.ACCOUNTS) == {"E-OPS-070"}, "on trial it is to be known"
    assert not (folder / "broker").exists(), "looking changes nothing"


def test_the_command_says_everything_and_ends_with_one(folder: Path, tmp_path: Path):
    """Codes, sentences and remedies in both languages on the screen, the same in the file, exit 1."""
    out = tmp_path / "doctor.json"
    done = CliRunner().invoke(app, ["doctor", "-d", str(folder), "--out", str(out)])
    assert done.exit_code == 1, done.output
    assert "E-BROKER-020" in done.output
    said = json.loads(out.read_text(encoding="utf-8"))
    assert said["well"] is False
    assert {each["step"] for each in said["findings"]} == {step.value for step in Step}
    (broker,) = [each for each in said["findings"] if each["step"] == "broker"]
    assert broker["code"] == "E-BROKER-020"
    assert all(broker[f"{part}_{language}"] for part in ("sentence", "remedy") for language in ("zh", "en"))


def test_the_file_holds_no_secret_and_nobody(folder: Path, tmp_path: Path, quick_passwords: None):
    """Not a key, not a password, not an account, a name, a telephone or an address of a person."""
    settings = HubSettings.load(folder)
    store = open_store(settings.database)
    people = HubPeople.over(store, settings)
    people.accounts.add("wang.sec", name="王某某", roles=["security"], password="Qing-he 2026 first", by="desk")
    with pytest.raises(YunhuobanError):
        people.sign_in.enter("wang.sec", "wrong wrong wrong", "192.0.2.77")
    store.close()
    (folder / "broker").mkdir()
    (folder / "broker" / "management.password").write_text("hidden-password-of-the-broker")
    out = tmp_path / "doctor.json"
    CliRunner().invoke(app, ["doctor", "-d", str(folder), "--out", str(out)])
    said = out.read_text(encoding="utf-8")
    pems = [each.read_text() for each in folder.rglob("*.key") if each.read_bytes().startswith(b"-----")]
    assert pems
    secrets = [line for pem in pems for line in pem.splitlines() if len(line) > 30]
    secrets += ["PRIVATE KEY", "hidden-password", "wang.sec", "王某某", "192.0.2.77", "Qing-he", str(tmp_path)]
    assert [each for each in secrets if each in said] == []


@pytest.mark.parametrize(
    ("ahead", "step", "code"),
    [
        ({"days": 3}, Step.LISTS, "E-OPS-022"),
        ({"days": 15}, Step.LISTS, "E-OPS-021"),
        ({"days": 3}, Step.BACKUP, "E-OPS-061"),
    ],
    ids=["list late", "list ended", "backup old"],
)
def test_time_makes_things_old(folder: Path, ahead: dict[str, float], step: Step, code: str):
    """A list that was not renewed, one that has ended, and a backup of three days ago are each told apart."""
    assert codes(report(folder, **ahead), step) == {code}


def test_certificates_that_end_are_said_before_and_after(folder: Path):
    """Before the end it is time to renew, after it the chain's own code says so."""
    ends = keys.load_certificates(folder / "certs" / "connection.pem")[0].not_valid_after_utc
    left = (ends - datetime.now(UTC)).days
    assert "E-OPS-023" in codes(report(folder, days=left - 1), Step.CERTIFICATES)
    assert "E-CERT-052" in codes(report(folder, days=left + 2), Step.CERTIFICATES)


def test_a_key_that_is_no_pair_with_its_certificate_is_found(folder: Path):
    """The signing key of another machine was copied over ours; each certificate is judged by itself."""
    keys.save_private_key(keys.generate_key(), folder / "certs" / "signing.key")
    found = report(folder)
    assert codes(found, Step.CERTIFICATES) == {"E-CERT-090"}
    passed = [each for each in found.findings if each.step is Step.CERTIFICATES and each.outcome is Outcome.PASSED]
    assert len(passed) == 3


def test_a_missing_or_foreign_revocation_list_is_found(folder: Path, tmp_path: Path):
    """Without a list everything waits; a list of somebody else's authority is none."""
    for each in (folder / "certs" / "crl").glob("*.crl"):
        each.unlink()
    assert codes(report(folder), Step.LISTS) == {"E-OPS-020"}
    other = Authority.create(tmp_path / "ca", kind="transport", trial=True, now=datetime.now(UTC), name="Other")
    (folder / "certs" / "crl" / "9.crl").write_bytes(keys.crl_der(other.publish_crls(now=datetime.now(UTC))[0]))
    assert codes(report(folder), Step.LISTS) == {"E-OPS-020", "E-CERT-020"}


def test_certificates_of_open_pages_are_examined(laid_out: World, folder: Path):
    """Each page that the settings open: files that are not there, one that ends soon, one that is no page of ours."""
    with (folder / "hub.toml").open("a") as file:
        file.write('\n[metrics]\nport = 1\naddress = "10.8.0.4"\nnames = ["web"]\ntoken_file = "token"\n')
        file.write('certificate = "certs/metrics.pem"\nkey = "certs/metrics.key"\n')
        file.write("\n[joining]\nport = 8444\n\n[scanning]\nport = 8445\n")
    wrong = [each for each in report(folder).findings if each.step is Step.PAGES and each.problem is not None]
    assert {each.problem.code.code for each in wrong} == {"E-CERT-090"}
    assert {each.problem.place for each in wrong} == {"page.pem", "scanning.pem", "metrics.pem"}
    key, authority = keys.generate_key(), laid_out.transport
    page = authority.issue(Role.PAGE, "hub", key.public_key(), now=datetime.now(UTC), days=20, dns=["localhost"])
    for name in ("page", "scanning", "metrics"):
        keys.save_private_key(key, folder / "certs" / f"{name}.key")
        keys.save_certificates(authority.chain(page), folder / "certs" / f"{name}.pem")
    assert codes(report(folder), Step.PAGES) == set()
    assert codes(report(folder, days=7), Step.PAGES) == {"E-OPS-024"}
    for end in ("pem", "key"):
        shutil.copy(folder / "certs" / f"connection.{end}", folder / "certs" / f"page.{end}")
    assert codes(report(folder), Step.PAGES) == {"E-JOIN-044"}


def test_a_hub_without_a_database_is_told_so_and_gets_none(folder: Path):
    """A wrong folder is not made into a hub by looking at it."""
    (folder / "hub.sqlite").unlink()
    found = report(folder)
    assert codes(found, Step.DATABASE) == {"E-STORE-022"}
    assert not (folder / "hub.sqlite").exists()
    assert {each.outcome for each in found.findings if each.step is Step.DEAD} == {Outcome.NOT_REACHED}


def test_a_database_of_another_version_is_found_and_left_alone(folder: Path):
    """The program was put back to an older version: the doctor says so and migrates nothing."""
    with sqlite3.connect(folder / "hub.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'h9999'")
    connection.close()
    assert codes(report(folder), Step.DATABASE) == {"E-OPS-031"}
    with sqlite3.connect(folder / "hub.sqlite") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("h9999",)
    connection.close()


def test_a_database_that_does_not_survive_a_power_cut_is_found(folder: Path):
    """Where the file system has no shared memory, SQLite silently writes without its log."""
    with sqlite3.connect(folder / "hub.sqlite") as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    text = (folder / "hub.toml").read_text()
    url = f"sqlite:///file:{folder / 'hub.sqlite'}?vfs=unix-dotfile&uri=true"  # locks by files, as on a network drive
    (folder / "hub.toml").write_text(f'store_url = "{url}"\n{text}')
    assert codes(report(folder), Step.DATABASE) == {"E-OPS-030"}


def test_dead_letters_and_what_waits_too_long_are_counted(folder: Path):
    """A dead letter, a reply of the hub that nobody confirmed for an hour, and a county that takes nothing."""
    store = open_store(HubSettings.load(folder).database)
    before = int(time.time() * 1000) - 3_600_000
    with store.write() as tx:
        for table, given in (
            (tables.dead_letters, {"state": "waiting", "died_at": before}),
            (tables.destinations, {"division_code": "130928", "held": True, "held_since": before}),
            (tables.unsettled, {"since_at": before}),
        ):
            tx.execute(insert(table).values(**_filled(table, **given)))
    store.close()
    found = report(folder)
    assert codes(found, Step.DEAD) == {"E-OPS-050"}
    assert codes(found, Step.BACKLOG) == {"E-OPS-040", "E-OPS-042"}


def test_a_worker_that_died_is_named_beside_those_that_work(folder: Path):
    """With how many there are and were; one that was stopped in order is not missed."""
    now = datetime.now(UTC)
    three = [Worker(id=str(at), role="admission", machine="a", number=at, count=3, began_at=now) for at in range(3)]
    store = open_store(HubSettings.load(folder).database)
    with store.write() as tx:
        for each in three:
            workers.enter(tx, each, now)
        workers.leave(tx, three[0], now)
        workers.beat(tx, three[1], now + timedelta(minutes=1))
    store.close()
    found = report(folder, minutes=1)
    (died,) = [each.problem for each in found.findings if each.step is Step.WORKERS]
    assert died is not None
    assert (died.code.code, died.place, died.found, died.expected) == ("E-OPS-043", "admission", "1", "2")


def test_a_hub_that_was_never_saved_or_cannot_be_is_told(folder: Path):
    """Without a recovery key no backup can be made; with one, none was."""
    (folder / last.FILE).write_text('{"at": "yesterday"}')
    assert codes(report(folder), Step.BACKUP) == {"E-OPS-060"}
    (folder / "certs" / writing.RECOVERY_KEY).unlink()
    assert codes(report(folder), Step.BACKUP) == {"E-BACKUP-002"}


def test_a_backup_is_remembered_when_it_is_whole(folder: Path, tmp_path: Path):
    """Whoever makes one need not tell the doctor."""
    (folder / last.FILE).unlink()
    done = CliRunner().invoke(app, ["backup", "make", str(tmp_path / "b.yhb"), "-d", str(folder)])
    assert done.exit_code == 0, done.output
    assert last.read(folder) is not None
    assert codes(report(folder), Step.BACKUP) == set()


def test_in_earnest_each_role_needs_somebody_and_security_two(folder: Path, quick_passwords: None):
    """Nobody of a role is broken where the machine's own address may not do everything."""
    with (folder / "hub.toml").open("r+") as file:
        text = file.read()
        file.seek(0)
        file.write("trial = false\n" + text)
    settings = HubSettings.load(folder)
    assert not report(folder).well
    store = open_store(settings.database)
    people = HubPeople.over(store, settings)
    for account, role in (("a1", "operator"), ("a2", "auditor"), ("a3", "security"), ("a4", "security")):
        assert codes(report(folder), Step.ACCOUNTS) == {"E-OPS-070"}
        people.accounts.add(account, name="某", roles=[role], password="Qing-he 2026 first", by="desk")
    assert codes(report(folder), Step.ACCOUNTS) == set()
    people.accounts.leave("a4", by="a3")
    store.close()
    assert codes(report(folder), Step.ACCOUNTS) == {"E-OPS-070"}


def test_a_full_disk_is_said_with_what_is_left(folder: Path):
    """More is demanded than any disk has: what is left and what should be are both said."""
    with Ground.open(HubSettings.load(folder), now=datetime.now(UTC)) as ground:
        (found,) = machine.examine_disk(ground, least_bytes=2**60)
    assert found.problem is not None
    assert (found.problem.code.code, found.problem.expected) == ("E-OPS-010", ">= 1073741824.0 GiB")


@contextmanager
def time_server(answer: Callable[[bytes], bytes]) -> Iterator[str]:
    """A time server on loopback that answers like this."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.02)
        over = threading.Event()

        def run() -> None:
            while not over.is_set():
                try:
                    asked, sender = server.recvfrom(512)
                except TimeoutError:
                    continue
                server.sendto(answer(asked), sender)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        over.set()
        thread.join()


def _sntp(asked: bytes, *, off: float = 0.0, first: int = 0x24, stratum: int = 2) -> bytes:
    stamp = int((time.time() + off + 2_208_988_800) * 2**32)
    return struct.pack("!BB22x", first, stratum) + asked[40:48] + struct.pack("!2Q", stamp, stamp)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda asked: _sntp(asked, off=0.1), None),
        (lambda asked: _sntp(asked, off=-90), "E-OPS-011"),
        (lambda asked: _sntp(asked, stratum=0), "E-OPS-013"),
        (lambda asked: _sntp(asked, first=0xE4), "E-OPS-013"),
        (lambda _: _sntp(bytes(48)), "E-OPS-013"),
        (lambda _: b"no time", "E-OPS-013"),
    ],
    ids=["right", "off", "kiss of death", "not synchronised", "not our question", "nonsense"],
)
def test_the_clock_is_compared_with_the_time_servers(folder: Path, answer: Callable[[bytes], bytes], code: str | None):
    """A server that is ninety seconds behind us, and each kind of answer that must not be believed."""
    with time_server(answer) as server:
        text = (folder / "hub.toml").read_text()
        (folder / "hub.toml").write_text(f'time_servers = ["{server}"]\n{text}')
        assert codes(report(folder), Step.CLOCK) == ({code} if code else set())


def test_without_time_servers_the_kernel_is_asked(folder: Path):
    """What adjtimex says decides; a machine that follows nobody is told, and nothing is broken."""
    synchronised = timeservers.kernel_is_synchronised()
    assert codes(report(folder), Step.CLOCK) == (set() if synchronised else {"E-OPS-012"})


@pytest.mark.parametrize(
    ("version", "supported", "count"),
    [
        ("3.10.8", True, 5),
        ("3.10.12-1+deb12u1", True, 1),
        ("3.10.25", True, 0),
        ("3.9.1", False, 0),
        ("4.1.3", True, 1),
        ("4.2.0", True, 0),
        ("5.0.0", False, 0),
        ("unknown", False, 0),
    ],
)
def test_each_version_has_its_own_defects(version: str, supported: bool, count: int):
    """Debian's has those that later ones of its series mended; what was never tried is said to be so."""
    assert (versions.supported(version), len(versions.defects(version))) == (supported, count)


def test_a_broker_that_was_never_tried_is_said_to_be_so(folder: Path):
    """Only the answer of such a broker can be had here: its version is too old, and nothing else is said of it."""
    answers = {"/api/overview": {"rabbitmq_version": "3.9.29", "node": "n"}, "/api/nodes/n": {}}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answers[request.url.path]))
    with Ground.open(HubSettings.load(folder), now=datetime.now(UTC)) as ground:
        ground.management = Management("http://broker", "u", "p", transport=transport)
        (found,) = examine_version(ground)
    assert found.problem is not None
    assert (found.problem.code.code, found.seen) == ("E-OPS-001", "3.9.29")


def _filled(table, **given):
    """A row with something in each column that needs it."""
    plain = {int: 1, str: "1", bytes: b"1", bool: True}
    return {each.name: plain[each.type.python_type] for each in table.columns if not each.nullable} | given
