"""Admission on a real RabbitMQ: counties publish with their own certificates, workers die, inboxes fill."""

import time
from collections.abc import Callable

import pika
import pytest
from sqlalchemy import select

from hub.broker import BrokerLink
from hub.broker import Delivery as Incoming
from hub.intake.pipeline import Pipeline
from hub.outflow.delivery import held_counties
from hub.outflow.hold import HoldDrainer
from hub.store import tables
from schemas import codec, topology
from schemas.leaf import ADMITTED
from tests.awaiting import LONGEST_SECONDS
from tests.brokers import TestVhost
from tests.databases import Databases
from tests.hub_world import CONFIRM_SECONDS, ISSUING, WINDOW, Case, Message, Network, World, proves
from tests.integration.hub.test_broker_trust import county_channel

PREFETCH = 200
INBOX = topology.county_inbox(ISSUING)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Network:
    """Authority, hub keys and counties."""
    return Network.make(tmp_path_factory.mktemp("network"), databases)


def pipeline(world: World, link: BrokerLink) -> Pipeline:
    """A worker over a real link, subscribed to everything."""
    for queue in (*topology.admission_queues(), topology.ADMISSION_EXPRESS):
        link.subscribe(queue, PREFETCH)
    return world.worker(link, confirm_seconds=CONFIRM_SECONDS)  # type: ignore[arg-type]


def publish(vhost: TestVhost, county_link: Callable, *messages: Message) -> None:
    """What counties send, each over its own connection."""
    for county in {each.envelope.source for each in messages}:
        with county_channel(county_link(county)) as channel:
            for each in messages:
                if each.envelope.source == county:
                    given = each.delivery()
                    properties = pika.BasicProperties(
                        content_type=given.content_type, delivery_mode=2, message_id=given.message_id, type=given.type,
                        user_id=county, headers=dict(given.headers),
                    )  # fmt: skip
                    channel.basic_publish(given.exchange, given.routing_key, each.body, properties, mandatory=True)


def run_until(worker: Pipeline, true: Callable[[], bool], seconds: float = LONGEST_SECONDS) -> None:
    """Let the worker work until something is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        worker.run_once(0.1)


def inbox(link: BrokerLink, queue: str) -> list[Incoming]:
    """What lies in a county's queue."""
    return link.browse(queue, 2000)


def journalled(world: World) -> int:
    """How many leaves there are."""
    return len(world.rows(select(tables.journal.c.leaf_index)))


def test_the_whole_ladder_over_a_real_broker(vhost: TestVhost, link: BrokerLink, county_link: Callable, world: World):
    """Every rung published by its county reaches the other, with evidence that proves its admission."""
    sent = Case(world).ladder()
    worker = pipeline(world, link)
    for at, message in enumerate(sent):
        publish(vhost, county_link, message)
        run_until(worker, lambda at=at: journalled(world) > at)
    assert {row.verdict for row in world.rows(select(tables.messages))} == {ADMITTED}
    with BrokerLink(vhost.hub_parameters()) as reader:
        inboxes = [inbox(reader, topology.county_inbox(code)) for code in (WINDOW, ISSUING)]
        got = {each.message_id: each for some in inboxes for each in some}
        express = [each.type for each in inbox(reader, topology.county_express(WINDOW))]
        assert sorted(express) == ["admission.receipt", "print.granted"]
        for message in sent:
            if message.envelope.destination != "hub":
                out = got[message.envelope.id]
                evidence = codec.decode(out.headers["evidence"], "AdmissionReceipt")
                checkpoint = codec.decode(evidence["checkpoint"], "Checkpoint")
                entry = evidence["entries"][0] | {"checkpoint": checkpoint}
                assert proves(entry, out.body, out.headers["signatures"][0])
                assert out.body == message.body
        assert all(reader.depth(name) == 0 for name in topology.admission_queues())


