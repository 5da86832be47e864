"""Every numbered check of admission and every code it refuses with: journalled, told, nothing delivered."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from certs import signing
from hub.broker import Delivery as Incoming
from hub.intake import refusals
from hub.intake.inspection import SIGNATURES
from hub.registry import county, trust
from hub.store import tables
from schemas import codec, topology
from schemas.divisions import register
from schemas.errors import Code
from schemas.lifecycle import OUT_OF_TURN
from schemas.messages import NOT_A_PARTY
from schemas.tracing import trace_id
from tests.hub_world import FOREIGN, ISSUING, START, WINDOW, Case, Message, World, proves, sign

Trial = Callable[[World, Case], "Bad"]


@dataclass(frozen=True)
class Bad:
    """A message that must be refused, and whose receipt says so."""

    message: Message
    delivery: Incoming
    place: str


def bad(message: Message, place: str, **forged: object) -> Bad:
    """The message, with properties forged on its way."""
    return Bad(message, message.delivery(**forged), place)


def headers(message: Message, **more: object) -> dict[str, object]:
    """The headers of a message and one more."""
    return {SIGNATURES: [message.signature], **more}


def odd(name: str) -> Trial:
    """A property that nobody may set."""

    def trial(_: World, case: Case) -> Bad:
        message = case.application()
        return bad(message, "properties", properties_set=message.delivery().properties_set | {name})

    return trial


def odd_header(name: str) -> Trial:
    """A header that nobody may set."""

    def trial(_: World, case: Case) -> Bad:
        message = case.application()
        return bad(message, "properties", headers=headers(message, **{name: ["county.340321.inbox"]}))

    return trial


def too_large(_: World, case: Case) -> Bad:
    """1: size, before anything else."""
    message = case.application()
    return bad(message, "body", body=bytes(4 * 2**20 + 1))


def wrong_content_type(_: World, case: Case) -> Bad:
    """2."""
    return bad(case.application(), "properties", content_type="application/json")


def no_signature(_: World, case: Case) -> Bad:
    """6, seen with the headers."""
    return bad(case.application(), SIGNATURES, headers={})


def two_signatures(_: World, case: Case) -> Bad:
    """6: one signature, not two, even when both are good."""
    message = case.application()
    return bad(message, SIGNATURES, headers={SIGNATURES: [message.signature, message.signature]})


def endless_signature(_: World, case: Case) -> Bad:
    """6: nothing longer than a signature is stored as one."""
    return bad(case.application(), SIGNATURES, headers={SIGNATURES: ["x" * 2000]})


def wrong_road(_: World, case: Case) -> Bad:
    """4: only claims take the express road."""
    return bad(case.application(), "exchange", exchange=topology.EXPRESS)


def claim_on_slow_road(world: World, case: Case) -> Bad:
    """4."""
    case.up_to("print.authorised")
    return bad(case.claim(), "exchange", exchange=topology.SUBMIT)


def other_user(_: World, case: Case) -> Bad:
    """4: the broker's user is the source."""
    return bad(case.application(), "source", user_id=ISSUING)


def other_type(_: World, case: Case) -> Bad:
    """4."""
    return bad(case.application(), "type", type="decision.made")


def other_shard(_: World, case: Case) -> Bad:
    """4: the routing key's shard follows from the case."""
    message = case.application()
    number = (topology.shard(case.case_no) + 1) % 16
    return bad(message, "routing_key", routing_key=f"from.{WINDOW}.{number:02d}.application.submitted")


def suspended(world: World, case: Case) -> Bad:
    """5."""
    message = case.application()
    with world.store.write() as tx:
        county.set_state(tx, WINDOW, "suspended")
    return bad(message, "source")


def foreign_signer(world: World, case: Case) -> Bad:
    """6: another county's signature."""
    return bad(case.application(signer=world.network.counties[FOREIGN]), SIGNATURES)


def future(world: World, case: Case) -> Bad:
    """9."""
    at = world.now + timedelta(minutes=5, milliseconds=1)
    return bad(case.application(time=at, expires=at + timedelta(days=1)), "time")


def expired(world: World, case: Case) -> Bad:
    """9: an end that has come is an end."""
    return bad(case.application(time=world.now - timedelta(days=1), expires=world.now), "expires")


def same_id_other_bytes(world: World, case: Case) -> Bad:
    """10."""
    first = case.application()
    world.send(first)
    return bad(sign(replace(first.envelope, data=os.urandom(9)), world.network.counties[WINDOW]), "id")


