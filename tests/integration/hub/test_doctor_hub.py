"""`hub doctor` with a real broker: what it finds there is made real, and it passes when all is in order."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.cli import app as adapter
from certs import keys
from deploy.demo.world import WUQIAO, World, build
from hub.backup import last, writing
from hub.backup.last import LastBackup
from hub.broker.node import BrokerNode
from hub.cli import app
from hub.doctor.examining import examine
from hub.doctor.findings import Outcome, Report, Step
from hub.settings import HubSettings
from schemas import topology
from tests.brokers import RunningBroker

runner = CliRunner()


def lay_out(folder: Path, node: BrokerNode) -> World:
    """The demonstration's hub on this broker, in a virtual host of its own."""
    made = build(folder)
    password = made.hub / "management.password"
    password.write_text(node.management_password())
    (made.hub / "hub.toml").write_text(
        f"""
[broker]
private = false
vhost = "doctor-{uuid.uuid4().hex[:8]}"
amqps_port = {node.settings.amqps_port}
management_port = {node.settings.management_port}
management_user = "hub@management"
management_password_file = "{password}"
"""
    )
    return made


@pytest.fixture
def world(tmp_path: Path, broker: RunningBroker) -> Iterator[World]:
    """The same on the run's broker, with one county, saved once."""
    made = lay_out(tmp_path / "world", broker.node)
    card = made.folder / "card.json"
    for command, words in (
        (adapter, ["card", "-d", str(made.county(WUQIAO.code)), "-o", str(card)]),
        (app, ["county", "add", str(card), "-d", str(made.hub)]),
    ):
        done = runner.invoke(command, words)
        assert done.exit_code == 0, done.exception
    keys.save_public_key(keys.generate_key().public_key(), made.hub / "certs" / writing.RECOVERY_KEY)
    last.keep(made.hub, LastBackup(at=datetime.now(UTC), octets=1))
    yield made
    broker.management.delete_vhost(HubSettings.load(made.hub).broker.vhost)


def codes(found: Report, step: Step) -> set[str]:
    """What is wrong at a step, or to be known."""
    return {each.problem.code.code for each in found.findings if each.step is step and each.problem is not None}


def test_a_hub_in_order_passes_and_each_fault_at_the_broker_is_found(world: World, broker: RunningBroker) -> None:
    """Exit 0 when nothing is broken; then permissions, a strange queue, a lost one and one with other settings."""
    out = world.folder / "doctor.json"
    done = runner.invoke(app, ["doctor", "-d", str(world.hub), "--out", str(out)])
    left = [each for each in json.loads(out.read_text())["findings"] if each["outcome"] in {"failed", "not_reached"}]
    assert [each for each in left if each["code"] != "E-OPS-010"] == []
    assert done.exit_code == (1 if left else 0), done.output
    assert broker.node.management_password() not in out.read_text()

    settings = HubSettings.load(world.hub)
    vhost, call = settings.broker.vhost, broker.management.call
    assert codes(examine(settings), Step.BROKER) <= {"E-OPS-002"}
    call("PUT", f"/api/permissions/{vhost}/130928", {"configure": ".*", "write": ".*", "read": ".*"})
    assert codes(examine(settings), Step.PERMISSIONS) == {"E-OPS-005"}
    call("PUT", f"/api/queues/{vhost}/somebodys", {"durable": True})
    assert codes(examine(settings), Step.TOPOLOGY) == {"E-OPS-006"}
    call("DELETE", f"/api/queues/{vhost}/{topology.county_hold('130928')}")
    assert codes(examine(settings), Step.TOPOLOGY) == {"E-OPS-004"}
    call("PUT", f"/api/queues/{vhost}/{topology.county_hold('130928')}", {"durable": True})
    assert codes(examine(settings), Step.TOPOLOGY) == {"E-BROKER-022"}
    broker.management.delete_vhost(vhost)
    assert codes(examine(settings), Step.TOPOLOGY) == {"E-OPS-004"}


@pytest.mark.long
def test_messages_that_nobody_takes_are_found(world: World, broker: RunningBroker) -> None:
    """A message in an admission queue without a worker, and one that no route led anywhere."""
    settings = HubSettings.load(world.hub)
    vhost, call = settings.broker.vhost, broker.management.call
    for exchange, key in ((topology.SUBMIT, "from.130928.00.x"), (topology.COUNTY, "nowhere")):
        body = {"properties": {}, "routing_key": key, "payload": "", "payload_encoding": "string"}
        call("POST", f"/api/exchanges/{vhost}/{exchange}/publish", body)

    def lying() -> set[str]:
        return {each.name for each in broker.management.queues(vhost) if each.ready}

    deadline = datetime.now(UTC).timestamp() + 20
    while lying() != {"admission.00", "unrouted"} and datetime.now(UTC).timestamp() < deadline:
        pass  # the broker counts every two seconds
    found = examine(settings)
    assert codes(found, Step.BACKLOG) == {"E-OPS-041"}
    assert codes(found, Step.DEAD) == {"E-OPS-050"}


@pytest.mark.timeout(600)
@pytest.mark.long
def test_an_alarm_and_a_password_of_the_broker_are_found(tmp_path: Path, own_node: BrokerNode) -> None:
    """A node of the test's own is told that its memory is full; a wrong password is a code, too."""
    own_node.start()
    own_node.wait_ready(120)
    settings = HubSettings.load(lay_out(tmp_path / "world", own_node).hub)
    own_node.evaluate("vm_memory_monitor:set_vm_memory_high_watermark(0.00001).")
    deadline = datetime.now(UTC).timestamp() + 30
    while codes(examine(settings), Step.ALARMS) != {"E-OPS-003"} and datetime.now(UTC).timestamp() < deadline:
        pass
    assert codes(examine(settings), Step.ALARMS) == {"E-OPS-003"}
    (settings.folder / "management.password").write_text("wrong")
    found = examine(settings)
    assert codes(found, Step.BROKER) == {"E-BROKER-021"}
    assert Outcome.NOT_REACHED in {each.outcome for each in found.findings if each.step is Step.TOPOLOGY}