def test_a_worker_that_dies_before_acknowledging_is_replaced(
    vhost: TestVhost, link: BrokerLink, county_link: Callable, world: World, monkeypatch: pytest.MonkeyPatch
):
    """Its connection ends after the commit: another worker gets everything again, and each is journalled once."""
    messages = [Case(world).application() for _ in range(40)]
    publish(vhost, county_link, *messages)
    with BrokerLink(vhost.hub_parameters()) as dying:
        monkeypatch.setattr(dying, "ack", lambda _: None)
        run_until(pipeline(world, dying), lambda: journalled(world) == 40)
    worker = pipeline(world, link)
    with BrokerLink(vhost.hub_parameters()) as reader:
        run_until(worker, lambda: len({d.message_id for d in inbox(reader, INBOX)}) == 40)
        run_until(worker, lambda: sum(reader.depth(name) for name in topology.admission_queues()) == 0)
    worker.run_once(0.5)
    worker.flush()
    assert journalled(world) == 40
    assert world.rows(select(tables.solo_attempts)) == []
    assert world.rows(select(tables.dead_letters)) == []


def test_a_full_inbox_holds_its_county_alone_and_drains_in_order(
    vhost: TestVhost, link: BrokerLink, county_link: Callable, world: World
):
    """The broker nacks: the county is held, others are not; when there is room all comes in order, none lost."""
    with county_channel(vhost.hub_parameters()) as channel:
        channel.queue_delete(INBOX)
    small = {"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-max-length": 3}
    whole = topology.declarations([])
    vhost.broker.management.apply(
        vhost.name,
        topology.Topology(
            exchanges=whole.exchanges,
            queues=(topology.Queue(name=INBOX, arguments=small),),
            bindings=(topology.Binding(exchange=topology.COUNTY, queue=INBOX, key=INBOX),),
        ),
    )
    messages = [Case(world).application() for _ in range(12)]
    other = Case(world, window=ISSUING, issuing=WINDOW).application()
    worker = pipeline(world, link)
    for message in messages:
        publish(vhost, county_link, message)
        run_until(worker, lambda message=message: message.envelope.id in _ids(world))
    publish(vhost, county_link, other)
    run_until(worker, lambda: other.envelope.id in _ids(world))
    worker.flush()
    with world.store.read() as tx:
        assert held_counties(tx) == {ISSUING}
    with BrokerLink(vhost.hub_parameters()) as county:
        assert other.envelope.id in {each.message_id for each in inbox(county, topology.county_inbox(WINDOW))}
        drainer = HoldDrainer(
            ISSUING, open_link=lambda: BrokerLink(vhost.hub_parameters()), store=world.store,
            monotonic=time.monotonic, confirm_seconds=5.0, first_pause_seconds=0.05,
        )  # fmt: skip
        county.subscribe(INBOX, 10)
        got: list[str | None] = []
        deadline = time.monotonic() + LONGEST_SECONDS
        opened = False
        while len([each for each in got if each in {m.envelope.id for m in messages}]) < 12 or not opened:
            assert time.monotonic() < deadline
            opened = drainer.run_once() or opened
            taken = county.take(2, 0.1)
            got += [each.message_id for each in taken]
            county.ack(taken)
    mine = [each for each in got if each in {m.envelope.id for m in messages}]
    assert mine == [each.envelope.id for each in messages]
    with world.store.read() as tx:
        assert held_counties(tx) == frozenset()


def test_a_lost_connection_loses_no_message(vhost: TestVhost, link: BrokerLink, county_link: Callable, world: World):
    """Closed under the worker's hands again and again while messages come: each is journalled once and arrives."""
    worker = pipeline(world, link)
    messages = [Case(world).application() for _ in range(60)]
    for at in range(0, 60, 20):
        publish(vhost, county_link, *messages[at : at + 20])
        worker.run_once(0.1)
        vhost.broker.management.close_connections("hub")
        link.wait_connected(15)
    with BrokerLink(vhost.hub_parameters()) as reader:
        run_until(worker, lambda: {m.envelope.id for m in messages} <= {d.message_id for d in inbox(reader, INBOX)})
    assert journalled(world) == 60


def _ids(world: World) -> set[str]:
    return {row.message_id for row in world.rows(select(tables.messages.c.message_id))}
