"""Dead letters: kept once, replayed with everything their county needs, discarded with a reason."""

from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from hub import worker
from hub.broker import Delivery as Incoming
from hub.broker import Outcome
from hub.commands import dead as commands
from hub.outflow import deadletters
from hub.store import STORE_FAILED, Store, tables
from schemas import topology
from schemas.errors import YunhuobanError
from tests.hub_world import ISSUING, WINDOW, Case, World


@pytest.fixture
def dead(world: World) -> Incoming:
    """A message that its destination rejected, as it comes out of the broker's dead letters."""
    message = Case(world).application()
    world.send(message)
    (out,) = [each for each in world.link.published if each.type == "application.submitted"]
    death = {"queue": topology.county_inbox(ISSUING), "reason": "rejected", "count": 1}
    return replace(
        message.delivery(),
        queue=topology.DEAD_LETTERS,
        user_id=None,
        headers={**out.headers, "x-death": [death], "x-first-death-queue": "x"},
    )


def test_a_replay_sends_what_died_with_signature_and_evidence(world: World, dead: Incoming):
    """To the queue where it died, under its id: the destination can verify it as it could the first time."""
    with world.store.write() as tx:
        number = deadletters.keep_from_broker(tx, dead, world.now)
        assert deadletters.keep_from_broker(tx, dead, world.now) == number
    (row,) = world.rows(select(tables.dead_letters))
    assert (row.queue, row.source, row.reason) == (topology.county_inbox(ISSUING), WINDOW, "rejected")
    with world.store.write() as tx:
        out = deadletters.replay(tx, number, reason="the county has repaired its inbox", now=world.now)
    (first,) = [each for each in world.link.published if each.type == "application.submitted"]
    assert (out.exchange, out.routing_key) == ("", first.routing_key)
    assert (out.body, out.message_id, out.type, dict(out.headers)) == (
        first.body, first.message_id, first.type, dict(first.headers),
    )  # fmt: skip


def test_what_had_no_route_is_kept_with_the_queue_that_was_not_there(world: World, dead: Incoming):
    """Somebody has deleted a county's inbox: once it is there again, a replay leads to it. Anything else stays put."""
    inbox = topology.county_inbox(ISSUING)
    lost = replace(
        dead, queue=topology.UNROUTED_QUEUE, exchange=topology.COUNTY, routing_key=inbox, headers=dict(dead.headers)
    )
    del lost.headers["x-death"]  # type: ignore[attr-defined]
    with world.store.write() as tx:
        number = deadletters.keep_from_broker(tx, lost, world.now)
        (row,) = tx.execute(select(tables.dead_letters)).all()
        assert (row.queue, row.source, row.reason) == (inbox, WINDOW, "unrouted")
        assert deadletters.replay(tx, number, reason="it is there again", now=world.now).routing_key == inbox
        other = replace(lost, exchange=topology.SUBMIT, routing_key="from.nowhere")
        deadletters.keep_from_broker(tx, other, world.now)
        assert {each.queue for each in tx.execute(select(tables.dead_letters))} == {inbox, topology.UNROUTED_QUEUE}


def test_what_dies_again_waits_again(world: World, dead: Incoming):
    """A replay that did not help is not lost."""
    with world.store.write() as tx:
        number = deadletters.keep_from_broker(tx, dead, world.now)
        deadletters.replay(tx, number, reason="once", now=world.now)
        assert deadletters.waiting(tx) == []
        deadletters.keep_from_broker(tx, dead, world.now)
        assert [row.id for row in deadletters.waiting(tx)] == [number]


def test_a_reason_is_needed_and_each_is_settled_once(world: World, dead: Incoming):
    """E-ADM-092 without a reason, E-ADM-091 the second time."""
    with world.store.write() as tx:
        number = deadletters.keep_from_broker(tx, dead, world.now)
        with pytest.raises(YunhuobanError, match="E-ADM-092"):
            deadletters.discard(tx, number, reason=" ", now=world.now)
        deadletters.discard(tx, number, reason="withdrawn", now=world.now)
        with pytest.raises(YunhuobanError, match="E-ADM-091"):
            deadletters.replay(tx, number, reason="x", now=world.now)


def test_a_replay_that_no_queue_takes_leaves_the_letter(world: World, dead: Incoming, monkeypatch: pytest.MonkeyPatch):
    """`hub dead replay` says that the queue did not take it, and the letter waits as before."""
    with world.store.write() as tx:
        number = deadletters.keep_from_broker(tx, dead, world.now)
    world.link.outcome = lambda _: Outcome.NACKED
    hub = SimpleNamespace(store=world.store, link=lambda: nullcontext(world.link))
    monkeypatch.setattr(commands, "opened", lambda _folder: nullcontext(hub))
    with pytest.raises(YunhuobanError, match="E-BROKER-051"):
        commands.replay(number, "repaired")
    with world.store.read() as tx:
        assert [row.id for row in deadletters.waiting(tx)] == [number]


def test_the_hubs_own_words_may_die_too(world: World, dead: Incoming):
    """A receipt that a county rejected is kept, with the hub as its source."""
    with world.store.write() as tx:
        deadletters.keep_from_broker(tx, replace(dead, body=b"receipt", headers={"x-death": "odd"}), world.now)
    (row,) = world.rows(select(tables.dead_letters))
    assert (row.source, row.queue, row.reason) == ("hub", topology.DEAD_LETTERS, "unknown")


def test_a_store_that_is_away_costs_no_dead_letter(world: World, dead: Incoming, monkeypatch: pytest.MonkeyPatch):
    """What the keeper has taken and cannot write goes back, and is kept as soon as the store is there again."""
    real = Store.write

    def away(_: object) -> None:
        raise YunhuobanError(STORE_FAILED)

    hub: Any = SimpleNamespace(store=world.store)
    world.link.incoming = [dead]
    monkeypatch.setattr(Store, "write", away)
    with pytest.raises(YunhuobanError, match="E-STORE-001"):
        worker._collect_dead(hub, world.link)  # type: ignore[arg-type]
    monkeypatch.setattr(Store, "write", real)
    worker._collect_dead(hub, world.link)  # type: ignore[arg-type]
    assert [row.message_id for row in world.rows(select(tables.dead_letters))] == [dead.message_id]
    assert len(world.link.acked) == 2  # the application itself, and its dead letter


def test_a_property_with_a_nul_is_kept(world: World, dead: Incoming):
    """PostgreSQL has no NUL in text: a sender's property must not stop the keeper, or the worker that met poison."""
    with world.store.write() as tx:
        deadletters.keep_poison(tx, replace(dead, message_id="\0" * 80, user_id="\0"), world.now)
    (row,) = world.rows(select(tables.dead_letters))
    assert row.message_id == "\N{REPLACEMENT CHARACTER}" * 64
