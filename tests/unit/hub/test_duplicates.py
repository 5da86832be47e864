"""The same message again: same bytes are answered and never counted twice, other bytes never touch the first."""

import os
from dataclasses import replace

import pytest
from sqlalchemy import select

from hub.broker import Outcome
from hub.store import tables
from schemas import topology
from tests.hub_world import ISSUING, WINDOW, Case, World, proves, sign


def journalled(world: World) -> list[tuple[str, str]]:
    """What the journal holds."""
    return [
        (row.message_id, row.verdict)
        for row in world.rows(select(tables.journal).order_by(tables.journal.c.leaf_index))
    ]


@pytest.mark.both_stores
def test_duplicate_before_effects_are_done_has_all_of_them_again(world: World):
    """Nobody knows yet that it arrived: forward and receipt again, from the same stored bytes."""
    message = Case(world).application()
    world.send(message)
    first = list(world.link.published)
    world.link.published.clear()
    world.send(message)
    again = world.link.published
    assert {(each.routing_key, each.message_id, each.body) for each in again} == {
        (each.routing_key, each.message_id, each.body) for each in first
    }
    assert len(journalled(world)) == 1


def test_duplicate_after_received_gets_only_its_receipt(world: World):
    """Once the destination has signed for it, a duplicate is answered and not passed on."""
    case = Case(world)
    message = case.application()
    world.send(message)
    world.pipeline.run_once(0.0)
    world.send(case.received(message))
    world.pipeline.run_once(0.0)
    world.link.published.clear()
    world.send(message)
    assert [(each.routing_key, each.type) for each in world.link.published] == [
        (topology.county_inbox(WINDOW), "admission.receipt")
    ]
    assert proves(world.receipts(WINDOW)[0], message.body, message.signature)


def test_a_sender_who_has_not_heard_is_told_again_what_was_said(world: World):
    """A queue's log was lost with the destination's word in it: who said it has its receipt and sends it no more."""
    case = Case(world)
    message = case.application()
    world.send(message)
    word = case.received(message)
    world.send(word)
    world.pipeline.run_once(0.0)
    world.link.published.clear()
    world.later(seconds=60)
    world.send(message)
    assert world.delivered(WINDOW) == [word.envelope.id]
    assert world.delivered(ISSUING) == [], "what was signed for is not passed on again"


def test_duplicate_not_yet_received_is_passed_on_again(world: World):
    """Confirmed by the broker is not received: until the destination signs, a duplicate is forwarded."""
    message = Case(world).application()
    world.send(message)
    world.pipeline.run_once(0.0)
    assert world.undone() == []
    world.link.published.clear()
    world.send(message)
    assert world.delivered(ISSUING) == [message.envelope.id]


def test_twice_in_one_batch_is_once(world: World):
    """Both copies of a batch: one row, one leaf, one forward, one receipt, both acknowledged."""
    message = Case(world).application()
    world.send(message, message, message)
    assert journalled(world) == [(message.envelope.id, "admitted")]
    assert len(world.link.published) == 2
    assert len(world.link.acked) == 3


def test_other_bytes_under_the_same_id_touch_nothing_of_the_first(world: World):
    """In one batch or later: the second is refused and journalled, the first and its delivery stay."""
    case = Case(world)
    first = case.application()
    county = world.network.counties[WINDOW]
    second, third = (sign(replace(first.envelope, data=os.urandom(7)), county) for _ in range(2))
    world.link.outcome = lambda out: Outcome.TIMED_OUT if out.type != "admission.receipt" else Outcome.CONFIRMED
    world.send(first, second)
    world.send(third)
    world.pipeline.run_once(0.0)
    assert journalled(world) == [
        (first.envelope.id, "admitted"),
        (first.envelope.id, "E-ADM-030"),
        (first.envelope.id, "E-ADM-030"),
    ]
    (row,) = world.rows(select(tables.messages))
    assert (row.body, row.state) == (first.body, "admitted")
    assert world.undone() == [first.envelope.id], "the refusal's receipt says nothing about the first one's delivery"
    assert [each.body for each in world.link.acked] == [second.body, third.body]
    world.link.outcome = lambda _: Outcome.CONFIRMED
    world.sweep(-1).run_once()
    held = world.link.queue(topology.county_hold(ISSUING))
    assert [each.message_id for each in held] == [first.envelope.id], "the sweep has brought it to its hold queue"


def test_other_bytes_first_refused_for_another_reason(world: World, network):
    """A second message with the id of the first and a bad signature breaks nothing."""
    first = Case(world).application()
    world.send(first)
    broken = sign(replace(first.envelope, data=b"x"), network.counties[ISSUING])
    world.send(broken)
    assert journalled(world) == [(first.envelope.id, "admitted"), (first.envelope.id, "E-ADM-012")]
    assert len(world.rows(select(tables.messages))) == 1


def test_duplicate_of_a_refused_one_gets_the_same_refusal(world: World):
    """A refusal is final: the same receipt, byte for byte, and no second leaf."""
    message = Case(world).acceptance()
    world.send(message)
    world.later(hours=1)
    world.send(message)
    receipts = world.link.queue(topology.county_inbox(ISSUING))
    assert [each.type for each in receipts] == ["admission.receipt"] * 2
    assert receipts[0].body == receipts[1].body
    assert receipts[0].message_id == receipts[1].message_id
    assert len(journalled(world)) == 1


def test_duplicate_of_a_parked_one_waits_once(world: World):
    """A parked message that comes again is parked once, acknowledged, and admitted once."""
    case = Case(world)
    application, acceptance, decision = case.application(), case.acceptance(), case.decision()
    world.send(decision, decision)
    world.send(decision)
    assert [row.state for row in world.rows(select(tables.messages))] == ["parked"]
    assert len(world.link.acked) == 3
    world.send(application, acceptance)
    world.send(decision)
    assert journalled(world) == [(m.envelope.id, "admitted") for m in (application, acceptance, decision)]


def test_parked_predecessor_and_duplicate_in_one_batch(world: World):
    """Follower, predecessor, follower again: admitted once, receipted once."""
    case = Case(world)
    application, acceptance = case.application(), case.acceptance()
    world.send(acceptance, application, acceptance)
    assert sorted(journalled(world)) == sorted(
        [(application.envelope.id, "admitted"), (acceptance.envelope.id, "admitted")]
    )
    assert [e["message_id"] for e in world.receipts(ISSUING)] == [acceptance.envelope.id]


def test_repeated_receipts_of_one_batch_are_told_apart(world: World):
    """Two messages of one batch, repeated one by one: two receipts with two ids, or the second would look known."""
    one, two = Case(world).application(), Case(world).application()
    world.send(one, two)
    world.link.published.clear()
    world.send(one)
    world.send(two)
    receipts = [each for each in world.link.published if each.type == "admission.receipt"]
    assert len({each.message_id for each in receipts}) == 2


def test_same_id_of_two_counties_is_two_messages(world: World):
    """An id belongs to its source; even a claim's derived answer does."""
    one, two = Case(world), Case(world, window="340321")
    one.up_to("print.authorised")
    two.up_to("print.authorised")
    first = one.claim()
    second = two.claim(id=first.envelope.id)
    world.send(first, second)
    answers = [each for each in world.link.published if each.type == "print.granted"]
    assert len({each.message_id for each in answers}) == 2
    assert {each.routing_key for each in answers} == {
        topology.county_express("140881"),
        topology.county_express("340321"),
    }
