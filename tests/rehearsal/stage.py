"""The hub of the rehearsal: `hub up` with its own broker over TLS, 177 counties enrolled, and a store of its own.

The hub's folder lies on a file system of its own where that is allowed, so that its disk can be nearly full.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from certs import keys
from certs.authority import Authority
from deploy.bench.ground import write_folder
from deploy.crowd.counties import MadeCounty, Maker
from deploy.crowd.divisions import COUNTIES, members
from deploy.demo.stage import ROOT, NotReadyError, end_leftovers
from hub import bootstrap, instants
from hub.bootstrap import Hub
from hub.observing import workers
from hub.observing.workers import Roll
from hub.outflow import deadletters
from hub.registry import county
from hub.registry.county import Card
from hub.settings import HubSettings
from hub.store import open_store
from tests.chaos.volumes import Volume, unmount_leftovers
from tests.rehearsal import past
from tests.rehearsal.wires import Case

_READY_SECONDS: Final = 240.0
_STOP_SECONDS: Final = 40.0
_AGE: Final = past.AGO + timedelta(days=5)
"""Of the authority: its lists and the counties' certificates are older than what they said first."""


@dataclass(kw_only=True)
class Stage:
    """Everything in one folder."""

    folder: Path
    count: int = COUNTIES
    plan: str = ""
    """What is written into `alerts.toml`."""
    counties: dict[str, MadeCounty] = field(default_factory=dict)
    rated: Case | None = None
    """A case of weeks ago, with a bad rating that was followed up in time."""
    volumes: dict[str, Volume] = field(default_factory=dict)
    _up: subprocess.Popen[Any] | None = None

    @property
    def hub(self) -> Path:
        """The hub's data folder."""
        return self.folder / "hub"

    @property
    def settings(self) -> HubSettings:
        """As the hub reads them."""
        return HubSettings.load(self.hub)

    @property
    def names(self) -> dict[str, str]:
        """The counties' names by code."""
        return {each.code: each.name for each in members()}

    @property
    def authority(self) -> Authority:
        """The authority of all certificates."""
        return Authority.open(self.folder / "authority")

    def build(self) -> Self:
        """Make the folder anew and enrol everybody. Nothing runs yet."""
        end_leftovers(self.folder)
        unmount_leftovers(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "connections").mkdir(parents=True)
        now = datetime.now(UTC)
        authority = Authority.create(
            self.folder / "authority", kind="transport", trial=True, now=now - _AGE, name="Yunhuoban rehearsal"
        )
        write_folder(self.hub, authority)
        for name, below in (("hub", self.hub), ("broker", self.hub / "broker")):
            self.volumes[name] = Volume(below)
            self.volumes[name].mount()
        alerts = self.hub / "alerts.toml"
        alerts.touch(mode=0o600)
        alerts.write_text(self.plan, encoding="utf-8")
        self._enrol(authority, now)
        self.back_up()  # a hub with a past has one
        return self

    def start(self) -> Self:
        """`hub up`, until the pages answer. Raises NotReadyError."""
        with (self.folder / "hub.log").open("ab") as log:
            self._up = subprocess.Popen(
                [sys.executable, "-m", "hub", "up", "-d", str(self.hub)],
                cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _READY_SECONDS
        while not (self.hub / "web.address").exists():
            if self._up.poll() is not None or time.monotonic() > deadline:
                raise NotReadyError(f"hub up: {self.folder / 'hub.log'}")
            time.sleep(0.1)
        return self

    def stop(self) -> None:
        """End it with everything below it; safe to call twice."""
        if self._up is not None and self._up.poll() is None:
            self._up.send_signal(signal.SIGTERM)
            try:
                self._up.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._up.kill()
                self._up.wait()
        end_leftovers(self.folder)
        for volume in reversed(self.volumes.values()):
            volume.unmount()

    def command(self, *words: str) -> str:
        """Run one of the hub's commands. Raises NotReadyError with its words when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "hub", *words, "-d", str(self.hub)],
            cwd=ROOT, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        if done.returncode:
            raise NotReadyError(f"hub {' '.join(words[:2])}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def processes(self, *words: str) -> list[int]:
        """The ids of `hub run` processes of this folder whose command line has all of these words."""
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
                if str(self.hub).encode() in command and all(each.encode() in command for each in words):
                    found.append(int(entry.name))
        return found

    def at_work(self, role: str) -> Roll:
        """The worker processes of a role, as the hub knows them."""
        store = open_store(self.settings.database)
        try:
            with store.read() as tx:
                return workers.rolls(tx, instants.now()).get(role, Roll(there=0, gone=0))
        finally:
            store.close()

    def kill(self, pids: Sequence[int]) -> None:
        """SIGKILL; those that have ended by themselves are no trouble."""
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def replay_dead(self) -> None:
        """`hub dead replay` for everything that waits."""
        hub = Hub(self.settings)
        try:
            with hub.store.read() as tx:
                numbers = [row.id for row in deadletters.waiting(tx)]
        finally:
            hub.close()
        for number in numbers:
            self.command("dead", "replay", number, "--reason", "演练：原因已消除")

    def back_up(self) -> None:
        """`hub backup make`, as the daily timer does; the recovery key is made the first time."""
        target = self.folder / "backups"
        if not target.exists():
            target.mkdir()
            self.command("backup", "key", str(self.folder / "recovery.key"))
        self.command("backup", "make", str(target))

    def publish_lists(self, at: datetime) -> None:
        """New revocation lists, dated, as the authority's person carries them to the hub."""
        for number, each in enumerate(self.authority.publish_crls(now=at)):
            target = self.settings.certificates / "crl" / f"{number}.crl"
            temporary = target.with_suffix(".tmp")
            temporary.write_bytes(keys.crl_der(each))
            temporary.replace(target)

    def _enrol(self, authority: Authority, now: datetime) -> None:
        """Counties of real names, entered the way `hub county add` does."""
        then = now - past.AGO
        maker = Maker(authority, now=then)
        cards = []
        connections = self.folder / "connections"
        keys.save_certificates([authority.root], connections / "anchors.pem")
        for each in members()[: self.count]:
            made = maker.county(each.code)
            self.counties[each.code] = made
            keys.save_certificates(authority.chain(made.connection), connections / f"{each.code}.pem")
            keys.save_private_key(made.connection_key, connections / f"{each.code}.key")
            told = json.loads(made.card_text) | {
                "name": each.name,
                "authority_name": f"{each.name}行政审批局",
                "telephone": "010-00000000",
            }
            cards.append(Card.parse(json.dumps(told, ensure_ascii=False)))
        hub = Hub(self.settings)
        try:
            self.publish_lists(then)
            hub.revocation_folder().run_once(then)
            county.enrol_many(hub.store, cards, chains=hub.chains(), now=then, progress=lambda _: None)
            window, issuing = list(self.counties.values())[5:12:6]
            self.rated = past.rated(hub, window, issuing, then)
            self.publish_lists(now)
            hub.revocation_folder().run_once(now)
        finally:
            hub.close()

    def node_pid(self) -> int | None:
        """The broker's process."""
        return bootstrap.node(self.settings).status().pid
