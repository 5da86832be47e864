"""A county that floods waits in a queue of its own, in order, unread and unrefused; nobody else waits for it.

The link is scripted; what a worker moves to a slow queue is handed to the slow lane as the broker would.
"""

import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from hub.broker import Delivery as Incoming
from hub.broker import Outcome, Outgoing
from hub.intake.inspection import first_look
from hub.pace import slowed
from hub.pace.quotas import Quota, Quotas
from hub.pace.slowlane import SlowLane, batch_messages, slice_messages
from hub.pace.slowroad import packed, road_of, sender_of, unpacked
from hub.pace.sluice import Sluice
from hub.store import tables
from schemas import topology
from tests.hub_world import FOREIGN, ISSUING, WINDOW, Case, Message, World

QUOTA = Quota(messages_per_second=8, burst_messages=10, bytes_per_second=1e6, burst_bytes=8e6)
SLOW = topology.county_slow(WINDOW)
_tags = itertools.count(10_000)


class Clock:
    """A clock in seconds that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


class SlowQueue:
    """The slow queue of one county, and the slow lane's link to it; keeps what it needs of `SlowLink`'s promises."""

    generation = 1

    def __init__(self, lying: Sequence[Incoming] = ()) -> None:
        self.lying = deque(lying)
        self.open: dict[int, Incoming] = {}
        self.prefetch = 0
        self.slice: list[tuple[str, int]] = []

    def subscribe(self, _queue: str, prefetch: int) -> None:
        """Open."""
        self.prefetch = prefetch

    def unsubscribe(self, _queue: str) -> None:
        """Close."""
        self.prefetch = 0

    def depth(self, _queue: str) -> int:
        """What lies ready."""
        return len(self.lying)

    def has(self, _queue: str) -> bool:
        """Whether something is in hand."""
        return bool(self.open)

    def take(self, limit: int, _wait: float) -> list[Incoming]:
        """At most the prefetch."""
        room = min(limit, self.prefetch - len(self.open))
        taken = [self.lying.popleft() for _ in range(min(room, len(self.lying)))]
        self.open |= {each.tag: each for each in taken}
        self.slice += [(each.queue, len(each.body)) for each in taken]
        return [unpacked(each) for each in taken]

    def ack(self, deliveries: Sequence[Incoming]) -> None:
        """Forget."""
        for each in deliveries:
            del self.open[each.tag]


def in_slow_queue(outgoing: Outgoing) -> Incoming:
    """What the hub published to a slow queue, as the broker hands it over: under the hub's own user."""
    return Incoming(
        queue=outgoing.routing_key,
        body=outgoing.body,
        headers=outgoing.headers,
        properties_set=frozenset({"content_type", "headers", "delivery_mode", "message_id", "type"}),
        message_id=outgoing.message_id,
        type=outgoing.type,
        user_id=None,
        content_type=outgoing.content_type,
        timestamp=None,
        reply_to=None,
        expiration=None,
        priority=None,
        correlation_id=None,
        exchange="",
        routing_key=outgoing.routing_key,
        redelivered=False,
        delivery_count=0,
        generation=1,
        channel=1,
        tag=next(_tags),
    )


class Hall:
    """A worker with a sluice before its pipeline, and a slow lane."""

    def __init__(self, world: World) -> None:
        self.world, self.clock, self.link = world, Clock(), world.link
        self.sluice = Sluice(
            broker=self.link,
            store=world.store,
            quotas=Quotas(QUOTA, self.clock),
            clock=lambda: world.now,
            confirm_seconds=1.0,
        )
        self.passed: list[Incoming] = []
        self.queue = SlowQueue()
        self._moved = 0
        pipeline = world.worker(self.link, batch_messages=batch_messages(QUOTA))
        pipeline._link = self.queue  # type: ignore[assignment]
        self.lane = SlowLane(
            link=self.queue, store=world.store, pipeline=pipeline, quota=QUOTA, clock=lambda: world.now  # type: ignore[arg-type]
        )  # fmt: skip

    def send(self, *messages: Message) -> list[Incoming]:
        """What the sluice lets through is admitted at once; what it moves lies in the slow queue."""
        passed = self.sluice.pass_on([each.delivery() for each in messages])
        self.passed += passed
        self.world.send(*passed)
        self.arrive()
        return passed

    def arrive(self) -> None:
        """Confirmed publishes to the slow queue lie there."""
        moved = self.link.queue(SLOW)
        self.queue.lying.extend(in_slow_queue(each) for each in moved[self._moved :])
        self._moved = len(moved)

    def lay_road(self) -> None:
        """What the keeper does."""
        with self.world.store.write() as tx:
            for county in slowed.without_queue(tx):
                slowed.mark_queue(tx, county, stands=True)

    def flood(self, count: int = 11) -> list[Message]:
        """Send until slowed, and lay the road."""
        sent = [Case(self.world).application() for _ in range(count)]
        self.send(*sent)
        self.lay_road()
        return sent

    def slowed(self) -> dict[tuple[str, str], bool]:
        """Who is slowed."""
        with self.world.store.read() as tx:
            return dict(slowed.roads(tx))


