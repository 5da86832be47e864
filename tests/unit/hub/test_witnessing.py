"""Stated checkpoints and countersignatures: only what this journal issued counts, and it costs a batch nothing more."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, update

from hub import worker
from hub.history import witnessing
from hub.history.publishing import MOST_PROOFS, JournalPublisher
from hub.history.witnessing import NOT_ISSUED, Issued
from hub.outflow.delivery import Delivery
from hub.store import tables
from schemas import codec, topology
from schemas.errors import YunhuobanError
from schemas.messages import PUBLISHED
from schemas.tree import verify_consistency
from tests.hub_world import FOREIGN, ISSUING, WINDOW, Case, Message, World, countersigned


def root(world: World, size: int) -> bytes:
    """The root of a checkpoint."""
    table = tables.checkpoints.c
    return bytes(world.rows(select(table.root).where(table.size == size))[0][0])


def verdict(world: World, message: Message) -> str:
    """What became of a message, by its sender's receipt."""
    return world.verdicts(message.envelope.source)[message.envelope.id]


def kept(world: World) -> list[Any]:
    """Every countersignature."""
    return world.rows(select(tables.countersignatures))


def publisher(world: World) -> JournalPublisher:
    """The keeper's."""
    return JournalPublisher(store=world.store, signer=world.network.grants, clock=lambda: world.now)


def published(world: World) -> list[dict[str, Any]]:
    """Every publication that is not replaced yet, and its record."""
    rows = world.rows(select(tables.outgoing).where(tables.outgoing.c.type == PUBLISHED))
    assert all(row.queue == topology.county_inbox(row.destination) for row in rows)
    return [codec.decode(row.body, "CheckpointPublished") for row in rows]


def test_a_countersignature_is_admitted_and_kept(world: World):
    """A leaf like any other message, with a receipt; kept once per county and checkpoint however often it comes."""
    Case(world).up_to("application.accepted")
    for _ in range(2):
        message = countersigned(world, WINDOW, 2, unproven=[1])
        world.send(message)
        assert verdict(world, message) == "admitted"
    (row,) = kept(world)
    assert (row.county, row.size, row.epoch) == (WINDOW, 2, 1)
    ((size, asked),) = world.rows(select(tables.witnesses.c.size, tables.witnesses.c.unproven))
    assert (size, asked) == (0, "1")


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (lambda w: countersigned(w, WINDOW, 2, root=bytes(32)), "E-JRNL-031"),
        (lambda w: countersigned(w, WINDOW, 9), "E-JRNL-031"),
        (lambda w: countersigned(w, WINDOW, 2, epoch=2), "E-JRNL-031"),
        (lambda w: countersigned(w, WINDOW, 2, signer=w.network.counties[ISSUING]), "E-JRNL-032"),
        (lambda w: countersigned(w, WINDOW, 1, size=2, root=root(w, 2)), "E-JRNL-032"),
        (lambda w: countersigned(w, WINDOW, 2, changes={"data": b"x"}), "E-CODEC-007"),
        (lambda w: countersigned(w, WINDOW, 2, changes={"facts": {
            "epoch": 1, "size": 2, "root": root(w, 2), "unproven": [1]}}), "E-JRNL-032"),
        (lambda w: countersigned(w, WINDOW, 2, changes={"destination": ISSUING}), "E-JRNL-030"),
    ],
    ids=["root", "size", "epoch", "signer", "checkpoint", "data", "facts", "destination"],
)  # fmt: skip
def test_what_is_no_countersignature_is_refused(world: World, forge: Callable[[World], Message], code: str):
    """Only the sender's own signature over a checkpoint of this journal; a refusal is journalled as evidence."""
    Case(world).up_to("application.accepted")
    message = forge(world)
    world.send(message)
    assert verdict(world, message) == code
    assert kept(world) == []


@pytest.mark.parametrize("wrong", [{"size": 1}, {"epoch": 2}, {"size": 77}, {"root": bytes(32)}])
def test_a_stated_checkpoint_that_is_not_ours_is_refused(world: World, wrong: dict[str, Any]):
    """Whoever was shown another journal learns it from the first message; what is ours is admitted."""
    Case(world).up_to("application.accepted")
    right = {"epoch": 1, "size": 2, "root": root(world, 2)}
    good, bad = Case(world), Case(world)
    messages = [good.application(checkpoint=right), bad.application(checkpoint=right | wrong)]
    world.send(*messages)
    assert [verdict(world, each) for each in messages] == ["admitted", "E-JRNL-031"]


