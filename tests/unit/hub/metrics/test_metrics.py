"""What a Prometheus is told: in its own format, nothing of a person, and only what the dashboard and rules ask for."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from hub.alerting import book
from hub.alerting.facts import FactFinder
from hub.alerting.kinds import KINDS
from hub.broker import node_files
from hub.broker.node_files import BrokerNodeSettings
from hub.metrics import exposition
from hub.metrics.exposition import Family
from hub.metrics.families import CERTIFICATE, FAMILIES, LIST_AGE, LIST_ENDS, Measured, measure
from hub.metrics.serving import Meter, build_app
from hub.settings import HubSettings
from hub.views import kept
from hub.views.certificatelife import Ending
from hub.views.ledgerview import Pile
from schemas import topology
from tests.county_records import COMPANY, NAME
from tests.hub_world import ISSUING, START, WINDOW, Case, World
from tests.unit.hub.alerting.standing_facts import Standing
from tests.unit.hub_evidence.standing_broker import StandingBroker

MONITORING = Path(__file__).resolve().parents[4] / "deploy" / "monitoring"
OF_OTHERS = {"up", "rabbitmq_process_resident_memory_bytes", "rabbitmq_connections"}
SAFE = re.compile(r"[0-9]{6}|hub|true|false|[a-z][a-z_-]{1,20}|[0-9.]*|(admission|county|dead|unrouted)[a-z0-9.]*")
SAMPLE = re.compile(r"^(yhb_[a-z_]+)(?:\{(.*)\})? [0-9.e+-]+$")
LABEL = re.compile(r'([a-z]+)="([^"]*)"')


@pytest.fixture(autouse=True)
def _ask_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is kept between two questions."""
    monkeypatch.setattr(kept, "KEEP_SECONDS", 0.0)
    monkeypatch.setattr(kept, "KEEP_SHARE", 0)


@pytest.fixture
def broker() -> StandingBroker:
    """One that answers."""
    return StandingBroker()


@pytest.fixture
def prometheus(world: World, broker: StandingBroker, tmp_path: Path) -> Iterator[TestClient]:
    """Who asks on this machine."""
    facts = FactFinder(world.store, broker, HubSettings(folder=tmp_path), disk=lambda _folder: 0.5)
    with TestClient(build_app(Meter(world.store, facts, lambda: world.now)), base_url="http://127.0.0.1:9") as client:
        yield client


def everything() -> str:
    """Every family with a sample."""
    standing = Standing(waiting={ISSUING: Pile(count=3, oldest_at=START)})
    pile = {WINDOW: Pile(count=1, oldest_at=START)}
    ending = [Ending(holder="", name="broker", ends_at=START, days_left=1)]
    standing.others = {
        "certificates": ending, "dead": pile, "unknown_prints": pile, "late": pile, "red": pile,
        "late_answers": pile, "bad_ratings": pile,
        "ahead_seconds": {WINDOW: 0.25},
    }  # fmt: skip
    facts = standing.facts()
    status = replace(facts.status, cases={"submitted": 1}, prints={"claimed": 1})
    facts = replace(facts, status=status, unsaved_since=START)
    return exposition.text(
        measure(Measured(facts=facts, alerts=dict.fromkeys(KINDS, (2, 1)), writable=True, looked_at=START))
    )


def test_every_family_is_told_and_none_beside() -> None:
    """Each with its line of help and its type, once."""
    told = re.findall(r"^# TYPE (\S+) ", everything(), re.MULTILINE)
    assert sorted(told) == sorted(each.name for each in FAMILIES)


def test_no_label_holds_anything_of_a_person(world: World, prometheus: TestClient) -> None:
    """After a whole case: counties, queues, states and processes are all there is, and no case number."""
    case = Case(world)
    case.up_to("print.claimed")
    said = everything() + prometheus.get("/metrics").text
    for line in said.splitlines():
        if line.startswith("#"):
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, line
        for _name, value in LABEL.findall(sample[2] or ""):
            assert SAFE.fullmatch(value), line
    assert all(text not in said for text in (NAME, COMPANY, case.case_no, case.authorisation_no, "County"))


def test_the_format_is_prometheus_own() -> None:
    """What stands in a label cannot break out of it, and what is not known is left out."""
    odd, none = Family(name="yhb_a", help="a\\b\nc", labels=("x",)), Family(name="yhb_b", help="")
    said = exposition.text([(odd, {('q"\\\n',): 1.5, ("y",): True}), (none, {})])
    assert said == '# HELP yhb_a a\\\\b\\nc\n# TYPE yhb_a gauge\nyhb_a{x="q\\"\\\\\\n"} 1.5\nyhb_a{x="y"} 1\n'


def test_a_broker_that_is_away_is_told_and_the_rest_as_usual(prometheus: TestClient, broker: StandingBroker) -> None:
    """No county is said to be offline for it."""
    broker.away = True
    said = prometheus.get("/metrics")
    assert said.headers["content-type"] == exposition.CONTENT_TYPE
    assert "yhb_broker_up 0" in said.text
    assert "yhb_county_connected" not in said.text
    assert "yhb_county_waiting_messages" in said.text