def unknown_destination(_: World, case: Case) -> Bad:
    """11."""
    return bad(case.application(destination="110101", encrypted_for=bytes(32)), "destination")


def division_of_before(_: World, case: Case) -> Bad:
    """11: 任县 became 任泽区 at the end of 2020."""
    return bad(case.application(destination="130527", encrypted_for=bytes(32)), "destination")


def suspended_destination(world: World, case: Case) -> Bad:
    """11."""
    message = case.application()
    with world.store.write() as tx:
        county.set_state(tx, ISSUING, "suspended")
    return bad(message, "destination")


def item_not_offered(world: World, case: Case) -> Bad:
    """11."""
    return bad(case.application(service_item=world.network.item[:30] + "1"), "service_item")


def key_of_another(world: World, case: Case) -> Bad:
    """12."""
    return bad(case.application(encrypted_for=world.network.counties[FOREIGN].encrypted_for), "encrypted_for")


def contract_not_read(world: World, case: Case) -> Bad:
    """12: the destination states another version of the contract only."""
    one = tables.counties.c.division_code == ISSUING
    with world.store.write() as tx:
        body = tx.execute(select(tables.counties.c.key_statement).where(one)).scalar_one()
        stated = codec.decode(body, "KeyStatement") | {"contract_versions": ["9.9"]}
        tx.execute(tables.counties.update().where(one).values(key_statement=codec.encode("KeyStatement", stated)))
        trust.bump(tx, ISSUING)
    return bad(case.application(), "dataschema")


def refused_prev(world: World, case: Case) -> Bad:
    """14."""
    world.send(case.application(expires=world.now + timedelta(seconds=1), time=world.now - timedelta(days=1)))
    world.later(days=2)
    late = case.application(time=world.now - timedelta(days=1), expires=world.now, chain=False)
    world.send(late)
    return bad(case.hand_over(prev=late.envelope.id), "prev")


def foreign_prev(world: World, case: Case) -> Bad:
    """14: `prev` is of this case."""
    other = Case(world).up_to("application.submitted")[0]
    case.up_to("application.submitted")
    return bad(case.hand_over(prev=other.envelope.id), "prev")


def foreign_reply(world: World, case: Case) -> Bad:
    """14: what is answered is of this case."""
    case.up_to("application.submitted")
    other = Case(world).up_to("application.submitted")[0]
    return bad(case.acceptance(in_reply_to=other.envelope.id), "in_reply_to")


def received_other_bytes(_: World, case: Case) -> Bad:
    """14: a *received* signs for the bytes that were admitted, not for others."""
    application = case.up_to("application.submitted")[0]
    return bad(case.received(application, facts={"envelope_sha256": bytes(32)}), "facts.envelope_sha256")


def received_nothing(_: World, case: Case) -> Bad:
    """14: a *received* says what was received."""
    application = case.up_to("application.submitted")[0]
    return bad(case.received(application, in_reply_to=None), "in_reply_to")


def unknown_case(_: World, case: Case) -> Bad:
    """14."""
    return bad(case.acceptance(), "case_no")


def case_twice(world: World, case: Case) -> Bad:
    """14."""
    case.up_to("application.submitted")
    return bad(case.application(), "case_no")


def case_of_another(world: World, case: Case) -> Bad:
    """13: a case number begins with its opener's code."""
    return bad(case.application(case_no=Case(world, window=FOREIGN).case_no), "case_no")


def other_item_than_case(world: World, case: Case) -> Bad:
    """14."""
    case.up_to("application.submitted")
    return bad(case.acceptance(service_item=world.network.item[:30] + "1"), "service_item")


def other_trial_than_case(world: World, case: Case) -> Bad:
    """13: a trial case never becomes a real one on its way."""
    case.up_to("application.submitted")
    return bad(case.acceptance(trial=True), "trial")


def not_a_party(world: World, case: Case) -> Bad:
    """13: the window county decides nothing."""
    case.up_to("application.accepted")
    return bad(case.decision(source=WINDOW, destination=ISSUING), "type")


def out_of_turn(world: World, case: Case) -> Bad:
    """15."""
    case.up_to("application.submitted")
    return bad(case.decision(), "type")


def license_of_another_case(world: World, case: Case) -> Bad:
    """16."""
    first = Case(world)
    first.up_to("license.issued")
    case.up_to("decision.made")
    return bad(case.license(identifier=first.license_identifier), "facts.license_identifier")


