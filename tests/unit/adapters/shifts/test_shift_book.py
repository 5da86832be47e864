"""At a change of shift every open claim and every loaded sheet has one holder, before it and after it."""

import uuid
from typing import Any

import pytest
from sqlalchemy import select

from adapters.hall.shifts import book as shifts
from adapters.hall.shifts.book import CHANGED, NOTHING_HELD
from adapters.hall.shifts.tables import LINES, SHIFTS
from adapters.hall.stock import atprint, balance, book, receiving
from adapters.hall.stock.serials import span
from adapters.hall.stock.tables import EVENTS, RUNS
from adapters.printing import ledger
from adapters.printing.states import PrintState
from adapters.printing.tables import PRINTS
from schemas.errors import YunhuobanError
from tests.county_begun import begin_at
from tests.county_doubles import PowerCut
from tests.county_world import World
from tests.stock_world import CLERK, KEEPER, NOW, OTHER, box, sealing, serial
from tests.unit.adapters.core.test_stock_at_print import cut_at

HALL = "130928-01"


@pytest.fixture
def held(world: World) -> World:
    """A sheet is out of the printer under CLERK, nobody has said anything of it; ten sheets lie in the tray."""
    begin_at(world, "print.claimed")
    with world.window.store.write() as tx:
        tx.execute(PRINTS.update().values(held_by=CLERK))
        delivery = box(1, 20, kind=kind(world))
        receiving.receive(tx, delivery, by=KEEPER, now=NOW, sealing=sealing(world.folder))
        load(world, tx, 1, 10, CLERK)
    return world


def load(world: World, tx: Any, first: int, last: int, clerk: str) -> None:
    """Issued to a clerk and put into the window's tray."""
    station, numbers = world.window.settings.station.station, span(serial(first), serial(last))
    book.issue(tx, kind(world), numbers, by=KEEPER, to=clerk, now=NOW)
    book.load(tx, kind(world), numbers, by=clerk, station=station, tray="1", now=NOW)


def kind(world: World) -> str:
    """The stock that the case is printed on."""
    (found,) = world.window.rows(select(PRINTS.c.stock_kind))[0]
    return str(found)


def number(world: World) -> str:
    """The authorisation's number."""
    return f"{world.case_no()}-D1-1"


def pass_on(world: World, change_id: str = "", *, seen: str = "", to: str = OTHER) -> None:
    """CLERK leaves; `seen` is the list as it stands unless told otherwise."""
    with world.window.store.write() as tx:
        shifts.pass_on(
            tx,
            change_id=change_id or str(uuid.uuid4()),
            hall=HALL,
            given_by=CLERK,
            taken_by=to,
            seen=seen or shifts.held(tx, CLERK).seen,
            now=NOW,
        )


def holders(world: World) -> dict[str, Any]:
    """Who has what, by both ledgers and the book of shifts."""
    rows = world.window.rows
    return {
        "prints": [tuple(each) for each in rows(select(PRINTS.c.held_by, PRINTS.c.state))],
        "stock": [
            tuple(each)
            for each in rows(
                select(RUNS.c.first, RUNS.c.last, RUNS.c.state, RUNS.c.holder)
                .where(RUNS.c.holder != "")
                .order_by(RUNS.c.first)
            )
        ],
        "events": len(rows(select(EVENTS.c.event_no))),
        "changes": [tuple(each) for each in rows(select(SHIFTS.c.taken_by, SHIFTS.c.claims, SHIFTS.c.sheets))],
        "lines": len(rows(select(LINES.c.line_no))),
        "paper": list(world.window.printer.sheets),
    }


