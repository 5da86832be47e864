"""A county floods one shard of a real RabbitMQ: the others' messages behind the flood are admitted before it."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import func, select

from hub import bootstrap, worker
from hub.bootstrap import Hub, Keys
from hub.broker import BrokerLink, LinkParameters
from hub.pace import slowed
from hub.pace.quotas import Quota, Quotas
from hub.pace.slowlane import SlowLane, SlowLink, batch_messages
from hub.pace.sluice import Sluice, SluicedLink
from hub.settings import BrokerSettings, HubSettings, QuotaSettings
from hub.store import tables
from schemas import topology
from tests.brokers import TestVhost
from tests.hub_world import CONFIRM_SECONDS, ISSUING, WINDOW, Case, Message, World
from tests.integration.hub.test_broker_trust import county_channel
from tests.integration.hub.test_express_road import publish

QUOTA = Quota(messages_per_second=400, burst_messages=20, bytes_per_second=1e8, burst_bytes=1e8)
SHARD = 7
IN_TIME_SECONDS = 60.0
MOST = 5_000


def endless(world: World, **counties: str) -> Iterator[Message]:
    """Applications whose cases all fall on the same shard."""
    while True:
        case = Case(world, **counties)
        if topology.shard(case.case_no) == SHARD:
            yield case.application()


def on_one_shard(world: World, count: int, **counties: str) -> list[Message]:
    """So many of them."""
    return list(itertools.islice(endless(world, **counties), count))


def send(vhost: TestVhost, county_link: Callable[[str], LinkParameters], county: str, messages: list[Message]) -> None:
    """As the county does, waiting until the broker has them."""
    with county_channel(county_link(county)) as channel:
        for each in messages:
            publish(channel, each)


def opened_by(world: World, county: str) -> int:
    """How many cases of this window county were opened."""
    mine = select(func.count()).select_from(tables.cases).where(tables.cases.c.window_county == county)
    return int(world.rows(mine)[0][0])


def until(true: Callable[[], bool], step: Callable[[], Any]) -> None:
    """Do this until that is so."""
    deadline = time.monotonic() + IN_TIME_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        step()


@contextmanager
def roles(hub: Hub, *run: Callable[[Hub, threading.Event], None]) -> Iterator[None]:
    """The hub's processes, each in a thread here."""
    stop = threading.Event()
    threads = [threading.Thread(target=role, args=(hub, stop)) for role in run]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        stop.set()
        for each in threads:
            each.join(30)


