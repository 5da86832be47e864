"""A hub that lies, and signs its lies: the checks beneath its signature find what the signature cannot."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from certs import crl, keys, signing
from certs.crl import Reason
from certs.profiles import Role
from hub.bootstrap import Keys
from hub.evidence.proof import make_proof
from hub.evidence.prooffile import ProofFile, Signed
from hub.evidence.verify import trust_of, verify_proof
from hub.history import journal
from hub.history.journal import NewLeaf
from hub.instants import to_millis
from hub.registry import directory
from hub.store import tables
from schemas import codec
from schemas.errors import YunhuobanError
from schemas.leaf import ADMITTED, NOTHING, Leaf
from tests import county_records
from tests.hub_world import ISSUING, WINDOW, Case, Network, World, _issue, sign
from tests.unit.hub_evidence.conftest import whole_case


@pytest.fixture
def proof(world: World, hub_keys: Keys) -> ProofFile:
    """An honest proof, parsed."""
    case, _ = whole_case(world)
    return proof_of(world, case, hub_keys)


def proof_of(world: World, case: Case, hub_keys: Keys) -> ProofFile:
    """The proof of a case, parsed."""
    with world.store.read() as tx:
        return ProofFile.parse(make_proof(tx, case.case_no, keys=hub_keys))


def failed(proof: ProofFile, hub_keys: Keys) -> dict[str, str]:
    """Sign the whole again as the hub would, and name the checks that are not ok, each with its code."""
    signer = hub_keys.grants
    again = proof.signed(
        lambda body: signing.sign(body, key=signer.key, certificate=signer.certificate, typ=signing.Typ.RECEIPT)
    )
    found = verify_proof(again.to_bytes(), trust_of(hub_keys, trial=True))
    assert found.good == all(line.state == "ok" for line in found.lines)
    return {line.id: line.detail.split()[0] for line in found.lines if line.state != "ok"}


def without(proof: ProofFile, kind: str) -> ProofFile:
    """The proof without the messages of a type."""
    kept = [m for m in proof.messages if codec.decode(m.envelope, "Envelope")["type"] != kind]
    assert len(kept) < len(proof.messages)
    return replace(proof, messages=tuple(kept))


def test_the_helper_signs_like_the_hub(proof: ProofFile, hub_keys: Keys):
    """An honest proof signed again stays green, so that the failures below are the forgeries' own."""
    assert failed(proof, hub_keys) == {}


@pytest.mark.parametrize(
    "change", ["admitted_at", "verdict", "signer", "leaf_index", "signature", "envelope", "refusal"]
)
def test_a_leaf_is_made_of_everything(proof: ProofFile, hub_keys: Keys, change: str):
    """Time, verdict, signer, place, signature, bytes and refusal are all bound by the leaf."""
    first, second = proof.messages[0], proof.messages[1]
    refused = proof.messages[-1]
    wrong = {
        "admitted_at": replace(first, admitted_at=first.admitted_at + timedelta(milliseconds=1)),
        "verdict": replace(first, verdict="E-ADM-001", refusal=refused.refusal),
        "signer": replace(first, signer=second.signer),
        "leaf_index": replace(refused, leaf_index=refused.leaf_index + 1),
        "signature": replace(first, signature=second.signature),
        "envelope": replace(first, envelope=second.envelope),
        "refusal": replace(refused, refusal=refused.refusal[:-1] + b"\x00"),
    }[change]
    at = -1 if change in ("leaf_index", "refusal") else 0
    messages = list(proof.messages)
    messages[at] = wrong
    found = failed(replace(proof, messages=tuple(messages)), hub_keys)
    assert found[f"message.{len(messages) if at else 1}"] == "E-VERIFY-031"


def test_a_message_of_another_case(world: World, hub_keys: Keys):
    """A message of another case is in the journal too, and does not belong here."""
    case, _ = whole_case(world)
    other = Case(world)
    other.up_to("application.accepted")
    proof, foreign = proof_of(world, case, hub_keys), proof_of(world, other, hub_keys)
    mixed = replace(proof, messages=(*proof.messages, foreign.messages[1]))
    mixed = replace(mixed, certificates=tuple({*proof.certificates, *foreign.certificates}))
    assert failed(mixed, hub_keys)["case"] == "E-VERIFY-020"


