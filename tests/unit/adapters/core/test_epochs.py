"""A restored hub's statement at a county: believed only when it fits what was seen, and nothing hides behind it."""

from typing import Any

import pytest
from sqlalchemy import select

from adapters.boxes import evidence
from adapters.journal import epochs
from adapters.store import tables
from certs import signing
from schemas import codec
from schemas.envelope import Envelope, new_id
from schemas.messages import HUB
from schemas.tree import Frontier
from tests.county_begun import begin_at
from tests.county_records import acceptance
from tests.county_world import County, Signer, World


def checkpoint(world: World, *, epoch: int = 1, size: int, root: bytes, log: Signer | None = None) -> tuple[bytes, str]:
    """A checkpoint of the scripted hub."""
    body = codec.encode(
        "Checkpoint", {"origin": "test", "epoch": epoch, "size": size, "root": root, "made_at": world.now}
    )
    log = log or world.network.log
    return body, signing.sign(body, key=log.key, certificate=log.certificate, typ=signing.Typ.CHECKPOINT)


def state(
    world: World, county: County, *, epoch: int = 2, restored: tuple[bytes, str] = (b"", ""), size: int = 0,
    signer: Signer | None = None, **changes: Any,
) -> None:  # fmt: skip
    """The statement arrives and is handled; `changes` forge fields."""
    record = {
        "origin": "test", "epoch": epoch, "revision": 1, "opened_at": world.now, "backed_up_at": world.now,
        "restored_size": size, "restored_checkpoint": restored[0], "restored_signature": restored[1],
        "highest_checkpoint": b"", "highest_signature": "", "settled": False, "set_aside": [],
    } | changes  # fmt: skip
    body = codec.encode("EpochOpened", record)
    signer = signer or world.network.log
    signature = signing.sign(body, key=signer.key, certificate=signer.certificate, typ=signing.Typ.EPOCH)
    county.arrive(body, signature, source=HUB, message_id=new_id(), type_=epochs.KIND)
    county.handle()


def codes(county: County) -> set[str]:
    """What the people of a county were told."""
    return {code for (code,) in county.rows(select(tables.troubles.c.code))}


def reports(county: County) -> list[dict[str, Any]]:
    """The reports that lie in its outbox."""
    bodies = county.rows(select(tables.outbox.c.body).where(tables.outbox.c.type == epochs.REPORT))
    return [codec.decode(Envelope.parse(body).data, "EpochReport") for (body,) in bodies]


def believed(county: County) -> list[tuple[int, int]]:
    """The statements it keeps."""
    return [tuple(row) for row in county.rows(select(tables.epochs.c.epoch, tables.epochs.c.revision))]


def seen(world: World, county: County) -> tuple[bytes, str, int, bytes]:
    """The newest checkpoint the county has of epoch 1: body, signature, size, root."""
    columns = tables.checkpoints.c
    newest = select(tables.checkpoints).where(columns.epoch == 1).order_by(columns.size.desc()).limit(1)
    (row,) = county.rows(newest)
    return row.body, row.signature, row.size, row.root


def test_receipts_beyond_the_restored_size_go_back_and_only_those(world: World):
    """One statement, one report: what the restored journal holds is not repeated, the highest checkpoint is shown."""
    begin_at(world, "application.submitted")
    first = seen(world, world.window)
    world.up_to("application.submitted", "WQ2")
    last = seen(world, world.window)
    assert last[2] > first[2]
    state(world, world.window, restored=first[:2], size=first[2])
    (report,) = reports(world.window)
    back = [codec.decode(each["receipt"], "AdmissionReceipt")["entries"][0] for each in report["receipts"]]
    assert back
    assert all(each["leaf_index"] >= first[2] for each in back)
    assert (report["checkpoint"], report["checkpoint_signature"]) == last[:2]
    assert (report["part"], report["parts"]) == (0, 1)
    state(world, world.window, restored=first[:2], size=first[2])
    assert len(reports(world.window)) == 1
    assert codes(world.window) == {"E-JRNL-050"}


def test_offers_wait_until_the_report_is_journalled(world: World):
    """The hub must know the receipts before the messages that they prove."""
    begin_at(world, "application.submitted")
    state(world, world.window)
    offered = select(tables.outbox.c.message_id).where(tables.outbox.c.offer_epoch.is_not(None))
    (message_id,) = world.window.rows(offered)[0]
    assert message_id not in {row.message_id for row in world.window.due()}
    world.carry(world.window)
    world.window.handle()
    world.window.handle()
    assert message_id in {row.message_id for row in world.window.due()}


def test_a_restored_checkpoint_that_was_never_seen_so_is_a_fork(world: World):
    """Same epoch and size, another root: the alarm, and nothing is done for such a hub."""
    begin_at(world, "application.submitted")
    _, _, size, _ = seen(world, world.window)
    state(world, world.window, restored=checkpoint(world, size=size, root=b"x" * 32), size=size)
    assert codes(world.window) == {"E-JRNL-053"}
    assert believed(world.window) == []
    assert reports(world.window) == []


