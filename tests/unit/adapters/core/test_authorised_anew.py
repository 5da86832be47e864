"""A copy is authorised anew when the issuing county orders it: once, and only what ended without a good sheet."""

from typing import Any

from sqlalchemy import select

from adapters.authority.authorising import NOT_ANEW
from adapters.authority.ownlicenses import NOT_AUTHORISED
from adapters.printing.states import PrintState
from adapters.printing.tables import PRINTS, SpoilReason
from adapters.store import tables
from hub.intake.refusals import REPLACES_WRONG
from schemas.envelope import Envelope
from tests.county_records import license_state_change, print_revocation, refusal
from tests.county_world import World


def say(world: World, kind: str, record: dict[str, Any]) -> None:
    """One record of the issuing county's own system, and everything that follows."""
    source = world.issuing.source
    source.add(kind, world.case_no(), record, key=f"{kind}/{len(source.records)}")
    world.settle()


def told(world: World) -> list[str]:
    """Codes of what the issuing county's people were told."""
    return [code for (code,) in world.issuing.rows(select(tables.troubles.c.code))]


def sent(world: World, kind: str) -> list[dict[str, Any]]:
    """The facts of the issuing county's messages of a type that nobody refused."""
    outbox = tables.outbox.c
    found = world.issuing.rows(select(outbox.body).where(outbox.type == kind, outbox.state != "refused"))
    return [dict(Envelope.parse(body).facts or {}) for (body,) in found]


def authorisation(world: World) -> str:
    """The first authorisation of the case."""
    return f"{world.case_no()}-D1-1"


def prints(world: World) -> dict[str, str]:
    """The window's print ledger."""
    rows = world.window.rows(select(PRINTS.c.authorisation_no, PRINTS.c.state))
    return {number: str(state) for number, state in rows}


def identifier(world: World) -> str:
    """The identifier of the license."""
    return str(sent(world, "license.issued")[-1]["license_identifier"])


def order(world: World, number: str) -> None:
    """The issuing county's people order a new authorisation in the place of this one, and everything that follows."""
    say(world, "print.authorised", {"replaces": number})


def print_it(world: World, number: str) -> None:
    """The window prints one."""
    world.window.room.ask(number)
    world.settle()
    world.window.sheets.confirm(number, stock_serial=f"S{number}", by="desk")
    world.settle()


def test_what_was_taken_back_is_authorised_anew_by_order(world: World) -> None:
    """Once, naming the one before; then it is printed, and a printed copy is never authorised again."""
    case_no = world.up_to("print.authorised")
    first, second = authorisation(world), f"{case_no}-D1-2"
    say(world, "print.revoked", print_revocation(authorisation_no=first))
    order(world, first)
    assert prints(world) == {first: PrintState.REVOKED, second: PrintState.AUTHORISED}
    assert [each["replaces"] for each in sent(world, "print.authorised")] == [None, first]
    assert told(world) == []
    order(world, first)
    print_it(world, second)
    order(world, second)
    assert told(world) == [NOT_ANEW.code, NOT_ANEW.code]
    assert len(sent(world, "print.authorised")) == 2
    assert world.window.printer.sheets == [second]


def test_taken_back_and_ordered_anew_in_one_breath(world: World) -> None:
    """Both documents are read together, in whatever order: the revocation goes first."""
    case_no = world.up_to("print.authorised")
    world.issuing.source.add("print.authorised", case_no, {"replaces": authorisation(world)})
    say(world, "print.revoked", print_revocation(authorisation_no=authorisation(world)))
    assert set(prints(world).values()) == {PrintState.REVOKED, PrintState.AUTHORISED}
    assert told(world) == []


def test_what_ran_out_is_authorised_anew_by_order(world: World) -> None:
    """Not before its time is over, nor for a license that has ended."""
    case_no = world.up_to("print.authorised")
    order(world, authorisation(world))
    assert told(world) == [NOT_ANEW.code]
    world.later(days=7)
    directory = world.hub.directory(now=world.now)
    for county in (world.window, world.issuing):
        county.arrive_directory(*directory)
        county.handle()
    order(world, authorisation(world))
    world.window.room.run_once()
    assert prints(world) == {authorisation(world): PrintState.EXPIRED, f"{case_no}-D1-2": PrintState.AUTHORISED}
    say(world, "print.revoked", print_revocation(authorisation_no=f"{case_no}-D1-2"))
    say(world, "license.state_changed", license_state_change(license_identifier=identifier(world)))
    order(world, f"{case_no}-D1-2")
    order(world, "A-of-nobody")
    assert len(prints(world)) == 2
    assert sorted(told(world)) == [NOT_AUTHORISED.code, NOT_ANEW.code, NOT_ANEW.code]


def test_a_sheet_spoiled_because_it_was_taken_back_is_replaced_by_order_only(world: World) -> None:
    """The county took the authorisation back while the sheet was out: whether there is a new one, its people say."""
    case_no = world.up_to("print.claimed")
    number = authorisation(world)
    say(world, "print.revoked", print_revocation(authorisation_no=number))
    world.window.sheets.spoil(number, stock_serial="S1", reason=SpoilReason.REVOKED, by="desk")
    world.settle()
    assert prints(world) == {number: PrintState.SPOILED}
    order(world, number)
    assert prints(world) == {number: PrintState.SPOILED, f"{case_no}-D1-2": PrintState.AUTHORISED}


def test_an_order_that_the_hub_refused_is_given_again(world: World) -> None:
    """Somebody held a grant: once the station has spoken, a second order has a number of its own and goes."""
    case_no = world.up_to("print.authorised")
    number, issuing = authorisation(world), world.issuing
    say(world, "print.revoked", print_revocation(authorisation_no=number))
    issuing.source.add("print.authorised", case_no, {"replaces": number}, key="first order")
    issuing.read()
    (row,) = [each for each in issuing.due() if each.type == "print.authorised"]
    issuing.seen.add(row.message_id)  # nobody carries it any more: here is the hub's answer
    said = refusal(row.message_id, code=REPLACES_WRONG.code, now=world.now)
    issuing.arrive_receipt(
        world.hub.receipt(row.body, row.signature, at=world.now, message_id=row.message_id, refusal=said)
    )
    world.settle()
    order(world, number)
    assert prints(world) == {number: PrintState.REVOKED, f"{case_no}-D1-3": PrintState.AUTHORISED}
