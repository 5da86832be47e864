"""What counties give back to a restored hub is believed only as far as this hub's own signatures prove it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from certs import keys, signing
from certs.profiles import Role
from hub.history import epochs
from hub.history.ownwords import OwnWords
from hub.instants import from_millis
from hub.intake import refusals
from hub.registry import directory, trust
from hub.store import tables
from schemas import codec, shapes
from schemas.envelope import Envelope, new_id
from schemas.messages import HUB
from tests.hub_world import FOREIGN, ISSUING, START, WINDOW, Case, Message, Network, World, sign

EMPTY: dict[str, Any] = {"checkpoint": b"", "checkpoint_signature": "", "receipts": [], "grants": []}


@pytest.fixture
def restored(world: World) -> World:
    """A hub restored to the moment before it admitted anything; what it said before comes from `before`."""
    reopen(world)
    return world


@pytest.fixture
def before(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The same hub as it was, with one case up to the grant."""
    made = World.make(network, tmp_path_factory.mktemp("before"))
    yield made
    made.store.close()


def reopen(world: World) -> int:
    """What `hub restore` does to a store."""
    with world.store.write() as tx:
        return epochs.open_after_restore(tx, log=world.network.log, backed_up_at=START, now=world.now)


def report(world: World, county: str = WINDOW, **changes: Any) -> Message:
    """A county's report on the newest epoch."""
    with world.store.read() as tx:
        statement = epochs.newest(tx)
    record = {"epoch": statement.epoch if statement else 2, "part": 0, "parts": 1} | EMPTY | changes
    data = codec.encode("EpochReport", record)
    envelope = Envelope(
        id=new_id(), source=county, destination=HUB, type="epoch.reported", case_no="", service_item="",
        time=world.now, expires=world.now + timedelta(days=20), trial=False,
        dataschema=shapes.dataschema("EpochReport"), encrypted_for=None,
        data_commitment=hashlib.sha256(data).digest(), data=data,
    )  # fmt: skip
    return sign(envelope, world.network.counties[county])


def receipt(before: World, message: Message, **changes: Any) -> dict[str, Any]:
    """The receipt of a message as its sender keeps it; `changes` forge its entry."""
    rows = before.rows(select(tables.messages).where(tables.messages.c.message_id == message.envelope.id))
    body = codec.decode(rows[0].evidence, "AdmissionReceipt")
    body["entries"] = [body["entries"][0] | changes]
    return {"receipt": codec.encode("AdmissionReceipt", body), "signature": message.signature}


def verdict(world: World, message: Message) -> str:
    """What the hub said of a message."""
    return world.verdicts(message.envelope.source)[message.envelope.id]


def states(world: World) -> Mapping[str, str]:
    """Who has reported."""
    rows = world.rows(select(tables.restore_counties.c.county, tables.restore_counties.c.state))
    return {row.county: row.state for row in rows}


def test_a_proven_admission_stands_with_its_first_time(restored: World, before: World):
    """Days later, when the message itself has expired: the same leaf as then, and the case is there."""
    message = Case(before).application(expires=START + timedelta(days=2))
    before.send(message)
    (old,) = before.rows(select(tables.journal.c.leaf_hash))
    given = receipt(before, message)
    restored.send(report(restored, receipts=[given]))
    restored.later(days=13)
    restored.send(message)
    assert verdict(restored, message) == "admitted"
    leaves = restored.rows(select(tables.journal.c.leaf_hash).where(tables.journal.c.source != HUB))
    assert old in leaves
    (row,) = restored.rows(select(tables.messages).where(tables.messages.c.message_id == message.envelope.id))
    assert from_millis(row.admitted_at) == START


FORGED = [
    {"verdict": "E-ADM-001", "refusal": b"x"},
    {"admitted_at": START + timedelta(hours=1)},
    {"leaf_index": 1},
    {"envelope_sha256": bytes(32)},
    {"signer_thumbprint": bytes(32)},
    {"proof": [bytes(32)]},
]


