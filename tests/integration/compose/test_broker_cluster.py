"""The cluster of `deploy/compose`, run for real: three nodes with the shipped files, on this machine's own ports.

Only names and places are changed: a container has its own network, here three nodes share one.
"""

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from certs.profiles import Role
from deploy.compose import __main__ as preparing
from hub.broker import BrokerLink, LinkParameters, Outcome, Outgoing, node_files
from hub.broker.management import Management
from hub.broker.provision import provision
from schemas import topology
from schemas.errors import YunhuobanError
from tests.awaiting import until
from tests.brokers import HUB, ISSUING_COUNTY, WINDOW_COUNTY, TestTrust, free_port, require_broker

FILES = Path(__file__).resolve().parents[3] / "deploy" / "compose" / "broker"
NODES = ("broker-1", "broker-2", "broker-3")
PATIENCE_SECONDS = 120.0
VHOST = "yunhuoban"
IDENTITY = {
    "rabbitmq_node",
    "rabbitmq_cluster",
    "rabbitmq_cluster_permanent_id",
    "prometheus_client_version",
    "prometheus_plugin_version",
}
"""What a node says of itself."""


class Cluster:
    """Three nodes, each with a folder and ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trust = TestTrust.make(folder / "trust")
        preparing.make(folder / "host")
        self.secrets = folder / "host" / "secrets"
        self.epmd = free_port()
        self.amqps = {name: free_port() for name in NODES}
        self.management = {name: free_port() for name in NODES}
        self.metrics = {name: free_port() for name in NODES}
        secret = self.secrets.joinpath("management_password").read_text()
        self.asking = httpx.Client(auth=(node_files.MANAGEMENT_USER, secret), trust_env=False, timeout=10)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.chain, self.key, _ = self.trust.give(Role.BROKER, "localhost")
        self.hub = self.trust.context(HUB)

    def start(self, name: str) -> None:
        """Start one node from the shipped files."""
        home = self.folder / name
        home.mkdir(exist_ok=True)
        conf = self.placed((FILES / "rabbitmq.conf").read_text(encoding="utf-8"))
        for said, here in (
            ("listeners.ssl.default = 5671", f"listeners.ssl.default = 127.0.0.1:{self.amqps[name]}"),
            ("tcp.port = 15672", f"tcp.port = {self.management[name]}"),
            ("tcp.port = 15692", f"tcp.port = {self.metrics[name]}"),
            ("tcp.ip = 0.0.0.0", "tcp.ip = 127.0.0.1"),
            ("disk_free_limit.absolute = 2147483648", "disk_free_limit.absolute = 50000000"),
        ):
            assert said in conf
            conf = conf.replace(said, here)
        (home / "rabbitmq.conf").write_text(conf)
        (home / "advanced.config").write_text(self.placed((FILES / "advanced.config").read_text()))
        cookie = home / ".erlang.cookie"
        cookie.unlink(missing_ok=True)
        cookie.write_bytes(self.secrets.joinpath("erlang_cookie").read_bytes())
        cookie.chmod(0o400)
        with (home / "said").open("ab") as said_file:
            self.running[name] = subprocess.Popen(
                [node_files.PROGRAM], env=self.environment(name), cwd=home, stdout=said_file, stderr=said_file
            )

    def environment(self, name: str) -> dict[str, str]:
        """The container's environment, in the node's folder."""
        home = str(self.folder / name)
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": home,
            "LANG": "C",
            "detached": "true",  # the script replaces itself by the Erlang process, so that its id is the node's
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self.epmd),
            "ERL_AFLAGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_NODENAME": f"{name}@localhost",
            "RABBITMQ_MNESIA_BASE": f"{home}/mnesia",
            "RABBITMQ_LOG_BASE": f"{home}/log",
            "RABBITMQ_PID_FILE": f"{home}/rabbitmq.pid",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{home}/generated",
            "RABBITMQ_PLUGINS_EXPAND_DIR": f"{home}/plugins",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(FILES / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": f"{home}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{home}/advanced.config",
        }

    def placed(self, text: str) -> str:
        """The container's places and names as they are here."""
        for said, here in (
            ("/run/secrets/definitions.json", str(self.secrets / "definitions.json")),
            ("/etc/rabbitmq/broker-ca.pem", str(self.trust.anchors)),
            ("/etc/rabbitmq/broker.pem", str(self.chain)),
            ("/etc/rabbitmq/broker.key", str(self.key)),
            ("/etc/rabbitmq/crls", str(self.trust.crl_folder)),
        ):
            text = text.replace(said, here)
        return re.sub(r"rabbit@(broker-\d)", r"\1@localhost", text)

    def opened(self, name: str) -> Management:
        """The door to one node."""
        secret = self.secrets.joinpath("management_password").read_text()
        return Management(f"http://127.0.0.1:{self.management[name]}", node_files.MANAGEMENT_USER, secret)

    def members(self, name: str) -> set[str]:
        """Who runs, as this node sees it."""
        try:
            answer = self.asking.get(f"http://127.0.0.1:{self.management[name]}/api/nodes")
        except httpx.HTTPError:
            return set()
        if not answer.is_success:
            return set()
        return {each["name"].partition("@")[0] for each in answer.json() if each["running"]}

    def provided(self, asked: str = NODES[0]) -> bool:
        """Everything that hub and counties need is there; a young cluster may not answer yet."""
        try:
            with self.opened(asked) as management:
                provision(management, vhost=VHOST, hub_user=HUB, counties=[WINDOW_COUNTY, ISSUING_COUNTY])
        except YunhuobanError:
            return False
        return True

    def way(self, name: str) -> LinkParameters:
        """The hub's way to one node."""
        port, context = self.amqps[name], self.hub
        return LinkParameters(host="127.0.0.1", port=port, vhost=VHOST, context=context, server_hostname="localhost")

    def serves(self, name: str) -> bool:
        """Whether somebody who comes to this node over AMQPS is let in."""
        try:
            with BrokerLink(self.way(name)) as link:
                return link.connected
        except YunhuobanError:
            return False

    def evaluated(self, name: str, expression: str) -> str:
        """What a node answers to an Erlang expression."""
        told = [str(node_files.PROGRAM.with_name("rabbitmqctl")), "-n", f"{name}@localhost", "eval", expression]
        return subprocess.run(
            told, env=self.environment(name), capture_output=True, text=True, check=True, timeout=60
        ).stdout.strip()

    def told(self) -> list[str]:
        """Where each running node answers Prometheus."""
        return [f"http://127.0.0.1:{self.metrics[name]}" for name in self.running]

    def end(self) -> None:
        """Every node of ours and their epmd, by id and port."""
        self.asking.close()
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(30)
        environment = os.environ | {"ERL_EPMD_PORT": str(self.epmd)}
        subprocess.run(["epmd", "-kill"], env=environment, capture_output=True, check=False)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """All three, up and joined."""
    require_broker()
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        for name in NODES:
            made.start(name)
        for name in NODES:
            until(lambda name=name: made.members(name) == set(NODES), PATIENCE_SECONDS)
        until(made.provided, PATIENCE_SECONDS)
        yield made
    finally:
        made.end()