@pytest.mark.parametrize(
    ("kind", "check", "code"),
    [
        ("application.submitted", "case", "E-VERIFY-021"),
        ("application.accepted", "order", "E-VERIFY-022"),
        ("decision.made", "order", "E-VERIFY-022"),
        ("license.issued", "order", "E-VERIFY-022"),
        ("print.authorised", "claims", "E-VERIFY-024"),
        ("print.claimed", "claims", "E-VERIFY-024"),
        ("print.settled", "order", "E-VERIFY-022"),
    ],
)
def test_a_message_kept_back(proof: ProofFile, hub_keys: Keys, kind: str, check: str, code: str):
    """A step that the hub leaves out leaves a gap in what follows."""
    assert failed(without(proof, kind), hub_keys)[check] == code


def test_grants_kept_back_or_made_up(proof: ProofFile, hub_keys: Keys, network: Network):
    """No grant, a grant twice, another station's grant, or one signed by another certificate of the hub."""
    assert failed(replace(proof, grants=()), hub_keys)["claims"] == "E-VERIFY-024"
    assert failed(replace(proof, grants=proof.grants * 2), hub_keys)["claims"] == "E-VERIFY-024"
    record = codec.decode(proof.grants[0].record, "Grant")
    body = codec.encode("Grant", record | {"station": "elsewhere"})
    signer = hub_keys.grants
    signature = signing.sign(body, key=signer.key, certificate=signer.certificate, typ=signing.Typ.GRANT)
    moved = Signed(record=body, signature=signature)
    assert failed(replace(proof, grants=(moved,)), hub_keys) == {"claims": "E-VERIFY-024"}
    log = network.log
    wrong = signing.sign(proof.grants[0].record, key=log.key, certificate=log.certificate, typ=signing.Typ.GRANT)
    assert "grants" in failed(replace(proof, grants=(replace(proof.grants[0], signature=wrong),)), hub_keys)


def test_a_forged_checkpoint(proof: ProofFile, hub_keys: Keys, network: Network):
    """Another root signed by the log key fails every message; one signed by the wrong role fails at once."""
    record = codec.decode(proof.checkpoint.record, "Checkpoint") | {"root": hashlib.sha256(b"fork").digest()}
    body = codec.encode("Checkpoint", record)
    log, grants = network.log, network.grants
    forked = signing.sign(body, key=log.key, certificate=log.certificate, typ=signing.Typ.CHECKPOINT)
    found = failed(replace(proof, checkpoint=Signed(record=body, signature=forked)), hub_keys)
    assert found == {f"message.{i}": "E-VERIFY-031" for i in range(1, 17)}
    stolen = signing.sign(body, key=grants.key, certificate=grants.certificate, typ=signing.Typ.CHECKPOINT)
    assert failed(replace(proof, checkpoint=Signed(record=body, signature=stolen)), hub_keys) == {
        "checkpoint": "E-VERIFY-030"
    }
    other_epoch = replace(proof, epoch=proof.epoch + 1)
    assert failed(other_epoch, hub_keys) == {"checkpoint": "E-VERIFY-030"}


def test_the_statement_needs_the_signing_role(proof: ProofFile, hub_keys: Keys, network: Network):
    """The file signed with the checkpoint key is not the hub's word on the whole."""
    log = network.log
    again = proof.signed(
        lambda body: signing.sign(body, key=log.key, certificate=log.certificate, typ=signing.Typ.RECEIPT)
    )
    found = verify_proof(again.to_bytes(), trust_of(hub_keys, trial=True))
    assert {line.id for line in found.lines if line.state != "ok"} == {"statement"}


def test_missing_certificates_and_lists(proof: ProofFile, hub_keys: Keys):
    """Without certificates a signature proves nothing; without lists revocation is unknown, which is not green."""
    assert failed(replace(proof, certificates=()), hub_keys)["checkpoint"] == "E-VERIFY-010"
    assert not verify_proof(replace(proof, revocation_lists=()).to_bytes(), trust_of(hub_keys, trial=True)).good
    assert failed(replace(proof, revocation_lists=()), hub_keys)["checkpoint"] == "E-CERT-054"
    assert failed(replace(proof, issuing_certificates=()), hub_keys) == {"certificates": "E-CERT-020"}


