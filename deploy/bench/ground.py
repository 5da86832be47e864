"""The ground everything is measured on: one hub folder with its own broker node, authority and enrolled counties.

Real TLS with EXTERNAL, real revocation lists, durable quorum queues, all under `var/bench`, on ports that are free. A
second ground (all counties enrolled) is frozen with SIGSTOP while the first is measured and the other way round, so
that neither pays for the other's idle queues.
"""

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

import httpx

from certs import contexts, keys
from certs.authority import Authority
from certs.profiles import Role
from deploy.bench.counties import BenchCounty
from deploy.demo.world import free_ports
from hub import bootstrap
from hub.bootstrap import Hub
from hub.broker import LinkParameters, provision
from hub.broker.node import BrokerNode
from hub.broker.node_files import MANAGEMENT_USER
from hub.instants import now
from hub.registry import county
from hub.settings import HubSettings
from schemas import topology

APART: Final = "bench"
"""The virtual host of the two contestants that are not the hub."""
_READY_SECONDS: Final = 300.0


def make_authority(folder: Path) -> Authority:
    """A trial authority, a day old, with fresh lists."""
    return Authority.create(
        folder, kind="transport", trial=True, now=datetime.now(UTC) - timedelta(days=1), name="Yunhuoban bench"
    )


def end_leftovers(folder: Path) -> None:
    """Stop the nodes that an earlier run left in this folder because it was killed; its other processes saw to it."""
    for settings in folder.glob("*/hub.toml"):
        node = bootstrap.node(HubSettings.load(settings.parent))
        pid = node.status().pid
        if pid is not None:
            os.kill(pid, signal.SIGCONT)  # it may have been frozen
            node.stop(grace_seconds=2)


@dataclass(kw_only=True)
class Ground:
    """One hub folder, its node, and who is enrolled there."""

    settings: HubSettings
    authority: Authority
    counties: Mapping[str, BenchCounty]
    seconds: dict[str, float] = field(default_factory=dict)
    """How long enrolling, starting and provisioning took."""

    @classmethod
    def make(cls, folder: Path, authority: Authority, counties: Mapping[str, BenchCounty]) -> Self:
        """Make the folder anew and enrol these counties in its store. Nothing runs yet."""
        shutil.rmtree(folder, ignore_errors=True)
        write_folder(folder, authority)
        ground = cls(settings=HubSettings.load(folder), authority=authority, counties=counties)
        ground._enrol()
        return ground

    @property
    def node(self) -> BrokerNode:
        """The private node."""
        return bootstrap.node(self.settings)

    def parameters(self, vhost: str = "") -> LinkParameters:
        """Where and as whom to connect; by default to the hub's own virtual host."""
        folder, broker = self.settings.certificates, self.settings.broker
        return LinkParameters(
            host=broker.host,
            port=broker.amqps_port,
            vhost=vhost or broker.vhost,
            context=contexts.client_context(
                folder / "anchors.pem", folder / "connection.pem", folder / "connection.key"
            ),
            server_hostname=broker.host,
        )

    def start(self) -> Self:
        """Start the node and apply the contract for every enrolled county."""
        started = time.monotonic()
        self.node.start()
        self.node.wait_ready(_READY_SECONDS)
        self.seconds["start"] = time.monotonic() - started
        self._provide()
        return self

    def enlarge(self, counties: Mapping[str, BenchCounty]) -> None:
        """Enrol these counties, those that are here among them, and provide for them on the running node."""
        self.counties = counties
        for path in self.settings.folder.glob("hub.sqlite*"):
            path.unlink()
        self._enrol()
        self._provide()

    def stop(self) -> None:
        """End the node and its epmd; whatever state it is in."""
        self.thaw()
        self.node.stop(grace_seconds=5)

    def freeze(self) -> None:
        """Take the node off the processor while another is measured."""
        pid = self.node.status().pid
        if pid is not None:
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on; its timers have noticed nothing worse than a pause."""
        pid = self.node.status().pid
        if pid is not None:
            os.kill(pid, signal.SIGCONT)

    def fresh_store(self) -> None:
        """Put the store back to the moment after enrolment, so that the same messages are new again."""
        for path in self.settings.folder.glob("hub.sqlite*"):
            path.unlink()
        shutil.copyfile(self._template, self.settings.folder / "hub.sqlite")

    @property
    def _template(self) -> Path:
        return self.settings.folder / "enrolled.sqlite"

    def _provide(self) -> None:
        """Queues, routes and permissions of every enrolled county, and the other contestants' virtual host."""
        with bootstrap.management(self.settings) as management:
            started, vhost, codes = time.monotonic(), self.settings.broker.vhost, sorted(self.counties)
            provision.provision(management, vhost=vhost, hub_user=bootstrap.HUB_USER, counties=codes)
            self.seconds["provision"] = time.monotonic() - started
            management.create_vhost(APART)
            management.grant(APART, topology.hub_permissions(bootstrap.HUB_USER))
        self._let_load()

    def _enrol(self) -> None:
        """Enter every county the way `hub county add` does."""
        moment = now()
        cards = [each.card(moment) for each in self.counties.values()]
        hub = Hub(self.settings)
        try:
            hub.revocation_folder().run_once(moment)
            chains = hub.chains()
            started = time.monotonic()
            county.enrol_many(hub.store, cards, chains=chains, now=moment, progress=lambda _: None)
            self.seconds["enrol"] = time.monotonic() - started
            started = time.monotonic()
            with hub.store.read() as tx:
                listed = county.listed(tx)
            self.seconds["list"] = time.monotonic() - started
        finally:
            hub.close()
        if len(listed) != len(self.counties):
            raise RuntimeError(f"{len(listed)} counties enrolled, {len(self.counties)} wanted")
        with contextlib.suppress(FileNotFoundError):
            (self.settings.folder / "hub.sqlite-wal").unlink()  # closing the last connection has emptied it
        shutil.copyfile(self.settings.folder / "hub.sqlite", self._template)

    def _let_load(self) -> None:
        """Let the loader state any county as `user_id`, as RabbitMQ's tag `impersonator` allows.

        In earnest each county connects by itself and the broker compares; here one connection speaks for all.
        """
        answer = httpx.put(
            f"{self.node.management_url}/api/users/{bootstrap.HUB_USER}",
            json={"password_hash": "", "tags": "impersonator"},
            auth=(MANAGEMENT_USER, self.node.management_password()),
            trust_env=False,
        )
        answer.raise_for_status()


