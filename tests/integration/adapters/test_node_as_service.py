"""The real node as a service manager sees it, without a hub: ready, alive, asked how it is, ended in order."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.demo.world import WUQIAO, build

pytestmark = pytest.mark.long

CHECKOUT = Path(__file__).resolve().parents[3]
PATIENCE_SECONDS = 60.0


def test_the_node_says_how_it_is_and_ends_when_it_is_told(tmp_path: Path) -> None:
    """READY once, WATCHDOG again and again, its word in the folder; after SIGTERM it says STOPPING and exits with 0."""
    folder = build(tmp_path / "world").county(WUQIAO.code)
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(tmp_path / "notify"))
    manager.settimeout(PATIENCE_SECONDS)
    environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "3000000"}
    command = [sys.executable, "-m", "adapters"]
    with subprocess.Popen([*command, "up", "-d", str(folder)], cwd=CHECKOUT, env=environment) as node:
        try:
            assert [manager.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
            asked = subprocess.run(
                [*command, "status", "--json", "-d", str(folder)],
                cwd=CHECKOUT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
            )  # fmt: skip
            said = json.loads(asked.stdout)
            assert [(each["road"], each["connected"]) for each in said["pulse"]["links"]] == [
                ("cases", False), ("claims", False), ("arrivals", False),
            ]  # fmt: skip
            assert (asked.returncode, [each["code"] for each in said["attention"]]) == (1, ["E-LINK-101"])
            node.send_signal(signal.SIGTERM)
            last = b"WATCHDOG=1"
            while last == b"WATCHDOG=1":
                last = manager.recv(100)
            assert (last, node.wait(PATIENCE_SECONDS)) == (b"STOPPING=1", 0)
        finally:
            node.kill()
            manager.close()
    assert not folder.joinpath("node.json").exists()
