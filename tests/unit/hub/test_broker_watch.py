"""The private node is started when it is gone, and anew when it runs and none of its queues does."""

import re
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from hub.broker.watch import LOOK_SECONDS, PATIENCE_SECONDS, START_COUNTS_SECONDS, WHOLE_LOOK_SECONDS, BrokerWatch
from schemas.errors import YunhuobanError, declare

TROUBLE = declare("E-TEST-002", "测试用。", "无。")


class Scripted:
    """A node and its management API in one, on a clock that the test moves. A real one falls in `make chaos`."""

    def __init__(self):
        """All is well."""
        self.now = 0.0
        self.running, self.serving, self.disk_alarm = True, True, False
        self.answers = self.startable = True
        self.done: list[str] = []
        self.dead: set[str] = set()
        self.mends: set[str] = set()
        """Dead queues that a start of the node brings back."""
        self.silent: set[str] = set()
        """Queues that have no leader, as they are when the node starts."""
        self.fails: dict[str, list[str]] = {}
        """How the next attempts to replace a queue fail: before it has a new log, or after (the answer is lost)."""
        self.watch = BrokerWatch(self, lambda: nullcontext(self), "v", monotonic=lambda: self.now)

    def pass_(self, seconds):
        """Time goes by, looked at twice a second."""
        end = self.now + seconds
        while self.now < end:
            self.watch.run_once()
            self.now += 0.5

    def status(self):
        """Whether it runs."""
        return SimpleNamespace(running=self.running)

    def start(self):
        """Start it."""
        if not self.startable:
            raise YunhuobanError(TROUBLE)
        self.done.append("start")
        self.dead -= self.mends
        self.running = self.serving = True

    def stop(self):
        """Stop it."""
        self.done.append("stop")
        self.running = False

    def serves(self, _vhost, _queue):
        """Whether a queue is up."""
        if not self.answers:
            raise YunhuobanError(TROUBLE)
        return self.serving

    def call(self, method, path):
        """The API's answers about queues. Nothing is deleted by it, and nothing declared."""
        assert method == "GET"
        assert path == "/api/queues/v?columns=name,type,leader,state"
        if not self.answers:
            raise YunhuobanError(TROUBLE)
        return [
            {"name": name, "type": "quorum", "leader": None if name in self.dead else "n"}
            | ({} if name in self.silent | self.dead else {"state": "running"})
            for name in ("a", "b")
        ]

    def evaluate(self, expression):
        """What RabbitMQ's tool does, or does not do; what the expression says is run in `test_broken_log.py`."""
        names = {
            bytes(int(octet) for octet in each.split(",")).decode() for each in re.findall("<<(.*?)>>", expression)
        }
        if not names and "close_all_connections" in expression:
            self.done.append("connected anew")
            return
        queue = "".join(names - {"v"})
        failing = self.fails.get(queue) or ["not at all"]
        when = failing.pop(0)
        if when == "before":
            raise YunhuobanError(TROUBLE)
        if not queue:
            self.done.append("elections")
            self.silent = set()
            return
        assert queue in self.dead
        self.dead.discard(queue)
        self.done.append(f"replaced {queue}")
        if when == "after":
            raise YunhuobanError(TROUBLE)

    def overview(self):
        """Its alarms."""
        return SimpleNamespace(disk_alarm=self.disk_alarm)


@pytest.fixture
def node():
    """One that runs well."""
    return Scripted()


def test_a_node_that_is_gone_is_started(node):
    """At the next look; one that does not start is tried again."""
    node.running = node.startable = False
    node.pass_(LOOK_SECONDS * 3)
    assert node.done == []
    node.startable = True
    node.pass_(LOOK_SECONDS)
    assert node.done == ["start"]


def test_a_node_whose_queues_stay_down_is_started_anew(node):
    """After a full disk the queues never come back by themselves; once it runs again it is left alone."""
    node.serving = False
    node.pass_(PATIENCE_SECONDS - LOOK_SECONDS)
    assert node.done == []
    node.pass_(LOOK_SECONDS * 3)
    assert node.done == ["stop", "start"]
    node.pass_(PATIENCE_SECONDS * 3)
    assert node.done == ["stop", "start"]


def test_a_node_without_room_or_that_comes_back_by_itself_is_left_alone(node):
    """While the disk is full it would only fall again; a moment's weakness after a start is none."""
    node.serving, node.disk_alarm = False, True
    node.pass_(PATIENCE_SECONDS * 3)
    node.disk_alarm = False
    node.pass_(PATIENCE_SECONDS - LOOK_SECONDS)
    node.serving = True
    node.pass_(LOOK_SECONDS)
    node.serving = False
    node.pass_(PATIENCE_SECONDS - LOOK_SECONDS)
    assert node.done == []


def test_a_node_that_cannot_be_asked_is_left_alone(node):
    """It is starting, or it is busy."""
    node.answers = node.serving = False
    node.pass_(PATIENCE_SECONDS * 3)
    assert node.done == []


