"""Every rung between two counties: each moves both, in turn, whatever crosses; what may not be said is not sent."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from adapters.authority.ownlicenses import NOT_OURS
from adapters.boxes import refused
from adapters.printing.ledger import NOT_KNOWN, WRONG_STATE
from adapters.printing.states import PrintState
from adapters.printing.tables import PRINTS, SpoilReason
from adapters.store import tables
from schemas.documents import DEFECTS_MISSING, REASONS_MISSING, REMEDIES_MISSING
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.identifiers.license import LicenseIdentifier
from schemas.licensestates import STATE_CHANGE_WRONG
from schemas.lifecycle import OUT_OF_TURN, CaseState
from schemas.messages import NOT_A_PARTY
from tests.county_begun import begin_at
from tests.county_records import (
    acceptance,
    application,
    closing,
    decision,
    extension,
    license_state_change,
    non_acceptance,
    print_revocation,
    procedure_result,
    refusal,
    review_step,
    special_procedure,
    supplement,
    supplement_request,
    termination,
    withdrawal,
)  # fmt: skip
from tests.county_world import County, World

S = CaseState


def states(world: World) -> set[str]:
    """Where both counties see the newest case."""
    mine = select(tables.cases.c.state).where(tables.cases.c.case_no == world.case_no())
    return {state for county in (world.window, world.issuing) for (state,) in county.rows(mine)}


def say(world: World, county: County, kind: str, record: dict[str, Any]) -> None:
    """One local record of the newest case, and everything that follows."""
    case = "WQ1" if county is world.window else world.case_no()
    county.source.add(kind, case, record, key=f"{case}/{kind}/{len(county.source.records)}")
    world.settle()


def told(county: County) -> list[str]:
    """Codes of what people at this county were told."""
    return [code for (code,) in county.rows(select(tables.troubles.c.code))]


def sent(county: County, kind: str) -> list[dict[str, Any]]:
    """The facts of this county's messages of a type that nobody refused."""
    outbox = tables.outbox.c
    found = county.rows(select(outbox.body).where(outbox.type == kind, outbox.state != "refused"))
    return [dict(Envelope.parse(body).facts or {}) for (body,) in found]


def authorisation(world: World) -> str:
    """The first authorisation of the newest case."""
    return f"{world.case_no()}-D1-1"


def prints(world: World) -> dict[str, str]:
    """The window's print ledger."""
    return {
        number: str(state) for number, state in world.window.rows(select(PRINTS.c.authorisation_no, PRINTS.c.state))
    }


def identifier(world: World) -> str:
    """The identifier of the newest case's license."""
    return str(sent(world.issuing, "license.issued")[-1]["license_identifier"])


def test_the_long_way_to_a_decision(world: World) -> None:
    """Supplement, acceptance, reviews, a special procedure, an extension: each moves both counties."""
    begin_at(world, "application.submitted")
    for county, kind, record, after in (
        (world.issuing, "supplement.requested", supplement_request(), S.SUPPLEMENT_REQUESTED),
        (world.window, "supplement.provided", supplement(), S.SUPPLEMENTED),
        (world.issuing, "application.accepted", acceptance(), S.ACCEPTED),
        (world.issuing, "review.advanced", review_step(), S.ACCEPTED),
        (world.issuing, "procedure.opened", special_procedure(), S.SPECIAL),
        (world.issuing, "procedure.closed", procedure_result(), S.ACCEPTED),
        (world.issuing, "deadline.extended", extension(), S.ACCEPTED),
        (world.issuing, "decision.made", decision(), S.LICENSED),
    ):
        say(world, county, kind, record)
        assert states(world) == {after}, kind
        other = world.issuing if county is world.window else world.window
        assert kind in other.sink.order, kind
    assert told(world.window) + told(world.issuing) == []


@pytest.mark.parametrize(
    ("kind", "record", "after"),
    [
        ("application.not_accepted", non_acceptance(), S.NOT_ACCEPTED),
        ("case.terminated", termination(), S.TERMINATED),
    ],
)
def test_the_authority_may_end_a_case(world: World, kind: str, record: dict[str, Any], after: CaseState) -> None:
    """With reasons and remedies; nothing comes after it."""
    begin_at(world, "application.submitted")
    say(world, world.issuing, kind, record)
    assert states(world) == {after}
    say(world, world.issuing, "application.accepted", acceptance())
    assert states(world) == {after}
    assert told(world.issuing) == [OUT_OF_TURN.code]


