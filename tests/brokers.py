"""Fixtures for the broker: one private RabbitMQ node per run with a real authority behind it, a virtual host per test.

Registered once for the run in `tests/conftest.py`. No RabbitMQ on a laptop is a skip; no RabbitMQ in CI is a failure.
"""

import os
import socket
import ssl
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from certs import contexts, crl, keys
from certs.authority import Authority
from certs.profiles import Role
from hub.broker import BrokerLink, LinkParameters
from hub.broker.management import Management
from hub.broker.node import BrokerNode
from hub.broker.node_files import MANAGEMENT_USER, PROGRAM, BrokerNodeSettings
from schemas import topology
from schemas.topology import Topology

HUB = "hub"
WINDOW_COUNTY = "140881"
ISSUING_COUNTY = "130928"
COUNTIES = (WINDOW_COUNTY, ISSUING_COUNTY)
LINK_CASE = f"{WINDOW_COUNTY}-20261122-000017-C"
LINK_SHARDS = {7, topology.shard(LINK_CASE)}
"""Where tests of a link write: by name, or by the case of theirs."""


def free_port() -> int:
    """Return a port of loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(kw_only=True)
class TestTrust:
    """An authority with the files it has given out: `context("130928")` is a county's TLS context."""

    __test__ = False

    folder: Path
    authority: Authority
    crl_folder: Path = field(init=False)
    anchors: Path = field(init=False)

    def __post_init__(self) -> None:
        """Write the anchors and the first revocation lists."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.crl_folder = self.folder / "crls"
        self.anchors = self.folder / "anchors.pem"
        keys.save_certificates([self.authority.root], self.anchors)
        self.publish_crls()

    @classmethod
    def make(cls, folder: Path, name: str = "Trial transport") -> "TestTrust":
        """Make a new authority, a month old, in this folder."""
        authority = Authority.create(
            folder / "authority", kind="transport", trial=True, now=now() - timedelta(days=30), name=name
        )
        return cls(folder=folder / "given", authority=authority)

    def publish_crls(self) -> None:
        """Publish fresh lists where the broker reads them."""
        lists = self.authority.publish_crls(now=now())
        crl.write_hashed_crls(self.crl_folder, [self.authority.root, self.authority.issuing], lists)

    def give(self, role: Role, subject: str, *, age_days: int = 0, days: int | None = None) -> tuple[Path, Path, int]:
        """Issue a certificate with a new key; returns chain file, key file and serial number."""
        key = keys.generate_key()
        server = role in {Role.BROKER, Role.PAGE}
        certificate = self.authority.issue(
            role,
            subject,
            key.public_key(),
            now=now() - timedelta(days=age_days),
            days=days,
            dns=["localhost"] if server else [],
            addresses=["127.0.0.1"] if server else [],
        )
        stem = f"{role}-{subject}-{certificate.serial_number:x}"
        chain_file, key_file = self.folder / f"{stem}.pem", self.folder / f"{stem}.key"
        keys.save_certificates(self.authority.chain(certificate), chain_file)
        keys.save_private_key(key, key_file)
        return chain_file, key_file, certificate.serial_number

    def context(
        self, subject: str, role: Role | None = None, *, age_days: int = 0, days: int | None = None
    ) -> ssl.SSLContext:
        """Return the TLS context of a new certificate, by default of the connection role that fits the subject."""
        fitting = Role.HUB_CONNECTION if subject == HUB else Role.COUNTY_CONNECTION
        chain_file, key_file, _ = self.give(role or fitting, subject, age_days=age_days, days=days)
        return contexts.client_context(self.anchors, chain_file, key_file)


@dataclass(frozen=True, kw_only=True)
class RunningBroker:
    """The run's node, who trusts whom, and the door to its management API."""

    node: BrokerNode
    trust: TestTrust
    management: Management

    def parameters(self, vhost: str, context: ssl.SSLContext) -> LinkParameters:
        """Return the parameters of a link to this node."""
        port = self.node.settings.amqps_port
        return LinkParameters(host="127.0.0.1", port=port, vhost=vhost, context=context, server_hostname="localhost")


@dataclass(frozen=True, kw_only=True)
class TestVhost:
    """One test's virtual host, with the topology and permissions of hub and two counties."""

    __test__ = False

    name: str
    broker: RunningBroker
    hub_context: ssl.SSLContext

    def hub_parameters(self) -> LinkParameters:
        """Return the parameters of the hub's own link."""
        return self.broker.parameters(self.name, self.hub_context)