def append_forged(
    world: World,
    network: Network,
    message,
    *,
    thumbprint: bytes | None = None,
    verdict: str = ADMITTED,
    refusal: bytes = b"",
) -> None:
    """Put a message into journal and store as admitted or refused, as only the hub itself could."""
    county = network.counties[message.envelope.source]
    leaf = Leaf(
        envelope_sha256=hashlib.sha256(message.body).digest(),
        signature=message.signature.encode(),
        signer_thumbprint=thumbprint or keys.thumbprint(county.signing),
        admitted_at=world.now,
        verdict=verdict,
        detail_sha256=hashlib.sha256(refusal).digest() if refusal else NOTHING,
    )
    envelope = message.envelope
    with world.store.write() as tx:
        new = NewLeaf(source=envelope.source, message_id=envelope.id, leaf=leaf)
        appended = journal.append(tx, [new], log=network.log, now=world.now)
        entry = {
            "message_id": envelope.id,
            "envelope_sha256": leaf.envelope_sha256,
            "signature_sha256": hashlib.sha256(leaf.signature).digest(),
            "signer_thumbprint": leaf.signer_thumbprint,
            "admitted_at": world.now,
            "verdict": verdict,
            "refusal": refusal,
            "leaf_index": appended.first_index,
            "proof": list(appended.proofs[0]),
        }
        checkpoint = appended.checkpoint
        evidence = codec.encode(
            "AdmissionReceipt",
            {"checkpoint": checkpoint.body, "checkpoint_signature": checkpoint.signature, "entries": [entry]},
        )
        tx.execute(
            insert(tables.messages).values(
                source=envelope.source,
                message_id=envelope.id,
                envelope_sha256=leaf.envelope_sha256,
                state="admitted" if verdict == ADMITTED else "refused",
                type=envelope.type,
                destination=envelope.destination,
                case_no=envelope.case_no,
                prev=envelope.prev,
                in_reply_to=envelope.in_reply_to,
                sent_at=to_millis(envelope.time),
                expires_at=to_millis(envelope.expires),
                admitted_at=to_millis(world.now),
                body=message.body,
                signature=message.signature,
                evidence=evidence,
                verdict=verdict,
                batch=0,
            )
        )


def test_the_hub_cannot_decide(world: World, network: Network, hub_keys: Keys):
    """A decision that the hub journals with another county's or its own key is not that county's decision."""
    case = Case(world)
    case.up_to("application.accepted")
    forged = sign(case.decision().envelope, network.counties[WINDOW])
    append_forged(world, network, forged, thumbprint=keys.thumbprint(network.counties[WINDOW].signing))
    assert failed(proof_of(world, case, hub_keys), hub_keys) == {"signer.3": "E-VERIFY-032"}


def test_the_hub_cannot_tell_the_sender_another_reason(world: World, network: Network, hub_keys: Keys):
    """A refusal whose code is not the journalled one, or that is another message's, is found."""
    case = Case(world)
    case.up_to("application.submitted")
    one, two = case.acceptance(), case.acceptance()
    for message, about, code in ((one, one, "E-ADM-021"), (two, one, "E-ADM-020")):
        told = county_records.refusal(about.envelope.id, code=code, now=world.now)
        append_forged(world, network, message, verdict="E-ADM-020", refusal=codec.encode("Refusal", told))
    found = failed(proof_of(world, case, hub_keys), hub_keys)
    assert found == {"refusal.2": "E-VERIFY-033", "refusal.3": "E-VERIFY-033"}