def authorised_twice(world: World, case: Case) -> Bad:
    """16: one copy, one authorisation."""
    case.up_to("print.authorised")
    return bad(case.authorisation(authorisation_no="ANOTHER"), "facts.copy_no")


def number_twice(world: World, case: Case) -> Bad:
    """16: an authorisation number is used once, whoever uses it."""
    first = Case(world)
    first.up_to("print.authorised")
    case.up_to("license.issued")
    return bad(case.authorisation(authorisation_no=first.authorisation_no), "facts.authorisation_no")


def authorised_elsewhere(world: World, case: Case) -> Bad:
    """16: only the window county of the case prints."""
    case.up_to("license.issued")
    return bad(case.authorisation(target_county=FOREIGN), "facts.target_county")


def authorised_license_of_another(world: World, case: Case) -> Bad:
    """16."""
    case.up_to("license.issued")
    return bad(case.authorisation(license_identifier="1.2.156.3005.2.OTHER"), "facts.license_identifier")


def replaces_unspoiled(world: World, case: Case) -> Bad:
    """16: only a spoiled sheet is replaced."""
    case.up_to("print.authorised")
    return bad(case.authorisation(authorisation_no="A-2", replaces=case.authorisation_no), "facts.replaces")


def claim_of_nothing(world: World, case: Case) -> Bad:
    """16."""
    case.up_to("print.authorised")
    return bad(case.claim(authorisation_no="NOTHING"), "facts.authorisation_no")


def outcome_without_grant(world: World, case: Case) -> Bad:
    """16."""
    case.up_to("print.authorised")
    return bad(case.outcome(), "facts.claim_id")


def printed_without_sheet(world: World, case: Case) -> Bad:
    """16: a good sheet has a number."""
    case.up_to("print.claimed")
    return bad(case.outcome(stock_serial=""), "facts.stock_serial")


def sheet_twice(world: World, case: Case) -> Bad:
    """16: a sheet is used once, for ever."""
    first = Case(world)
    first.up_to("print.settled")
    case.up_to("print.claimed")
    return bad(case.outcome(stock_serial=f"S{first.authorisation_no}"), "facts.stock_serial")


TRIALS: list[tuple[Code, Trial]] = [
    (refusals.TOO_LARGE, too_large),
    *[(refusals.ODD_PROPERTY, odd(n)) for n in ("reply_to", "expiration", "priority", "correlation_id", "cluster_id")],
    *[(refusals.ODD_PROPERTY, odd_header(name)) for name in ("CC", "BCC", "x-death", "evidence", "anything")],
    (refusals.ODD_PROPERTY, wrong_content_type),
    (refusals.NO_SIGNATURE, no_signature),
    (refusals.NO_SIGNATURE, two_signatures),
    (refusals.NO_SIGNATURE, endless_signature),
    (refusals.WRONG_ROAD, wrong_road),
    (refusals.WRONG_ROAD, claim_on_slow_road),
    (refusals.COPIES_DISAGREE, other_user),
    (refusals.COPIES_DISAGREE, other_type),
    (refusals.COPIES_DISAGREE, other_shard),
    (refusals.NOT_ENROLLED, suspended),
    (refusals.UNKNOWN_SIGNER, foreign_signer),
    (refusals.FROM_THE_FUTURE, future),
    (refusals.EXPIRED, expired),
    (refusals.OTHER_BYTES, same_id_other_bytes),
    (refusals.UNKNOWN_DESTINATION, unknown_destination),
    (refusals.UNKNOWN_DESTINATION, suspended_destination),
    (register.OUT_OF_DATE, division_of_before),
    (refusals.ITEM_NOT_OFFERED, item_not_offered),
    (refusals.KEY_UNKNOWN, key_of_another),
    (refusals.CONTRACT_NOT_READ, contract_not_read),
    (refusals.PREDECESSOR_REFUSED, refused_prev),
    (refusals.PREDECESSOR_FOREIGN, foreign_prev),
    (refusals.PREDECESSOR_FOREIGN, foreign_reply),
    (refusals.RECEIPT_WRONG, received_other_bytes),
    (refusals.RECEIPT_WRONG, received_nothing),
    (refusals.CASE_UNKNOWN, unknown_case),
    (refusals.CASE_EXISTS, case_twice),
    (refusals.CASE_NOT_OURS, case_of_another),
    (refusals.CASE_FIELDS, other_item_than_case),
    (refusals.CASE_FIELDS, other_trial_than_case),
    (NOT_A_PARTY, not_a_party),
    (OUT_OF_TURN, out_of_turn),
    (refusals.LICENSE_EXISTS, license_of_another_case),
    (refusals.AUTHORISATION_EXISTS, authorised_twice),
    (refusals.AUTHORISATION_EXISTS, number_twice),
    (refusals.AUTHORISATION_WRONG, authorised_elsewhere),
    (refusals.AUTHORISATION_WRONG, authorised_license_of_another),
    (refusals.REPLACES_WRONG, replaces_unspoiled),
    (refusals.AUTHORISATION_UNKNOWN, claim_of_nothing),
    (refusals.OUTCOME_WRONG, outcome_without_grant),
    (refusals.STOCK_USED, printed_without_sheet),
    (refusals.STOCK_USED, sheet_twice),
]