def test_a_queue_without_a_process_comes_back_with_the_node(node):
    """The node is started anew for it; what lay in it is still there, and nothing is replaced."""
    node.dead, node.mends = {"a"}, {"a"}
    node.pass_(WHOLE_LOOK_SECONDS * 8)
    assert node.done == ["stop", "start"]


def test_a_queue_that_a_start_does_not_bring_back_is_replaced(node):
    """Only then, and only that one; all connect anew once, and afterwards the node is left alone.

    What lay in it comes from those who sent it: by themselves within an hour, over a new connection within seconds.
    """
    node.dead, node.mends = {"a", "b"}, {"b"}
    node.pass_(WHOLE_LOOK_SECONDS * 8)
    assert node.done == ["stop", "start", "replaced a", "connected anew"]


def test_a_queue_is_left_alone_that_was_dead_for_a_moment_or_has_no_room(node):
    """A start takes its time, and on a full disk a new queue would fall as well."""
    node.dead = {"a"}
    node.pass_(WHOLE_LOOK_SECONDS)
    node.dead = set()
    node.pass_(WHOLE_LOOK_SECONDS * 3)
    node.dead, node.disk_alarm = {"b"}, True
    node.pass_(WHOLE_LOOK_SECONDS * 8)
    assert node.done == []


@pytest.mark.parametrize("fails", [["before"], ["after"], ["before", "before", "before", "after"]])
def test_a_replacement_that_fails_is_taken_up_again_until_the_queue_lives(node, fails):
    """At the next look at all queues; the node is not started again for it, and no other dead queue waits for this.

    Nobody's connection is closed for what was not replaced; when it was, the last to live has all connect anew.
    """
    node.dead, node.fails = {"a", "b"}, {"a": list(fails)}
    node.pass_(WHOLE_LOOK_SECONDS * 5)
    assert node.done[:2] == ["stop", "start"]
    assert "replaced b" in node.done
    node.pass_(WHOLE_LOOK_SECONDS * 5)
    assert {"connected anew", "replaced a", "replaced b"} == set(node.done[2:])
    assert [node.done.count(each) for each in ("replaced a", "replaced b")] == [1, 1]
    assert node.done[-1] == "connected anew"
    assert node.done.count("connected anew") <= 2
    assert node.dead == set()


def test_a_replacement_is_taken_up_by_another_hub(node):
    """The hub that began it was killed: the broker's list tells the next one, which tries a start before."""
    node.dead, node.fails = {"a"}, {"a": ["before"] * 1000}
    node.pass_(WHOLE_LOOK_SECONDS * 8)
    assert node.dead == {"a"}
    node.fails, node.done = {}, []
    node.watch = BrokerWatch(node, lambda: nullcontext(node), "v", monotonic=lambda: node.now)
    node.pass_(WHOLE_LOOK_SECONDS * 8)
    assert node.done == ["stop", "start", "replaced a", "connected anew"]


def test_a_start_that_healed_a_queue_is_tried_again_when_it_is_dead_much_later(node):
    """What lies in it then must not be given up because of something long past; soon after, it would be no use."""
    node.dead, node.mends = {"a"}, {"a"}
    node.pass_(WHOLE_LOOK_SECONDS * 8)
    assert node.done == ["stop", "start"]
    node.pass_(START_COUNTS_SECONDS)
    node.dead = {"a"}
    node.pass_(WHOLE_LOOK_SECONDS * 8)
    assert node.done == ["stop", "start"] * 2
    node.dead, node.mends = {"a"}, set()
    node.pass_(WHOLE_LOOK_SECONDS * 8)
    assert node.done == [*["stop", "start"] * 2, "replaced a", "connected anew"]


def test_a_queue_that_cannot_be_replaced_for_hours_does_not_stop_the_node_again(node):
    """Everybody else is served meanwhile."""
    node.dead, node.fails = {"a"}, {"a": ["before"] * 10_000}
    node.pass_(START_COUNTS_SECONDS * 6)
    assert node.done == ["stop", "start"]


def test_a_queue_without_a_leader_is_given_one(node):
    """Not one that only has not been counted yet; an attempt that fails is made again at the next look."""
    node.silent = {"a", "b"}
    node.pass_(WHOLE_LOOK_SECONDS)
    node.silent = {"b"}
    node.fails = {"": ["before", "before"]}
    node.pass_(WHOLE_LOOK_SECONDS * 2)
    assert node.done == []
    node.pass_(WHOLE_LOOK_SECONDS * 2)
    assert node.done == ["elections"]
    node.silent, node.disk_alarm = {"a"}, True
    node.pass_(WHOLE_LOOK_SECONDS * 4)
    assert node.done == ["elections"]


def test_elections_are_not_held_again_and_again_for_a_queue_that_stays_silent(node, monkeypatch):
    """It costs the node an Erlang machine each time."""
    real = node.evaluate
    monkeypatch.setattr(node, "evaluate", lambda each: (real(each), node.silent.add("a")))
    node.silent = {"a"}
    node.pass_(WHOLE_LOOK_SECONDS * 10)
    assert node.done == ["elections"]
