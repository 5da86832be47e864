"""What the hub answers to print claims: signed, stored, the same for the same claim, refused with a reason."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import select, update

from certs import signing
from hub.intake import refusals
from hub.intake.refusals import GRANT_EXPIRED, GRANT_LICENSE_STATE, GRANT_SETTLED, GRANT_STATE_OLD, GRANT_TAKEN
from hub.registry import trust
from hub.store import tables
from schemas import codec, grants, topology
from schemas.errors import Code
from tests.hub_world import ISSUING, WINDOW, Case, World


def answers(world: World) -> list[dict[str, Any]]:
    """Every grant in the window county's express queue, its signature checked."""
    found = []
    for out in world.link.queue(topology.county_express(WINDOW)):
        if out.type == "print.granted":
            certificate = world.network.grants.certificate
            (signature,) = out.headers["signatures"]
            signing.verify(signature, out.body, certificate=certificate, typ=signing.Typ.GRANT)
            found.append(codec.decode(out.body, "Grant"))
    return found


def test_a_grant_goes_out_on_the_express_road(world: World):
    """Signed by the hub's signer, naming claim, station, license and its state; the receipt takes the same road."""
    case = Case(world)
    case.up_to("print.claimed")
    (grant,) = answers(world)
    assert (grant["granted"], grant["code"]) == (True, "")
    assert (grant["claim_id"], grant["station"], grant["county"]) == (case.claim_id, "station-1", WINDOW)
    assert (grant["license_identifier"], grant["license_state"]) == (case.license_identifier, "valid")
    kinds = [each.type for each in world.link.queue(topology.county_express(WINDOW))]
    assert sorted(kinds) == ["admission.receipt", "print.granted"]


def test_the_same_claim_asked_again_gets_the_same_answer(world: World):
    """A station whose start limit ran out asks again under the same id, even after the authorisation's end."""
    case = Case(world)
    case.up_to("print.claimed")
    world.later(days=12)
    world.send(case.claim(attempt=2))
    first, second = answers(world)
    assert first["granted"]
    assert second["granted"]
    assert first["granted_at"] < second["granted_at"]


def test_the_same_message_again_gets_the_very_same_bytes(world: World):
    """A duplicate claim is answered from what was stored."""
    case = Case(world)
    claim = case.up_to("print.claimed")[-1]
    world.later(hours=1)
    world.send(claim)
    first, second = [o for o in world.link.queue(topology.county_express(WINDOW)) if o.type == "print.granted"]
    assert first == second


@pytest.mark.parametrize("changes", [{"claim_id": "other"}, {"station": "station-2"}])
def test_another_claim_or_station_is_told_that_it_is_taken(world: World, changes: dict[str, str]):
    """One authorisation, one station, for ever."""
    case = Case(world)
    case.up_to("print.claimed")
    world.later(days=8)
    world.send(case.claim(**changes))
    assert [each["code"] for each in answers(world)] == ["", GRANT_TAKEN.code]


def test_one_claim_id_never_serves_two_authorisations(world: World):
    """A station makes one claim id per authorisation."""
    first, second = Case(world), Case(world)
    first.up_to("print.claimed")
    second.up_to("print.authorised")
    world.send(second.claim(claim_id=first.claim_id))
    assert answers(world)[-1]["code"] == GRANT_TAKEN.code


@pytest.mark.parametrize(
    ("code", "days", "state"),
    [(GRANT_EXPIRED, 11, "valid"), (GRANT_LICENSE_STATE, 0, "suspended"), (GRANT_LICENSE_STATE, 0, "revoked")],
)
def test_refused_with_a_reason(world: World, code: Code, days: int, state: str):
    """The message is admitted, the answer says why not, and the authorisation is not used up by it."""
    case = Case(world)
    for message in (
        case.application(),
        case.acceptance(),
        case.decision(),
        case.license(state=state),
        case.authorisation(),
    ):
        world.send(message)
    world.later(days=days)
    claim = case.claim()
    world.send(claim)
    (answer,) = answers(world)
    assert (answer["granted"], answer["code"]) == (False, code.code)
    assert world.verdicts(WINDOW)[claim.envelope.id] == "admitted"


