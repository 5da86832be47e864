"""Between any two lines a worker may die: the message is journalled once, delivered at least once, receipts verify."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from hub.broker import Outcome, Outgoing
from hub.history.journal import HEAD_DAMAGED
from hub.outflow.delivery import held_counties, release
from hub.store import STORE_FAILED, open_store, tables
from schemas import topology
from schemas.errors import YunhuobanError
from tests.hub_world import FOREIGN, ISSUING, WINDOW, Case, Message, ScriptedLink, World, proves


class Killed(BaseException):
    """Not an Exception: nothing in the worker survives it."""


def die(*_: object) -> None:
    """End the worker here."""
    raise Killed


def redeliver(world: World) -> None:
    """The broker gives to a new worker what the dead one had not acknowledged."""
    dead, world.link = world.link, ScriptedLink()
    world.link.published = dead.published
    world.link.incoming = []
    world.pipeline = world.worker()


def assert_once(world: World, messages: Sequence[Message]) -> None:
    """Each has one leaf, has reached its destination, and its sender holds a good receipt."""
    leaves = [row.message_id for row in world.rows(select(tables.journal))]
    assert sorted(leaves) == sorted(each.envelope.id for each in messages)
    entries = {entry["message_id"]: entry for entry in world.receipts(WINDOW)}
    for each in messages:
        assert each.envelope.id in world.delivered(each.envelope.destination)
        assert proves(entries[each.envelope.id], each.body, each.signature)


def test_killed_between_commit_and_publish(world: World):
    """Redelivery repeats the effects from stored bytes."""
    messages = [Case(world).application() for _ in range(3)]
    world.link.before_publish = die
    with pytest.raises(Killed):
        world.send(*messages)
    assert world.link.acked == []
    redeliver(world)
    world.send(*[each.delivery(redelivered=True) for each in messages])
    assert_once(world, messages)
    assert len(world.link.acked) == 3
    assert world.rows(select(tables.solo_attempts)) != []
    world.pipeline.flush()
    assert world.rows(select(tables.solo_attempts)) == []


def test_killed_between_publish_and_acknowledgement(world: World):
    """Everything goes out a second time under the same ids."""
    messages = [Case(world).application() for _ in range(3)]
    world.link.before_ack = die
    with pytest.raises(Killed):
        world.send(*messages)
    redeliver(world)
    world.send(*[each.delivery(redelivered=True) for each in messages])
    assert_once(world, messages)


def test_killed_after_acknowledgement_before_the_mark(world: World):
    """Its batch was never marked as done: the sweep sends once more, which receivers know by id."""
    message = Case(world).application()
    world.send(message)
    redeliver(world)
    world.link.published = []
    assert world.sweep(-1).run_once() == 2
    assert_once(world, [message])
    assert world.sweep(-1).run_once() == 0


@pytest.mark.both_stores
def test_sweep_alone_completes_what_a_dead_worker_left(world: World):
    """Without any redelivery."""
    case = Case(world)
    case.up_to("print.authorised")
    world.pipeline.flush()
    claim = case.claim()
    world.link.before_publish = die
    with pytest.raises(Killed):
        world.send(claim)
    world.link.before_publish = lambda _: None
    world.sweep(-1).run_once()
    kinds = [each.type for each in world.link.queue(topology.county_express(WINDOW))]
    assert sorted(kinds) == ["admission.receipt", "print.granted"]
    world.link.published.clear()
    assert world.sweep(-1).run_once() == 0


def test_young_effects_are_left_to_the_worker_that_is_at_them(world: World):
    """The sweep looks only at what is older than its age."""
    world.send(Case(world).application())
    assert world.sweep(10).run_once() == 0
    world.later(seconds=11)
    assert world.sweep(10).run_once() == 2


@pytest.mark.parametrize("outcome", [Outcome.NACKED, Outcome.TIMED_OUT])
def test_a_destination_that_takes_nothing_is_held_alone(world: World, outcome: Outcome):
    """Its messages go to its hold queue, confirmed; others notice nothing; later ones do not try the inbox."""
    full = topology.county_inbox(ISSUING)
    tried: list[str] = []

    def answer(out: Outgoing) -> Outcome:
        tried.append(out.routing_key)
        return outcome if out.routing_key == full else Outcome.CONFIRMED

    world.link.outcome = answer
    first, other = Case(world).application(), Case(world, window=FOREIGN, issuing=WINDOW).application()
    world.send(first, other)
    assert world.delivered(WINDOW) == [other.envelope.id]
    with world.store.read() as tx:
        assert held_counties(tx) == {ISSUING}
    tried.clear()
    second = Case(world).application()
    world.send(second)
    assert full not in tried
    held = world.link.queue(topology.county_hold(ISSUING))
    assert [each.message_id for each in held] == [first.envelope.id, second.envelope.id]
    assert all(each.headers["intended_queue"] == full for each in held)
    assert len(world.link.acked) == 3
    world.pipeline.flush()
    assert world.undone() == []
    with world.store.write() as tx:
        release(tx, ISSUING)
    world.link.outcome = lambda _: Outcome.CONFIRMED
    third = Case(world).application()
    world.send(third)
    assert world.delivered(ISSUING) == [third.envelope.id]


@pytest.mark.parametrize("outcome", [Outcome.CLOSED, Outcome.RETURNED, Outcome.TIMED_OUT])
def test_what_is_not_confirmed_stays_unacknowledged_and_is_tried_again_after_a_pause(world: World, outcome: Outcome):
    """Never a nack, never a tight loop: the pauses grow, and when the broker is well again it is finished."""
    seconds = 0.0
    world.monotonic = lambda: seconds
    world.pipeline = world.worker()
    world.link.outcome = lambda _: outcome
    message = Case(world).application()
    world.send(message)
    tried: list[float] = []
    world.link.before_publish = lambda _: tried.append(seconds)
    for _ in range(200):
        world.pipeline.run_once(0.0)
        seconds += 1.0
    attempts = sorted(set(tried))
    assert attempts[:5] == [1.0, 3.0, 7.0, 15.0, 31.0]
    assert {after - before for before, after in itertools.pairwise(attempts[5:])} == {30.0}
    assert world.link.acked == []
    assert world.link.requeued == []
    world.link.outcome = lambda _: Outcome.CONFIRMED
    seconds += 30.0
    world.pipeline.run_once(0.0)
    assert len(world.link.acked) == 1
    assert len(world.rows(select(tables.journal))) == 1


def test_unsettled_of_an_older_connection_are_left_to_the_broker(world: World):
    """Their tags are void; the broker hands them over again."""
    world.link.outcome = lambda _: Outcome.CLOSED
    message = Case(world).application()
    world.send(message)
    world.link.outcome = lambda _: Outcome.CONFIRMED
    world.link.generation = 2
    world.send(message.delivery(generation=2, redelivered=True))
    assert [each.generation for each in world.link.acked] == [2]
    assert world.delivered(ISSUING) == [message.envelope.id]


def test_a_store_that_is_away_loses_nothing_and_blames_nobody(world: World, monkeypatch: pytest.MonkeyPatch):
    """A full disk for a while: the step fails, the messages wait, no attempt is counted against them."""
    seconds = 0.0
    world.monotonic = lambda: seconds
    world.pipeline = world.worker()
    real = type(world.store).write

    def away(_: object) -> None:
        raise YunhuobanError(STORE_FAILED, found=OperationalError.__name__)

    messages = [Case(world).application() for _ in range(2)]
    suspect = Case(world).application()
    monkeypatch.setattr(type(world.store), "write", away)
    world.link.incoming = [*[each.delivery() for each in messages], suspect.delivery(redelivered=True)]
    for _ in range(10):
        with pytest.raises(YunhuobanError, match="E-STORE-001"):
            world.pipeline.run_once(0.0)
        seconds += 60.0
    monkeypatch.setattr(type(world.store), "write", real)
    world.pipeline.run_once(0.0)
    assert_once(world, [*messages, suspect])
    assert world.rows(select(tables.dead_letters)) == []


def test_a_damaged_journal_stops_admission_and_sets_nothing_aside(world: World):
    """The head must lead to the signed root; until then every message waits."""
    seconds = 0.0
    world.monotonic = lambda: seconds
    world.pipeline = world.worker()
    world.send(Case(world).application())
    (head,) = world.rows(select(tables.head))
    with world.store.write() as tx:
        tx.execute(update(tables.head).values(frontier=bytes(32)))
    message, suspect = Case(world).application(), Case(world).application()
    world.link.incoming = [suspect.delivery(redelivered=True), message.delivery()]
    for _ in range(6):
        with pytest.raises(YunhuobanError) as caught:
            world.pipeline.run_once(0.0)
        assert caught.value.code is HEAD_DAMAGED
        seconds += 60.0
    with world.store.write() as tx:
        tx.execute(update(tables.head).values(frontier=head.frontier))
    world.pipeline.run_once(0.0)
    assert {message.envelope.id, suspect.envelope.id} <= set(world.delivered(ISSUING))
    assert world.rows(select(tables.dead_letters)) == []


def test_the_embedded_database_waits_for_the_disk(tmp_path: Path):
    """What is committed is on the disk before anybody is told, on every connection."""
    store = open_store(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    with store.read() as one, store.write() as other:
        for tx in (one, other):
            found = [tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
            assert found == ["wal", 2]
    store.close()