def test_a_decision_waits_for_the_end_of_the_special_procedure(world: World) -> None:
    """What the local system says too early is kept, and goes out when its turn has come."""
    begin_at(world, "application.accepted")
    say(world, world.issuing, "procedure.opened", special_procedure())
    say(
        world,
        world.issuing,
        "decision.made",
        decision(outcome="denied", reasons="不符合条件。", remedies="可以申请复议。"),
    )
    assert states(world) == {S.SPECIAL}
    say(world, world.issuing, "procedure.closed", procedure_result())
    world.later(minutes=10)
    world.settle()
    assert states(world) == {S.DENIED}
    say(world, world.issuing, "case.closed", closing(result="denied"))
    assert states(world) == {S.CLOSED}


@pytest.mark.parametrize(
    ("kind", "record", "code"),
    [
        ("decision.made", decision(outcome="denied", remedies="可以申请复议。"), REASONS_MISSING),
        ("decision.made", decision(outcome="denied", reasons="不符合条件。"), REMEDIES_MISSING),
        ("case.terminated", termination(reasons=" "), REASONS_MISSING),
    ],
)
def test_a_document_that_lacks_what_the_law_asks_is_not_sent(world: World, kind: str, record: Any, code: Any) -> None:
    """The county's own adapter refuses it, the case stays where it was, and corrected it goes out."""
    begin_at(world, "application.accepted")
    say(world, world.issuing, kind, record)
    assert states(world) == {S.ACCEPTED}
    assert told(world.issuing) == [code.code]
    assert sent(world.issuing, kind) == []


def test_a_supplement_request_without_defects_is_not_sent(world: World) -> None:
    """All defects at once: none is none; one without remedy helps nobody; a second notice has no turn."""
    begin_at(world, "application.submitted")
    for flawed in (supplement_request(defects=[]), supplement_request(defects=[
        {"material_code": None, "material": "章程", "problem": "缺页", "remedy": ""}
    ])):  # fmt: skip
        say(world, world.issuing, "supplement.requested", flawed)
        assert set(told(world.issuing)) == {DEFECTS_MISSING.code}
    assert states(world) == {S.SUBMITTED}


def test_only_the_party_whose_step_it_is_may_say_it(world: World) -> None:
    """The window does not decide, the authority does not withdraw: refused before anything is signed."""
    begin_at(world, "application.accepted")
    say(world, world.window, "decision.made", decision())
    say(world, world.issuing, "case.withdrawn", withdrawal())
    assert (told(world.window), told(world.issuing)) == ([NOT_A_PARTY.code], [NOT_A_PARTY.code])
    assert states(world) == {S.ACCEPTED}


def test_a_withdrawal_that_crosses_an_acceptance_stands(world: World) -> None:
    """Both were admitted, the acceptance first: the window applies it though it had withdrawn already."""
    begin_at(world, "application.submitted")
    case_no = world.case_no()
    world.window.source.add("case.withdrawn", "WQ1", withdrawal())
    world.issuing.source.add("application.accepted", case_no, acceptance())
    assert (world.window.read(), world.issuing.read()) == (1, 1)
    world.carry(world.issuing, deliver=False)
    world.carry(world.window, deliver=False)
    world.settle()
    assert states(world) == {S.WITHDRAWN}
    assert told(world.window) + told(world.issuing) == []


def test_a_withdrawal_after_the_decision_is_taken_back(world: World) -> None:
    """The decision was admitted first, the hub refuses the withdrawal: the window ends where the hub is."""
    begin_at(world, "application.accepted")
    case_no = world.case_no()
    world.window.source.add("case.withdrawn", "WQ1", withdrawal())
    world.issuing.source.add(
        "decision.made", case_no, decision(outcome="denied", reasons="不符合条件。", remedies="可以申请复议。")
    )
    assert (world.window.read(), world.issuing.read()) == (1, 1)
    (late,) = [row for row in world.window.due() if row.type == "case.withdrawn"]
    world.window.seen.add(late.message_id)
    world.settle()
    assert states(world) >= {S.DENIED}
    told_no = refusal(late.message_id, now=world.now)
    receipt = world.hub.receipt(late.body, late.signature, at=world.now, message_id=late.message_id, refusal=told_no)
    world.window.arrive_receipt(receipt)
    world.settle()
    assert states(world) == {S.DENIED}
    assert told(world.window) == [OUT_OF_TURN.code]


