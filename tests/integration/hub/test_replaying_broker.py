"""Dead letters are replayed on a real RabbitMQ by a process that is killed, and by one that finds its queue full."""

import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from hub.broker import BrokerLink
from hub.instants import now
from hub.outflow import deadletters
from hub.record.noting import Actor
from hub.record.verifying import verify
from hub.replaying import ordering, sending
from hub.replaying.choosing import Wanted
from hub.store import open_store, tables
from schemas import topology
from tests.awaiting import until
from tests.brokers import TestVhost
from tests.hub_world import ISSUING, Case, World

LI = Actor(account="li.ops")
BOUND_SECONDS = 120.0
INBOX = topology.county_inbox(ISSUING)


def kept(world: World, count: int) -> list[str]:
    """Letters that died in the issuing county's inbox; their ids."""
    ids = []
    for _ in range(count):
        message = Case(world).application()
        death = {"queue": INBOX, "reason": "rejected", "count": 1}
        letter = replace(message.delivery(), queue=topology.DEAD_LETTERS, user_id=None)
        with world.store.write() as tx:
            deadletters.keep_from_broker(tx, replace(letter, headers={**letter.headers, "x-death": [death]}), now())
            tx.execute(tables.dead_letters.update().values(expires_at=None))  # the test's clock is not the keeper's
        ids.append(message.envelope.id)
    return ids


def ordered(world: World, count: int) -> int:
    """All of them, as fast as an order may be."""
    with world.store.write() as tx:
        return ordering.order_many(
            tx, Wanted(queue=INBOX), LI, counted=count, rate=50, reason="repaired", second="wang.ops", now=now()
        )


@contextmanager
def keeper(vhost: TestVhost, url: str) -> Iterator[int]:
    """A process that carries orders out; its number. It is killed at the end, wherever it is."""

    def run() -> None:
        store = open_store(url)
        sending.keep_sending(store, lambda: BrokerLink(vhost.hub_parameters()), threading.Event(), now)

    process = multiprocessing.get_context("fork").Process(target=run, daemon=True)
    process.start()
    try:
        yield process.pid or 0
    finally:
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()


def settled(world: World) -> int:
    """How many are marked as replayed."""
    done = select(func.count()).where(tables.dead_letters.c.state == "replayed")
    return int(world.rows(done)[0][0])


def so_many(world: World, count: int) -> None:
    """Wait until so many are."""
    until(lambda: settled(world) >= count, BOUND_SECONDS)


@pytest.mark.long
def test_killed_again_and_again_nothing_is_lost_and_nothing_has_effect_twice(
    vhost: TestVhost, link: BrokerLink, world: World
):
    """Four kills in the middle of a batch: each letter arrives, at most one per kill twice, the same id and bytes."""
    count, kills = 60, 4
    ids = kept(world, count)
    number = ordered(world, count)
    for killed in range(kills):
        with keeper(vhost, world.url):
            so_many(world, (killed + 1) * count // (kills + 2))
    with keeper(vhost, world.url):
        so_many(world, count)
        until(lambda: not sending.under_way(world.store), BOUND_SECONDS)
    link.subscribe(INBOX, 500)
    taken = list(link.take(500, 2.0))
    while more := link.take(500, 2.0):
        taken += more
    link.ack(taken)
    arrived = Counter(each.message_id or "" for each in taken)
    assert set(arrived) == set(ids)
    assert sum(arrived.values()) <= count + kills
    assert len({(each.message_id, each.body) for each in taken}) == count
    with world.store.read() as tx:
        done = ordering.one(tx, number)
        assert verify(tx).findings == ()
    assert done is not None
    assert (done.state, done.sent, done.left) == ("done", count, 0)


@pytest.mark.long
def test_a_full_inbox_ends_the_batch_and_a_stop_from_outside_stops_it(vhost: TestVhost, link: BrokerLink, world: World):
    """The county takes one message only: the batch is over, the rest waits; another batch is stopped while it runs."""
    name = topology.county_inbox(ISSUING)
    vhost.broker.management.call("DELETE", f"/api/queues/{vhost.name}/{name}")
    small = {"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-max-length": 1}
    declared = topology.Topology(
        exchanges=(), queues=(topology.Queue(name=name, arguments=small),),
        bindings=(topology.Binding(exchange=topology.COUNTY, queue=name, key=name),),
    )  # fmt: skip
    vhost.broker.management.apply(vhost.name, declared)
    kept(world, 10)
    number = ordered(world, 10)
    with keeper(vhost, world.url):
        until(lambda: not sending.under_way(world.store), BOUND_SECONDS)
    with world.store.read() as tx:
        full = ordering.one(tx, number)
    assert full is not None
    assert (full.state, full.why) == ("stopped", f"{INBOX}: nacked")
    assert 1 <= full.sent < 10
    vhost.broker.management.call("DELETE", f"/api/queues/{vhost.name}/{name}/contents")
    vhost.broker.management.call("DELETE", f"/api/queues/{vhost.name}/{name}")
    vhost.broker.management.declare(vhost.name, topology.declarations([ISSUING]))
    left = 10 - full.sent
    number = ordered(world, left)
    with keeper(vhost, world.url):
        so_many(world, full.sent + 2)
        with world.store.write() as tx:
            ordering.stop(tx, number, LI, reason="", now=now())
        sent = settled(world)
        time.sleep(1.0)  # long enough for twenty more at this pace, were it not stopped
        assert settled(world) == sent
    assert link.depth(INBOX) == sent - full.sent