def test_party_and_order_are_checked_again(world: World, network: Network, hub_keys: Keys):
    """A decision from the window county, and a license before any decision, fail although both are signed."""
    case = Case(world)
    case.up_to("application.accepted")
    wrong = case.message("decision.made", {"outcome": "granted"}, source=WINDOW, destination=ISSUING, chain=False)
    append_forged(world, network, wrong)
    assert failed(proof_of(world, case, hub_keys), hub_keys) == {"case": "E-ADM-101"}
    other = Case(world)
    other.up_to("application.accepted")
    append_forged(world, network, other.license())
    assert failed(proof_of(world, other, hub_keys), hub_keys) == {"lifecycle": "E-ADM-102"}


def test_a_receipt_for_other_bytes(world: World, network: Network, hub_keys: Keys):
    """A *received* that names another digest than that of the message it answers is no receipt for it."""
    case = Case(world)
    (application,) = case.up_to("application.submitted")
    append_forged(world, network, case.message(
        "message.received", {"envelope_sha256": bytes(32)}, source=ISSUING, destination=WINDOW,
        in_reply_to=application.envelope.id,
    ))  # fmt: skip
    assert failed(proof_of(world, case, hub_keys), hub_keys) == {"receipts": "E-VERIFY-023"}


def test_admitted_after_its_end(world: World, network: Network, hub_keys: Keys):
    """A message that the hub admitted after it had expired is shown as such."""
    case = Case(world)
    case.up_to("application.submitted")
    late = case.acceptance(expires=world.now + timedelta(seconds=1))
    world.later(seconds=2)
    append_forged(world, network, late)
    assert failed(proof_of(world, case, hub_keys), hub_keys) == {"signer.2": "E-VERIFY-034"}


def test_revoked_before_and_after(world: World, network: Network, hub_keys: Keys, tmp_path: Path):
    """A certificate revoked later was good at admission; revoked before, it was not; a list too old cannot say."""
    case = Case(world)
    case.up_to("application.accepted")
    proof = proof_of(world, case, hub_keys)
    authority = network.authority
    serial = network.counties[ISSUING].signing.serial_number

    def with_list(revoked_after: timedelta, at: timedelta, days: int = 14) -> ProofFile:
        lists = [keys.crl_from_der(der) for der in proof.revocation_lists]
        roots = [keys.crl_der(each) for each in lists if crl.is_signed_by(each, authority.root)]
        number = max(crl.number(each) for each in lists) + 1
        entry = crl.Revocation(serial=serial, revoked_at=world.now + revoked_after, reason=Reason.KEY_COMPROMISE)
        key = issuing_key(authority)
        made = crl.build(authority.issuing, key, [entry], number=number, now=world.now + at, days=days)
        return replace(proof, revocation_lists=(*roots, keys.crl_der(made)))

    assert failed(with_list(timedelta(hours=1), timedelta(hours=2)), hub_keys) == {}
    assert failed(with_list(-timedelta(hours=1), timedelta(hours=2)), hub_keys) == {"signer.2": "E-CERT-053"}
    stale = with_list(timedelta(days=-60), timedelta(days=-30))
    found = verify_proof(stale.to_bytes(), trust_of(hub_keys, trial=True))
    assert "unknown" in {line.state for line in found.lines}
    assert not found.good


def issuing_key(authority):
    """The issuing key of the test's authority."""
    return keys.load_private_key(authority.folder / "issuing" / "key.pem")


def test_former_hub_certificates(world: World, network: Network, hub_keys: Keys):
    """Grants under a former signing certificate of the hub are provable if a directory of that time published it."""
    case, _ = whole_case(world)
    key, certificate = _issue(network.authority, Role.HUB_SIGNING, "hub", at=world.now + timedelta(hours=1))
    renewed = replace(
        hub_keys,
        grants=type(hub_keys.grants)(key, certificate),
        directory=replace(hub_keys.directory, key=key, certificate=certificate, hub_certificates=[certificate]),
    )
    with world.store.read() as tx, pytest.raises(YunhuobanError, match="E-JRNL-012"):
        make_proof(tx, case.case_no, keys=renewed)
    with world.store.write() as tx:
        directory.publish_if_due(tx, network.issuer(), world.now)
    with world.store.read() as tx:
        data = make_proof(tx, case.case_no, keys=renewed)
    assert verify_proof(data, trust_of(renewed, trial=True)).good
    assert len(ProofFile.parse(data).certificates) == 5