def waiting(county: County) -> list[str]:
    """Types of the local records that wait for their turn."""
    return [kind for (kind,) in county.rows(select(tables.waiting_records.c.type))]


def test_what_can_never_have_its_turn_does_not_wait(world: World) -> None:
    """A second notice of what is missing is told once, and stays as it was told, however the case goes on."""
    world.up_to("application.submitted")
    for _ in range(2):
        say(world, world.issuing, "supplement.requested", supplement_request())
    assert waiting(world.issuing) == []
    (before,) = world.issuing.rows(select(tables.troubles))
    assert (before.code, before.found) == (OUT_OF_TURN.code, "supplement.requested (supplement_requested)")
    say(world, world.window, "supplement.provided", supplement())
    world.later(days=1)
    world.settle()
    assert world.issuing.rows(select(tables.troubles)) == [before]


def test_what_a_refusal_may_yet_let_through_waits(world: World) -> None:
    """While the hub has not said yes to our own termination, an acceptance may still have its turn."""
    world.up_to("application.submitted")
    for kind, record in (("case.terminated", termination()), ("application.accepted", acceptance())):
        world.issuing.source.add(kind, world.case_no(), record)
        world.issuing.read()
    assert waiting(world.issuing) == ["application.accepted"]
    world.settle()
    world.later(minutes=10)
    world.settle()
    assert waiting(world.issuing) == []
    assert states(world) == {S.TERMINATED}
    assert told(world.issuing) == [OUT_OF_TURN.code]


def test_a_license_that_has_ended_is_not_printed(world: World) -> None:
    """Its waiting authorisation ends at the window at once; nobody can claim it any more."""
    begin_at(world, "print.authorised")
    say(world, world.issuing, "license.state_changed", license_state_change(license_identifier=identifier(world)))
    assert prints(world) == {authorisation(world): PrintState.REVOKED}
    with pytest.raises(YunhuobanError, match=WRONG_STATE.code):
        world.window.room.ask(authorisation(world))
    assert states(world) == {S.LICENSED}


def test_a_grant_for_an_ended_license_is_given_back(world: World) -> None:
    """It was granted and not started when the word came: the station's signed answer ends the hub's grant, once."""
    begin_at(world, "print.authorised")
    world.grant = False
    world.window.room.ask(authorisation(world))
    world.settle()
    (claim,) = [row for row in world.window.rows(select(tables.outbox)) if row.type == "print.claimed"]
    world.answer(world.window, Envelope.parse(claim.body))
    world.deliver()
    world.window.handle()  # the grant is kept, and the sheet lined up; nothing is printed yet
    world.issuing.source.add(
        "license.state_changed", world.case_no(), license_state_change(license_identifier=identifier(world))
    )
    world.issuing.read()
    world.carry(world.issuing)
    world.window.handle()
    world.settle()
    assert prints(world) == {authorisation(world): PrintState.REVOKED}
    assert [each["result"] for each in sent(world.window, "print.settled")] == ["revoked"]
    assert world.window.printer.sheets == []
    world.later(hours=1)
    world.settle()
    assert len(sent(world.window, "print.settled")) == 1


def test_one_authorisation_may_be_taken_back(world: World) -> None:
    """Only one that this county gave, in this case."""
    begin_at(world, "print.authorised")
    say(world, world.issuing, "print.revoked", print_revocation(authorisation_no="A-of-nobody"))
    assert told(world.issuing) == ["E-PRINT-305"]
    say(world, world.issuing, "print.revoked", print_revocation(authorisation_no=authorisation(world)))
    assert prints(world) == {authorisation(world): PrintState.REVOKED}
    assert NOT_KNOWN.code not in told(world.window)