@pytest.mark.parametrize("changes", FORGED, ids=[next(iter(each)) for each in FORGED])
def test_a_forged_receipt_proves_nothing(restored: World, before: World, changes: dict[str, Any]):
    """One field changed: the whole report is refused, and the county stays awaited."""
    message = Case(before).application()
    before.send(message)
    bad = report(restored, receipts=[receipt(before, message, **changes)])
    restored.send(bad)
    assert verdict(restored, bad) == "E-JRNL-054"
    assert restored.rows(select(tables.recovered)) == []
    assert states(restored)[WINDOW] == "awaited"


def test_a_receipt_signed_by_another_is_refused(restored: World, before: World):
    """A checkpoint that a county signed itself."""
    message = Case(before).application()
    before.send(message)
    body = codec.decode(receipt(before, message)["receipt"], "AdmissionReceipt")
    thief = before.network.counties[WINDOW]
    body["checkpoint_signature"] = signing.sign(
        body["checkpoint"], key=thief.signing_key, certificate=thief.signing, typ=signing.Typ.CHECKPOINT
    )
    given = {"receipt": codec.encode("AdmissionReceipt", body), "signature": message.signature}
    bad = report(restored, receipts=[given])
    restored.send(bad)
    assert verdict(restored, bad) == "E-JRNL-054"


def publish(world: World, *hub_certificates: Any) -> None:
    """A directory that names these certificates of the hub."""
    issuer = replace(world.network.issuer(), hub_certificates=list(hub_certificates))
    with world.store.write() as tx:
        trust.bump(tx)
        directory.publish_if_due(tx, issuer, world.now)


def test_a_receipt_under_an_earlier_certificate_of_the_hub_stands(restored: World, before: World):
    """The log key was renewed since, and the directory names the old certificate no more: its word still proves."""
    network = before.network
    message = Case(before).application()
    before.send(message)
    key = keys.generate_key()
    renewed = network.authority.issue(Role.HUB_CHECKPOINT, HUB, key.public_key(), now=START)
    publish(restored, network.log.certificate, network.grants.certificate)
    publish(restored, renewed, network.grants.certificate)
    with restored.store.write() as tx:
        given = OwnWords(tx, [renewed, network.grants.certificate]).receipt(WINDOW, receipt(before, message))
    assert given["message_id"] == message.envelope.id


def test_a_receipt_signed_by_another_is_refused_whatever_the_directory_holds(restored: World, before: World):
    """A county's certificate is in the directory, too; it is none of the hub's."""
    publish(restored, restored.network.log.certificate)
    test_a_receipt_signed_by_another_is_refused(restored, before)


def test_a_grant_of_another_county_is_refused(restored: World, before: World):
    """A county gives back its own stations' grants and nobody else's."""
    case = Case(before)
    case.up_to("print.claimed")
    (row,) = before.rows(select(tables.outgoing).where(tables.outgoing.c.type == "print.granted"))
    held = {"message_id": row.message_id, "grant": row.body, "signature": row.signature, "state": "claimed"}
    bad = report(restored, FOREIGN, grants=[held])
    restored.send(bad)
    assert verdict(restored, bad) == "E-JRNL-054"
    good = report(restored, WINDOW, grants=[held])
    restored.send(good)
    assert verdict(restored, good) == "admitted"
    (grant,) = restored.rows(select(tables.grants))
    assert (grant.authorisation_no, grant.claim_id) == (case.authorisation_no, case.claim_id)
    assert restored.rows(select(tables.outgoing.c.body).where(tables.outgoing.c.type == "print.granted")) == [
        (row.body,)
    ]


def test_a_report_counts_when_all_its_parts_came(restored: World):
    """In any order, each once or twice."""
    for part in (2, 0, 2):
        restored.send(report(restored, part=part, parts=3))
        assert states(restored)[WINDOW] == "awaited"
    restored.send(report(restored, part=1, parts=3))
    assert states(restored) == {WINDOW: "reported", ISSUING: "awaited", FOREIGN: "awaited"}


@pytest.mark.parametrize("changes", [{"epoch": 99}, {"part": 1}, {"part": -1}, {"parts": 0}], ids=str)
def test_a_report_on_nothing_is_refused(restored: World, changes: dict[str, Any]):
    """Another epoch, or a part that cannot be."""
    bad = report(restored, **changes)
    restored.send(bad)
    assert verdict(restored, bad) == "E-JRNL-054"


