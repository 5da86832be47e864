"""The inbox: committed before anything is believed; every wrong thing is refused once, signed, and never applied."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from adapters.boxes.evidence import NOT_PROVEN
from adapters.boxes.opening import (
    CASE_UNKNOWN,
    COPIES_DIFFER,
    FACTS_DIFFER,
    NOT_FOR_US,
    NOT_ITS_COUNTY,
    OTHER_BYTES,
    SIGNER_UNKNOWN,
)
from adapters.printing.tables import PRINTS
from adapters.store import tables
from certs import encryption, keys, signing
from certs.profiles import Role
from schemas import codec, shapes
from schemas.envelope import Envelope, new_id
from schemas.facts import facts_of
from schemas.messages import HUB, NOT_A_PARTY, TYPES, Party
from tests import around_records, county_records, review_records
from tests.county_begun import begin_at
from tests.county_records import ITEM, acceptance, application, decision, refusal
from tests.county_world import FOREIGN, ISSUING, WINDOW, County, Signer, World, case_no, issue


@dataclass(kw_only=True)
class Message:
    """A message that a test wrote by itself, as it would lie in a county's queue."""

    envelope: Envelope
    body: bytes
    signature: str
    evidence: bytes

    def to(self, county: County, **changes: Any) -> None:
        """It arrives."""
        values: dict[str, Any] = {
            "source": self.envelope.source, "message_id": self.envelope.id, "type_": self.envelope.type,
            "evidence": self.evidence,
        }  # fmt: skip
        county.arrive(self.body, self.signature, **(values | changes))


def write(
    world: World,
    kind: str,
    record: Mapping[str, Any],
    facts: Mapping[str, Any] | None,
    *,
    source: str = ISSUING,
    destination: str = WINDOW,
    signer: Signer | None = None,
    recipient: Any = None,
    payload: bytes | None = None,
    **changes: Any,
) -> Message:
    """Encode, encrypt, sign and admit a message; every part may be another's."""
    to = recipient or world.network.identities[destination].encryption_certificate
    prepared = encryption.prepare(payload if payload is not None else codec.encode(TYPES[kind].record, record))
    values: dict[str, Any] = {
        "id": new_id(), "source": source, "destination": destination, "type": kind, "case_no": world.case_no(),
        "service_item": ITEM, "time": world.now, "expires": world.now + timedelta(days=20), "trial": False,
        "dataschema": shapes.dataschema(TYPES[kind].record), "facts": facts, "encrypted_for": keys.thumbprint(to),
        "data_commitment": prepared.commitment, "data": b"",
    }  # fmt: skip
    envelope = Envelope(**(values | changes))
    envelope = replace(envelope, data=encryption.encrypt(prepared, to, envelope.binding()))
    return admit(world, envelope, signer)


def admit(world: World, envelope: Envelope, signer: Signer | None = None) -> Message:
    """Sign and admit an envelope as it stands."""
    identity = world.network.identities[envelope.source]
    signer = signer or Signer(key=identity.signing_key, certificate=identity.signing_certificate)
    body = envelope.to_bytes()
    signature = signing.sign(body, key=signer.key, certificate=signer.certificate, typ=signing.Typ.ENVELOPE)
    evidence = world.hub.receipt(body, signature, at=world.now, message_id=envelope.id)
    return Message(envelope=envelope, body=body, signature=signature, evidence=evidence)


def word(world: World, row: Any, **changes: Any) -> None:
    """The issuing county's *received* about a row of the window county's outbox arrives there."""
    record = {"message_id": row.message_id, "envelope_sha256": row.envelope_sha256, "received_at": world.now} | changes
    facts = {"envelope_sha256": record["envelope_sha256"]}
    message = write(world, "message.received", record, facts, in_reply_to=row.message_id, case_no=row.case_no)
    message.to(world.window)


