"""A queue whose log is broken: the node starts without it and says that all is well; it is given a new log, for sure.

How the log breaks is a full disk's secret (`make chaos` comes upon it); here its `config` is overwritten while the node
is dead, which stops the same step of the node's start.
"""

from types import SimpleNamespace

import pytest

from hub.broker import BrokerLink, LinkParameters
from hub.broker import node as broker_node
from hub.broker.deadqueues import NEW_LOG, have_all_connect_anew, hold_elections, start_empty, unserved
from hub.broker.management import Management
from hub.broker.node import BrokerNode
from hub.broker.node_files import MANAGEMENT_USER
from hub.broker.watch import WHOLE_LOOK_SECONDS, BrokerWatch
from schemas import topology
from schemas.errors import YunhuobanError
from tests.awaiting import until
from tests.brokers import HUB, TestTrust

QUORUM = {"durable": True, "arguments": {"x-queue-type": "quorum", "x-max-length-bytes": 1_000_000}}
LISTED = "/api/queues/v/{}?columns=arguments,durable"
STEPS = [at for at, line in enumerate(NEW_LOG.splitlines()) if line.startswith("    ") and line.endswith(",")]
"""The lines of the expression after which there is more to do."""
REMOVED = next(at for at in STEPS if "dets:delete" in NEW_LOG.splitlines()[at])
"""The name has no log any more."""


@pytest.mark.long  # the short slice: who is watched and what is done about it, tests/unit/hub/test_broker_watch.py
def test_a_queue_whose_log_is_broken_is_given_a_new_one(own_node: BrokerNode, own_trust: TestTrust) -> None:
    """It takes messages again, and who consumed it finds it; also when the first attempt stops in the middle.

    Until it lives it is listed as dead, with arguments and bindings; when it lives, another attempt changes nothing.
    A queue without a leader serves nobody, until it is made to hold an election. Who consumes one that has lived since
    the node started, and died later, is made to find it, too.
    """
    with_broken_logs(own_node, "broken")
    where = {"host": "127.0.0.1", "port": own_node.settings.amqps_port, "server_hostname": "localhost"}
    hub = LinkParameters(vhost="v", context=own_trust.context(HUB), **where)
    with management(own_node) as api, BrokerLink(hub) as link:
        link.subscribe("broken", 10)
        assert unserved(api, "v").dead == {"broken"}
        with pytest.raises(YunhuobanError, match=broker_node.TOOL_FAILED.code):
            start_empty(interrupted(own_node, REMOVED, "error(stopped)"), "v", "broken")
        assert unserved(api, "v").dead == {"broken"}
        assert api.call("GET", LISTED.format("broken")) == QUORUM
        start_empty(own_node, "v", "broken")
        until(lambda: not unserved(api, "v").dead)
        publish(api, "broken", "first")
        (first,) = link.take(1, 10)
        assert first.body == b"first"
        link.ack([first])
        start_empty(own_node, "v", "broken")
        publish(api, "broken", "second")
        assert [each.body for each in link.take(1, 10)] == [b"second"]
        link.subscribe("leaderless", 10)
        until(lambda: "leaderless" in unserved(api, "v").silent)
        hold_elections(own_node)
        publish(api, "leaderless", "third")
        assert [each.body for each in link.take(1, 10)] == [b"third"]
        until(lambda: unserved(api, "v") == (set(), set()))  # both are counted now, and what is counted stays as it was
        own_node.evaluate("ra:stop_server(quorum_queues, {v_leaderless, node()}).")
        assert unserved(api, "v").dead == {"leaderless"}
        start_empty(own_node, "v", "leaderless")
        publish(api, "leaderless", "fourth")
        assert "fourth" in [each.body.decode() for _ in range(2) for each in link.take(1, 10)]
        before = link.generation
        have_all_connect_anew(own_node)
        until(lambda: link.generation > before)
    own_node.stop(grace_seconds=0)
    with pytest.raises(YunhuobanError, match=broker_node.TOOL_FAILED.code):
        own_node.evaluate("ok.")
    start(own_node)
    with management(own_node) as api:
        assert not unserved(api, "v").dead
        assert waiting(api, "broken") == ["second"]
        assert api.call("GET", LISTED.format("broken")) == QUORUM


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_node_that_is_killed_while_a_queue_is_replaced_has_it_in_the_end(own_node: BrokerNode) -> None:
    """After whichever step it dies: the watch that finds it anew starts the queue, and no message falls beside it."""
    names = [f"after-{step}" for step in STEPS]
    with_broken_logs(own_node, *names)
    for name, step in zip(names, STEPS, strict=True):
        with pytest.raises(YunhuobanError, match=broker_node.TOOL_FAILED.code):
            start_empty(interrupted(own_node, step, "erlang:halt(137, [{flush, false}])"), "v", name)
        assert not own_node.status().running
        start(own_node)
        with management(own_node) as api:
            assert name in unserved(api, "v").dead
    moment = 0.0
    watch = BrokerWatch(own_node, lambda: management(own_node), "v", monotonic=lambda: moment)
    for _ in range(4):  # dead twice; a start; dead twice
        watch.run_once()
        moment += WHOLE_LOOK_SECONDS
        own_node.wait_ready(90)
    own_node.stop(grace_seconds=0)
    start(own_node)
    with management(own_node) as api:
        assert not unserved(api, "v").dead
        for name in (*names, "leaderless"):
            publish(api, name, name)
            assert waiting(api, name) == [name]