def test_a_refusal_that_was_given_back_stays_final(restored: World, before: World):
    """What was refused before the restore is refused after it, although nothing else is against it now."""
    message = Case(before, issuing=ISSUING).application()
    with before.store.write() as tx:
        tx.execute(tables.offers.delete())
        trust.bump(tx)
    before.send(message)
    assert verdict(before, message) == "E-ADM-041"
    restored.send(report(restored, receipts=[receipt(before, message)]))
    restored.send(message)
    assert verdict(restored, message) == "E-ADM-121"


def test_another_history_is_found(restored: World, before: World, network, tmp_path_factory):
    """A checkpoint of this hub's own key over other leaves of the same size: refused, and nothing is restored by it."""
    for world in (before, other := World.make(network, tmp_path_factory.mktemp("other"))):
        world.send(Case(world).application())
    (true,) = before.rows(select(tables.checkpoints))
    (false,) = other.rows(select(tables.checkpoints))
    reopen(before)
    good = report(before, checkpoint=true.body, checkpoint_signature=true.signature)
    bad = report(before, ISSUING, checkpoint=false.body, checkpoint_signature=false.signature)
    before.send(good)
    before.send(bad)
    assert (verdict(before, good), verdict(before, bad)) == ("admitted", "E-JRNL-055")
    assert states(before)[ISSUING] == "awaited"
    other.store.close()


def test_steps_offered_in_any_order_wait_for_each_other(restored: World, before: World):
    """Counties offer again each for itself: nothing that was admitted before is refused for coming too early."""
    case = Case(before)
    sent = case.up_to("case.handed_over")
    words = [case.received(each) for each in sent if each.envelope.destination != HUB]
    for each in words:
        before.send(each)
    (row,) = before.rows(select(tables.outgoing).where(tables.outgoing.c.type == "print.granted"))
    held = {"message_id": row.message_id, "grant": row.body, "signature": row.signature, "state": "printed"}
    for county in (WINDOW, ISSUING):
        mine = [receipt(before, each) for each in [*sent, *words] if each.envelope.source == county]
        restored.send(report(restored, county, receipts=mine, grants=[held] if county == WINDOW else []))
    for each in reversed([*sent, *words]):
        restored.send(each)
    for _ in range(4):
        restored.later(seconds=5)
        restored.pipeline.refuse_overdue(3600.0)
    assert {row.state for row in restored.rows(select(tables.messages.c.state))} == {"admitted"}
    assert restored.rows(select(tables.cases.c.state)) == [("handed_over",)]
    assert restored.rows(select(tables.print_authorisations.c.state)) == [("printed",)]
    assert restored.rows(select(tables.recovered.c.source).where(~tables.recovered.c.readmitted)) == []
    unreceived = restored.rows(select(tables.messages.c.type, tables.messages.c.received_at))
    ours = {"message.received", "print.claimed", "epoch.reported"}
    assert [kind for kind, at in unreceived if at is None and kind not in ours] == []


def test_a_claim_during_the_restore_is_answered_and_not_granted(world: World):
    """The station holds its place; its answer says why."""
    case = Case(world)
    case.up_to("print.authorised")
    reopen(world)
    world.send(case.claim())
    (answer,) = world.rows(select(tables.outgoing.c.body).where(tables.outgoing.c.type == "print.granted"))
    grant = codec.decode(answer.body, "Grant")
    assert (grant["granted"], grant["code"]) == (False, "E-ADM-120")
    assert world.rows(select(tables.grants)) == []
    assert world.rows(select(tables.print_authorisations.c.state)) == [("authorised",)]


def test_what_lay_in_the_lost_broker_is_due_again(world: World):
    """Admitted, forwarded and not signed for: the sweep sends it again from the store."""
    message = Case(world).application()
    world.send(message)
    world.pipeline.run_once(0.0)
    world.link.published.clear()
    reopen(world)
    world.later(seconds=60)
    world.sweep().run_once()
    assert world.delivered(ISSUING) == [message.envelope.id]


