"""The way to the broker, each cause made real: names, ports and TLS servers in this process."""

import json
import socket
import ssl
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters import cli
from adapters.countyit.doctor import examining
from adapters.countyit.doctor.findings import Step
from certs import keys
from certs.profiles import Role
from pages.uploads import jail
from schemas.errors import YunhuobanError
from tests import doctoring
from tests.brokers import TestTrust, free_port, now

NOTHING_BEYOND = {
    Step.CLOCK: "not_reached",
    Step.OWN: "passed",
    Step.LOGIN: "not_reached",
    Step.ALARM: "not_reached",
    Step.CONTRACT: "not_reached",
}
"""Of a county that never ran: without a connection only its own certificate can be judged."""


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> TestTrust:
    """The authority of county and broker."""
    return TestTrust.make(tmp_path_factory.mktemp("trust"))


@pytest.fixture
def county(tmp_path: Path, trust: TestTrust) -> Path:
    """A county's folder in which everything is in order."""
    return doctoring.folder(tmp_path / "county", trust)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step waits half a second instead of five."""
    given = examining.link_parameters
    monkeypatch.setattr(examining, "link_parameters", lambda one: replace(given(one), connect_seconds=0.5))


def told(county: Path, address: str, **hub: str) -> dict[Step, str]:
    """What the doctor says of each step."""
    return doctoring.outcomes(examining.examine(doctoring.settings(county, address, **hub)))


def test_a_name_that_nobody_knows(county: Path):
    """E-LINK-020, and nothing after it is claimed to be in order but what was looked at. RFC 6761 keeps `.invalid`."""
    assert told(county, "broker.invalid:5671") == NOTHING_BEYOND | {
        Step.NAME: "E-LINK-020",
        Step.PORT: "not_reached",
        Step.TLS: "not_reached",
        Step.SERVER: "not_reached",
    }


def test_a_test_bed_has_no_way_to_examine(county: Path):
    """E-LINK-001 for `memory://`."""
    with pytest.raises(YunhuobanError, match="E-LINK-001"):
        told(county, "memory://")


def test_a_port_that_refuses(county: Path):
    """E-LINK-021: nothing listens there."""
    found = told(county, f"127.0.0.1:{free_port()}")
    assert (found[Step.NAME], found[Step.PORT], found[Step.TLS]) == ("passed", "E-LINK-021", "not_reached")


def test_a_port_that_never_answers(county: Path, hurried: None):
    """E-LINK-022: a listener whose queue is full drops the connection, as a firewall does; it ends in time."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.settimeout(0)
            each.connect_ex(address)
        started = time.monotonic()
        found = told(county, f"127.0.0.1:{address[1]}")
        assert time.monotonic() - started < 3
        for each in waiting:
            each.close()
    assert (found[Step.PORT], found[Step.TLS]) == ("E-LINK-022", "not_reached")


def test_something_else_than_tls_listens(county: Path):
    """E-LINK-023: a web server in plain text."""

    def plain(raw: socket.socket) -> None:
        raw.recv(1000)
        raw.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with doctoring.listening(plain) as address:
        found = told(county, address)
    assert (found[Step.PORT], found[Step.TLS], found[Step.SERVER]) == ("passed", "E-LINK-023", "not_reached")


def test_a_listener_that_says_nothing(county: Path, hurried: None):
    """E-LINK-023 as well, once the waiting time is over: the port is open, and no TLS comes."""
    with doctoring.listening(_swallow) as address:
        assert told(county, address)[Step.TLS] == "E-LINK-023"


def _swallow(raw: socket.socket) -> None:
    while raw.recv(1000):
        pass


def test_tls_of_twenty_years_ago(county: Path, trust: TestTrust):
    """E-LINK-024: a server that speaks TLS 1.0 and nothing newer."""
    with doctoring.tls_server(trust, oldest=True) as address:
        found = told(county, address)
    assert (found[Step.PORT], found[Step.TLS], found[Step.SERVER]) == ("passed", "E-LINK-024", "not_reached")


def test_a_broker_of_another_authority(county: Path, tmp_path: Path):
    """E-LINK-025: its certificate is not of the root that this county was given."""
    with doctoring.tls_server(TestTrust.make(tmp_path / "other", name="Somebody else")) as address:
        found = told(county, address)
    assert (found[Step.TLS], found[Step.SERVER], found[Step.LOGIN]) == ("passed", "E-LINK-025", "not_reached")


def test_a_broker_of_another_name(county: Path, trust: TestTrust):
    """E-LINK-026: server_hostname is not in the certificate."""
    with doctoring.tls_server(trust) as address:
        assert told(county, address, server_hostname="broker.example")[Step.SERVER] == "E-LINK-026"


def test_a_broker_whose_certificate_has_expired(county: Path, trust: TestTrust):
    """E-LINK-027, by a clock that nothing speaks against."""
    with doctoring.tls_server(trust, age_days=20, days=10) as address:
        found = told(county, address)
    assert (found[Step.CLOCK], found[Step.SERVER], found[Step.LOGIN]) == ("not_reached", "E-LINK-027", "not_reached")