def test_a_state_that_is_too_old_is_no_ground_to_print_on(world: World):
    """The item's policy sets the greatest age of the state that the issuing county signed."""
    case = Case(world)
    case.up_to("license.issued")
    world.later(days=8)
    world.send(case.authorisation(expires_at=world.now.replace(year=2027)))
    with world.store.write() as tx:
        tx.execute(update(tables.offers).values(greatest_state_age_seconds=7 * 24 * 3600))
        trust.bump(tx, ISSUING)
    world.send(case.claim())
    assert answers(world)[-1]["code"] == GRANT_STATE_OLD.code


def test_a_settled_authorisation_is_never_granted_again(world: World):
    """Neither to its holder nor to anybody else."""
    case = Case(world)
    case.up_to("print.settled")
    world.send(case.claim(attempt=2))
    assert answers(world)[-1]["code"] == GRANT_SETTLED.code


def test_a_spoiled_sheet_is_replaced_once(world: World):
    """Spoiled, a new authorisation that replaces it, printed; a second replacement is refused."""
    case = Case(world)
    case.up_to("print.claimed")
    world.send(case.outcome("spoiled"))
    again = case.authorisation(authorisation_no="R-1", replaces=case.authorisation_no)
    world.send(again)
    second = case.authorisation(authorisation_no="R-2", replaces=case.authorisation_no)
    world.send(second)
    verdicts = world.verdicts(ISSUING)
    assert verdicts[again.envelope.id] == "admitted"
    assert verdicts[second.envelope.id] == refusals.REPLACES_WRONG.code
    world.send(case.claim(authorisation_no="R-1", claim_id="claim-r"))
    printed = case.outcome(authorisation_no="R-1", claim_id="claim-r", stock_serial="S-NEW")
    world.send(printed)
    assert world.verdicts(WINDOW)[printed.envelope.id] == "admitted"


def test_what_was_taken_back_is_replaced_once_nobody_holds_it(world: World):
    """Revoked before anybody was granted it: at once. Granted: only after the station has said that nothing came."""
    free, granted = Case(world), Case(world)
    free.up_to("print.authorised")
    granted.up_to("print.claimed")
    for case in (free, granted):
        early = case.authorisation(authorisation_no=f"E-{case.case_no}", replaces=case.authorisation_no, chain=False)
        world.send(early)
        assert world.verdicts(ISSUING)[early.envelope.id] == refusals.REPLACES_WRONG.code, "it has not ended"
        world.send(case.message("print.revoked", {"authorisation_no": case.authorisation_no}))
    again = free.authorisation(authorisation_no="R-1", replaces=free.authorisation_no)
    held = granted.authorisation(authorisation_no="R-2", replaces=granted.authorisation_no, chain=False)
    world.send(again, held)
    verdicts = world.verdicts(ISSUING)
    assert (verdicts[again.envelope.id], verdicts[held.envelope.id]) == ("admitted", refusals.REPLACES_WRONG.code)
    world.send(granted.outcome("revoked", stock_serial=""))
    later = granted.authorisation(authorisation_no="R-3", replaces=granted.authorisation_no)
    world.send(later)
    assert world.verdicts(ISSUING)[later.envelope.id] == "admitted"
    for number, claim in ((free.authorisation_no, "old"), ("R-1", "new")):
        world.send(free.claim(authorisation_no=number, claim_id=claim))
    assert [each["code"] for each in answers(world)][-2:] == [refusals.GRANT_REVOKED.code, ""]