def with_broken_logs(node: BrokerNode, *names: str) -> None:
    """Start the node with a virtual host `v` and these queues, which it has but cannot start, and one without a leader.

    The latter was killed so early that its entry was never written (`hub.broker.deadqueues`): here, it is taken away.
    """
    start(node)
    with management(node) as api:
        api.create_vhost("v")
        api.grant("v", topology.hub_permissions(HUB))
        for name in (*names, "leaderless"):
            api.call("PUT", f"/api/queues/v/{name}", QUORUM)
            api.call("POST", f"/api/bindings/v/e/amq.topic/q/{name}", {"routing_key": name})
        assert not unserved(api, "v").dead
    node.evaluate("dets:delete(ra_directory_reverse, v_leaderless), dets:sync(ra_directory_reverse).")
    node.stop(grace_seconds=0)
    configs = list((node.settings.data_folder / "mnesia").glob("*/quorum/*/*/config"))
    for name in names:
        (config,) = [each for each in configs if f"'{name}'" in each.read_text(encoding="utf-8")]
        configs.remove(config)
        config.write_text("what a full disk left of it", encoding="utf-8")
    start(node)


def interrupted(node: BrokerNode, step: int, end: str) -> SimpleNamespace:
    """The node, in which whatever is evaluated ends after this line."""

    def evaluate(expression: str) -> None:
        lines = expression.splitlines()
        lines[step] += f" {end},"
        node.evaluate("\n".join(lines))

    return SimpleNamespace(evaluate=evaluate)


def start(node: BrokerNode) -> None:
    """Start it and wait for it."""
    node.start()
    node.wait_ready(90)


def management(node: BrokerNode) -> Management:
    """The door to its management API."""
    return Management(node.management_url, MANAGEMENT_USER, node.management_password())


def publish(api: Management, queue: str, text: str) -> None:
    """Publish to the queue by its binding."""
    said = {"properties": {"delivery_mode": 2}, "routing_key": queue, "payload": text, "payload_encoding": "string"}
    assert api.call("POST", "/api/exchanges/v/amq.topic/publish", said) == {"routed": True}


def waiting(api: Management, queue: str) -> list[str]:
    """What lies in the queue, and stays there."""
    asked = {"count": 10, "ackmode": "ack_requeue_true", "encoding": "auto"}
    return [each["payload"] for each in api.call("POST", f"/api/queues/v/{queue}/get", asked)]
