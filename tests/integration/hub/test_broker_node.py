"""The private node: starts once, is found again, stops with its epmd, and says in one sentence why it cannot start."""

import json
import os
import socket
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hub.broker import node as broker_node
from hub.broker.management import Management
from hub.broker.node import BrokerNode
from hub.broker.node_files import MANAGEMENT_USER
from schemas.errors import YunhuobanError
from tests import brokers
from tests.awaiting import until
from tests.brokers import RunningBroker, TestTrust


def refused(node: BrokerNode) -> YunhuobanError:
    """Return the error with which the node does not start; nothing of it runs."""
    with pytest.raises(YunhuobanError) as raised:
        node.start()
    assert not node.status().running
    return raised.value


def listening(port: int) -> bool:
    """Whether anything listens on a port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.long  # every test with a broker starts and stops one
def test_start_and_stop_can_be_repeated_and_found_from_another_process(own_node: BrokerNode) -> None:
    """A second start changes nothing, any object finds the node, a killed one starts again, stop is whole."""
    settings = own_node.settings
    own_node.start()
    own_node.wait_ready(90)
    first = own_node.status()
    other = BrokerNode(settings)
    other.start()
    other.wait_ready(1)
    assert other.status() == first
    with Management(own_node.management_url, MANAGEMENT_USER, own_node.management_password()) as management:
        assert [user["name"] for user in management.call("GET", "/api/users")] == [MANAGEMENT_USER]
        management.create_vhost("kept")
    assert first.pid is not None
    os.kill(first.pid, 9)
    until(lambda: not other.status().running)
    other.start()  # over the stale file and the epmd that is left
    other.wait_ready(90)
    with Management(own_node.management_url, MANAGEMENT_USER, own_node.management_password()) as management:
        assert management.vhosts() == ["kept"]
    own_node.stop()
    assert not own_node.status().running
    ports = (settings.amqps_port, settings.management_port, settings.distribution_port, settings.epmd_port)
    assert not any(listening(port) for port in ports)
    own_node.stop()  # nothing runs: no error
    for name in ("management.password", "definitions.json", "home/.erlang.cookie"):
        assert stat.S_IMODE((settings.data_folder / name).stat().st_mode) & 0o077 == 0


def test_everything_listens_on_loopback_only(broker: RunningBroker) -> None:
    """No port of the node, of its epmd or of Erlang's distribution is open to the network."""
    settings = broker.node.settings
    ports = {settings.amqps_port, settings.management_port, settings.distribution_port, settings.epmd_port}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    open_ports = [row[1].split(":") for row in rows if row[3] == "0A"]
    assert {int(port, 16) for address, port in open_ports if address == "0100007F"} >= ports
    assert not {int(port, 16) for address, port in open_ports if address != "0100007F"} & ports


def test_a_taken_port_is_named(own_node: BrokerNode) -> None:
    """Each of the four ports, when taken, is in the sentence, and nothing was started."""
    for port in (own_node.settings.amqps_port, own_node.settings.epmd_port):
        with socket.socket() as other:
            other.bind(("127.0.0.1", port))
            other.listen()
            error = refused(own_node)
            assert error.code is broker_node.PORT_TAKEN
            assert error.params["port"] == str(port)


def test_a_missing_program_is_named(own_node: BrokerNode) -> None:
    """Without RabbitMQ the sentence names the program that was looked for."""
    error = refused(BrokerNode(replace(own_node.settings, program=Path("/nowhere/rabbitmq-server"))))
    assert error.code is broker_node.PROGRAM_MISSING


def test_wrong_certificate_files_are_named(own_node: BrokerNode, tmp_path: Path) -> None:
    """A missing file, a foreign key, text that is no certificate, and an empty CRL folder each stop the start."""
    settings = own_node.settings
    trust = TestTrust.make(tmp_path / "second")
    _, foreign_key, _ = trust.give(brokers.Role.BROKER, "localhost")
    text = tmp_path / "text.pem"
    text.write_text("no certificate")
    for wrong in (
        replace(settings, ca_bundle=tmp_path / "missing.pem"),
        replace(settings, ca_bundle=text),
        replace(settings, certificate_chain=text),
        replace(settings, private_key=foreign_key),
        replace(settings, crl_folder=tmp_path / "no lists"),
    ):
        assert refused(BrokerNode(wrong)).code is broker_node.BAD_CERTIFICATE


def test_a_folder_that_cannot_be_used_is_named(own_node: BrokerNode, tmp_path: Path) -> None:
    """A file where the data folder belongs is one sentence, when the node starts and when its password is asked for."""
    taken = tmp_path / "taken"
    taken.touch()
    node = BrokerNode(replace(own_node.settings, data_folder=taken))
    for ask in (node.start, node.management_password):
        with pytest.raises(YunhuobanError) as raised:
            ask()
        assert raised.value.code is broker_node.BAD_FOLDER


def test_a_process_that_does_not_end_is_named(own_node: BrokerNode, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that another user started cannot be ended by us; its number is in the sentence."""

    def forbidden(_pid: int, _signal: int) -> None:
        raise PermissionError

    with subprocess.Popen(["/bin/sleep", "60"]) as other:
        own_node.settings.data_folder.mkdir(parents=True)
        own_node._pid_file.write_text(json.dumps({"pid": other.pid, "started": broker_node._started(other.pid)}))
        with monkeypatch.context() as patched:
            patched.setattr(broker_node.os, "kill", forbidden)
            patched.setattr(broker_node, "KILL_SECONDS", 0.2)
            with pytest.raises(YunhuobanError) as raised:
                own_node.stop(grace_seconds=0)
        other.kill()
    assert raised.value.code is broker_node.NOT_STOPPED
    assert raised.value.params["pid"] == str(other.pid)


def test_a_node_that_does_not_come_up_says_where_its_log_is(own_node: BrokerNode, tmp_path: Path) -> None:
    """A program that ends at once is one sentence with the place of its last words."""
    program = tmp_path / "rabbitmq-server"
    program.write_text("#!/bin/sh\necho out of order\nexit 1\n")
    program.chmod(0o755)
    node = BrokerNode(replace(own_node.settings, program=program))
    node.start()
    with pytest.raises(YunhuobanError) as raised:
        node.wait_ready(10)
    assert raised.value.code is broker_node.NOT_UP
    assert "out of order" in Path(raised.value.params["log"]).read_text()


def test_a_node_whose_number_cannot_be_written_down_is_not_left_running(own_node: BrokerNode, tmp_path: Path) -> None:
    """Full disk at the last step of a start: nobody would find the node again, and its ports would stay taken."""
    program = tmp_path / "rabbitmq-server"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    node = BrokerNode(replace(own_node.settings, program=program))
    node.settings.data_folder.mkdir(parents=True)
    (node.settings.data_folder / "node.pid").symlink_to(tmp_path / "no folder" / "node.pid")
    assert refused(node).code is broker_node.BAD_FOLDER
    assert node._process is not None
    assert node._process.poll() is not None