@pytest.fixture
def hall(world: World) -> Hall:
    """A hub with a small quota."""
    return Hall(world)


def ids(messages: Sequence[Message]) -> list[str]:
    """Their ids."""
    return [each.envelope.id for each in messages]


def test_within_its_quota_a_county_never_notices(hall: Hall):
    """Eight a second for a minute, and a burst of ten: nothing is moved."""
    for _ in range(20):
        hall.clock.now += 1
        passed = hall.sluice.pass_on([Case(hall.world).application().delivery() for _ in range(8)])
        assert len(passed) == 8
    hall.clock.now += 10
    assert len(hall.sluice.pass_on([Case(hall.world).application().delivery() for _ in range(10)])) == 10
    assert hall.slowed() == {}


def test_a_flood_is_moved_unread_and_others_are_admitted(hall: Hall, monkeypatch: pytest.MonkeyPatch):
    """Beyond the quota only the flooder's messages leave the shard for its own queue; none is looked into for that."""
    hall.flood()
    assert hall.slowed() == {(WINDOW, "submit"): True}
    surplus = [Case(hall.world).application() for _ in range(20)]
    others = [Case(hall.world, window=FOREIGN).application() for _ in range(5)]
    mixed = [each for pair in itertools.zip_longest(surplus, others) for each in pair if each]
    looked: list[str | None] = []
    monkeypatch.setattr(
        "hub.intake.looking.first_look", lambda each: looked.append(each.message_id) or first_look(each)
    )
    passed = hall.send(*mixed)
    assert [each.message_id for each in passed] == ids(others)
    assert looked == ids(others)
    assert [each.message_id for each in hall.link.queue(SLOW)] == ids(surplus)
    assert set(hall.world.verdicts(FOREIGN).values()) == {"admitted"}
    assert {each.message_id for each in hall.link.acked} >= set(ids(surplus))


def test_a_flood_of_bytes_counts_as_much_as_one_of_messages(hall: Hall):
    """Three large messages exceed what eight small ones do not."""
    quotas = Quotas(replace(QUOTA, burst_bytes=1000, bytes_per_second=100), hall.clock)
    assert [quotas.spend(WINDOW, 400) for _ in range(3)] == [True, True, False]
    assert quotas.spend(FOREIGN, 400)
    hall.clock.now += 2
    assert quotas.spend(WINDOW, 400)
    assert not quotas.spend(WINDOW, 400)


def test_the_slow_lane_admits_in_order_at_the_quota_and_lets_go_when_empty(hall: Hall):
    """Twenty wait: slices of two, each followed by the time it is worth; then the county is everybody again."""
    hall.flood()
    surplus = [Case(hall.world).application() for _ in range(20)]
    hall.send(*surplus)
    assert slice_messages(QUOTA) == 2
    pauses = [hall.lane.run_once() for _ in range(10)]
    assert all(0 <= each <= 2 / 8 for each in pauses)
    assert [each for each in hall.world.delivered(ISSUING) if each in ids(surplus)] == ids(surplus)
    assert hall.slowed() == {(WINDOW, "submit"): True}
    hall.lane.run_once()
    assert hall.slowed() == {}
    assert hall.queue.prefetch == 0
    assert set(hall.world.verdicts(WINDOW).values()) == {"admitted"}
    late = Case(hall.world).application()
    hall.clock.now += 10
    assert [each.message_id for each in hall.send(late)] == ids([late])


