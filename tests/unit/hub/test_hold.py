"""The hold queue is drained in order, probed with growing pauses, and found again whenever something lies in it."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from hub import routing
from hub.broker import Delivery as Incoming
from hub.broker import Outcome, Outgoing
from hub.delivery import held_counties, mark_held
from hub.hold import HoldDrainer, to_drain
from schemas import topology
from tests.hub_world import ISSUING, WINDOW, Case, World

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
        """Hand over some."""
        assert self.subscribed
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
    found = []
    for at in range(count):
        message = Case(world).application()
        queue = topology.county_express(ISSUING) if at == count - 1 else topology.county_inbox(ISSUING)
        headers = {"signatures": [message.signature], "evidence": b"e", "intended_queue": queue, "x-delivery-count": 2}
        found.append(
            replace(message.delivery(), queue=HOLD, headers=headers, exchange=topology.COUNTY, routing_key=HOLD)
        )
    return found


@pytest.fixture
def held(world: World) -> World:
    """A hub that has marked the issuing county."""
    with world.store.write() as tx:
        assert mark_held(tx, ISSUING, "inbox_full")
        assert not mark_held(tx, ISSUING, "inbox_full")
    return world


def drainer(world: World, link: HoldLink, clock: Callable[[], float] = lambda: 0.0) -> HoldDrainer:
    """A drainer over this queue."""
    return HoldDrainer(ISSUING, link=link, store=world.store, monotonic=clock, confirm_seconds=1.0)  # type: ignore[arg-type]


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


def test_a_held_parcel_goes_nowhere_but_to_its_county():
    """A forged intended queue leads to the county's own inbox."""
    parcel = routing.released(ISSUING, b"x", "m", "t", {"intended_queue": topology.county_inbox(WINDOW)})
    assert parcel.outgoing.routing_key == topology.county_inbox(ISSUING)