@pytest.mark.parametrize("size", [0, 3])
def test_a_statement_must_agree_with_its_checkpoint(world: World, size: int):
    """A size without its checkpoint, or with the checkpoint of another size, is refused."""
    restored = checkpoint(world, size=2, root=Frontier().append(b"a" * 32).root()) if size == 0 else (b"", "")
    state(world, world.window, restored=restored, size=size)
    assert codes(world.window) == {"E-JRNL-053"}
    assert believed(world.window) == []


def test_an_epoch_never_goes_back_and_is_said_once(world: World):
    """An older epoch, or another statement of the same revision, is refused; a newer revision is kept."""
    state(world, world.window, epoch=5)
    state(world, world.window, epoch=4)
    assert codes(world.window) == {"E-JRNL-050", "E-JRNL-051"}
    assert believed(world.window) == [(5, 1)]
    world.later(seconds=1)
    state(world, world.window, epoch=5)  # another time: other bytes
    assert believed(world.window) == [(5, 1)]
    state(world, world.window, epoch=5, revision=2, settled=True)
    assert believed(world.window) == [(5, 1), (5, 2)]
    assert len(reports(world.window)) == 1


def test_an_epoch_below_a_checkpoint_that_was_seen_is_refused(world: World):
    """The epoch that receipts already showed cannot be opened again."""
    begin_at(world, "application.submitted")
    state(world, world.window, epoch=1)
    assert codes(world.window) == {"E-JRNL-051"}


def test_only_the_log_key_opens_an_epoch(world: World):
    """The hub's other key may not, a county's may not; both are refused."""
    state(world, world.window, signer=world.network.grants)
    assert believed(world.window) == []
    identity = world.issuing.identity
    county = Signer(key=identity.signing_key, certificate=identity.signing_certificate)
    state(world, world.window, signer=county, epoch=3)
    assert believed(world.window) == []


def test_a_checkpoint_of_an_unknown_epoch_counts_once_its_statement_came(world: World):
    """A hub that changes its epoch in silence settles nothing; with the statement everything goes on by itself."""
    begin_at(world, "application.submitted")
    view, identity = world.window.view(), world.window.identity
    body, signature = checkpoint(world, epoch=2, size=9, root=b"r" * 32)
    later = evidence.open_checkpoint({"checkpoint": body, "checkpoint_signature": signature}, view)
    with world.window.store.read() as tx, pytest.raises(Exception, match="E-JRNL-052"):
        epochs.demand_known(tx, later)
    first = seen(world, world.window)
    state(world, world.window, restored=first[:2], size=first[2])
    with world.window.store.read() as tx:
        epochs.demand_known(tx, later)
    assert identity.division_code
    assert seen(world, world.window) == first  # the closed epoch's checkpoint stays as evidence


def published(world: World, county: County, *, epoch: int) -> str:
    """A publication of the hub under this epoch arrives and is handled; its message id."""
    body, signature = checkpoint(world, epoch=epoch, size=9, root=b"r" * 32)
    record = {
        "county": county.code, "checkpoint": body, "checkpoint_signature": signature, "countersign": False,
        "proofs": [], "countersignatures": [], "published_at": world.now,
    }  # fmt: skip
    said, message_id, signer = codec.encode("CheckpointPublished", record), new_id(), world.network.grants
    signature = signing.sign(said, key=signer.key, certificate=signer.certificate, typ=signing.Typ.PUBLICATION)
    county.arrive(said, signature, source=HUB, message_id=message_id, type_="checkpoint.published")
    county.handle()
    return message_id


def test_a_publication_that_overtakes_the_statement_waits_for_it(world: World):
    """In the restore drill it did, the statement was refused as old, and no county ever reported."""
    begin_at(world, "application.submitted")
    first = seen(world, world.window)
    message_id = published(world, world.window, epoch=2)
    mine = select(tables.inbox.c.state).where(tables.inbox.c.message_id == message_id)
    assert world.window.rows(mine) == [("new",)]
    state(world, world.window, restored=first[:2], size=first[2])
    assert believed(world.window) == [(2, 1)]
    assert len(reports(world.window)) == 1
    world.window.handle()
    assert world.window.rows(mine) == [("applied",)]
    assert codes(world.window) == {epochs.RESTORED.code}


def test_a_message_under_a_new_epoch_waits_for_the_statement(world: World):
    """What the restored hub admitted counts at its destination once the new epoch is known there."""
    begin_at(world, "application.submitted")
    first = seen(world, world.issuing)
    world.issuing.source.add("application.accepted", world.case_no(), acceptance())
    world.issuing.read()
    world.hub.epoch = 2
    world.carry(world.issuing)
    world.window.handle()
    accepted = select(tables.inbox.c.state).where(tables.inbox.c.type == "application.accepted")
    assert world.window.rows(accepted) == [("new",)]
    state(world, world.window, restored=first[:2], size=first[2])
    assert believed(world.window) == [(2, 1)]
    world.window.handle()
    assert world.window.rows(accepted) == [("applied",)]


def test_a_new_county_begins_with_whatever_epoch_there_is(world: World):
    """It has seen nothing that could be contradicted."""
    body, signature = checkpoint(world, epoch=7, size=9, root=b"r" * 32)
    found = evidence.open_checkpoint({"checkpoint": body, "checkpoint_signature": signature}, world.foreign.view())
    with world.foreign.store.read() as tx:
        epochs.demand_known(tx, found)