def test_no_message_of_a_case_overtakes_another_by_the_fast_road(hall: Hall):
    """While something of the county waits, what comes later goes behind it, however slowly it comes by then."""
    hall.flood()
    case = Case(hall.world)
    first = case.application()
    hall.send(first)
    hall.clock.now += 3600
    second = case.message(
        "message.received", {"envelope_sha256": bytes(32)}, source=WINDOW, in_reply_to=first.envelope.id
    )
    assert hall.send(second) == []
    assert [each.message_id for each in hall.link.queue(SLOW)] == ids([first, second])


def test_a_message_moved_just_after_the_county_was_let_go_slows_it_again(hall: Hall):
    """The slow lane found nothing in the moment before: the next message of the case still queues behind this one."""
    hall.flood()
    hall.lane.run_once()
    first, second = (Case(hall.world).application() for _ in range(2))

    def let_go(outgoings: Sequence[Outgoing]) -> None:
        hall.link.before_publish = lambda _: None
        assert outgoings
        hall.lane.run_once()
        assert hall.slowed() == {}

    # The worker has read the rows; the lane deletes them before the message is published.
    with hall.world.store.write() as tx:
        slowed.slow_down(tx, [(WINDOW, "submit")], queue_stands=True, now=hall.world.now)
    hall.link.before_publish = let_go
    assert hall.sluice.pass_on([first.delivery()]) == []
    assert hall.slowed() == {(WINDOW, "submit"): True}
    assert hall.sluice.pass_on([second.delivery()]) == []
    assert [each.message_id for each in hall.link.queue(SLOW)] == ids([first, second])


def test_a_county_is_not_let_go_while_the_lane_holds_one_of_its_messages(hall: Hall):
    """Taken, not yet settled: the queue is empty, and yet nothing may overtake."""
    hall.flood()
    waiting = Case(hall.world).application()
    hall.send(waiting)
    hall.link.outcome = lambda _: Outcome.TIMED_OUT
    hall.lane.run_once()
    hall.lane.run_once()
    assert hall.queue.depth(SLOW) == 0
    assert hall.queue.has(SLOW)
    assert hall.slowed() == {(WINDOW, "submit"): True}


def test_what_cannot_be_moved_is_admitted_as_usual(hall: Hall):
    """The slow queue gives it back or does not answer: it is not lost, and a queue that is gone is asked for anew."""
    hall.flood()
    for outcome, stands in ((Outcome.TIMED_OUT, True), (Outcome.RETURNED, False)):
        message = Case(hall.world).application()
        hall.link.outcome = lambda out, what=outcome: what if out.routing_key == SLOW else Outcome.CONFIRMED
        assert [each.message_id for each in hall.send(message)] == ids([message])
        assert hall.world.verdicts(WINDOW)[message.envelope.id] == "admitted"
        assert hall.slowed() == {(WINDOW, "submit"): stands}


def test_who_floods_with_cases_still_prints(hall: Hall):
    """Print claims have a road and a quota of their own."""
    case = Case(hall.world)
    case.up_to("print.authorised")
    hall.flood()
    claim = case.claim().delivery()
    assert road_of(claim) == topology.EXPRESS
    assert hall.sluice.pass_on([claim]) == [claim]


