"""A Prometheus on another machine: over TLS, by a name that was told, and with the token; or there is no answer."""

import os
import shutil
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from certs.profiles import Role
from hub.alerting.facts import FactFinder
from hub.metrics.listening import POOR_TOKEN, Measured
from hub.metrics.serving import Meter, build_app
from hub.settings import BAD_SETTINGS, HubSettings
from schemas.errors import YunhuobanError
from tests.brokers import TestTrust, free_port
from tests.hub_world import World
from tests.unit.hub_evidence.standing_broker import StandingBroker

DEPLOY = Path(__file__).resolve().parents[4] / "deploy"
TOKEN = "0123456789abcdef" * 4
OPENED = """[metrics]
port = {port}
address = "127.0.0.1"
names = ["localhost"]
token_file = "token"
"""


@pytest.fixture
def meter(world: World, tmp_path: Path) -> Meter:
    """Of a hub with a broker that answers."""
    facts = FactFinder(world.store, StandingBroker(), HubSettings(folder=tmp_path), disk=lambda _folder: 0.5)
    return Meter(world.store, facts, lambda: world.now)


@pytest.fixture
def opened(tmp_path: Path) -> HubSettings:
    """`hub.toml` with an address, its token, and a certificate that holds the name."""
    trust = TestTrust.make(tmp_path / "trust")
    chain, key, _ = trust.give(Role.PAGE, "hub")
    (tmp_path / "certs").mkdir()
    shutil.copy(chain, tmp_path / "certs" / "web.pem")
    shutil.copy(key, tmp_path / "certs" / "web.key")
    shutil.copy(trust.anchors, tmp_path / "ca.pem")
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    (tmp_path / "hub.toml").write_text(OPENED.format(port=free_port()))
    return HubSettings.load(tmp_path)


def test_nothing_is_told_without_the_token(meter: Meter) -> None:
    """Not even whether it lives, nor which paths there are."""
    with TestClient(build_app(meter, names=["web"], token=TOKEN), base_url="https://web:9") as client:
        assert client.get("/healthz", headers={"Authorization": f"Bearer {TOKEN}"}).text == "ok"
        for path in ("/metrics", "/healthz", "/readyz", "/elsewhere"):
            for told in (None, "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer \xff"):
                headers = {} if told is None else {"Authorization": told.encode("latin-1")}
                answer = client.get(path, headers=headers)
                assert (answer.status_code, answer.text, answer.headers["www-authenticate"]) == (401, "", "Bearer")


def test_it_is_told_over_tls_to_who_shows_the_token(meter: Meter, opened: HubSettings) -> None:
    """By a name that was told, with a certificate for it; not by another name, and not in the clear."""
    trusting = ssl.create_default_context(cafile=opened.folder / "ca.pem")
    place = f"localhost:{opened.metrics.port}"
    shown = {"Authorization": f"Bearer {TOKEN}"}
    with Measured(opened, meter), httpx.Client(verify=trusting, trust_env=False) as client:
        answer = client.get(f"https://{place}/metrics", headers=shown)
        assert (answer.status_code, "yhb_broker_up 1" in answer.text) == (200, True)
        assert client.get(f"https://{place}/metrics").status_code == 401
        assert client.get(f"https://{place}/metrics", headers=shown | {"Host": "evil.example"}).status_code == 400
        with pytest.raises(httpx.HTTPError):
            client.get(f"http://{place}/metrics", headers=shown)


def test_an_address_without_names_or_token_is_refused(tmp_path: Path) -> None:
    """What is open to others is closed to most of them."""
    for left_out in ("names", "token_file"):
        said = "\n".join(line for line in OPENED.format(port=1).splitlines() if not line.startswith(left_out))
        (tmp_path / "hub.toml").write_text(said)
        with pytest.raises(YunhuobanError) as refused:
            HubSettings.load(tmp_path)
        assert refused.value.code is BAD_SETTINGS
        assert refused.value.place == "hub.toml: metrics"


def test_a_token_that_could_be_guessed_is_refused(meter: Meter, opened: HubSettings) -> None:
    """E-CONF-006 says how long it is and never what it is; one that is not there is E-CERT-001."""
    (opened.folder / "token").write_text("secret")
    with pytest.raises(YunhuobanError) as refused:
        Measured(opened, meter)
    assert (refused.value.code, refused.value.found) == (POOR_TOKEN, "6")
    assert "secret" not in str(refused.value)
    (opened.folder / "token").unlink()
    with pytest.raises(YunhuobanError, match=r"E-CERT-001"):
        Measured(opened, meter)


@pytest.mark.long
@pytest.mark.parametrize("file", ["monitoring/prometheus.yml", "compose/monitoring/prometheus.yml"])
def test_promtool_reads_what_prometheus_is_told(file: str) -> None:
    """Every key is one that Prometheus knows."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool comes with Debian's package prometheus")
    told = [promtool, "check", "config", "--syntax-only", str(DEPLOY / file)]
    done = subprocess.run(told, env=os.environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, ""), done.stdout