def accepted(world: World, **changes: Any) -> Message:
    """A good acceptance for the window county, unless changed."""
    values: dict[str, Any] = {"record": acceptance(), "facts": {"promised_on": acceptance()["promised_on"]}}
    values |= changes
    return write(world, "application.accepted", values.pop("record"), values.pop("facts"), **values)


@pytest.fixture
def case(world: World) -> World:
    """One case that stands at submitted in both counties."""
    begin_at(world, "application.submitted")
    return world


def standing(county: County) -> tuple[str, list[str], list[str]]:
    """State of the case, codes told to people, and refusals signed."""
    ((state,),) = county.rows(select(tables.cases.c.state))
    told = [code for (code,) in county.rows(select(tables.troubles.c.code))]
    signed = county.rows(select(tables.outbox.c.message_id).where(tables.outbox.c.type == "message.refused"))
    return state, told, [each for (each,) in signed]


def test_a_message_whose_case_never_comes_is_told(case: World) -> None:
    """It waits for what it follows; after some minutes a person hears of it, and nothing is refused."""
    accepted(case, case_no=case_no(7), prev=new_id()).to(case.window)
    for _ in range(8):
        case.window.handle()
        case.later(minutes=5)
    assert standing(case.window) == ("submitted", [], [])
    case.window.handle()
    assert standing(case.window) == ("submitted", ["E-ENV-110"], [])


def test_a_good_message_is_applied_and_signed_for(case: World) -> None:
    """Opened, receipted under the sender's message, and given its effect."""
    message = accepted(case)
    message.to(case.window)
    case.window.handle()
    assert standing(case.window) == ("accepted", [], [])
    word_row = case.window.due()[-1]
    assert (word_row.type, Envelope.parse(word_row.body).in_reply_to) == ("message.received", message.envelope.id)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("destination", NOT_FOR_US.code),
        ("key", NOT_FOR_US.code),
        ("signature", NOT_ITS_COUNTY.code),
        ("signer without evidence", NOT_ITS_COUNTY.code),
        ("evidence of another", NOT_PROVEN.code),
        ("evidence of a refusal", NOT_PROVEN.code),
        ("facts", FACTS_DIFFER.code),
        ("case", CASE_UNKNOWN.code),
        ("item", CASE_UNKNOWN.code),
        ("trial", CASE_UNKNOWN.code),
        ("ciphertext", "E-CERT-081"),
        ("bound field", "E-CERT-081"),
        ("not canonical", "E-CODEC-"),
        ("other record", "E-CODEC-008"),
        ("turn", "E-ADM-102"),
        ("signature over other bytes", "E-CERT-073"),
    ],
)
def test_each_wrong_thing_is_refused_once_and_never_applied(case: World, wrong: str, code: str) -> None:
    """The first thing wrong is the code; one signed refusal to the sender, none applied, nothing planned locally."""
    identities = case.network.identities
    foreign = Signer(key=identities[FOREIGN].signing_key, certificate=identities[FOREIGN].signing_certificate)
    match wrong:
        case "destination":
            message = accepted(case, destination=FOREIGN)
        case "key":
            stranger = issue(case.network.transport, Role.COUNTY_ENCRYPTION, WINDOW)
            message = accepted(case, recipient=stranger.certificate)
        case "signature":
            message = accepted(case, signer=foreign)
        case "signer without evidence":
            message = accepted(case)
            message.evidence = case.hub.receipt(
                message.body, message.signature, at=case.now, message_id=message.envelope.id, thumbprint=bytes(32)
            )
        case "evidence of another":
            message = replace(accepted(case), evidence=accepted(case).evidence)
        case "evidence of a refusal":
            message = accepted(case)
            said = refusal(message.envelope.id)
            message.evidence = case.hub.receipt(
                message.body, message.signature, at=case.now, message_id=message.envelope.id, refusal=said
            )
        case "facts":
            message = accepted(case, facts={"promised_on": acceptance()["promised_on"] + timedelta(days=1)})
        case "case":
            message = accepted(case, case_no=case_no(1))
        case "item":
            message = accepted(case, service_item="11130928MB000000054000131127004")
        case "trial":
            message = accepted(case, trial=True)
        case "ciphertext":
            good = accepted(case).envelope
            message = admit(case, replace(good, data=good.data[:-1] + bytes([good.data[-1] ^ 1])))
        case "bound field":
            message = admit(case, replace(accepted(case).envelope, expires=case.now + timedelta(days=3)))
        case "not canonical":
            message = accepted(case, payload=codec.encode("Acceptance", acceptance()) + b"\0")
        case "other record":
            message = accepted(case, payload=codec.encode("Decision", decision()))
        case "turn":
            message = write(case, "decision.made", decision(), {"outcome": "granted"})
        case _:
            message = accepted(case)
            message.signature = accepted(case).signature
            message.evidence = case.hub.receipt(
                message.body, message.signature, at=case.now, message_id=message.envelope.id
            )
    planned = case.window.rows(select(tables.local_writes))
    for _ in range(2):
        message.to(case.window)
        case.window.handle()
        case.later(minutes=5)
    state, told, signed = standing(case.window)
    assert (state, len(told), len(signed)) == ("submitted", 1, 1)
    assert told[0].startswith(code)
    assert case.window.rows(select(tables.local_writes)) == planned
    with case.window.store.read() as tx:
        record = case.window.box.record(tx, signed[0])
    assert (record["code"], record["message_id"]) == (told[0], message.envelope.id)
    assert record["sentence_zh"]
    assert record["remedy_zh"]


