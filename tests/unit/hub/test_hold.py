"""The hold queue is drained in order, probed with growing pauses, and found again whenever something lies in it.

No drain waits for another, and nothing that comes meanwhile overtakes what was held.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from dataclasses import replace

import pytest

from hub.broker import Delivery as Incoming
from hub.broker import Outcome, Outgoing
from hub.outflow import routing
from hub.outflow.delivery import Delivery, held_counties, mark_held
from hub.outflow.hold import HoldDrainer, HoldDrainers, to_drain
from hub.outflow.routing import Parcel
from schemas import topology
from tests.hub_world import ISSUING, WINDOW, Case, Message, World

HOLD = topology.county_hold(ISSUING)


class HoldLink:
    """A hold queue in plain Python: what is not acknowledged returns when its channel closes."""

    def __init__(self, waiting: Sequence[Incoming]) -> None:
        self.queue = deque(waiting)
        self.open: list[Incoming] = []
        self.published: list[Outgoing] = []
        self.outcome: Callable[[Outgoing], Outcome] = lambda _: Outcome.CONFIRMED
        self.subscribed = False

    def depth(self, queue: str) -> int:
        """What lies ready."""
        assert queue == HOLD
        return len(self.queue)

    def subscribe(self, _queue: str, _prefetch: int) -> None:
        """Open a channel."""
        self.subscribed = True

    def unsubscribe(self, _queue: str) -> None:
        """Close it: what is open returns to its place."""
        self.subscribed = False
        self.queue.extendleft(reversed(self.open))
        self.open = []

    def take(self, limit: int, _wait: float) -> list[Incoming]:
        """Hand over some, to a subscriber."""
        if not self.subscribed:
            return []
        taken = [self.queue.popleft() for _ in range(min(limit, len(self.queue)))]
        self.open += taken
        return taken

    def ack(self, deliveries: Sequence[Incoming]) -> None:
        """Remove some."""
        for each in deliveries:
            self.open.remove(each)

    def publish(self, outgoings: Sequence[Outgoing], _timeout: float) -> list[Outcome]:
        """As scripted."""
        outcomes = [self.outcome(each) for each in outgoings]
        self.published += [each for each, what in zip(outgoings, outcomes, strict=True) if what is Outcome.CONFIRMED]
        return outcomes


def held_messages(world: World, count: int) -> list[Incoming]:
    """Messages as they lie in the hold queue, the last one meant for the express queue."""
    inbox, express = topology.county_inbox(ISSUING), topology.county_express(ISSUING)
    return [as_held(Case(world).application(), express if at == count - 1 else inbox) for at in range(count)]


def as_held(message: Message, queue: str = topology.county_inbox(ISSUING)) -> Incoming:
    """One message as it lies in the hold queue."""
    headers = {"signatures": [message.signature], "evidence": b"e", "intended_queue": queue, "x-delivery-count": 2}
    return replace(message.delivery(), queue=HOLD, headers=headers, exchange=topology.COUNTY, routing_key=HOLD)


def _parcel(message: Message) -> Parcel:
    return routing.to_destination(
        county=ISSUING, body=message.body, signature=message.signature, evidence=b"e",
        message_id=message.envelope.id, message_type=message.envelope.type,
    )  # fmt: skip


@pytest.fixture
def held(world: World) -> World:
    """A hub that has marked the issuing county."""
    with world.store.write() as tx:
        assert mark_held(tx, ISSUING, "inbox_full")
        assert not mark_held(tx, ISSUING, "inbox_full")
    return world


def drainer(world: World, link: HoldLink, clock: Callable[[], float] = lambda: 0.0) -> HoldDrainer:
    """A drainer over this queue."""
    return HoldDrainer(
        ISSUING, open_link=lambda: nullcontext(link), store=world.store, monotonic=clock, confirm_seconds=1.0
    )


def marked(world: World) -> frozenset[str]:
    """Who is held."""
    with world.store.read() as tx:
        return held_counties(tx)


def test_drained_in_order_to_the_queue_each_was_meant_for(held: World):
    """A hundred and twenty, in their order, without the hold's own headers; then the destination is open."""
    waiting = held_messages(held, 120)
    link = HoldLink(waiting)
    assert drainer(held, link).run_once()
    assert [each.message_id for each in link.published] == [each.message_id for each in waiting]
    assert {each.routing_key for each in link.published[:-1]} == {topology.county_inbox(ISSUING)}
    assert link.published[-1].routing_key == topology.county_express(ISSUING)
    assert all(set(each.headers) == {"signatures", "evidence"} for each in link.published)
    assert marked(held) == frozenset()
    assert not link.subscribed


