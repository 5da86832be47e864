"""Receipts: only one that proves the hub's verdict on our bytes and our signature settles anything."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from adapters.boxes.evidence import NOT_PROVEN, UNKNOWN_LOG
from adapters.journal.forkalarm import FORKED
from adapters.store import tables
from certs import signing
from certs.chain import ROLE_WRONG
from certs.profiles import Role
from schemas import codec
from schemas.tree import Frontier
from tests.county_begun import begin_at
from tests.county_records import application, refusal
from tests.county_world import World, issue


@pytest.fixture
def row(world: World) -> Any:
    """One application, sent and not yet settled."""
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.read()
    (found,) = world.window.due()
    return found


def state(world: World) -> tuple[str, list[str]]:
    """The outbox row's state, and the codes of what a person was told."""
    ((now,),) = world.window.rows(select(tables.outbox.c.state))
    return now, [code for (code,) in world.window.rows(select(tables.troubles.c.code))]


def receipt(world: World, row: Any, **changes: Any) -> bytes:
    """A good receipt, unless changed."""
    values: dict[str, Any] = {"at": world.now, "message_id": row.message_id}
    return world.hub.receipt(row.body, row.signature, **(values | changes))


def take(world: World, body: bytes) -> None:
    """It arrives and is handled."""
    world.window.arrive_receipt(body)
    world.window.handle()


def test_a_good_receipt_settles(world: World, row: Any) -> None:
    """Admitted, with the time of the journal and the receipt kept; the checkpoint goes into the next envelope."""
    take(world, receipt(world, row))
    assert state(world) == ("admitted", [])
    ((size,),) = world.window.rows(select(tables.checkpoints.c.size))
    assert size == 1


def _reproof(data: bytes, **changes: Any) -> bytes:
    record = codec.decode(data, "AdmissionReceipt")
    record["entries"][0] |= changes
    return codec.encode("AdmissionReceipt", record)


@pytest.mark.parametrize(
    "forgery", ["proof", "index", "time", "thumbprint", "verdict", "other bytes", "other signature", "renamed"]
)
def test_a_forged_receipt_settles_nothing(world: World, row: Any, forgery: str) -> None:
    """Another place, time, signer, verdict, body or signature than the journal holds: not settled, and noted."""
    earlier = receipt(
        world, row, message_id="x" * 36, at=world.now - timedelta(seconds=1)
    )  # so that proofs are not empty
    good = receipt(world, row)
    other = signing.sign(
        row.body, key=world.window.identity.signing_key, certificate=world.window.identity.signing_certificate,
        typ=signing.Typ.ENVELOPE,
    )  # fmt: skip
    forged = {
        "proof": lambda: _reproof(good, proof=[bytes(32)]),
        "index": lambda: _reproof(good, leaf_index=0),
        "time": lambda: _reproof(good, admitted_at=world.now + timedelta(seconds=1)),
        "thumbprint": lambda: _reproof(good, signer_thumbprint=bytes(32)),
        "verdict": lambda: _reproof(
            good, verdict="E-ADM-102", refusal=codec.encode("Refusal", refusal(row.message_id))
        ),
        "other bytes": lambda: world.hub.receipt(b"other", row.signature, at=world.now, message_id=row.message_id),
        "other signature": lambda: world.hub.receipt(row.body, other, at=world.now, message_id=row.message_id),
        "renamed": lambda: _reproof(earlier, message_id=row.message_id, envelope_sha256=bytes(32)),
    }[forgery]()
    take(world, forged)
    assert state(world) == ("waiting", [NOT_PROVEN.code])
    take(world, good)
    assert state(world)[0] == "admitted"


@pytest.mark.parametrize("signer", ["hub_signing", "foreign", "unlisted"])
def test_only_a_checkpoint_certificate_of_the_directory_counts(world: World, row: Any, signer: str) -> None:
    """The hub's signing certificate, a county's, or a checkpoint certificate not in the directory settle nothing."""
    log = {
        "hub_signing": world.network.grants,
        "foreign": None,
        "unlisted": issue(world.network.transport, Role.HUB_CHECKPOINT, "hub"),
    }[signer]
    if log is None:
        log = issue(world.network.transport, Role.COUNTY_SIGNING, "340321")
    take(world, receipt(world, row, log=log))
    expected = [ROLE_WRONG.code] if signer == "hub_signing" else []  # the others may be news of a directory to come
    assert state(world) == ("waiting", expected)
    if signer != "hub_signing":
        world.later(days=2)
        world.window.handle()
        assert state(world) == ("waiting", [UNKNOWN_LOG.code])