def test_what_has_ended_is_not_logged_as_taken_back_again(world: World) -> None:
    """The log says what happened: one revocation, however often the county says it."""
    begin_at(world, "print.authorised")
    with capture_logs() as logs:
        for _ in range(2):
            say(world, world.issuing, "print.revoked", print_revocation(authorisation_no=authorisation(world)))
    taken_back = [each for each in logs if each["event"] == "print.revoked"]
    assert [each["authorisation_no"] for each in taken_back] == [authorisation(world)]


def test_a_suspended_license_keeps_its_authorisation(world: World) -> None:
    """Suspension is not the end: the hub grants nothing meanwhile, and it may be lifted."""
    begin_at(world, "print.authorised")
    for state in ("suspended", "valid"):
        record = license_state_change(license_identifier=identifier(world), license_state=state)
        say(world, world.issuing, "license.state_changed", record)
    assert prints(world) == {authorisation(world): PrintState.AUTHORISED}
    assert [each["license_state"] for each in sent(world.issuing, "license.state_changed")] == ["suspended", "valid"]


def test_an_ended_license_stays_ended(world: World) -> None:
    """The county's own adapter refuses what no license does."""
    begin_at(world, "print.authorised")
    for state in ("revoked", "valid"):
        record = license_state_change(license_identifier=identifier(world), license_state=state)
        say(world, world.issuing, "license.state_changed", record)
    assert told(world.issuing) == [STATE_CHANGE_WRONG.code]
    assert len(sent(world.issuing, "license.state_changed")) == 1


def unsent(county: County, kind: str) -> Any:
    """This county's only message of a type that lies in its outbox; nobody carries it any more."""
    (row,) = [each for each in county.due() if each.type == kind]
    county.seen.add(row.message_id)
    return row


def turned_away(world: World, county: County, row: Any, code: str = OUT_OF_TURN.code) -> None:
    """The hub's receipt says that it was refused."""
    said = refusal(row.message_id, code=code, now=world.now)
    receipt = world.hub.receipt(row.body, row.signature, at=world.now, message_id=row.message_id, refusal=said)
    county.arrive_receipt(receipt)
    world.settle()


def own_licenses(county: County) -> list[tuple[str, str]]:
    """What this county believes of the licenses that it issued."""
    columns = tables.own_licenses.c
    return [tuple(row) for row in county.rows(select(columns.license_identifier, columns.state))]


def test_a_change_of_state_that_the_hub_refused_is_taken_back(world: World) -> None:
    """The license is what the hub's journal says, not what the county wanted; a person is told, and may try again."""
    world.up_to("print.authorised")
    issuing, number = world.issuing, identifier(world)
    say(world, issuing, "license.state_changed", license_state_change(license_identifier=number,
                                                                      license_state="suspended"))  # fmt: skip
    revoked = license_state_change(license_identifier=number, license_state="revoked")
    issuing.source.add("license.state_changed", world.case_no(), revoked, key="revoked")
    issuing.read()
    assert own_licenses(issuing) == [(number, "revoked")], "taken at its word until the hub has judged it"
    turned_away(world, issuing, unsent(issuing, "license.state_changed"))
    assert own_licenses(issuing) == [(number, "suspended")]
    assert told(issuing) == [OUT_OF_TURN.code]
    say(world, issuing, "license.state_changed", license_state_change(license_identifier=number,
                                                                      license_state="valid"))  # fmt: skip
    assert own_licenses(issuing) == [(number, "valid")]
    assert told(issuing) == [OUT_OF_TURN.code], "what would be no change of a revoked license is one of a valid one"


LATE = "E-ADM-021", "E-ADM-106", "E-ADM-108"
"""Expired on its way, a supplement asked for too late, a promise beyond the limit: only the hub's clock can say."""


@pytest.mark.parametrize("code", LATE)
def test_what_only_the_hub_can_find_too_late_is_told_under_its_code(world: World, code: str) -> None:
    """The case stands where it stood in both counties, the record is kept, and what is said instead goes its way."""
    world.up_to("application.submitted")
    issuing = world.issuing
    issuing.source.add("application.accepted", world.case_no(), acceptance())
    issuing.read()
    row = unsent(issuing, "application.accepted")
    turned_away(world, issuing, row, code)
    assert told(issuing) == [code]
    assert "message.refused" in issuing.sink.order, "its own system is told"
    assert states(world) == {S.SUBMITTED}
    with issuing.store.read() as tx:
        assert issuing.box.record(tx, row.message_id) == acceptance()
    issuing.source.add("application.accepted", world.case_no(), acceptance(clerk="改正者"))
    world.settle()
    assert states(world) == {S.ACCEPTED}