@pytest.mark.long
@pytest.mark.timeout(420)
def test_each_node_tells_prometheus_and_no_metric_names_a_person(cluster: Cluster) -> None:
    """The two pages that `prometheus.yml` scrapes answer; labels hold vhost and queue, and queues hold codes."""
    asked = {"vhost": VHOST, "family": ["queue_coarse_metrics", "queue_consumer_count"]}
    pages = [cluster.asking.get(f"{each}/metrics/detailed", params=asked) for each in cluster.told()]
    assert {page.status_code for page in pages} == {200}
    text = "".join(page.text for page in pages)
    for queue in (topology.county_inbox(WINDOW_COUNTY), topology.admission_queue(0)):
        assert re.search(rf'rabbitmq_detailed_queue_messages_ready\{{[^}}]*queue="{queue}"', text)
    assert set(re.findall(r'(\w+)="', text)) <= {"vhost", "queue", "erlang_version", "rabbitmq_version"} | IDENTITY
    for each in cluster.told():
        assert "rabbitmq_alarms_free_disk_space_watermark" in cluster.asking.get(f"{each}/metrics").text


@pytest.mark.long
@pytest.mark.timeout(420)
def test_a_node_that_does_not_serve_the_virtual_host_is_made_to(cluster: Cluster) -> None:
    """One that was starting when the hub made it has it not; the hub's next look at the broker starts it there."""
    assert all(cluster.serves(name) for name in NODES)
    cluster.evaluated("broker-2", f'rabbit_vhost_sup_sup:stop_and_delete_vhost(<<"{VHOST}">>).')
    assert [name for name in NODES if not cluster.serves(name)] == ["broker-2"]
    assert cluster.provided()
    assert all(cluster.serves(name) for name in NODES)


@pytest.mark.long
@pytest.mark.timeout(420)
def test_a_node_killed_under_load_comes_back_and_nothing_confirmed_is_lost(cluster: Cluster) -> None:
    """The leader of all queues dies while messages come; the others go on, and it serves again, with all of them."""
    inbox = topology.county_inbox(ISSUING_COUNTY)
    killed, left = NODES[0], NODES[1]
    held: set[str] = set()
    count = iter(range(10**6))
    ending = threading.Event()

    def send() -> None:
        """Until told to end; what was not confirmed is sent again, as the hub does."""
        with BrokerLink(cluster.way(left)) as link:
            while not ending.is_set():
                some = [sent(f"m-{next(count)}", inbox) for _ in range(20)]
                while some and not ending.is_set():
                    outcomes = link.publish(some)
                    done = {e.message_id for e, o in zip(some, outcomes, strict=True) if o is Outcome.CONFIRMED}
                    held.update(done)
                    some = [each for each in some if each.message_id not in done]

    sending = threading.Thread(target=send)
    sending.start()
    try:
        until(lambda: len(held) > 200, PATIENCE_SECONDS)
        cluster.running[killed].kill()
        cluster.running[killed].wait(30)
        alone = len(held)
        until(lambda: len(held) > alone + 200, PATIENCE_SECONDS)
        assert cluster.members(left) == set(NODES) - {killed}
        cluster.start(killed)
        until(lambda: cluster.serves(killed), PATIENCE_SECONDS)
    finally:
        ending.set()
        sending.join(60)
    assert cluster.members(killed) == set(NODES)
    assert cluster.provided(killed)
    found: set[str] = set()
    with BrokerLink(cluster.way(killed)) as link:
        link.subscribe(inbox, 500)
        while taken := link.take(500, 10):
            found.update(each.message_id or "" for each in taken)
            link.ack(taken)
    assert held - found == set()


def sent(message_id: str, inbox: str) -> Outgoing:
    """One message for a county."""
    return Outgoing(
        exchange=topology.COUNTY,
        routing_key=inbox,
        body=b"x" * 1024,
        message_id=message_id,
        type="Test",
        content_type="application/octet-stream",
        headers={},
    )