def test_what_is_not_taken_stays_and_is_probed_with_growing_pauses(held: World):
    """One probe per look, nothing acknowledged before its confirm, the rest in its place."""
    waiting = held_messages(held, 3)
    link, now = HoldLink(waiting), 0.0
    taken: list[str | None] = []
    link.outcome = lambda out: (
        Outcome.NACKED if taken.append(out.message_id) is None and len(taken) != 1 else Outcome.CONFIRMED
    )
    drain = drainer(held, link, lambda: now)
    probes = []
    while now < 300:
        before = len(taken)
        assert not drain.run_once()
        if len(taken) > before:
            probes.append(now)
        now += 1.0
    assert probes == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]
    assert [each.message_id for each in link.queue] == [each.message_id for each in waiting[1:]]
    assert marked(held) == {ISSUING}
    link.outcome = lambda _: Outcome.CONFIRMED
    now += 100
    assert drain.run_once()
    assert [each.message_id for each in link.published] == [each.message_id for each in waiting]


def test_an_empty_hold_queue_opens_its_destination_without_a_subscription(held: World):
    """Marked, but nothing was ever put there."""
    assert drainer(held, HoldLink([])).run_once()
    assert marked(held) == frozenset()


def test_what_reaches_the_hold_queue_just_after_its_release_is_found():
    """A worker that saw the mark a moment ago still publishes there: the depth says so, mark or no mark."""
    depths = [
        (HOLD, 1),
        (topology.county_hold(WINDOW), 0),
        (topology.county_inbox(WINDOW), 5),
        ("county.999999.hold", 0),
    ]
    assert to_drain([], depths) == {ISSUING}
    assert to_drain([WINDOW], depths) == {ISSUING, WINDOW}


def test_no_message_is_under_way_together_with_another_of_its_case(held: World):
    """Whatever the broker does to one message, no later one of its case arrives before it; other cases go on."""
    cases = [Case(held) for _ in range(4)]
    messages = [case.application(chain=False) for _ in range(10) for case in cases]
    link = HoldLink([as_held(each) for each in messages])
    refuse = {each.envelope.id for each in messages[5::7]}
    batches: list[set[str]] = []

    def publish(outgoings: Sequence[Outgoing], timeout: float) -> list[Outcome]:
        batches.append({case_of[each.message_id] for each in outgoings})
        assert len(batches[-1]) == len(outgoings)
        return HoldLink.publish(link, outgoings, timeout)

    def once_refused(out: Outgoing) -> Outcome:
        if out.message_id in refuse:
            refuse.discard(out.message_id)
            return Outcome.TIMED_OUT
        return Outcome.CONFIRMED

    case_of = {each.envelope.id: each.envelope.case_no for each in messages}
    link.publish, link.outcome = publish, once_refused  # type: ignore[method-assign]
    now = 0.0
    drain = drainer(held, link, lambda: now)
    while not drain.run_once():
        now += 100
    assert max(map(len, batches)) == 4
    for case in cases:
        mine = [each.envelope.id for each in messages if each.envelope.case_no == case.case_no]
        assert [each.message_id for each in link.published if case_of[each.message_id] == case.case_no] == mine


def test_a_county_that_takes_nothing_costs_one_message_per_look(held: World):
    """A probe is one message, however many wait."""
    link = HoldLink(held_messages(held, 120))
    tried: list[str] = []
    link.outcome = lambda out: Outcome.NACKED if tried.append(out.message_id) is None else Outcome.CONFIRMED
    assert not drainer(held, link).run_once()
    assert len(tried) == 1