_BETWEEN_COUNTIES = sorted(name for name, kind in TYPES.items() if kind.receiver is not Party.HUB)


@pytest.mark.parametrize("liar", ["the hub's signer", "a third county", "the other party"])
@pytest.mark.parametrize("kind", _BETWEEN_COUNTIES)
def test_nobody_else_may_send_any_type(world: World, kind: str, liar: str) -> None:
    """The hub's own signer, a third county, and the party whose turn it is not: refused, and nothing moves."""
    if liar == "the other party" and TYPES[kind].sender is Party.EITHER and TYPES[kind].chained:
        return  # both parties send papers: the other one is no liar
    begin_at(world, "case.handed_over")
    record, facts = _as_sent(world, kind)
    from_window = TYPES[kind].sender is Party.WINDOW
    source, victim = (WINDOW, world.issuing) if from_window else (ISSUING, world.window)
    expected = {NOT_A_PARTY.code, CASE_UNKNOWN.code}
    if liar == "the hub's signer":  # the hub can write an envelope in a county's name, but not sign as that county
        message = write(world, kind, record, facts, source=source, destination=victim.code, signer=world.network.grants)
        expected = {SIGNER_UNKNOWN.code}
    elif liar == "a third county":
        message = write(world, kind, record, facts, source=FOREIGN, destination=victim.code)
    else:
        receiver = victim
        victim = world.counties[source]
        message = write(world, kind, record, facts, source=receiver.code, destination=source)
        if TYPES[kind].sender is Party.EITHER:  # both may send words, but only about what was sent to them
            expected = {CASE_UNKNOWN.code}
    before = _everything(world)
    message.to(victim)
    victim.handle()
    world.later(days=2)
    victim.handle()
    assert {code for (code,) in victim.rows(select(tables.troubles.c.code))} <= expected
    assert victim.rows(select(tables.troubles.c.code)) != []
    assert _everything(world) == before


# Of the steps that the straight road does not have, a good record each.
_OTHER_RUNGS = {
    "supplement.requested": county_records.supplement_request,
    "supplement.provided": county_records.supplement,
    "application.not_accepted": county_records.non_acceptance,
    "review.advanced": county_records.review_step,
    "procedure.opened": county_records.special_procedure,
    "procedure.closed": county_records.procedure_result,
    "deadline.extended": county_records.extension,
    "case.withdrawn": county_records.withdrawal,
    "case.terminated": county_records.termination,
    "license.state_changed": county_records.license_state_change,
    "print.revoked": county_records.print_revocation,
    "case.closed": county_records.closing,
}


