"""The next batch is handled while the last one's confirms are still to come; nothing is let go before its own."""

from collections.abc import Sequence

import pytest

from hub.broker import Outcome, Outgoing
from hub.broker.messages import Batch
from hub.outflow.delivery import held_counties as held_now
from schemas import topology
from tests.hub_world import FOREIGN, ISSUING, WINDOW, Case, ScriptedLink, World


class SlowLink(ScriptedLink):
    """Publishes whose confirms come when the test says so."""

    def __init__(self) -> None:
        """Nothing is on its way."""
        super().__init__()
        self.on_their_way: list[Batch] = []

    def start_publishing(self, outgoings: Sequence[Outgoing]) -> Batch:
        """Publish without a confirm."""
        self.on_their_way.append(Batch(outgoings))
        return self.on_their_way[-1]

    def confirm(self, *, but: str = "") -> None:
        """Confirm everything except what goes to one queue."""
        for batch in self.on_their_way:
            for at, each in enumerate(batch.outgoings):
                if each.routing_key != but:
                    batch.settle(at, Outcome.CONFIRMED)


@pytest.fixture
def slow(world: World) -> SlowLink:
    """The worker's link, with late confirms."""
    link = SlowLink()
    world.link = link
    world.pipeline = world.worker(link)
    return link


def test_the_next_batch_does_not_wait_for_confirms(world: World, slow: SlowLink):
    """Two batches are committed and published before the first confirm; both are acknowledged after it, not before."""
    first, second = Case(world).application(), Case(world).application()
    world.send(first)
    world.send(second)
    assert [len(batch.outgoings) for batch in slow.on_their_way] == [2, 2]
    assert slow.acked == []
    assert sorted(world.undone()) == sorted([first.envelope.id, second.envelope.id])
    slow.confirm()
    world.pipeline.run_once(0.0)
    assert [each.message_id for each in slow.acked] == [first.envelope.id, second.envelope.id]
    world.pipeline.run_once(0.0)
    assert world.undone() == []


def test_one_slow_destination_keeps_nobody_elses_messages(world: World, slow: SlowLink):
    """In the same batch: the others are acknowledged as their own confirms come."""
    stuck, other = Case(world).application(), Case(world, window=FOREIGN, issuing=WINDOW).application()
    world.send(stuck, other)
    world.send(Case(world).application())
    slow.confirm(but=topology.county_inbox(ISSUING))
    world.pipeline.run_once(0.0)
    assert [each.message_id for each in slow.acked] == [other.envelope.id]
    slow.confirm()
    world.pipeline.run_once(0.0)
    assert len(slow.acked) == 3


def test_too_much_on_its_way_is_waited_for(world: World, slow: SlowLink):
    """A broker that confirms nothing stops the worker after a few batches; nothing is acknowledged."""
    worker = world.worker(slow, batch_messages=1)
    slow.incoming = [Case(world).application().delivery() for _ in range(6)]
    while slow.incoming:
        worker.run_once(0.0)
    assert slow.acked == []
    with world.store.read() as tx:
        assert held_now(tx) == {ISSUING, WINDOW}


def test_flush_sees_every_batch_to_its_end(world: World, slow: SlowLink):
    """Before a worker stops: what was confirmed is acknowledged and marked."""
    world.send(Case(world).application())
    slow.confirm()
    world.pipeline.flush()
    assert len(slow.acked) == 1
    assert world.undone() == []