def write_folder(folder: Path, authority: Authority) -> None:
    """Certificates, lists and `hub.toml` with free ports; every other setting as shipped but the quota's height.

    Quotas are kept and counted, but a few counties here send what in earnest thousands do.
    """
    certificates = folder / "certs"
    (certificates / "crl").mkdir(parents=True)
    moment = now()
    keys.save_certificates([authority.root], certificates / "anchors.pem")
    keys.save_certificates([authority.issuing], certificates / "issuing.pem")
    keys.save_certificates([authority.root, authority.issuing], certificates / "broker-ca.pem")
    for role, name in (
        (Role.BROKER, "broker"),
        (Role.HUB_CONNECTION, "connection"),
        (Role.HUB_CHECKPOINT, "checkpoint"),
        (Role.HUB_SIGNING, "signing"),
    ):
        key = keys.generate_key()
        dns, addresses = (("localhost",), ("127.0.0.1",)) if role is Role.BROKER else ((), ())
        certificate = authority.issue(role, "hub", key.public_key(), now=moment, dns=dns, addresses=addresses)
        keys.save_private_key(key, certificates / f"{name}.key")
        keys.save_certificates(authority.chain(certificate), certificates / f"{name}.pem")
    for number, each in enumerate(authority.publish_crls(now=moment)):
        (certificates / "crl" / f"{number}.crl").write_bytes(keys.crl_der(each))
    amqps, management, distribution, epmd = free_ports(4)
    (folder / "hub.toml").write_text(
        f"""[broker]
amqps_port = {amqps}
management_port = {management}
distribution_port = {distribution}
epmd_port = {epmd}

[quota]
messages_per_second = 1e9
burst_messages = 1_000_000_000
bytes_per_second = 1_000_000_000_000
burst_bytes = 1_000_000_000_000
""",
        encoding="utf-8",
    )