def test_a_parcel_that_reaches_the_hold_queue_after_its_release_marks_the_county_again(held: World):
    """The worker saw the mark, the drainer found nothing: what comes later in the case queues behind the parcel."""
    first, second = (_parcel(Case(held).application()) for _ in range(2))

    def open_it(_: Sequence[Outgoing]) -> None:  # between the worker's look at the marks and its publishing
        held.link.before_publish = lambda _: None
        assert drainer(held, HoldLink([])).run_once()
        assert marked(held) == frozenset()

    held.link.before_publish = open_it
    delivery = Delivery(held.link, held.store, confirm_seconds=1.0)
    assert delivery.publish([first], marked(held)) == [True]
    assert marked(held) == {ISSUING}
    assert delivery.publish([second], marked(held)) == [True]
    assert [each.routing_key for each in held.link.published] == [HOLD, HOLD]


def test_the_next_batch_follows_into_the_hold_queue_while_the_last_one_is_on_its_way(held: World):
    """Batches overlap: the second was decided after the county was opened, the first has not landed yet."""
    first, second, third = (_parcel(Case(held).application()) for _ in range(3))
    delivery = Delivery(held.link, held.store, confirm_seconds=1.0)
    shipment = delivery.start([first], marked(held))
    assert drainer(held, HoldLink([])).run_once()
    assert delivery.publish([second], marked(held)) == [True]
    assert shipment.outcomes() == [True]
    assert [each.routing_key for each in held.link.published] == [HOLD, HOLD]
    assert marked(held) == {ISSUING}
    assert drainer(held, HoldLink([])).run_once()
    assert delivery.publish([third], marked(held)) == [True]
    assert held.link.published[-1].routing_key == topology.county_inbox(ISSUING)


def test_a_parcel_that_arrives_while_the_queue_is_counted_is_not_left_behind(held: World):
    """Nothing lies ready because it is on its way to the drainer: the destination is not opened over it."""
    (late,) = held_messages(held, 1)
    waiting = held_messages(held, 3)

    class Late(HoldLink):
        def depth(self, queue: str) -> int:
            if self.subscribed and not self.queue and given:
                self.queue.append(given.pop())
                return 0
            return super().depth(queue)

    given = [late]
    link, now = Late(waiting), 0.0
    drain = drainer(held, link, lambda: now)
    assert not drain.run_once()
    assert marked(held) == {ISSUING}
    now = 10.0
    assert drain.run_once()
    assert [each.message_id for each in link.published] == [each.message_id for each in [*waiting, late]]


def test_a_destination_that_does_not_answer_delays_no_other_drain(held: World):
    """Its turn hangs; the others' hold queues are emptied meanwhile, each over a link of its own."""
    hangs, asked = threading.Event(), threading.Event()

    def hanging(_: Outgoing) -> Outcome:
        asked.set()
        assert hangs.wait(30)
        return Outcome.TIMED_OUT

    dead, others = HoldLink(held_messages(held, 2)), ["140881", "340321"]
    dead.outcome = hanging

    def make(county: str) -> HoldDrainer:
        link = dead if county == ISSUING else EmptyLink()
        return HoldDrainer(
            county,
            open_link=lambda: nullcontext(link),
            store=held.store,
            monotonic=time.monotonic,
            confirm_seconds=1.0,
        )

    with closing(HoldDrainers(make)) as drainers:
        drainers.run_once([ISSUING])
        assert asked.wait(30)
        opened = set[str]()
        deadline = time.monotonic() + 30
        while opened != set(others):
            assert time.monotonic() < deadline
            opened |= drainers.run_once([ISSUING, *(set(others) - opened)])
        assert marked(held) == {ISSUING}
        hangs.set()


class EmptyLink(HoldLink):
    """A hold queue with nothing in it."""

    def __init__(self) -> None:
        super().__init__([])

    def depth(self, queue: str) -> int:
        """Nothing, whichever queue."""
        assert queue.endswith(".hold")
        return 0


def test_a_held_parcel_goes_nowhere_but_to_its_county():
    """A forged intended queue leads to the county's own inbox."""
    parcel = routing.released(ISSUING, b"x", "m", "t", {"intended_queue": topology.county_inbox(WINDOW)})
    assert parcel.outgoing.routing_key == topology.county_inbox(ISSUING)
