"""Whose signature it is: only the sending county's own signing certificate, in force, over exactly these bytes."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from certs import signing
from certs.authority import Authority
from hub.registry import county, trust
from hub.store import tables
from schemas.envelope import new_id
from tests.databases import Databases
from tests.hub_world import FOREIGN, ISSUING, START, WINDOW, Case, Network, World, make_county, sign


def test_no_key_but_the_countys_signing_key_speaks_for_it(world: World, network: Network):
    """The hub's signer, the checkpoint key, the connection certificate and another county's key are all refused."""
    mine = network.counties[WINDOW]
    pairs = [
        (network.grants.key, network.grants.certificate),
        (network.log.key, network.log.certificate),
        (mine.connection_key, mine.connection),
        (network.counties[ISSUING].signing_key, network.counties[ISSUING].signing),
        (network.counties[FOREIGN].signing_key, network.counties[FOREIGN].signing),
    ]
    for key, certificate in pairs:
        message = Case(world).application(key=key, certificate=certificate)
        world.send(message)
        assert world.verdicts(WINDOW)[message.envelope.id] == "E-ADM-012"
    assert world.delivered(ISSUING) == []


def test_a_signature_of_another_kind_or_over_other_bytes_is_refused(world: World, network: Network):
    """A receipt's or a key statement's signature never passes as an envelope's, nor one over altered bytes."""
    mine = network.counties[WINDOW]
    message = Case(world).application()
    for typ in set(signing.Typ) - {signing.Typ.ENVELOPE}:
        forged = sign(replace(message.envelope, id=new_id()), mine, typ=typ)
        world.send(forged)
        assert world.verdicts(WINDOW)[forged.envelope.id] == "E-CERT-071"
    other = Case(world).application()
    altered = replace(other.envelope, id=new_id())
    world.send(replace(other, envelope=altered, body=altered.to_bytes()))
    assert world.verdicts(WINDOW)[altered.id] == "E-CERT-073"
    assert world.delivered(ISSUING) == []


@pytest.fixture
def own(tmp_path: Path, databases: Databases) -> Network:
    """A network of its own, for tests that revoke."""
    (tmp_path / "own").mkdir()
    return Network.make(tmp_path / "own", databases)


def publish(own: Network, world: World, *, days: int = 14) -> bool:
    """The authority's person brings new lists to the hub."""
    own.authority.publish_crls(now=world.now, days=days)
    return own.revocation_folder(world.store, own.folder / "ca" / "crl").run_once(world.now)


def test_revoked_is_refused_with_the_next_batch(own: Network, tmp_path: Path):
    """A certificate on the list speaks for nobody from the next batch on; other counties go on."""
    world = World.make(own, tmp_path)
    before = Case(world).application()
    world.send(before)
    own.authority.revoke(own.counties[WINDOW].signing.serial_number, now=world.now, reason="key_compromise")
    world.later(seconds=1)
    assert publish(own, world)
    after, other = Case(world).application(), Case(world, window=FOREIGN).application()
    world.send(after, other)
    assert world.verdicts(WINDOW) == {before.envelope.id: "admitted", after.envelope.id: "E-CERT-053"}
    assert world.verdicts(FOREIGN) == {other.envelope.id: "admitted"}


def test_a_key_whose_certificate_is_revoked_is_encrypted_for_no_more(own: Network, tmp_path: Path):
    """Check 12 looks at the encryption certificate too: what only a burnt key opens is refused, not delivered."""
    world = World.make(own, tmp_path)
    own.authority.revoke(own.counties[ISSUING].encryption.serial_number, now=world.now, reason="key_compromise")
    world.later(seconds=1)
    publish(own, world)
    message = Case(world).application()
    world.send(message)
    assert world.verdicts(WINDOW) == {message.envelope.id: "E-ADM-042"}
    assert world.delivered(ISSUING) == []


@pytest.mark.parametrize("how", ["missing", "stale"])
def test_revocation_unknown_waits_and_goes_on_by_itself(own: Network, tmp_path: Path, how: str):
    """Without a fresh list nothing passes and nothing is refused; when it is back, everything goes on in its order."""
    world = World.make(own, tmp_path)
    if how == "missing":
        with world.store.write() as tx:
            tx.execute(update(tables.crls).values(current=False))
            trust.bump(tx)
    else:
        world.later(days=15)
    case = Case(world)
    ladder = case.ladder()
    wrong = Case(world).application(key=own.log.key, certificate=own.log.certificate)
    forged = replace(Case(world).application(), signature=ladder[0].signature)
    world.send(*ladder[:4], forged)
    world.send(*ladder[4:])
    for _ in range(3):
        world.pipeline.run_once(0.0)
    assert world.link.published == []
    assert world.link.acked == []
    assert world.link.requeued == []
    assert world.rows(select(tables.journal)) == []
    world.send(wrong)  # not for want of a list: its certificate is no county's
    assert [row.verdict for row in world.rows(select(tables.journal))] == ["E-ADM-012"]

    assert publish(own, world)
    world.pipeline.run_once(0.0)
    verdicts = world.verdicts(WINDOW) | world.verdicts(ISSUING)
    assert [verdicts[each.envelope.id] for each in ladder] == ["admitted"] * 8
    assert verdicts[forged.envelope.id] == "E-CERT-073"
    assert len(world.link.acked) == 10


def test_what_waits_is_dropped_when_its_connection_has_gone(own: Network, tmp_path: Path):
    """The broker hands it over again: a worker never holds two copies, however often the connection breaks."""
    world = World.make(own, tmp_path)
    world.later(days=15)
    message = Case(world).application()
    for generation in (1, 2, 3):
        world.link.generation = generation
        world.send(message.delivery(generation=generation))
    publish(own, world)
    world.pipeline.run_once(0.0)
    assert [each.generation for each in world.link.acked] == [3]
    assert world.verdicts(WINDOW) == {message.envelope.id: "admitted"}


def test_a_duplicate_passes_while_revocation_is_unknown(own: Network, tmp_path: Path):
    """What was admitted stays so: its sender gets its receipt again even without a fresh list."""
    world = World.make(own, tmp_path)
    message = Case(world).application()
    world.send(message)
    world.later(days=15)
    world.send(message)
    assert len(world.link.acked) == 2
    assert len(world.receipts(WINDOW)) == 2


def test_expired_and_not_yet_valid_certificates_are_refused(own: Network, tmp_path: Path):
    """The certificate is judged at the hub's admission time."""
    world = World.make(own, tmp_path)
    world.later(days=390)
    publish(own, world)
    message = Case(world).application()
    world.send(message)
    assert world.verdicts(WINDOW) == {message.envelope.id: "E-ADM-042"}  # the destination's statement has lapsed
    world.later(days=10)
    publish(own, world)
    message = Case(world).application()
    world.send(message)
    assert world.verdicts(WINDOW)[message.envelope.id] == "E-CERT-052"


def test_a_county_with_a_trial_certificate_of_another_authority_cannot_be_enrolled(
    world: World, network: Network, tmp_path: Path
):
    """Trust comes from the pinned anchors alone."""
    strange = Authority.create(
        tmp_path / "strange", kind="transport", trial=True, now=START - timedelta(days=2), name="S"
    )
    other = make_county(strange, "110105")
    with pytest.raises(Exception, match="E-CERT-050"), world.store.write() as tx:
        county.enrol(tx, other.card(network.item), chains=network.chains(), now=START)