@pytest.mark.parametrize(
    ("code", "trial"), TRIALS, ids=[f"{c.code}-{t.__name__}-{i}" for i, (c, t) in enumerate(TRIALS)]
)
def test_refused_journalled_told_and_not_delivered(world: World, code: Code, trial: Trial):
    """Each refusal: its code and field reach the sender with a proof, in both languages, and nothing goes on."""
    prepared = trial(world, Case(world))
    sender = prepared.delivery.user_id or ""
    delivered = {each: world.delivered(each) for each in (WINDOW, ISSUING, FOREIGN)}
    leaves = len(world.rows(select(tables.journal)))
    cases = world.rows(select(tables.cases))
    world.send(prepared.delivery)

    last = world.rows(select(tables.journal).order_by(tables.journal.c.leaf_index))[leaves:]
    assert [(row.source, row.verdict) for row in last] == [(sender, code.code)]
    entry = world.receipts(sender)[-1]
    signatures = prepared.delivery.headers.get(SIGNATURES, [])
    signature = signatures[0] if len(signatures) == 1 and len(signatures[0]) <= signing.MAX_TOKEN_CHARACTERS else ""
    assert proves(entry, prepared.delivery.body, signature)
    refusal = codec.decode(entry["refusal"], "Refusal")
    assert (refusal["message_id"], refusal["code"]) == (prepared.delivery.message_id, code.code)
    assert refusal["field"] == prepared.place
    assert refusal["sentence_zh"]
    assert refusal["remedy_zh"]
    assert refusal["sentence_en"]
    assert refusal["remedy_en"]
    assert {each: world.delivered(each) for each in (WINDOW, ISSUING, FOREIGN)} == delivered
    assert world.rows(select(tables.cases)) == cases
    assert prepared.delivery in world.link.acked


def test_codec_and_envelope_problems_are_refused_with_their_own_codes(world: World):
    """3: what does not decode is refused with the codec's or the envelope's code."""
    message = Case(world).application()
    world.send(message.delivery(body=message.body + b"\0"))
    assert world.receipts(WINDOW)[-1]["verdict"] == "E-CODEC-004"
    wrong = Case(world).application(id="not-a-uuid")
    world.send(wrong.delivery(message_id="x"))
    assert world.receipts(WINDOW)[-1]["verdict"] == "E-ENV-001"
    assert world.delivered(ISSUING) == []


@pytest.mark.parametrize("user", [None, "", "hub", "hub-management", "13092", "１３０９２８", "130928\n"])
def test_a_sender_that_is_no_county_gets_no_receipt(world: World, user: str | None):
    """2: without a county's user there is nobody to tell; it is journalled all the same."""
    message = Case(world).application()
    world.send(message.delivery(user_id=user))
    assert [row.source for row in world.rows(select(tables.journal))] == ["-"]
    assert world.link.published == []
    assert world.rows(select(tables.messages)) == []
    assert len(world.link.acked) == 1