def test_claims_and_loaded_sheets_pass_counted_and_named(held: World) -> None:
    """Both ledgers know the new holder, the sheet stays where it is, and the next clerk confirms it."""
    paper = list(held.window.printer.sheets)
    pass_on(held)
    found = holders(held)
    assert found["prints"] == [(OTHER, PrintState.PRINTING)]
    assert found["stock"] == [(1, 10, "loaded", OTHER)]
    assert (found["changes"], found["lines"], found["paper"]) == ([(OTHER, 1, 10)], 2, paper)
    with held.window.store.read() as tx:
        (change,) = shifts.changes(tx, HALL)
        claim, sheets = shifts.lines(tx, change.change_id)
        assert (claim.authorisation_no, claim.state) == (number(held), "printing")
        assert (sheets.first_serial, sheets.last_serial, sheets.count, sheets.tray) == (serial(1), serial(10), 10, "1")
        assert [each.holder for each in balance.unexplained(tx, kind(held))] == [OTHER], "the open sheet is hers now"
    held.window.sheets.confirm(number(held), stock_serial=serial(1), by=OTHER)
    assert holders(held)["stock"][0] == (1, 1, "printed", OTHER)
    with held.window.store.read() as tx:
        assert balance.of(tx, kind(held)).closes
        assert ledger.entry(tx, number(held)).settled_by == OTHER


def test_the_next_number_stays_the_next_number(held: World) -> None:
    """Sheets that two clerks loaded one above the other lie as they lie, whoever holds them."""
    with held.window.store.write() as tx:
        load(held, tx, 11, 15, OTHER)
    pass_on(held)
    with held.window.store.read() as tx:
        lying = atprint.tray(tx, kind(held), held.window.settings.station.station)
    assert lying is not None
    assert (lying.next_serial, lying.count) == (serial(1), 15)


def test_the_same_press_once_more_passes_nothing_twice(held: World) -> None:
    """A second click, a repeated request, a node that was started in between: one hand-over."""
    change_id = str(uuid.uuid4())
    with held.window.store.read() as tx:
        seen = shifts.held(tx, CLERK).seen
    pass_on(held, change_id, seen=seen)
    after = holders(held)
    held.window.start()
    pass_on(held, change_id, seen=seen)
    assert holders(held) == after


def test_a_list_that_changed_while_they_counted_is_counted_again(held: World) -> None:
    """A claim settled or a sheet used in between: nothing passes."""
    with held.window.store.read() as tx:
        seen = shifts.held(tx, CLERK).seen
    held.window.sheets.confirm(number(held), stock_serial=serial(1), by=CLERK)
    before = holders(held)
    with pytest.raises(YunhuobanError, match=CHANGED.code):
        pass_on(held, seen=seen)
    assert holders(held) == before


def test_who_holds_nothing_hands_nothing_over(world: World) -> None:
    """And a claim that another one answers for stays with that one."""
    begin_at(world, "print.claimed")
    with pytest.raises(YunhuobanError, match=NOTHING_HELD.code):
        pass_on(world)
    with world.window.store.write() as tx, pytest.raises(YunhuobanError, match="E-PRINT-103"):
        ledger.pass_on(tx, number(world), before=CLERK, after=OTHER)


def test_the_keeper_who_issued_the_sheets_does_not_take_them_over(held: World) -> None:
    """Keeper and printer stay two people, also at a change of shift: not even the claims pass."""
    before = holders(held)
    with pytest.raises(YunhuobanError, match=book.TWO_PERSONS.code):
        pass_on(held, to=KEEPER)
    assert holders(held) == before


def test_a_power_cut_at_any_statement_leaves_all_or_nothing(held: World) -> None:
    """Before each statement, before the commit and after it; then the same press once more ends it."""
    before, change_id, statement = holders(held), str(uuid.uuid4()), 0
    with held.window.store.read() as tx:
        seen = shifts.held(tx, CLERK).seen
    while True:
        statement += 1
        with cut_at(held, statement) as told:
            try:
                pass_on(held, change_id, seen=seen)
            except PowerCut:
                pass
            else:
                break
        assert holders(held) == before, told[-1]
    assert statement > 10
    after = holders(held)
    assert after["changes"] == [(OTHER, 1, 10)]
    assert after["paper"] == before["paper"]


def test_whoever_asked_holds_the_claim_and_asking_again_does_not_take_it(world: World) -> None:
    """The desk writes the account at the claim; the next clerk's press on the same page leaves it."""
    begin_at(world, "print.authorised")
    world.grant = False
    room = world.window.room
    room.ask(number(world), by=CLERK)
    room.ask(number(world), by=OTHER)
    with world.window.store.read() as tx:
        assert [each.authorisation.authorisation_no for each in ledger.held(tx, CLERK)] == [number(world)]
        assert ledger.held(tx, OTHER) == []