ODD: dict[str, dict[str, Any]] = {
    "nothing odd": {},
    "no user": {"user_id": None},
    "another user": {"user_id": ISSUING},
    "copies": {"headers": {"signatures": ["x"], "CC": ["from.999999.00.x"], "nested": {"a": [1, {"b": None}]}}},
    "no signature": {"headers": {}},
    "two signatures": {"headers": {"signatures": ["a", "b"]}},
    "a number for a signature": {"headers": {"signatures": 7}},
    "a huge signature": {"headers": {"signatures": ["x" * 100_000]}},
    "reply to": {"properties_set": frozenset({"content_type", "headers", "user_id", "reply_to"}), "reply_to": "x"},
    "another type": {"type": "case.handed_over"},
    "another id": {"message_id": "x"},
    "no id": {"message_id": None},
    "another road": {"exchange": "express"},
    "another content type": {"content_type": "text/plain"},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_admission_judges_a_moved_message_as_if_it_had_come_directly(world: World, odd: dict[str, Any]):
    """Whatever is wrong with its properties or headers is refused with the same code, and nothing becomes right."""
    direct = Case(world).application().delivery(**odd)
    moved = unpacked(in_slow_queue(packed(direct, WINDOW)))
    before, after = first_look(direct), first_look(moved)
    assert (before.source, before.message_id, before.sha256) == (after.source, after.message_id, after.sha256)
    assert (before.problem and before.problem.code) == (after.problem and after.problem.code)
    assert before.envelope == after.envelope
    assert after.signature in (before.signature, "")


def test_only_a_slow_queue_is_unpacked(world: World):
    """A county that writes the hub's header itself gains nothing: it is an odd header like any other."""
    message = Case(world).application().delivery()
    forged = replace(message, user_id=ISSUING, headers={**packed(message, WINDOW).headers, **message.headers})
    assert unpacked(forged) is forged
    assert first_look(forged).problem is not None


@pytest.mark.parametrize("key", ["from.140881", "to.140881.00.x", "from.14088.00.x", "", "from.140881x.00.x"])
def test_what_is_no_countys_is_not_moved(world: World, key: str):
    """It has no slow queue; admission refuses it where it is."""
    assert sender_of(Case(world).application().delivery(routing_key=key)) is None


def test_what_is_too_large_is_refused_where_it_is(world: World):
    """Check 1 comes first: moving it would cost more than refusing it."""
    assert sender_of(Case(world).application().delivery(body=bytes(4 * 2**20 + 1))) is None


def test_a_row_of_the_store_says_since_when(hall: Hall):
    """For the pages: the county, its road and the time."""
    hall.flood()
    (row,) = hall.world.rows(select(tables.slowed_counties))
    assert (row.division_code, row.road, row.queue_stands) == (WINDOW, "submit", True)
    with hall.world.store.write() as tx:
        tx.execute(update(tables.slowed_counties).values(queue_stands=True))
        slowed.forget_queues(tx)
        assert slowed.without_queue(tx) == [WINDOW]


def test_after_poison_a_county_can_end_no_process_but_the_slow_lane(hall: Hall, monkeypatch: pytest.MonkeyPatch):
    """What came back after a try alone slows its county for ten minutes, and it alone; the message itself is moved."""
    poison, innocent = Case(hall.world).application(), Case(hall.world, window=FOREIGN).application()

    def killing(delivery: Incoming) -> Any:
        if delivery.body == poison.body:
            raise KeyboardInterrupt
        return first_look(delivery)

    monkeypatch.setattr("hub.intake.looking.first_look", killing)
    again = [each.delivery(redelivered=True) for each in (innocent, poison)]
    assert hall.sluice.pass_on(again) == again  # tried alone for the first time after this
    assert hall.slowed() == {}
    with pytest.raises(KeyboardInterrupt):
        hall.world.send(*again)
    assert hall.sluice.pass_on([again[1]]) == [again[1]]
    assert hall.slowed() == {(WINDOW, "submit"): False}
    hall.lay_road()
    assert hall.sluice.pass_on([again[1]]) == []
    assert hall.slowed() == {(WINDOW, "submit"): True}
    for _ in range(3):
        hall.lane.run_once()
    assert hall.slowed() == {(WINDOW, "submit"): True}
    hall.world.later(minutes=10)
    hall.lane.run_once()
    assert hall.slowed() == {}


def test_a_crowd_of_suspects_does_not_keep_others_waiting(world: World):
    """Redelivered messages are handled alone, some at a time: a fresh one is admitted with the first of them."""
    suspects = [Case(world, window=FOREIGN).application() for _ in range(30)]
    fresh = Case(world).application()
    world.send(*[each.delivery(redelivered=True) for each in suspects], fresh)
    assert world.verdicts(WINDOW) == {fresh.envelope.id: "admitted"}
    assert len(world.verdicts(FOREIGN)) == 10
    for _ in range(2):
        world.pipeline.run_once(0.0)
    assert set(world.verdicts(FOREIGN).values()) == {"admitted"}
    assert len(world.verdicts(FOREIGN)) == 30
