"""Counties check that the journal only grows, and say so under their signatures; at rest nobody says anything."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from adapters.journal import journalmemory
from adapters.store import tables as county_tables
from certs import keys, signing
from hub.evidence.journalcheck import check_journal
from hub.evidence.proof import make_proof
from hub.evidence.prooffile import ProofFile
from hub.evidence.verify import parse_trust, trust_of, verify_proof
from hub.store import tables
from schemas import codec
from schemas.messages import COUNTERSIGNED, PUBLISHED
from tests.county_world import FOREIGN, ISSUING, WINDOW
from tests.witness_world import HubSide, Stage


def signed(side: HubSide) -> list[tuple[str, int]]:
    """County and size of every countersignature that the hub keeps."""
    kept = tables.countersignatures
    return [(row.county, row.size) for row in side.world.rows(select(kept).order_by(kept.c.size, kept.c.county))]


def leaves(side: HubSide) -> int:
    """Size of the journal."""
    return int(side.world.rows(select(func.count()).select_from(tables.journal))[0][0])


def troubles(stage: Stage, code: str = WINDOW) -> list[str]:
    """What a county's people are told."""
    return [row.code for row in stage.counties.counties[code].rows(select(county_tables.troubles))]


def test_counties_countersign_what_they_were_shown(stage: Stage):
    """After a minute both parties of a case hold a proven checkpoint and have signed it; a third hears nothing."""
    stage.application()
    assert stage.minute() == 2
    assert [county for county, _ in signed(stage.hub)] == [WINDOW, ISSUING]
    for code in (WINDOW, ISSUING):
        with stage.counties.counties[code].store.read() as tx:
            assert journalmemory.base(tx, 1).size >= 2
        assert troubles(stage, code) == []
    assert stage.counties.foreign.rows(select(county_tables.checkpoints)) == []


def test_a_journal_that_grows_by_countersignatures_comes_to_rest(stage: Stage):
    """One more round proves to each county the checkpoint of its own countersignature; then nothing moves for hours."""
    stage.application()
    assert stage.minute() == 2
    grown = leaves(stage.hub)
    assert stage.minute() == 2
    assert leaves(stage.hub) == grown
    for _ in range(5):
        assert stage.minute() == 0
        stage.later(hours=1)
    assert leaves(stage.hub) == grown
    for code in (WINDOW, ISSUING):
        open_ = select(county_tables.checkpoints).where(~county_tables.checkpoints.c.proven)
        assert stage.counties.counties[code].rows(open_) == []
        assert troubles(stage, code) == []


def test_at_most_once_a_minute(stage: Stage):
    """However much happens, the hub publishes once a minute, and each county countersigns once for it."""
    for turn in range(3):
        stage.application(f"WQ{turn}")
        stage.later(seconds=10)
        assert (stage.hub.publish() > 0) == (turn == 0)
        stage.settle()
    assert len(signed(stage.hub)) == 2


def test_a_long_conversation_is_proven_without_gaps(stage: Stage):
    """Over many minutes with many batches every checkpoint that a county saw is proven, others' statements too."""
    for turn in range(4):
        stage.application(f"WQ{turn}")
        stage.minute()
    stage.minute()
    stage.minute()
    for county in stage.counties.counties.values():
        rows = county.rows(select(county_tables.checkpoints))
        assert all(row.proven for row in rows)
        assert county.rows(select(county_tables.stated)) == []
    assert len(signed(stage.hub)) >= 8
    with stage.hub.world.store.read() as tx:
        assert check_journal(tx, keys=stage.hub.keys(), trial=True) == []


def test_others_countersignatures_are_handed_out(stage: Stage):
    """What one county signed the other is given in the next round, and takes as one more look at the journal."""
    stage.application()
    stage.minute()
    stage.application("WQ2")
    stage.minute()
    given = [each for each in stage.hub.world.link.published if each.type == PUBLISHED]
    records = [codec.decode(each.body, "CheckpointPublished") for each in given]
    handed = {(record["county"], each["county"]) for record in records for each in record["countersignatures"]}
    assert handed == {(WINDOW, ISSUING), (ISSUING, WINDOW)}


def test_a_checkpoint_nobody_proves_by_itself_is_asked_for(stage: Stage):
    """What a county saw and the hub does not know of (a node restored from a backup) is asked for, and then proven."""
    stage.application()
    stage.minute()
    window = stage.counties.window
    with window.store.write() as tx:  # as after a restore: an old receipt comes again, and its proof is forgotten
        checkpoints = county_tables.checkpoints
        tx.execute(checkpoints.update().where(checkpoints.c.size == 1).values(proven=False, seen_at=0))
    for turn in range(3):
        stage.application(f"WX{turn}")
        stage.minute()
    open_ = select(county_tables.checkpoints).where(~county_tables.checkpoints.c.proven)
    assert [row for row in window.rows(open_) if row.size == 1] == []


