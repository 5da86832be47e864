"""Confirms through the county's door, on a real broker: each test is named after the pitfall it keeps closed."""

import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from amqp.exceptions import MessageNacked
from kombu.connection import Connection

from adapters.link import connection as door
from adapters.link.connection import Link, SendOutcome, knock
from certs import contexts
from hub.broker import BrokerLink
from schemas import topology
from tests import links
from tests.awaiting import LONGEST_SECONDS
from tests.brokers import WINDOW_COUNTY, TestVhost, declared_for_links

SHARD = topology.admission_queue(topology.shard(links.CASE))
TO_FULL = f"from.{WINDOW_COUNTY}.99.full"
"""A key that leads to the queue `full` alone, which takes no message at all."""

declared = pytest.fixture(declared_for_links)


@pytest.fixture
def full(vhost: TestVhost) -> str:
    """A queue that nacks everything, and the key that leads to it."""
    call = vhost.broker.management.call
    arguments = {"x-max-length": 0, "x-overflow": "reject-publish"}
    call("PUT", f"/api/queues/{vhost.name}/full", {"durable": True, "arguments": arguments})
    call("POST", f"/api/bindings/{vhost.name}/e/submit/q/full", {"routing_key": TO_FULL})
    return TO_FULL


@pytest.fixture
def county(vhost: TestVhost) -> Iterator[Link]:
    """The window county's link, connected, with a short time-out."""
    link = Link(links.parameters(vhost, confirm_seconds=0.5))
    assert link.send(links.submission(1000)) is SendOutcome.CONFIRMED
    yield link
    link.close()


@contextmanager
def frozen(vhost: TestVhost) -> Iterator[Any]:
    """Stop the broker's process; it takes bytes and answers nothing. `thaw_soon` wakes it in 0.3 s."""
    pid = vhost.broker.node.status().pid
    assert pid is not None
    timer = threading.Timer(0.3, os.kill, (pid, signal.SIGCONT))
    os.kill(pid, signal.SIGSTOP)
    try:
        while any(task.read_text().rpartition(")")[2].split()[0] != "T" for task in tasks(pid)):
            time.sleep(0.001)  # the signal is sent, but not every thread has stopped yet
        yield timer.start
    finally:
        timer.cancel()
        os.kill(pid, signal.SIGCONT)


def tasks(pid: int) -> list[Path]:
    """Return where the kernel tells the state of each thread (proc(5))."""
    return list(Path(f"/proc/{pid}/task").glob("*/stat"))


class TestLateConfirmOfAnotherMessage:
    """py-amqp takes any confirm for the last message; after a time-out the next one gets the previous one's answer."""

    @pytest.fixture
    def channel(self, vhost: TestVhost) -> Iterator[Any]:
        """A channel of plain kombu with `confirm_publish`, as its documentation shows it."""
        p = links.parameters(vhost)
        tls = contexts.kombu_ssl(p.anchors, p.chain, p.key, server_hostname="localhost")
        with Connection(
            f"amqps://{p.addresses[0]}",
            virtual_host=p.vhost,
            ssl=tls,
            login_method="EXTERNAL",
            transport_options={"confirm_publish": True},
        ) as connection:
            channel = connection.channel()
            channel.basic_publish(channel.prepare_message(b""), "submit", links.submission().routing_key)
            yield channel

    def test_plain_kombu_calls_an_accepted_message_nacked(self, vhost: TestVhost, full: str, channel):
        """The lie, first half: the second message is in its queue and is reported as refused."""
        message = channel.prepare_message(b"")
        with frozen(vhost) as thaw_soon:
            with pytest.raises(TimeoutError):
                channel.basic_publish(message, "submit", full, confirm_timeout=0.5)
            thaw_soon()
            with pytest.raises(MessageNacked):
                channel.basic_publish(message, "submit", links.submission().routing_key, confirm_timeout=5)

    def test_plain_kombu_calls_a_nacked_message_confirmed(self, vhost: TestVhost, full: str, channel):
        """The lie, second half, by which messages are lost: the second one is nowhere and is reported as confirmed."""
        message = channel.prepare_message(b"")
        # py-amqp looks for one frame before it publishes; the late confirm may come after that look, as it does here.
        channel.connection.client_properties["capabilities"]["connection.blocked"] = False
        with frozen(vhost), pytest.raises(TimeoutError):
            channel.basic_publish(message, "submit", links.submission().routing_key, confirm_timeout=0.5)
        assert select.select([channel.connection.sock], [], [], 10.0)[0]
        channel.basic_publish(message, "submit", full, confirm_timeout=5)

    @pytest.mark.parametrize("first_is_full", [True, False])
    def test_the_link_gives_each_message_its_own_answer(self, vhost, full, county: Link, first_is_full: bool):
        """After a time-out the connection is gone, and the next message gets the broker's answer to itself."""
        to_full, good = links.submission(1, routing_key=full), links.submission(2)
        first, second = (to_full, good) if first_is_full else (good, to_full)
        with frozen(vhost) as thaw_soon:
            assert county.send(first) is SendOutcome.UNAVAILABLE
            assert not county.connected
            assert county.last_problem.code.code == "E-LINK-008"
            thaw_soon()
            expected = SendOutcome.CONFIRMED if first_is_full else SendOutcome.FULL
            assert county.send(second) is expected

    def test_a_confirm_of_another_tag_settles_nothing(self, county: Link):
        """Even on the same channel a late or foreign confirm is not taken for the message in flight."""
        wire = county._wire
        wire._confirmed = None
        wire._on_ack(wire._tag - 1, multiple=False)
        wire._on_nack(wire._tag + 1, multiple=False)
        wire._on_ack(wire._tag - 1, multiple=True)
        assert wire._confirmed is None
        wire._on_ack(wire._tag + 1, multiple=True)
        assert wire._confirmed is True


