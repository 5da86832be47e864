"""A county returns on a real RabbitMQ: what waited for it comes home in order per case, others are not made to wait."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing

import pytest

from hub.broker import BrokerLink, Outcome
from hub.outflow import routing
from hub.outflow.delivery import held_counties, mark_held
from hub.outflow.hold import HoldDrainer, HoldDrainers
from hub.outflow.routing import Parcel
from schemas import topology
from tests.brokers import TestVhost
from tests.hub_world import ISSUING, WINDOW, Case, Message, World

PER_CASE = 5
BOUND_SECONDS = 120.0
"""For ten thousand on a busy machine; an idle one needs a few seconds."""


def parcels(world: World, count: int, *, to: str = ISSUING) -> list[Parcel]:
    """Messages of many cases, interleaved as they come in: every case has several, one after the other."""
    other = WINDOW if to == ISSUING else ISSUING
    cases = [Case(world, window=other, issuing=to) for _ in range(count // PER_CASE)]
    return [_parcel(each.application(chain=False), to) for _ in range(PER_CASE) for each in cases]


def _parcel(message: Message, to: str) -> Parcel:
    return routing.to_destination(
        county=to, body=message.body, signature=message.signature, evidence=b"e",
        message_id=message.envelope.id, message_type=message.envelope.type,
    )  # fmt: skip


def into_hold(link: BrokerLink, waiting: Sequence[Parcel]) -> None:
    """Put parcels where a worker puts those of a held county."""
    outcomes = link.publish([routing.held(each).outgoing for each in waiting], 120.0)
    assert set(outcomes) == {Outcome.CONFIRMED}


def drainer(vhost: TestVhost, world: World, county: str) -> HoldDrainer:
    """The drainer as the keeper makes it."""
    return HoldDrainer(
        county, open_link=lambda: BrokerLink(vhost.hub_parameters()), store=world.store,
        monotonic=time.monotonic, confirm_seconds=5.0,
    )  # fmt: skip


def received(vhost: TestVhost, county: str, count: int) -> list[str]:
    """Ids in the order in which the county takes them out of its inbox, each once."""
    got: dict[str, None] = {}
    with BrokerLink(vhost.hub_parameters()) as link:
        link.subscribe(topology.county_inbox(county), 500)
        deadline = time.monotonic() + BOUND_SECONDS
        while len(got) < count:
            assert time.monotonic() < deadline, f"{len(got)} of {count}"
            taken = link.take(500, 0.2)
            got.update((each.message_id or "", None) for each in taken)
            link.ack(taken)
    return list(got)


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.long)])
def test_waiting_messages_drain_in_order_per_case(
    vhost: TestVhost, link: BrokerLink, world: World, count: int, record_property: Callable[[str, object], None]
):
    """All of them, none lost, each case in its order; the destination is open when the last one has left."""
    waiting = parcels(world, count)
    with world.store.write() as tx:
        mark_held(tx, ISSUING, "inbox_full")
    into_hold(link, waiting)
    drain, started = drainer(vhost, world, ISSUING), time.monotonic()
    while not drain.run_once():
        assert time.monotonic() - started < BOUND_SECONDS
    record_property("drain_seconds", round(time.monotonic() - started, 2))
    with world.store.read() as tx:
        assert held_counties(tx) == frozenset()
    assert link.depth(topology.county_hold(ISSUING)) == 0
    got = received(vhost, ISSUING, count)
    ids = [each.outgoing.message_id for each in waiting]
    assert sorted(got) == sorted(ids)
    cases = count // PER_CASE
    place = {message_id: at for at, message_id in enumerate(got)}
    for case in range(cases):
        mine = [place[message_id] for message_id in ids[case::cases]]
        assert mine == sorted(mine)


def test_a_county_that_stays_full_delays_no_other_drain(vhost: TestVhost, link: BrokerLink, world: World):
    """Two counties are held; one inbox has no room at all, the other's messages come home meanwhile."""
    small = {"x-queue-type": "quorum", "x-overflow": "reject-publish", "x-max-length": 1}
    _replace_inbox(vhost, ISSUING, small)
    full, free = parcels(world, 20), parcels(world, 500, to=WINDOW)
    assert link.publish([each.outgoing for each in full[:2]], 5.0) == [Outcome.CONFIRMED] * 2
    into_hold(link, full[2:])
    into_hold(link, free)
    with world.store.write() as tx:
        for county in (ISSUING, WINDOW):
            mark_held(tx, county, "inbox_full")
    with closing(HoldDrainers(lambda county: drainer(vhost, world, county))) as drainers:
        opened, started = set[str](), time.monotonic()
        while WINDOW not in opened:
            assert time.monotonic() - started < BOUND_SECONDS
            opened |= drainers.run_once({ISSUING, WINDOW} - opened)
            time.sleep(0.01)
    with world.store.read() as tx:
        assert held_counties(tx) == {ISSUING}
    assert len(received(vhost, WINDOW, 500)) == 500
    assert link.depth(topology.county_hold(ISSUING)) == 18


def _replace_inbox(vhost: TestVhost, county: str, arguments: dict[str, str | int | bool]) -> None:
    name = topology.county_inbox(county)
    vhost.broker.management.call("DELETE", f"/api/queues/{vhost.name}/{name}")
    queue = topology.Queue(name=name, arguments=arguments)
    binding = topology.Binding(exchange=topology.COUNTY, queue=name, key=name)
    vhost.broker.management.apply(vhost.name, topology.Topology(exchanges=(), queues=(queue,), bindings=(binding,)))