def test_a_license_that_the_hub_refused_is_none_of_ours(world: World) -> None:
    """No journal has it, so there is nothing to change or to print."""
    world.up_to("application.accepted")
    issuing = world.issuing
    issuing.source.add("decision.made", world.case_no(), decision())
    issuing.read()
    world.carry(issuing)
    world.issuing.handle()
    assert issuing.issue() == 1
    assert len(own_licenses(issuing)) == 1
    turned_away(world, issuing, unsent(issuing, "license.issued"))
    assert own_licenses(issuing) == []


def test_a_change_that_only_the_window_refused_stands(world: World) -> None:
    """The hub has admitted it, and grants nothing any more: that is what the journal says."""
    world.up_to("print.authorised")
    issuing, number = world.issuing, identifier(world)
    revoked = license_state_change(license_identifier=number, license_state="revoked")
    issuing.source.add("license.state_changed", world.case_no(), revoked)
    issuing.read()
    world.carry(issuing)
    issuing.handle()
    (row,) = issuing.rows(select(tables.outbox).where(tables.outbox.c.type == "license.state_changed"))
    with issuing.store.write() as tx:
        refused.end(
            tx, row, refusal(row.message_id, now=world.now), receipt=None, box=issuing.box, identity=issuing.identity,
            directory=issuing.directory(tx), now=world.now,
        )  # fmt: skip
    assert own_licenses(issuing) == [(number, "revoked")]


def test_a_license_of_nobody_here_is_not_changed(world: World) -> None:
    """A number mistyped in the local system changes no other license: told, and nothing is sent."""
    begin_at(world, "print.authorised")
    say(world, world.issuing, "license.state_changed", license_state_change(license_identifier="x"))
    assert told(world.issuing) == [NOT_OURS.code]
    assert sent(world.issuing, "license.state_changed") == []


def test_a_spoiled_sheet_of_an_ended_license_is_not_replaced(world: World) -> None:
    """The license ended while the sheet was out: spoiled, and nothing follows."""
    begin_at(world, "print.claimed")
    say(world, world.issuing, "license.state_changed", license_state_change(license_identifier=identifier(world)))
    with pytest.raises(YunhuobanError, match="E-PRINT-109"):
        world.window.sheets.confirm(authorisation(world), stock_serial="S1", by="desk")
    world.window.sheets.spoil(authorisation(world), stock_serial="S1", reason=SpoilReason.JAM, by="desk")
    world.settle()
    assert prints(world) == {authorisation(world): PrintState.SPOILED}
    assert len(sent(world.issuing, "print.authorised")) == 1


def test_a_renewed_license_is_the_next_version(world: World) -> None:
    """A second case renews the first one's license: the first window is told, and prints it no more."""
    begin_at(world, "print.authorised")
    first_case, first = world.case_no(), identifier(world)
    world.later(minutes=5)
    world.window.source.add("application.submitted", "WQ2", application())
    world.settle()
    second_case = world.case_no()
    assert second_case != first_case
    for kind, record in (
        ("application.accepted", acceptance()),
        ("decision.made", decision(renews=first, decided_at=world.now - timedelta(minutes=1))),
    ):
        world.issuing.source.add(kind, second_case, record)
        world.settle()
    assert identifier(world) == str(LicenseIdentifier.parse(first).next_version())
    changed = sent(world.issuing, "license.state_changed")
    assert changed == [{"license_identifier": first, "license_state": "superseded"}]
    assert prints(world) == {f"{first_case}-D1-1": PrintState.REVOKED, f"{second_case}-D1-1": PrintState.AUTHORISED}


def test_another_authoritys_license_is_not_renewed(world: World) -> None:
    """The decision names a license of somebody else: no license is made, and a person is told."""
    begin_at(world, "application.accepted")
    foreign = str(LicenseIdentifier.build("11100000MB0143028R001", "11130928MB00000005", "7"))
    say(world, world.issuing, "decision.made", decision(renews=foreign))
    assert told(world.issuing) == ["E-LIC-011"]
    assert states(world) == {S.GRANTED}