@pytest.fixture
def hub(vhost: TestVhost, world: World, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The hub as it is wired, on this test's virtual host, store and time, with a small quota."""
    network, authority = world.network, world.network.authority
    made = Hub.__new__(Hub)
    quota = QuotaSettings(messages_per_second=20, burst_messages=20)
    made.settings = HubSettings(folder=world.folder, broker=BrokerSettings(vhost=vhost.name), quota=quota)
    made.store = world.store
    made.keys = Keys(
        anchors=[authority.root], issuing=[authority.issuing], checkpoint=network.log, grants=network.grants,
        directory=network.issuer(),
    )  # fmt: skip
    for module in (bootstrap, worker):
        monkeypatch.setattr(module, "now", lambda: world.now)
    monkeypatch.setattr(bootstrap, "link_parameters", lambda _: vhost.hub_parameters())
    monkeypatch.setattr(worker, "management", lambda _: vhost.broker.management)
    lists = network.revocation_folder(world.store, network.folder / "ca" / "crl")
    monkeypatch.setattr(made, "revocation_folder", lambda: lists)
    return made


def test_the_hubs_roles_slow_a_flooder_and_let_it_go_by_themselves(
    vhost: TestVhost, county_link: Callable[[str], LinkParameters], world: World, hub: Hub
):
    """Nobody does anything: the flood is seen, its queue declared, filled, emptied; the county is free again."""
    seen: set[bool] = set()

    def look() -> None:
        seen.update(row.queue_stands for row in world.rows(select(tables.slowed_counties)))
        time.sleep(0.02)

    flood, others = endless(world), on_one_shard(world, 20, window=ISSUING, issuing=WINDOW)
    sent = 0
    with (
        roles(hub, worker.run_admission, worker.run_slow, worker.run_keeper),
        county_channel(county_link(WINDOW)) as channel,
    ):
        while seen != {False, True}:  # the flood goes on until its road is laid
            publish(channel, next(flood))
            sent += 1
            assert sent < MOST
            if sent % 10 == 0:
                look()
        for _ in range(40):
            publish(channel, next(flood))
        send(vhost, county_link, ISSUING, others)
        until(lambda: opened_by(world, ISSUING) == 20, look)
        until(lambda: opened_by(world, WINDOW) == sent + 40, look)
        until(lambda: not world.rows(select(tables.slowed_counties)), look)
    names = {each.name for each in vhost.broker.management.queues(vhost.name)}
    assert topology.county_slow(WINDOW) in names
    assert topology.county_slow(ISSUING) not in names


def test_a_flooder_waits_in_a_queue_of_its_own_and_nobody_behind_it(
    vhost: TestVhost, county_link: Callable[[str], LinkParameters], world: World
):
    """Three hundred messages lie before another county's twenty; the twenty are through first, then all, in order."""

    def sluice(link: BrokerLink) -> Sluice:
        return Sluice(
            broker=link,
            store=world.store,
            quotas=Quotas(QUOTA, lambda: 0.0),
            clock=lambda: world.now,
            confirm_seconds=10.0,
        )

    first = on_one_shard(world, 21)
    flood, others = on_one_shard(world, 300), on_one_shard(world, 20, window=ISSUING, issuing=WINDOW)
    with SluicedLink(vhost.hub_parameters(), sluice) as link, SlowLink(vhost.hub_parameters()) as slow_link:
        link.subscribe(topology.admission_queue(SHARD), 200)
        admission = world.worker(link, confirm_seconds=CONFIRM_SECONDS)  # type: ignore[arg-type]
        send(vhost, county_link, WINDOW, first)
        until(lambda: opened_by(world, WINDOW) == 21, lambda: admission.run_once(0.1))
        with world.store.write() as tx:
            assert slowed.without_queue(tx) == [WINDOW]
            vhost.broker.management.apply(vhost.name, topology.slow_road([WINDOW]))
            slowed.mark_queue(tx, WINDOW, stands=True)
        send(vhost, county_link, WINDOW, flood)
        send(vhost, county_link, ISSUING, others)
        until(lambda: opened_by(world, ISSUING) == 20, lambda: admission.run_once(0.1))
        assert opened_by(world, WINDOW) == 21
        admission.flush()

        pipeline = world.worker(
            slow_link,  # type: ignore[arg-type]
            batch_messages=batch_messages(QUOTA),
            confirm_seconds=CONFIRM_SECONDS,
        )
        lane = SlowLane(link=slow_link, store=world.store, pipeline=pipeline, quota=QUOTA, clock=lambda: world.now)
        until(lambda: not world.rows(select(tables.slowed_counties)), lambda: time.sleep(lane.run_once()))
        lane.flush()
        assert opened_by(world, WINDOW) == 321
        assert link.depth(topology.admission_queue(SHARD)) == 0
        assert link.depth(topology.county_slow(WINDOW)) == 0
        assert link.depth(topology.UNROUTED_QUEUE) == 0
        got = [each.message_id for each in link.browse(topology.county_inbox(ISSUING), 2000)]
    ids = [each.envelope.id for each in (*first, *flood)]
    assert [each for each in got if each in set(ids)] == ids
    with world.store.read() as tx:
        verdicts = set(tx.execute(select(tables.messages.c.verdict)).scalars())
    assert verdicts == {"admitted"}
