"""`hub scanning` as a process of its own: it serves, says nothing of visitors, and ends when told to."""

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from certs.authority import Authority
from deploy.demo.world import free_ports
from tests.awaiting import until
from tests.scanning_world import page_certificate


@pytest.mark.long
def test_the_command_serves_and_logs_numbers_only(tmp_path: Path):
    """A folder with a port and a certificate is enough; what was asked is counted when it ends."""
    (port,) = free_ports(1)
    authority = Authority.create(tmp_path / "ca", kind="transport", trial=True, now=datetime.now(UTC), name="P")
    hub = tmp_path / "hub"
    (hub / "certs").mkdir(parents=True)
    page_certificate(authority, hub / "certs", now=datetime.now(UTC))
    (hub / "hub.toml").write_text(f'[scanning]\nport = {port}\nhost = "127.0.0.1"\n', encoding="utf-8")
    command = [sys.executable, "-m", "hub", "scanning", "--folder", str(hub)]
    with (tmp_path / "log").open("wb") as log:
        ran = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            visit(f"https://localhost:{port}")
            ran.send_signal(signal.SIGTERM)
            assert ran.wait(30) == 0
        finally:
            ran.kill()
            ran.wait()
    said = (tmp_path / "log").read_text("utf-8")
    assert '"unknown_count": 1' in said
    assert '"refused_count": 1' in said
    assert not [word for word in ("127.0.0.1", "secret", "0" * 64, "/v/find") if word in said]


def visit(address: str) -> None:
    """A visitor looks at the page, scans an unknown code and follows a link that is none."""
    with httpx.Client(base_url=address, verify=False, trust_env=False) as visitor:

        def answers() -> bool:
            try:
                return visitor.get("/v").is_success
            except httpx.TransportError:
                return False

        until(answers, 60)
        assert "请扫描证照上的二维码" in visitor.get("/v").text
        assert visitor.post("/v/find", content=b"0" * 64).json()["state"] == ""
        assert visitor.post("/p/find", content=b"secret.link.here").status_code == 200