def test_witnesses_are_counted_only_from_outside(stage: Stage):
    """A proof holds the countersignatures; the trust file says whose count, and none are counted without it."""
    case_no = stage.application()
    stage.minute()
    hub_keys = stage.hub.keys()
    with stage.hub.world.store.read() as tx:
        data = make_proof(tx, case_no, keys=hub_keys)
    assert verify_proof(data, trust_of(hub_keys, trial=True)).witnesses == 0
    certificates = [stage.network.counties[code].signing for code in (WINDOW, ISSUING, FOREIGN)]
    for count, named in ((1, certificates[:1]), (2, certificates), (0, certificates[2:])):
        trust = trust_of(hub_keys, trial=True, witnesses=named)
        found = verify_proof(data, parse_trust(trust.to_bytes()))
        assert found.good
        assert found.witnesses == count


@pytest.mark.parametrize(
    ("forgery", "code"),
    [
        ("other checkpoint", "E-CERT-073"),
        ("other county", "E-VERIFY-041"),
        ("other history", "E-VERIFY-040"),
        ("twice", "E-VERIFY-042"),
        ("by the hub", ""),
    ],
)
def test_forged_countersignatures(stage: Stage, forgery: str, code: str):
    """A countersignature that a witness did not make, put there by a hub that signs the whole anew, fails the proof."""
    case_no = stage.application()
    stage.minute()
    hub_keys = stage.hub.keys()
    with stage.hub.world.store.read() as tx:
        proof = ProofFile.parse(make_proof(tx, case_no, keys=hub_keys))
    one, two = proof.countersignatures
    log = hub_keys.checkpoint
    other = codec.encode("Checkpoint", codec.decode(one.record, "Checkpoint") | {"root": bytes(32)})
    county = stage.network.counties[one.county]
    typ = signing.Typ.CHECKPOINT
    wrong = {
        "other checkpoint": [replace(one, record=other), two],
        "other county": [replace(one, county=FOREIGN), two],
        "other history": [
            replace(one, record=other, signature=signing.sign(
                other, key=county.signing_key, certificate=county.signing, typ=typ
            )),
            two,
        ],
        "twice": [one, one],
        "by the hub": [
            replace(one, signature=signing.sign(one.record, key=log.key, certificate=log.certificate, typ=typ)), two,
        ],
    }[forgery]  # fmt: skip
    signer = hub_keys.grants
    forged = replace(proof, countersignatures=tuple(wrong)).signed(
        lambda body: signing.sign(body, key=signer.key, certificate=signer.certificate, typ=signing.Typ.RECEIPT)
    )
    trust = trust_of(
        hub_keys, trial=True, witnesses=[stage.network.counties[code].signing for code in (WINDOW, ISSUING)]
    )
    found = verify_proof(forged.to_bytes(), trust)
    if forgery == "by the hub":  # nobody whom the trust file names: it proves nothing and is not counted
        assert found.witnesses == 1
    else:
        failed = {line.id: line.detail.split()[0] for line in found.lines if line.state != "ok"}
        assert failed == {"countersignatures": code}


def test_a_countersignature_before_the_case_is_no_witness_of_it(stage: Stage):
    """A county that signed before the case began says nothing about the case."""
    stage.application()
    stage.minute()
    late = stage.application("WQ2")
    hub_keys = stage.hub.keys()
    with stage.hub.world.store.read() as tx:
        data = make_proof(tx, late, keys=hub_keys)
    trust = trust_of(hub_keys, trial=True, witnesses=[stage.network.counties[WINDOW].signing])
    found = verify_proof(data, trust)
    assert found.good
    assert found.witnesses == 0
    assert len(ProofFile.parse(data).countersignatures) == 2


def test_silence_is_told_and_stops_nothing(stage: Stage):
    """A hub that publishes nothing more is told to a person after an hour, and the link goes on."""
    stage.application()
    stage.minute()
    window = stage.counties.window
    with window.store.write() as tx:
        unknown = {"epoch": 1, "size": 1, "root": bytes(32), "body": b"", "signature": "", "seen_at": 0}
        checkpoints = county_tables.checkpoints
        tx.execute(checkpoints.delete().where(checkpoints.c.size == 1))
        asked = tx.execute(
            select(county_tables.outbox.c.message_id).where(county_tables.outbox.c.type == COUNTERSIGNED)
        )
        tx.execute(checkpoints.insert().values(**unknown, proven=False, asked_in=asked.scalars().first()))
    stage.later(hours=2)
    stage.settle()
    assert troubles(stage) == ["E-JRNL-116"]
    stage.application("WQ2")
    assert stage.counties.issuing.rows(select(func.count()).select_from(county_tables.cases))[0][0] == 2


def test_the_certificate_used_is_in_the_store(stage: Stage):
    """Whoever gets a trust file from the hub finds in it the certificates that were countersigned with."""
    stage.application()
    stage.minute()
    kept = stage.hub.world.rows(select(tables.countersignatures.c.thumbprint))
    known = {keys.thumbprint(stage.network.counties[code].signing) for code in (WINDOW, ISSUING)}
    assert {row[0] for row in kept} == known
