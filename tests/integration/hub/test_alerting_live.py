"""`hub up` as it runs: whoever is on call is told, and a Prometheus is answered by us and by the broker."""

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo import world as demo
from tests import brokers
from tests.awaiting import until
from tests.brokers import free_port
from tests.receivers import hook
from tests.unit.hub.metrics.test_metrics import OF_OTHERS

pytestmark = [pytest.mark.long, pytest.mark.timeout(700)]
START_SECONDS = 300.0
TELL_SECONDS = 180.0
PLAN = """[limits]
disk_free_percent = 90
[[step]]
name = "duty"
urls = ["{url}"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hub that counts every disk as nearly full."""
    brokers.require_broker()
    return demo.build(tmp_path / "world").hub


@pytest.fixture
def ports(folder: Path) -> tuple[int, int]:
    """Ours and the broker's."""
    ours, brokers_own = free_port(), free_port()
    with (folder / "hub.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[metrics]\nport = {ours}\nbroker_port = {brokers_own}\n")
    return ours, brokers_own


@pytest.fixture
def told(folder: Path) -> Iterator[list[dict[str, str]]]:
    """What the step of the plan is told."""
    with hook() as (taken, url):
        (folder / "alerts.toml").touch(mode=0o600)
        (folder / "alerts.toml").write_text(PLAN.format(url=url), encoding="utf-8")
        yield taken


def asked(port: int, path: str) -> tuple[int, str]:
    """One question on this machine; 0 while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def test_the_disk_is_told_of_and_a_prometheus_is_answered(
    folder: Path, ports: tuple[int, int], told: list[dict[str, str]]
) -> None:
    """Ready when the keeper has looked; one notice when the disk has been short for a minute, and none after it."""
    ours, brokers_own = ports
    running = subprocess.Popen([sys.executable, "-m", "hub", "up", "-d", str(folder)])
    try:
        until(lambda: asked(ours, "/readyz") == (200, "ok"), START_SECONDS)
        until(lambda: bool(told), TELL_SECONDS)
        assert "runbooks.md#disk" in told[0]["message"]
        own, others = asked(ours, "/metrics")[1], asked(brokers_own, "/metrics")[1]
        assert 'yhb_alerts{kind="disk",acknowledged="false"} 1' in own
        assert all(f"\n{name} " in others for name in OF_OTHERS - {"up"})
        before = next(line for line in own.splitlines() if line.startswith("yhb_alerts_looked"))
        until(lambda: before not in asked(ours, "/metrics")[1], TELL_SECONDS)
        assert len(told) == 1
    finally:
        running.terminate()
        running.wait(timeout=120)