def now() -> datetime:
    """Return the present."""
    return datetime.now(UTC)


def require_broker() -> None:
    """Skip without RabbitMQ, or fail where it must be."""
    if not PROGRAM.exists():
        if os.environ.get("CI"):
            pytest.fail("RabbitMQ is not installed, and this is CI")
        pytest.skip("RabbitMQ is not installed")


def node_settings(folder: Path, trust: TestTrust) -> BrokerNodeSettings:
    """Return settings of a node with free ports and its own certificate."""
    chain_file, key_file, _ = trust.give(Role.BROKER, "localhost")
    return BrokerNodeSettings(
        data_folder=folder,
        amqps_port=free_port(),
        management_port=free_port(),
        distribution_port=free_port(),
        epmd_port=free_port(),
        ca_bundle=trust.anchors,
        certificate_chain=chain_file,
        private_key=key_file,
        crl_folder=trust.crl_folder,
        disk_free_limit_bytes=50_000_000,
    )


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    """One node for the whole run, stopped with its epmd at the end."""
    require_broker()
    folder = tmp_path_factory.mktemp("broker")
    trust = TestTrust.make(folder)
    node = BrokerNode(node_settings(folder / "node", trust))
    node.start()
    try:
        node.wait_ready(90)
        with Management(node.management_url, MANAGEMENT_USER, node.management_password()) as management:
            yield RunningBroker(node=node, trust=trust, management=management)
    finally:
        node.stop(grace_seconds=0)


@pytest.fixture(scope="session")
def hub_context(broker: RunningBroker) -> ssl.SSLContext:
    """The hub's TLS context, one certificate for the run."""
    return broker.trust.context(HUB)


@pytest.fixture(scope="session")
def cleaning(broker: RunningBroker) -> Iterator[Callable[[str], None]]:
    """Deletes virtual hosts while the tests go on; what is left of them at the end goes with the node."""
    with ThreadPoolExecutor(1) as thread:
        asked: list[Future[None]] = []
        yield lambda name: asked.append(thread.submit(broker.management.delete_vhost, name))
        thread.shutdown(cancel_futures=True)
        for each in asked:
            if not each.cancelled():
                each.result()


@pytest.fixture
def declared() -> Topology:
    """What stands in a test's virtual host: all that the hub declares for two counties."""
    return topology.declarations(COUNTIES)


def declared_for_links() -> Topology:
    """The same without the shards that no test of a single link writes to: two of sixteen are left.

    A file whose tests are of that kind makes `declared` of it: to make and delete a virtual host then costs the broker
    a third. What is written to a shard that is missing comes to rest among the unrouted, and its test fails.
    """
    whole = topology.declarations(COUNTIES)
    gone = {name for number in range(topology.SHARDS) if number not in LINK_SHARDS
            for name in (topology.admission_queue(number), topology.parts_queue(number))}  # fmt: skip
    return Topology(
        exchanges=whole.exchanges,
        queues=tuple(each for each in whole.queues if each.name not in gone),
        bindings=tuple(each for each in whole.bindings if each.queue not in gone),
    )


@pytest.fixture
def vhost(
    broker: RunningBroker, hub_context: ssl.SSLContext, cleaning: Callable[[str], None], declared: Topology
) -> Iterator[TestVhost]:
    """A virtual host of the test's own with its topology for two counties, deleted afterwards."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    broker.management.create_vhost(name)
    broker.management.declare(name, declared)
    broker.management.grant(name, topology.hub_permissions(HUB))
    for code in COUNTIES:
        broker.management.grant(name, topology.permissions(code))
    yield TestVhost(name=name, broker=broker, hub_context=hub_context)
    cleaning(name)


@pytest.fixture
def link(vhost: TestVhost) -> Iterator[BrokerLink]:
    """The hub's link to the test's virtual host, connected."""
    with BrokerLink(vhost.hub_parameters()) as started:
        yield started


@pytest.fixture
def county_link(vhost: TestVhost) -> Callable[[str], LinkParameters]:
    """Return a function from a county's code to parameters with a fresh certificate of that county."""
    return lambda code: vhost.broker.parameters(vhost.name, vhost.broker.trust.context(code))