def test_what_ran_out_is_replaced_and_never_granted(world: World):
    """Nobody had it when its time was over: the hub ends it with the new one, and the case can be closed after that."""
    case = Case(world)
    case.up_to("print.authorised")
    world.later(days=8)
    early = case.authorisation(authorisation_no="E-1", replaces=case.authorisation_no, chain=False)
    world.send(early)
    assert world.verdicts(ISSUING)[early.envelope.id] == refusals.REPLACES_WRONG.code
    world.later(days=3)
    again = case.authorisation(authorisation_no="R-1", replaces=case.authorisation_no)
    world.send(again)
    assert world.verdicts(ISSUING)[again.envelope.id] == "admitted"
    world.send(case.claim(), case.claim(authorisation_no="R-1", claim_id="new"))
    assert [each["code"] for each in answers(world)] == [GRANT_EXPIRED.code, ""]
    world.send(case.outcome(authorisation_no="R-1", claim_id="new"))
    columns = tables.print_authorisations.c
    found = world.rows(select(columns.authorisation_no, columns.state).order_by(columns.authorised_at))
    assert found == [(case.authorisation_no, "expired"), ("R-1", "printed")]


def test_an_outcome_is_told_once(world: World):
    """The holder's second word about the same sheet is refused, whatever number it names."""
    case = Case(world)
    case.up_to("print.settled")
    again = case.outcome(stock_serial="ANOTHER", chain=False)
    spoiled = case.outcome("spoiled", stock_serial="", chain=False)
    world.send(again, spoiled)
    verdicts = world.verdicts(WINDOW)
    assert {verdicts[each.envelope.id] for each in (again, spoiled)} == {refusals.OUTCOME_WRONG.code}


def test_a_trial_case_touches_no_stock(world: World):
    """The whole ladder on trial, without any serial number."""
    case = Case(world, trial=True)
    sent = case.up_to("case.handed_over")
    verdicts = world.verdicts(WINDOW) | world.verdicts(ISSUING)
    assert {verdicts[each.envelope.id] for each in sent} == {"admitted"}
    other = Case(world, trial=True)
    other.up_to("print.claimed")
    numbered = other.outcome(stock_serial="S1")
    world.send(numbered)
    assert world.verdicts(WINDOW)[numbered.envelope.id] == refusals.STOCK_USED.code


def test_a_refused_claim_hears_of_it_on_the_express_road(world: World):
    """A window waits there and nowhere else."""
    case = Case(world)
    case.up_to("print.authorised")
    claim = case.claim(authorisation_no="NOTHING")
    world.send(claim)
    (out,) = world.link.queue(topology.county_express(WINDOW))
    assert out.type == "admission.receipt"
    assert world.verdicts(WINDOW)[claim.envelope.id] == refusals.AUTHORISATION_UNKNOWN.code


@pytest.mark.parametrize("wrong", ["fact", "commitment"])
def test_a_claim_whose_payload_says_otherwise_is_refused(world: World, wrong: str):
    """The hub can read what is addressed to it: facts and commitment must be those of the payload."""
    case = Case(world)
    case.up_to("print.authorised")
    good = case.claim(chain=False).envelope
    record = codec.decode(good.data, "PrintClaim")
    data = codec.encode("PrintClaim", record | ({"claim_id": "another"} if wrong == "fact" else {}))
    commitment = hashlib.sha256(data).digest() if wrong == "fact" else bytes(32)
    bad = case.claim(chain=False, data=data, data_commitment=commitment)
    world.send(bad)
    refusal = world.refusal(bad)
    assert refusal["code"] == refusals.PAYLOAD_DIFFERS.code
    assert refusal["field"] == ("facts.claim_id" if wrong == "fact" else "data_commitment")


def test_every_reason_not_to_print_is_one_that_the_county_can_say():
    """A grant carries the code alone: one that stands in the hub only would reach the clerk without its sentence."""
    assert {each for name, each in vars(refusals).items() if name.startswith("GRANT_")} == set(grants.CODES.values())