def test_a_nack_is_full_and_no_lost_connection(full: str, county: Link, vhost: TestVhost):
    """A full queue is told as such, on the same connection, and the next message to another queue goes through."""
    before = county._generation
    for number in range(3):
        assert county.send(links.submission(number, routing_key=full)) is SendOutcome.FULL
    assert county.last_problem.code.code == "E-LINK-007"
    assert county.send(links.submission(4)) is SendOutcome.CONFIRMED
    assert county.last_problem is None
    assert county._generation == before


def test_a_broker_that_does_not_answer_costs_the_confirm_time(vhost: TestVhost, county: Link):
    """A broker that hangs (as one on a full disk does) is "unavailable" in time, and the message goes again after."""
    with frozen(vhost):
        started = time.monotonic()
        assert county.send(links.submission(1)) is SendOutcome.UNAVAILABLE
        assert time.monotonic() - started < 1.5
    deadline = time.monotonic() + LONGEST_SECONDS
    while county.send(links.submission(1)) is not SendOutcome.CONFIRMED:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_broker_blocked_by_its_memory_alarm_is_unavailable(vhost: TestVhost, county: Link):
    """Blocked: the broker takes one message per connection and then reads no more; told in time, and why."""
    with links.short_of_memory(vhost):
        problems = set()
        for number in range(4):
            started = time.monotonic()
            if county.send(links.submission(number)) is SendOutcome.UNAVAILABLE:
                problems.add(county.last_problem.code.code)
                assert not county.connected
            assert time.monotonic() - started < 2.0
        assert "E-LINK-009" in problems
        assert not knock(links.parameters(vhost))  # who only looks in learns it, too
    assert knock(links.parameters(vhost))
    deadline = time.monotonic() + LONGEST_SECONDS
    while county.send(links.submission(9)) is not SendOutcome.CONFIRMED:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_no_route_is_confirmed_because_the_alternate_exchange_takes_it(county: Link, link: BrokerLink):
    """The sender cannot see it; the hub's `unrouted` queue can, and the missing signed receipt tells the sender."""
    nowhere = links.submission(7, routing_key=f"from.{WINDOW_COUNTY}.77.nowhere")
    assert county.send(nowhere) is SendOutcome.CONFIRMED
    link.subscribe(topology.UNROUTED_QUEUE, 1)
    [delivery] = link.take(1, 10.0)
    assert delivery.message_id == "id-7"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"routing_key": "from.130928.03.application.submitted"}, "ACCESS_REFUSED"),
        ({"exchange": topology.COUNTY}, "ACCESS_REFUSED"),
        ({"exchange": "nothing-of-that-name"}, "ACCESS_REFUSED"),
    ],
)
def test_what_the_broker_forbids_is_never_confirmed(county: Link, changes, words: str):
    """Another county's key, the hub's exchange, a missing exchange: unavailable, with the broker's own words."""
    assert county.send(links.submission(1, **changes)) is SendOutcome.UNAVAILABLE
    assert county.last_problem.code.code == "E-LINK-006"
    assert words in county.last_problem.found
    assert county.send(links.submission(2)) is SendOutcome.CONFIRMED


def test_a_forged_user_is_refused_by_the_broker(vhost: TestVhost):
    """`user_id` is set on every message, and the broker compares it with the certificate."""
    forged = Link(links.parameters(vhost, WINDOW_COUNTY, user="130928"))
    assert forged.send(links.submission(1)) is SendOutcome.UNAVAILABLE
    assert "PRECONDITION_FAILED" in forged.last_problem.found
    forged.close()


def test_kombus_own_publishing_and_declaring_are_never_used():
    """No Producer (priority, retry, retry_policy in transport_options), no Consumer (declares, decodes, drops)."""
    source = door.__loader__.get_source(door.__name__)
    code = source.partition('"""')[2].partition('"""')[2]
    for word in ("Producer", "Consumer(", "retry=", "retry_policy", "passive", "ensure(", "mandatory"):
        assert word not in code
