"""The journal: every receipt verifies against its signed checkpoint, from the bytes alone; one tree for all."""

import random
import threading

import pytest
from sqlalchemy import delete, select, update

from certs import signing
from hub.history import journal
from hub.store import tables
from schemas import codec
from schemas.errors import YunhuobanError
from schemas.tree import verify_consistency, verify_inclusion
from tests.hub_world import FOREIGN, ISSUING, WINDOW, Case, Message, ScriptedLink, World, proves


def checkpoints(world: World) -> list[dict[str, object]]:
    """Every checkpoint's record, oldest first, its signature checked."""
    found = []
    for row in world.rows(select(tables.checkpoints).order_by(tables.checkpoints.c.size)):
        certificate = world.network.log.certificate
        signing.verify(row.signature, row.body, certificate=certificate, typ=signing.Typ.CHECKPOINT)
        found.append(codec.decode(row.body, "Checkpoint"))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_receipts_of_random_batches_all_verify(world: World, seed: int):
    """Admissions and refusals, any batch size: each receipt proves its verdict on exactly the sender's bytes."""
    chance = random.Random(seed)
    sent: dict[str, Message] = {}
    for _ in range(6):
        batch = []
        for _ in range(chance.randint(1, 30)):
            case = Case(world, window=chance.choice([WINDOW, FOREIGN]), issuing=ISSUING)
            message = case.application() if chance.random() < 0.7 else case.hand_over()
            batch.append(message)
            sent[message.envelope.id] = message
        world.send(*batch)
    entries = world.receipts(WINDOW) + world.receipts(FOREIGN)
    assert {e["message_id"] for e in entries} == set(sent)
    for entry in entries:
        message = sent[entry["message_id"]]
        assert proves(entry, message.body, message.signature)
        assert not proves(entry, message.body + b"x", message.signature)
        assert not proves(entry, message.body, message.signature[:-1])
        assert not proves(entry | {"verdict": "E-ADM-999", "refusal": b"x"}, message.body, message.signature)


def test_the_destinations_evidence_is_a_receipt_of_that_message_alone(world: World):
    """What comes with a message proves its admission to a destination that knows nothing else."""
    messages = [Case(world).application() for _ in range(5)]
    world.send(*messages)
    for out, message in zip(
        [each for each in world.link.published if each.type == "application.submitted"], messages, strict=True
    ):
        evidence = codec.decode(out.headers["evidence"], "AdmissionReceipt")
        (entry,) = evidence["entries"]
        assert proves(
            entry | {"checkpoint": codec.decode(evidence["checkpoint"], "Checkpoint")}, out.body, message.signature
        )
        assert out.headers["signatures"] == [message.signature]
        assert out.body == message.body


@pytest.mark.both_stores
def test_any_leaf_and_any_two_checkpoints_can_be_proved_later(world: World):
    """Inclusion of every leaf in every later checkpoint, consistency of every two of them."""
    chance = random.Random(7)
    for _ in range(8):
        world.send(*[Case(world).hand_over() for _ in range(chance.randint(1, 9))])
    signed = checkpoints(world)
    leaves = world.rows(select(tables.journal).order_by(tables.journal.c.leaf_index))
    with world.store.read() as tx:
        for point in signed:
            for row in leaves[: point["size"]]:
                leaf = journal.leaf_of(row)
                assert leaf.hash() == row.leaf_hash
                proof = journal.prove(tx, row.leaf_index, point["size"])
                assert verify_inclusion(leaf.hash(), row.leaf_index, point["size"], proof, point["root"])
        for old in signed:
            for new in signed[signed.index(old) :]:
                proof = journal.prove_consistency(tx, old["size"], new["size"])
                assert verify_consistency(old["size"], old["root"], new["size"], new["root"], proof)
        newest = journal.newest(tx)
    assert newest is not None
    assert newest.size == len(leaves)


@pytest.mark.parametrize(
    "damage", [{"frontier": b""}, {"frontier": bytes(33)}, {"size": 2}, {"size": 10**9}, {"epoch": 2}]
)
def test_a_damaged_head_is_said_so_and_nothing_is_appended(world: World, damage: dict[str, object]):
    """E-JRNL-001, whatever is wrong with the one row that every batch builds on."""
    world.send(*[Case(world).hand_over() for _ in range(3)])
    with world.store.write() as tx:
        tx.execute(update(tables.head).values(**damage))
    with pytest.raises(YunhuobanError, match="E-JRNL-001"):
        world.send(Case(world).hand_over())
    assert len(world.rows(select(tables.journal))) == 3


def test_a_missing_head_over_a_journal_is_damage_not_a_beginning(world: World):
    """A journal never begins a second time by itself."""
    world.send(Case(world).hand_over())
    with world.store.write() as tx:
        tx.execute(delete(tables.head))
    with pytest.raises(YunhuobanError, match="E-JRNL-001"):
        world.send(Case(world).hand_over())


def test_what_cannot_be_proved_is_said_so(world: World):
    """E-JRNL-002 for a leaf that is not there, a size that is not there, a node that was lost."""
    world.send(*[Case(world).hand_over() for _ in range(4)])
    with world.store.write() as tx:
        tx.execute(delete(tables.tree_nodes).where(tables.tree_nodes.c.level == 1))
    with world.store.read() as tx:
        for index, size in ((4, 4), (0, 5), (-1, 4), (0, 4)):
            with pytest.raises(YunhuobanError, match="E-JRNL-002"):
                journal.prove(tx, index, size)
        for old, new in ((3, 2), (1, 9)):
            with pytest.raises(YunhuobanError, match="E-JRNL-002"):
                journal.prove_consistency(tx, old, new)


@pytest.mark.both_stores
def test_several_workers_on_one_store_keep_one_tree(world: World):
    """Four threads, one SQLite file: every leaf once, every checkpoint consistent with every other."""
    ladders = [[Case(world) for _ in range(12)] for _ in range(4)]
    written = [[[case.application(), case.acceptance(), case.decision()] for case in some] for some in ladders]
    errors: list[BaseException] = []

    def work(batches: list[list[Message]]) -> None:
        link = ScriptedLink()
        worker = world.worker(link)
        try:
            for batch in batches:
                link.incoming += [each.delivery() for each in batch]
                worker.run_once(0.0)
            worker.flush()
        except BaseException as error:  # noqa: BLE001 -- shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(each,)) for each in written]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    leaves = world.rows(select(tables.journal).order_by(tables.journal.c.leaf_index))
    assert [row.leaf_index for row in leaves] == list(range(4 * 12 * 3))
    assert {row.verdict for row in leaves} == {"admitted"}
    points = checkpoints(world)
    with world.store.read() as tx:
        for old in points:
            proof = journal.prove_consistency(tx, old["size"], points[-1]["size"])
            assert verify_consistency(old["size"], old["root"], points[-1]["size"], points[-1]["root"], proof)
        for row in leaves:
            proof = journal.prove(tx, row.leaf_index, len(leaves))
            assert verify_inclusion(row.leaf_hash, row.leaf_index, len(leaves), proof, points[-1]["root"])