def test_a_refusal_is_told_to_people_and_to_the_local_system(world: World, row: Any) -> None:
    """Proven by the journal, with the hub's own words."""
    take(world, receipt(world, row, refusal=refusal(row.message_id)))
    assert state(world) == ("refused", ["E-ADM-102"])
    world.window.write()
    assert [kind for kind, _ in world.window.sink.rows] == ["message.refused"]
    ((sentence, remedy),) = world.window.rows(select(tables.troubles.c.sentence, tables.troubles.c.remedy))
    assert (sentence, remedy) == ("不行。", "请改。")


def test_a_tampered_refusal_text_is_not_believed(world: World, row: Any) -> None:
    """The journal binds the refusal's text; a changed remedy proves nothing."""
    good = receipt(world, row, refusal=refusal(row.message_id))
    changed = codec.encode("Refusal", refusal(row.message_id) | {"remedy_zh": "请汇款。"})
    take(world, _reproof(good, refusal=changed))
    assert state(world) == ("waiting", [NOT_PROVEN.code])
    assert world.window.rows(select(tables.local_writes)) == []


def test_a_refusal_of_another_message_is_not_ours(world: World, row: Any) -> None:
    """Even one that the journal holds for these bytes, when its text is about another message or code."""
    take(world, receipt(world, row, refusal=refusal("0" * 36)))
    assert state(world) == ("waiting", [NOT_PROVEN.code])


def test_good_entries_count_beside_a_bad_one(world: World, row: Any) -> None:
    """One entry that proves nothing costs the others nothing."""
    world.window.source.add("application.submitted", "WQ2", application())
    world.window.read()
    second = next(each for each in world.window.due() if each.message_id != row.message_id)
    record = codec.decode(receipt(world, second), "AdmissionReceipt")
    bad = record["entries"][0] | {"message_id": row.message_id, "envelope_sha256": row.envelope_sha256}
    take(world, codec.encode("AdmissionReceipt", {**record, "entries": [bad, record["entries"][0]]}))
    states = dict(world.window.rows(select(tables.outbox.c.message_id, tables.outbox.c.state)))
    assert states == {row.message_id: "waiting", second.message_id: "admitted"}


def test_a_receipt_again_changes_nothing(world: World, row: Any) -> None:
    """Delivered twice, and again under another name."""
    body = receipt(world, row)
    for _ in range(3):
        take(world, body)
    assert state(world) == ("admitted", [])


def test_two_faces_of_the_journal_are_an_alarm(world: World, row: Any) -> None:
    """Same epoch and size, other root: the receipt counts for nothing and a person is told."""
    take(world, world.hub.receipt(b"x", row.signature, at=world.now, message_id="x"))
    world.hub.frontier = Frontier()
    take(world, receipt(world, row))
    assert state(world) == ("waiting", [FORKED.code])


def test_a_directory_that_comes_later_lets_the_receipt_count(world: World, row: Any) -> None:
    """A receipt under a new log certificate waits for the directory that brings it, and then goes on by itself."""
    log = issue(world.network.transport, Role.HUB_CHECKPOINT, "hub")
    take(world, receipt(world, row, log=log))
    from certs import keys

    hub = [keys.der(each) for each in (log.certificate, world.network.grants.certificate)]
    world.window.arrive_directory(*world.hub.directory(now=world.now, hub_certificates=hub))
    world.window.handle()
    world.window.handle()
    assert state(world) == ("admitted", [])


def test_a_notice_is_finished_by_its_admission(world: World) -> None:
    """Words about other messages are not signed for; the hub's receipt ends them."""
    begin_at(world, "application.submitted")
    rows = world.issuing.rows(select(tables.outbox.c.type, tables.outbox.c.state))
    assert rows == [("message.received", "received")]


def test_received_counts_only_for_our_bytes(world: World, row: Any) -> None:
    """The destination's word about other bytes under our id settles nothing."""
    from tests.unit.adapters.core.test_opening import word

    take(world, receipt(world, row))
    word(world, row, envelope_sha256=hashlib.sha256(b"other").digest())
    world.window.handle()
    assert state(world)[0] == "admitted"
    word(world, row, envelope_sha256=row.envelope_sha256)
    world.window.handle()
    assert state(world)[0] == "received"