def _as_sent(world: World, kind: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Record and facts of the message of this type that the case's rightful party sent."""
    for county in (world.window, world.issuing):
        sent = select(tables.outbox.c.message_id, tables.outbox.c.body).where(tables.outbox.c.type == kind)
        for message_id, body in county.rows(sent):
            with county.store.read() as tx:
                facts = Envelope.parse(body).facts
                return county.box.record(tx, message_id), dict(facts) if facts else None
    if kind == "message.refused":
        return refusal(new_id()), {"code": "E-ADM-102"}
    record = _OTHER_RUNGS[kind]() if kind in _OTHER_RUNGS else (around_records.GOOD | review_records.REVIEWS)[kind]
    return record, facts_of(kind, record)


def _everything(world: World) -> list[Any]:
    """What no liar may change: cases, print ledger, outboxes but for refusals, and planned local writes."""
    outbox = select(tables.outbox.c.message_id, tables.outbox.c.state).where(tables.outbox.c.type != "message.refused")
    return [
        county.rows(each)
        for county in world.counties.values()
        for each in (select(tables.cases), select(PRINTS), outbox, select(tables.local_writes.c.message_id))
    ]


def test_same_id_other_bytes_is_kept_apart_and_refused(case: World) -> None:
    """The first stands; the second is kept as it came, noted, and nobody is told that his own message was refused."""
    first = accepted(case)
    second = accepted(case, id=first.envelope.id, record=acceptance(clerk="别人"))
    for each in (first, second):
        each.to(case.window)
        case.window.handle()
    assert standing(case.window) == ("accepted", [OTHER_BYTES.code], [])
    states = case.window.rows(select(tables.inbox.c.state).where(tables.inbox.c.message_id == first.envelope.id))
    assert states == [("applied",), ("refused",)]


def test_a_delivery_under_another_name_is_not_believed(case: World) -> None:
    """The broker's properties are checked against the envelope; the genuine message still goes through."""
    message = accepted(case)
    message.to(case.window, message_id=new_id())
    message.to(case.window, type_="decision.made")
    case.window.handle()
    assert standing(case.window) == ("submitted", [COPIES_DIFFER.code] * 2, [])
    message.to(case.window, type_="application.accepted")
    case.window.handle()


def test_garbage_is_kept_and_refused_without_an_answer(case: World) -> None:
    """Bytes that are no envelope have nobody to answer; the others behind them go on."""
    case.window.arrive(os.urandom(100), "", source="", message_id="junk", type_="application.accepted")
    case.window.arrive(os.urandom(100), "", source=HUB, message_id="junk2", type_="print.granted")
    accepted(case).to(case.window)
    case.window.handle()
    state, told, signed = standing(case.window)
    assert (state, len(told), signed) == ("accepted", 2, [])


def test_an_unknown_signer_waits_for_the_directory(case: World) -> None:
    """A certificate newer than our directory: waits, and goes on by itself when the directory comes."""
    fresh = issue(case.network.transport, Role.COUNTY_SIGNING, ISSUING)
    accepted(case, signer=fresh).to(case.window)
    case.window.handle()
    assert standing(case.window) == ("submitted", [], [])
    entry = case.hub.county(ISSUING, now=case.now)
    entry["signing_certificates"] = [*entry["signing_certificates"], keys.der(fresh.certificate)]
    both = [entry, case.hub.county(WINDOW, now=case.now)]
    case.window.arrive_directory(*case.hub.directory(now=case.now, counties=both))
    case.window.handle()
    case.window.handle()
    assert standing(case.window) == ("accepted", [], [])


def test_an_unknown_signer_is_refused_after_a_day(case: World) -> None:
    """By then every directory would have come."""
    fresh = issue(case.network.transport, Role.COUNTY_SIGNING, ISSUING)
    accepted(case, signer=fresh).to(case.window)
    case.window.handle()
    case.later(days=1, seconds=1)
    case.window.handle()
    state, told, signed = standing(case.window)
    assert (state, told, len(signed)) == ("submitted", [SIGNER_UNKNOWN.code], 1)


def test_a_missing_predecessor_is_waited_for(case: World) -> None:
    """The successor is committed and signed for at once, waits however long it takes, and is then applied at once."""
    first = accepted(case)
    second = write(case, "decision.made", decision(), {"outcome": "granted"}, prev=first.envelope.id)
    second.to(case.window)
    for _ in range(30):
        case.window.handle()
        case.later(minutes=2)
    assert standing(case.window) == ("submitted", [], [])
    assert [row.type for row in case.window.due()][-1] == "message.received"
    first.to(case.window)
    case.window.handle()
    case.window.handle()
    assert standing(case.window) == ("granted", [], [])


def test_a_message_for_a_retired_key_is_opened(case: World) -> None:
    """After renewal the old key still opens what was encrypted for it."""
    old = issue(case.network.transport, Role.COUNTY_ENCRYPTION, WINDOW)
    identity = case.window.identity
    kept = {**identity.encryption_keys, keys.thumbprint(old.certificate): old.key}
    case.window.identity = replace(identity, encryption_keys=kept)
    case.window.start()
    accepted(case, recipient=old.certificate).to(case.window)
    case.window.handle()
    assert standing(case.window)[0] == "accepted"


def test_an_arrival_that_makes_the_program_stumble_holds_up_nobody(
    case: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again later, a person is told in time, and what lies behind it is handled at once."""
    from adapters.boxes import handling

    real = handling.open_message

    def stumbling(row: Any, **more: Any) -> Any:
        if row.message_id == bad.envelope.id:
            raise ZeroDivisionError
        return real(row, **more)

    bad, good = accepted(case), accepted(case)
    monkeypatch.setattr(handling, "open_message", stumbling)
    for each in (bad, good):
        each.to(case.window)
    case.window.handle()
    assert standing(case.window) == ("accepted", [], [])
    for _ in range(10):
        case.later(minutes=2)
        case.window.handle()
    assert standing(case.window) == ("accepted", [handling.STUMBLED.code], [])


def test_the_second_application_for_a_case_is_refused(case: World) -> None:
    """The opening message fixes the parties once."""
    message = write(
        case, "application.submitted", application(), facts_of("application.submitted", application()),
        source=WINDOW, destination=ISSUING,
    )  # fmt: skip
    message.to(case.issuing)
    case.issuing.handle()
    assert standing(case.issuing)[1] == ["E-ADM-102"]


def test_a_case_number_of_another_county_opens_nothing(case: World) -> None:
    """A county mints numbers under its own code only."""
    message = write(
        case, "application.submitted", application(), facts_of("application.submitted", application()),
        source=FOREIGN, destination=ISSUING, case_no=case_no(17),
    )  # fmt: skip
    message.to(case.issuing)
    case.issuing.handle()
    assert standing(case.issuing)[1] == [CASE_UNKNOWN.code]


def test_a_word_about_anothers_message_settles_nothing(case: World) -> None:
    """A party of another case cannot close or refuse a message that did not go to it."""
    ((row,),) = [case.window.rows(select(tables.outbox).where(tables.outbox.c.type == "application.submitted"))]
    case.foreign.source.add("application.submitted", "F1", application(), destination=WINDOW, item=ITEM)
    message = write(
        case, "message.refused", refusal(row.message_id), {"code": "E-ADM-102"}, source=FOREIGN,
        in_reply_to=row.message_id,
    )  # fmt: skip
    message.to(case.window)
    case.window.handle()
    states = case.window.rows(select(tables.outbox.c.state).where(tables.outbox.c.message_id == row.message_id))
    assert states == [("received",)]
