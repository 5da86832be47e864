"""The pages for bad days are rehearsed: their commands are run in their order, by a shell, on a hub with a case in it.

What belongs to the machine itself is left out by its first word, and what needs a broker is run by `make drill`.
Whatever else somebody writes into these pages has to work here.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certs.authority import Authority
from certs.profiles import Role
from deploy.demo import world as demo
from hub.backup import writing
from hub.evidence import verify
from tests.county_world import Network
from tests.documented import CHECKOUT, Documented, commands
from tests.restore_world import Alliance

THE_MACHINES = {"systemctl", "docker", "useradd", "chown", "ss", "make", "cp deploy"}
"""Service manager, containers, users, sockets; and `make`, whose targets have tests of their own."""
ELSEWHERE = {
    "hub county suspend": "deploy/drill",
    "hub county revoke": "deploy/drill",
    "hub county add": "deploy/onboarding",  # both have a real broker
    "hub status": "deploy/drill",
    "sh /srv/wheelhouse/install.sh": "tests/integration/test_wheelhouse.py",
    "ln -sfn /opt": "tests/integration/test_wheelhouse.py",
    "diff -r": "",  # two installations
}
SAID_BY_STATUS = {"adapter status": {1}, "hub restore report": {0, 1}}
"""What ends with another status than 0 when a person has to do something, which is so here."""
PAGES = ("disaster", "upgrading", "hardening")
PLACES = {
    "/var/lib/yunhuoban/county": "demo/130928",
    "/var/lib/yunhuoban": "lib",
    "/var/backups/yunhuoban": "backups",
    "/etc/systemd/system": "units",
    "/srv/authority": "authority",
    "/srv/restored": "restored",
    "/srv/yunhuoban": "containers",
    "/media": "media",
}


def is_run(said: Documented) -> bool:
    """Whether a machine without systemd, containers and a broker can run it."""
    return not any(said.line.startswith(each) for each in (*THE_MACHINES, *ELSEWHERE))


def test_what_is_left_out_is_little_and_said() -> None:
    """More than half of each page's commands are run; a reason for leaving one out that fits none is gone."""
    every = [each for page in PAGES for each in commands(CHECKOUT / "docs" / "en" / f"{page}.md")]
    lines = [each.line for each in every]
    assert [each for each in (*THE_MACHINES, *ELSEWHERE) if not any(line.startswith(each) for line in lines)] == []
    assert sum(map(is_run, every)) > 0.5 * len(every)
    assert [place for place in ELSEWHERE.values() if place and not (CHECKOUT / place).exists()] == []


class Machine:
    """A machine with the documented places in one folder, our programs installed, and a hub with a case in it."""

    def __init__(self, folder: Path, alliance: Alliance) -> None:
        self.folder = folder
        self.alliance = alliance
        for place in ("backups", "units", "restored", "media/safe", "media/other", "containers"):
            (folder / place).mkdir(parents=True)
        (folder / "lib").symlink_to(alliance.folder)
        demo.build(folder / "demo")
        shutil.copytree(alliance.network.folder / "ca", folder / "authority" / "transport")
        (folder / "media" / "other" / "passphrase").write_text("a passphrase of the test\n")
        self._install()
        if os.geteuid() == 0:  # the unit is for the folder's owner, and a service of root's is weighed as one
            shutil.chown(alliance.hub_folder, "daemon")
        # The page makes the recovery key itself; the trust file comes from `hub proof`, by another way.
        (alliance.hub_folder / "certs" / writing.RECOVERY_KEY).unlink()
        verify.write_trust(
            folder / "media" / "safe" / "trust.json", keys=alliance.served.keys, trial=True, witnesses=[]
        )
        for role, name in ((Role.BROKER, "broker"), (Role.HUB_CONNECTION, "connection")):
            authority = alliance.network.transport
            demo.certify(authority, role, alliance.hub_folder / "certs", name, "hub", datetime.now(UTC))
        shutil.copy(alliance.hub_folder / "certs" / "signing.pem", alliance.hub_folder / "certs" / "scanning.pem")

    def _install(self) -> None:
        """Our programs as an installation has them: beside a Python of their own."""
        own = Path(sys.prefix)
        (self.folder / "installed" / "bin").mkdir(parents=True)
        shutil.copy(own / "pyvenv.cfg", self.folder / "installed")
        (self.folder / "installed" / "lib").symlink_to(own / "lib")
        self.bin = self.folder / "installed" / "bin"
        (self.bin / "python").symlink_to(Path(sys.executable).resolve())
        for program, package in (("hub", "hub"), ("adapter", "adapters"), ("certs", "certs")):
            script = self.bin / program
            script.write_text(f'#!/bin/sh\nexec "{self.bin}/python" -m {package} "$@"\n')
            script.chmod(0o755)

    def placed(self, line: str) -> str:
        """The line with this machine's places, newest backup and a county's serial number."""
        for said, here in PLACES.items():
            line = re.sub(rf"(?<![\w/]){re.escape(said)}(?![\w-])", str(self.folder / here), line)
        line = line.replace(".venv/bin/python", sys.executable)
        if "NEWEST" in line:
            newest = max((self.folder / "backups").iterdir(), key=lambda file: file.stat().st_mtime_ns)
            line = line.replace("NEWEST.yhb", newest.name)
        authority = Authority.open(self.folder / "authority" / "transport")
        revoked = authority.revoked()
        serials = [each["serial"] for each in authority.issued() if int(each["serial"], 16) not in revoked]
        return line.replace("SERIAL", serials[0])

    def run(self, said: Documented) -> subprocess.CompletedProcess[str]:
        """One line, by a shell."""
        path = f"{self.bin}:{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-c", self.placed(said.line)],
            env=os.environ | {"PATH": path, "PYTHONPATH": str(CHECKOUT)},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="module")
def county_network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """Authorities, hub keys and three counties' keys."""
    return Network.make(tmp_path_factory.mktemp("alliance"))


@pytest.fixture
def as_the_unit() -> Iterator[None]:
    """What is written is its owner's alone: `UMask=0077`."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_every_command_works_in_its_order(county_network: Network, tmp_path: Path, as_the_unit: None) -> None:
    """Prepared, lost, restored, upgraded, hardened: each command ends as the page says, none with an unknown fault."""
    (tmp_path / "lib").mkdir()
    alliance = Alliance(network=county_network, folder=tmp_path / "lib")
    alliance.bring("WQ1", "application.submitted")
    machine = Machine(tmp_path / "machine", alliance)
    failed = []
    for said in (each for page in PAGES for each in commands(CHECKOUT / "docs" / "en" / f"{page}.md") if is_run(each)):
        done = machine.run(said)
        usual = next((value for key, value in SAID_BY_STATUS.items() if said.line.startswith(key)), {0})
        if done.returncode not in usual:
            failed.append((said.page, said.line, done.returncode, (done.stdout + done.stderr)[-400:]))
        if said.line.startswith("find "):
            assert done.stdout == "", said.line
    alliance.served.close()
    assert not failed, "\n".join(map(str, failed))