def test_an_earlier_epoch_may_have_shown_more(world: World):
    """After a restore counties state checkpoints that the journal no longer knows: of the old epoch they pass."""
    Case(world).up_to("application.accepted")
    with world.store.write() as tx:
        tx.execute(update(tables.head).values(epoch=2))
        tx.execute(update(tables.checkpoints).values(epoch=1))
    case = Case(world)
    later, wrong = ({"epoch": epoch, "size": 50, "root": bytes(32)} for epoch in (1, 2))
    issued = Issued()
    with world.store.read() as tx:
        issued.load(tx, [case.application(checkpoint=later).envelope])
    issued.check(later)
    with pytest.raises(YunhuobanError) as caught:
        issued.check(wrong)
    assert caught.value.code is NOT_ISSUED


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """Every SQL statement on checkpoints while the context lasts."""
    said: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM checkpoints" in statement and "IN (" in statement:
            said.append(statement)

    engine = world.store._engine
    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


def test_a_known_checkpoint_costs_no_query(world: World):
    """A worker asks once for a stated checkpoint, not once per message or batch."""
    Case(world).up_to("application.accepted")
    right = {"epoch": 1, "size": 2, "root": root(world, 2)}
    with statements(world) as said:
        for _ in range(3):
            world.send(*[Case(world).application(checkpoint=right) for _ in range(5)])
    assert len(said) == 1


def test_only_who_exchanged_something_is_shown_the_journal(world: World):
    """However many counties are enrolled, those at rest get nothing and cost nothing."""
    Case(world).up_to("application.accepted")
    assert publisher(world).run_once() == 2
    assert {each["county"] for each in published(world)} == {WINDOW, ISSUING}
    assert publisher(world).run_once() == 0
    world.later(seconds=61)
    assert publisher(world).run_once() == 0
    world.send(Case(world, window=FOREIGN).application())
    assert publisher(world).run_once() == 2
    assert {each["county"] for each in published(world) if len(each["proofs"])} >= {FOREIGN, ISSUING}


def test_whatever_a_county_was_given_is_proven(world: World):
    """Each checkpoint of a receipt or of evidence has its proof in the next publication, over many rounds."""
    case = Case(world)
    keeper = publisher(world)
    for write in (case.application, case.acceptance, case.decision, case.license):
        world.send(write())
        world.send(Case(world, window=FOREIGN).application())
        world.later(seconds=61)
        keeper.run_once()
    for record in published(world):
        newest = codec.decode(record["checkpoint"], "Checkpoint")
        for proof in record["proofs"]:
            old = root(world, proof["size"])
            assert verify_consistency(proof["size"], old, newest["size"], newest["root"], proof["path"])
    last = {each["county"]: {proof["size"] for proof in each["proofs"]} for each in published(world)}
    assert {7, 8} <= last[ISSUING]
    assert 7 in last[WINDOW]


def test_more_proofs_than_one_publication_holds(world: World):
    """A county that was given very many checkpoints gets several publications; only the last asks it to countersign."""
    for _ in range(MOST_PROOFS + 5):
        world.send(Case(world).application())
    assert publisher(world).run_once() == 4
    mine = [each for each in published(world) if each["county"] == WINDOW]
    assert sorted(len(each["proofs"]) for each in mine) == [5, MOST_PROOFS]
    assert [each["countersign"] for each in mine].count(True) == 1


def test_what_is_waited_for_comes_first(world: World):
    """What a county was shown last and what it asks for are in the first of several publications."""
    for _ in range(MOST_PROOFS + 5):
        world.send(Case(world).application())
    asked = MOST_PROOFS + 2
    with world.store.write() as tx:
        tx.execute(insert(tables.witnesses).values(county=WINDOW, size=asked - 1, unproven=str(asked)))
    publisher(world).run_once()
    first = next(each for each in published(world) if each["county"] == WINDOW)
    assert [each["size"] for each in first["proofs"]][:3] == [asked - 1, asked, 1]


def test_a_small_memory_forgets_nothing_that_a_batch_needs(world: World, monkeypatch: pytest.MonkeyPatch):
    """However many checkpoints a worker has seen stated, one that a batch states is known while it is judged."""
    monkeypatch.setattr(witnessing, "_REMEMBERED", 2)
    case = Case(world)
    for write in (case.application, case.acceptance, case.decision, case.license):
        world.send(write())
    stated = [{"epoch": 1, "size": size, "root": root(world, size)} for size in (1, 2, 3, 4)]
    envelopes = [Case(world).application(checkpoint=each).envelope for each in stated]
    issued = Issued()
    with world.store.read() as tx:
        issued.load(tx, envelopes[:2])
        issued.load(tx, [envelopes[0], envelopes[2]])
    issued.check(stated[0])
    issued.check(stated[2])


def test_suspended_counties_are_shown_nothing(world: World):
    """A county that is not active gets no publication."""
    Case(world).up_to("application.accepted")
    with world.store.write() as tx:
        tx.execute(update(tables.counties).where(tables.counties.c.division_code == WINDOW).values(state="suspended"))
    assert publisher(world).run_once() == 1


def test_two_keepers_publish_once(world: World):
    """A second keeper that decided at the same moment writes nothing."""
    Case(world).up_to("application.accepted")
    one, two = publisher(world), publisher(world)
    made = two._round

    def meanwhile(*arguments: Any) -> Any:
        one.run_once()
        return made(*arguments)

    two._round = meanwhile  # type: ignore[method-assign]
    assert two.run_once() == 0
    assert world.rows(select(func.count()).select_from(tables.publications)) == [(1,)]
    assert len(published(world)) == 2


def test_what_went_out_is_not_kept(world: World):
    """A publication that was confirmed makes room for the next one; one that was not is still to be sent."""
    Case(world).up_to("application.accepted")
    publisher(world).run_once()
    with world.store.write() as tx:
        tx.execute(update(tables.outgoing).where(tables.outgoing.c.destination == WINDOW).values(done=True))
    world.later(seconds=61)
    world.send(Case(world).application())
    publisher(world).run_once()
    assert sorted(each["county"] for each in published(world)) == sorted([WINDOW, ISSUING, ISSUING])


def test_a_publication_goes_out_at_once(world: World, monkeypatch: pytest.MonkeyPatch):
    """The keeper's turn after the round puts it into the inbox and marks it as done; the next turn sends nothing."""
    monkeypatch.setattr(worker, "now", lambda: world.now)
    Case(world).up_to("application.accepted")
    publisher(world).run_once()
    hub: Any = SimpleNamespace(
        store=world.store, delivery=lambda link: Delivery(link, world.store, confirm_seconds=1.0)
    )
    link: Any = world.link
    for _ in range(2):
        worker._send_published(hub, link, frozenset())
    sent = [each for each in world.link.published if each.type == PUBLISHED]
    assert sorted(each.routing_key for each in sent) == sorted(map(topology.county_inbox, (WINDOW, ISSUING)))
    assert all(each.headers["signatures"] for each in sent)
