"""A county's machine without a network: everything comes out of one signed folder, and the programs run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.wheelhouse import __main__ as command
from deploy.wheelhouse import building, inventory

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

OFFLINE = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
"""A network namespace of its own, in which not even loopback is up (unshare(1))."""


def offline(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run something where there is no network, and no setting of this machine's for pip."""
    environment = {
        "PATH": f"{Path(sys.executable).resolve().parent}:/usr/bin:/bin",
        "HOME": str(cwd),
        "LANG": "C.UTF-8",
    }
    return subprocess.run(
        [*OFFLINE, *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, check=False
    )


def test_a_machine_without_a_network_is_installed_and_runs(tmp_path: Path) -> None:
    """Built, signed, verified, installed; everything loads and the programs run; with one changed byte nothing does."""
    key, house = tmp_path / "release.key", tmp_path / "house"
    building.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(key))
    assert command.main(["--key", str(key), "--out", str(house)]) == 0

    told = json.loads((house / inventory.FILE).read_text(encoding="utf-8"))
    hashes = {each["hashes"][0]["content"] for each in told["components"] if "hashes" in each}
    hashes.add(told["metadata"]["component"]["hashes"][0]["content"])
    assert hashes == {building.digest(each) for each in (house / "wheels").iterdir()}

    away = tmp_path / "away"
    away.mkdir()
    unreachable = offline(sys.executable, "-c", "import socket; socket.create_connection(('127.0.0.1', 9))", cwd=away)
    assert "Network is unreachable" in unreachable.stderr

    words = ["sh", str(house / "install.sh"), str(tmp_path / "release.pub")]
    done = offline(*words, str(away / "opt"), cwd=away)
    assert done.returncode == 0, done.stderr
    programs = away / "opt" / ".venv" / "bin"
    loaded = offline(str(programs / "python"), "-c", "import adapters.node, hub.worker, psycopg", cwd=away)
    assert loaded.returncode == 0, loaded.stderr
    for program in (["adapter", "codes", "E-NODE-001"], ["hub", "contract", "check"], ["certs", "--help"]):
        ran = offline(str(programs / program[0]), *program[1:], cwd=away)
        assert ran.returncode == 0, ran.stderr

    largest = max((house / "wheels").iterdir(), key=lambda each: each.stat().st_size)
    with largest.open("r+b") as file:
        file.seek(largest.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    refused = offline(*words, str(away / "again"), cwd=away)
    assert (refused.returncode, largest.name in refused.stderr) == (1, True)
    assert not (away / "again").exists()