def test_directory_serials_and_epochs_only_rise(world: World):
    """Whatever an earlier restore of the same backup published, this one is above it, a minute later."""
    first = reopen(world)
    (serial,) = world.rows(select(tables.counters.c.value).where(tables.counters.c.name == "trust"))[0]
    world.later(minutes=1)
    second = reopen(world)
    (later,) = world.rows(select(tables.counters.c.value).where(tables.counters.c.name == "trust"))[0]
    assert second > first
    assert later > serial >= first * 1_000_000


def test_what_is_new_waits_for_what_is_offered_again(restored: World, before: World):
    """All have reported, and a clerk asks for a print before the license is offered again: the claim waits for it."""
    case = Case(before)
    sent = case.up_to("print.authorised")
    for county in restored.network.counties:
        mine = [receipt(before, each) for each in sent if each.envelope.source == county]
        restored.send(report(restored, county, receipts=mine))
    claim = case.claim()
    restored.send(*sent[:3], claim)
    assert [row.state for row in restored.rows(select(tables.messages.c.state)) if row.state == "refused"] == []
    restored.send(*sent[3:])
    assert verdict(restored, claim) == "admitted"
    (grant,) = restored.rows(select(tables.grants.c.claim_id))
    assert grant.claim_id == case.claim_id


def test_an_application_waits_for_the_license_that_it_names(restored: World, before: World):
    """All have reported, and a window names a license that is not offered again yet: it is not refused for that."""
    case = Case(before)
    sent = case.up_to("license.issued")
    for county in restored.network.counties:
        mine = [receipt(before, each) for each in sent if each.envelope.source == county]
        restored.send(report(restored, county, receipts=mine))
    naming = Case(restored).application(named_licenses=[case.license_identifier])
    restored.send(naming)
    assert [row.state for row in restored.rows(select(tables.messages.c.state)) if row.state == "refused"] == []
    restored.send(*sent)
    for _ in range(2):
        restored.later(seconds=5)
        restored.pipeline.refuse_overdue(3600.0)
    assert verdict(restored, naming) == "admitted"


def test_no_copy_is_authorised_anew_in_ignorance_of_a_grant(restored: World, before: World):
    """Taken back while a station's grant is not known again: only after that station's word is there a new one."""
    case = Case(before)
    sent = case.up_to("print.claimed")
    (row,) = before.rows(select(tables.outgoing).where(tables.outgoing.c.type == "print.granted"))
    held = {"message_id": row.message_id, "grant": row.body, "signature": row.signature, "state": "claimed"}
    mine = {county: [receipt(before, each) for each in sent if each.envelope.source == county]
            for county in restored.network.counties}  # fmt: skip
    for county in (ISSUING, FOREIGN):
        restored.send(report(restored, county, receipts=mine[county]))
    restored.send(report(restored, WINDOW, parts=2, receipts=mine[WINDOW]))
    restored.send(*sent)
    taken_back = case.message("print.revoked", {"authorisation_no": case.authorisation_no})
    anew = case.authorisation(authorisation_no="R-1", replaces=case.authorisation_no)
    restored.send(taken_back, anew)
    parked = restored.rows(select(tables.messages.c.message_id).where(tables.messages.c.state == "parked"))
    assert parked == [(anew.envelope.id,)]
    restored.send(report(restored, WINDOW, part=1, parts=2, grants=[held]))
    restored.pipeline.refuse_overdue(3600.0)
    assert verdict(restored, anew) == refusals.REPLACES_WRONG.code
    columns = tables.print_authorisations.c
    assert restored.rows(select(columns.authorisation_no, columns.state)) == [(case.authorisation_no, "claimed")]
    later = case.authorisation(authorisation_no="R-2", replaces=case.authorisation_no, prev=taken_back.envelope.id)
    restored.send(case.outcome("revoked", stock_serial=""), later)
    assert verdict(restored, later) == "admitted"
    ended = restored.rows(select(columns.authorisation_no, columns.state).order_by(columns.state.desc()))
    assert ended == [(case.authorisation_no, "revoked"), ("R-2", "authorised")]