def test_alive_and_ready_are_two_things(world: World, prometheus: TestClient, broker: StandingBroker) -> None:
    """It lives as long as it answers; it is ready when broker, lists and keeper are at work, and says what is not."""
    assert prometheus.get("/healthz").text == "ok"
    assert prometheus.get("/readyz").text == "keeper"
    with world.store.write() as tx:
        book.take_turn(tx, "one", world.now)
        book.looked(tx, world.now)
    assert (prometheus.get("/readyz").status_code, prometheus.get("/readyz").text) == (200, "ok")
    broker.disk_alarm = True
    assert prometheus.get("/readyz").text == "broker alarm"
    broker.away = True
    assert (prometheus.get("/readyz").status_code, prometheus.get("/readyz").text) == (503, "broker")
    world.later(days=20)
    assert prometheus.get("/readyz").text.splitlines() == ["broker", "revocation list", "keeper"]
    assert prometheus.get("/healthz").status_code == 200


def test_a_store_that_is_gone_is_told(world: World, prometheus: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its code, and nothing of its text."""
    assert prometheus.get("/metrics").status_code == 200
    world.store.close()
    monkeypatch.setattr(world.store._engine, "connect", _gone)
    assert (prometheus.get("/metrics").status_code, prometheus.get("/metrics").text) == (503, "E-STORE-001")
    assert prometheus.get("/readyz").text == "store E-STORE-001"


def _gone() -> None:
    from sqlalchemy.exc import OperationalError

    raise OperationalError("secret", {}, Exception("secret"))


def test_who_comes_by_another_name_reads_nothing(prometheus: TestClient) -> None:
    """A browser on this machine that was led here by a name of somebody else's."""
    assert prometheus.get("/metrics", headers={"Host": "evil.example"}).status_code == 400


def expressions() -> list[str]:
    """Of the dashboard and of the rules."""
    panels = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    return asked + re.findall(r"expr: '(.*)'$", (MONITORING / "rules.yml").read_text(encoding="utf-8"), re.MULTILINE)


def test_dashboard_and_rules_ask_for_what_there_is() -> None:
    """Every name is one of ours, or one of those named here; what has a label filter has that label."""
    known = {each.name: set(each.labels) for each in FAMILIES}
    found = [name for text in expressions() for name in re.findall(r"\b(?:yhb|rabbitmq)_[a-z_]+|\bup\b", text)]
    assert len(found) > 30
    assert set(found) <= {*known, *OF_OTHERS}
    for text in expressions():
        for name, filters in re.findall(r"(yhb_[a-z_]+)\{([^}]*)\}", text):
            assert set(re.findall(r"([a-z]+)=", filters)) <= known[name]


def test_every_rule_names_a_section_of_the_runbook() -> None:
    """And every kind of alert but none has its rule: a Prometheus knows what the hub knows."""
    anchors = re.findall(r"runbook: docs/en/runbooks.md#(.+)", (MONITORING / "rules.yml").read_text(encoding="utf-8"))
    assert set(anchors) == set(KINDS)


def test_the_brokers_own_metrics_are_off_unless_a_port_is_told(tmp_path: Path) -> None:
    """On loopback, beside ours; the files of a node without it are as they were."""
    for port in (None, 28082):
        (tmp_path / "certs").mkdir(exist_ok=True)
        paths = dict.fromkeys(("ca_bundle", "certificate_chain", "private_key", "crl_folder"), tmp_path)
        ports = {"amqps_port": 1, "management_port": 2, "distribution_port": 3, "epmd_port": 4}
        node_files.write(BrokerNodeSettings(data_folder=tmp_path, metrics_port=port, **paths, **ports))  # type: ignore[arg-type]
        conf, plugins = ((tmp_path / name).read_text() for name in ("rabbitmq.conf", "enabled_plugins"))
        assert ("prometheus.tcp.ip = 127.0.0.1" in conf, "rabbitmq_prometheus" in plugins) == (bool(port), bool(port))


def test_times_are_seconds_since_1970() -> None:
    """As Prometheus' own functions expect them."""
    said = everything()
    assert f'{CERTIFICATE.name}{{holder="hub",role="broker"}} {int(START.timestamp())}' in said
    ends = float(re.findall(rf"^{LIST_ENDS.name} (.*)$", said, re.MULTILINE)[0])
    assert datetime.fromtimestamp(ends, UTC) > START
    assert f"{LIST_AGE.name} 8640" in said
    assert topology.DEAD_LETTERS in said


@pytest.mark.long
@pytest.mark.parametrize(
    "words", [("check", "rules", "rules.yml"), ("test", "rules", "rules_test.yml"), ("check", "metrics")]
)
def test_promtool_finds_nothing(words: tuple[str, ...]) -> None:
    """Prometheus' own checker over rules, their tests and what we tell."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool comes with Debian's package prometheus")
    told = everything() if words[-1] == "metrics" else None
    done = subprocess.run([promtool, *words], cwd=MONITORING, input=told, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, ""), done.stdout