def test_a_clock_behind_the_brokers_certificate(county: Path, trust: TestTrust):
    """E-LINK-030 for a clock that is 7 minutes slow, before a certificate that holds from 5 minutes before its issue.

    The certificates are not blamed: by this clock nothing can be said of them.
    """
    with doctoring.tls_server(trust) as address:
        at = now() - timedelta(minutes=7)
        report = examining.examine(doctoring.settings(county, address), clock=lambda: at)
    found = doctoring.outcomes(report)
    assert (found[Step.CLOCK], found[Step.SERVER], found[Step.OWN]) == ("E-LINK-030", "not_reached", "not_reached")
    off = report.examinations[0].problems[0].params["off"]
    assert "0:01:50" <= off <= "0:02:00"


def test_a_broker_whose_certificate_cannot_be_read(county: Path, trust: TestTrust, tmp_path: Path):
    """E-LINK-025, and the other steps are still told: a name that is no text ends nothing."""
    chain, key, _ = trust.give(Role.BROKER, "localhost")
    spoilt = keys.der(keys.load_certificates(chain)[0]).replace(b"\x82\x09localhost", b"\x82\x09\xffocalhost")
    shown = tmp_path / "spoilt.pem"
    shown.write_text(ssl.DER_cert_to_PEM_cert(spoilt))
    with doctoring.tls_server(trust, shown=(shown, key)) as address:
        found = told(county, address)
    assert (found[Step.TLS], found[Step.SERVER], found[Step.OWN]) == ("passed", "E-LINK-025", "passed")


def test_every_broker_of_the_list_is_examined(county: Path):
    """A failover list is gone through whole, in its order: a second way that is shut would be noticed too late."""
    settings = doctoring.settings(county, f"127.0.0.1:{free_port()}")
    urls = (*settings.hub.urls, "broker.invalid:5671")
    hub = settings.hub.model_copy(update={"urls": urls})
    report = examining.examine(settings.model_copy(update={"hub": hub}))
    assert [each.address for each in report.examinations] == list(urls)
    assert [each.problems[0].code.code for each in report.examinations] == ["E-LINK-021", "E-LINK-020"]


@pytest.mark.parametrize(
    ("role", "given", "code"),
    [
        (Role.COUNTY_CONNECTION, {"age_days": 20, "days": 10}, "E-CERT-052"),
        (Role.COUNTY_CONNECTION, {"age_days": -2}, "E-CERT-051"),
        (Role.COUNTY_SIGNING, {}, "E-CERT-055"),
        (Role.COUNTY_CONNECTION, {"subject": "130928"}, "E-LINK-032"),
    ],
    ids=["expired", "not yet valid", "wrong role", "another county's"],
)
def test_our_own_certificate_is_seen_without_a_broker(tmp_path: Path, trust: TestTrust, role, given, code):
    """Expired, not yet valid, for signing messages, of another county: seen although no broker is reached."""
    county = doctoring.folder(tmp_path / "county", trust, role, **given)
    assert told(county, f"127.0.0.1:{free_port()}")[Step.OWN] == code


def test_key_and_certificate_that_are_no_pair(county: Path):
    """E-CERT-090, before anything is sent."""
    keys.save_private_key(keys.generate_key(), county / "certs" / "connection.key")
    assert told(county, f"127.0.0.1:{free_port()}")[Step.OWN] == "E-CERT-090"


def test_the_command_explains_and_keeps_no_secret(county: Path, tmp_path: Path):
    """Exit 1; every step is shown; cause and remedy stand in both languages; the file is open to its reader."""
    port = free_port()
    (county / "county.toml").write_text(
        'division_code = "140881"\nname = "永济市"\nmapping = "."\nlocal_read = ""\nlocal_write = ""\n'
        f'[hub]\nurls = ["127.0.0.1:{port}"]\n[authority]\nname = "局"\ncode = "11140881MB0000000U"\n'
    )
    kept = tmp_path / "doctor.json"
    result = CliRunner().invoke(cli.app, ["doctor", "-d", str(county), "--json", str(kept)])
    assert result.exit_code == 1
    for words in ("解析主机名", "Resolve the host name", "通过 passed", "不通过 failed", "未到这一步 not reached"):
        assert words in result.stdout
    shown = " ".join(result.stderr.split())
    for words in ("E-LINK-021", f"127.0.0.1:{port} 拒绝连接", "请核对端口", "refuses connections", "Check the port"):
        assert words in shown
    text = kept.read_text(encoding="utf-8")
    (broker,) = json.loads(text)["brokers"]
    (clock,) = [each for each in broker["steps"] if each["step"] == "clock"]
    assert (clock["outcome"], clock["why_en"]) == ("not_reached", "no directory of the hub's has come yet")
    wrong = {each["step"]: each["code"] for each in broker["steps"] if each["outcome"] == "failed"}
    assert wrong == {"port": "E-LINK-021"}
    secret = (county / "certs" / "connection.key").read_text().splitlines()[1]
    assert secret not in text + result.stdout + result.stderr


def test_a_machine_that_cannot_shut_in_strangers_files_is_told(county: Path, monkeypatch: pytest.MonkeyPatch):
    """What the kernel lacks is said beside the way to the hub, and is no fault of that way."""
    monkeypatch.setattr(jail, "missing", lambda: ("files",))
    (county / "county.toml").write_text(
        'division_code = "140881"\nname = "永济市"\nmapping = "."\nlocal_read = ""\nlocal_write = ""\n'
        f'[hub]\nurls = ["127.0.0.1:{free_port()}"]\n[authority]\nname = "局"\ncode = "11140881MB0000000U"\n'
    )
    shown = CliRunner().invoke(cli.app, ["doctor", "-d", str(county)]).stderr
    assert "E-PAGE-122" in shown
    assert "files" in shown