def test_every_code_is_tried_here_or_in_a_named_test():
    """No refusal of admission without a test: a new code fails here until it has one."""
    elsewhere = {
        refusals.PREDECESSOR_MISSING,  # test_order
        refusals.SUPERSEDES_WRONG,  # test_superseding
        refusals.POISON,  # test_poison
        refusals.GRANT_TAKEN, refusals.GRANT_EXPIRED, refusals.GRANT_LICENSE_STATE, refusals.GRANT_STATE_OLD,
        refusals.GRANT_SETTLED, refusals.PAYLOAD_DIFFERS,  # test_grants
        refusals.GRANT_AUTHORITY_BARRED,  # test_suspending
        refusals.GRANT_REVOKED, refusals.LICENSE_UNKNOWN, refusals.SHEETS_OPEN,  # test_printledger
        refusals.NOTHING_TO_REVOKE,  # test_printledger
        refusals.LICENSE_NOT_VALID,  # test_named_licenses
        refusals.KEY_STATEMENT_WRONG, refusals.KEY_STATEMENT_OLDER,  # test_county
        refusals.GRANT_SUSPENDED, refusals.REFUSED_BEFORE,  # test_restoration
    }  # fmt: skip
    declared = {each for each in vars(refusals).values() if isinstance(each, Code)}
    others = {NOT_A_PARTY, OUT_OF_TURN, register.OUT_OF_DATE}
    assert declared == ({code for code, _ in TRIALS} - others) | elsewhere


@pytest.mark.parametrize(
    "kind",
    [
        "application",
        "acceptance",
        "decision",
        "license",
        "authorisation",
        "claim",
        "outcome",
        "hand_over",
        "received",
        "refused",
    ],
)
def test_a_foreign_county_can_do_nothing_in_a_case(world: World, kind: str):
    """Whatever a county that is no party sends in a case, correctly signed, is refused, and the case stays."""
    case = Case(world)
    sent = case.up_to("print.authorised")
    before = world.rows(select(tables.cases))
    ledger = world.rows(select(tables.print_authorisations))
    write = getattr(case, kind)
    attempts = []
    for destination in (WINDOW, ISSUING):
        changes = {"source": FOREIGN, "prev": None}
        if kind != "claim":
            changes["destination"] = destination
        attempts.append(
            write(sent[0], **changes | {"in_reply_to": None}) if kind in ("received", "refused") else write(**changes)
        )
    delivered = world.delivered(WINDOW), world.delivered(ISSUING)
    world.send(*attempts)
    verdicts = world.verdicts(FOREIGN)
    assert {verdicts[each.envelope.id] for each in attempts} == {"E-ADM-054" if kind == "application" else "E-ADM-101"}
    assert (world.delivered(WINDOW), world.delivered(ISSUING)) == delivered
    assert world.rows(select(tables.cases)) == before
    assert world.rows(select(tables.print_authorisations)) == ledger


def test_the_window_county_cannot_speak_for_the_issuing_county_nor_the_other_way(world: World):
    """The party table: each rung has one county that may send it."""
    case = Case(world)
    case.up_to("print.claimed")
    wrong = [
        case.acceptance(source=WINDOW, destination=ISSUING, chain=False),
        case.decision(source=WINDOW, destination=ISSUING, chain=False),
        case.license(source=WINDOW, destination=ISSUING, chain=False, identifier="X"),
        case.authorisation(source=WINDOW, destination=ISSUING, chain=False, authorisation_no="X"),
        case.claim(source=ISSUING, chain=False),
        case.outcome(source=ISSUING, destination=WINDOW, chain=False),
        case.hand_over(source=ISSUING, destination=WINDOW, chain=False),
    ]
    world.send(*wrong)
    verdicts = world.verdicts(WINDOW) | world.verdicts(ISSUING)
    assert {verdicts[each.envelope.id] for each in wrong} == {NOT_A_PARTY.code}


def test_a_withdrawn_offer_strands_no_running_case(world: World, network):
    """Check 11 asks for the offer when a case is opened, and never again."""
    case = Case(world)
    case.up_to("license.issued")
    with world.store.write() as tx:
        county.enrol(tx, network.counties[ISSUING].card(network.item, offers=[]), chains=network.chains(), now=START)
    rest = [case.authorisation(), case.claim(), case.outcome(), case.hand_over()]
    world.send(*rest)
    verdicts = world.verdicts(WINDOW) | world.verdicts(ISSUING)
    assert [verdicts[each.envelope.id] for each in rest] == ["admitted"] * 4


def test_the_log_names_the_trace_of_what_was_refused(world: World) -> None:
    """Under the id that every county writes into its envelopes, so that one question finds both sides."""
    case = Case(world)
    with capture_logs() as lines:
        world.send(case.application(time=world.now + timedelta(minutes=10)))
    (line,) = [each for each in lines if each["event"] == "message.refused"]
    assert line["trace_id"] == trace_id(case.case_no)
