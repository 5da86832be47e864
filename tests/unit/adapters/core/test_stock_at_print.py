"""A good print comes out of this station's tray by the book; a power cut leaves both ledgers' rows or neither."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from adapters.countyit.status import gathering
from adapters.hall.desk.source import CHECKS_NOT_GOOD
from adapters.hall.desk.view import CheckLine, CheckState
from adapters.hall.stock import acts, atprint, balance, book, closing, receiving
from adapters.hall.stock.atprint import Explained
from adapters.hall.stock.balance import Why
from adapters.hall.stock.serials import span
from adapters.hall.stock.tables import EVENTS
from adapters.printing import ledger
from adapters.printing.states import PrintState
from adapters.printing.tables import SHEETS, SpoilReason
from adapters.store import tables
from schemas.envelope import Envelope
from schemas.errors import Code, YunhuobanError
from tests.county_begun import begin_at
from tests.county_doubles import PowerCut
from tests.county_world import World
from tests.stock_world import BODY, CLERK, KEEPER, NOW, box, lying, sealing, serial


@pytest.fixture
def printed(world: World) -> World:
    """A sheet has come out of the window's printer, and nobody has said anything of it yet."""
    begin_at(world, "print.claimed")
    assert entry(world).state is PrintState.PRINTING
    return world


def number(world: World) -> str:
    """The authorisation's number."""
    return f"{world.case_no()}-D1-1"


def entry(world: World) -> ledger.Entry:
    """Its row."""
    with world.window.store.read() as tx:
        return ledger.entry(tx, number(world))


def kind(world: World) -> str:
    """The stock that it is for."""
    return entry(world).authorisation.stock_kind


def stock(world: World, load: tuple[int, int] | None = (1, 10)) -> None:
    """A box of twenty, of which some lie in the window's tray."""
    with world.window.store.write() as tx:
        delivery = box(1, 20, kind=kind(world))
        receiving.receive(tx, delivery, by=KEEPER, now=NOW, sealing=sealing(world.folder))
        book.issue(tx, kind(world), span(serial(1), serial(15)), by=KEEPER, to=CLERK, now=NOW)
        if load:
            numbers, station = span(serial(load[0]), serial(load[1])), world.window.settings.station.station
            book.load(tx, kind(world), numbers, by=CLERK, station=station, tray="1", now=NOW)


def confirm(world: World, at: int, *, skipped: str = "", by: str = CLERK) -> None:
    """The clerk holds the sheet with this number."""
    explained = Explained.of(skipped)
    world.window.sheets.confirm(number(world), stock_serial=serial(at), by=by, explained=explained)


def books(world: World) -> dict[str, Any]:
    """Both ledgers and what is told of them."""
    window = world.window
    with window.store.read() as tx:
        runs, closes = lying(tx), balance.of(tx, kind(world)).closes
    bodies = window.rows(select(tables.outbox.c.body).where(tables.outbox.c.type == "print.settled"))
    return {
        "state": entry(world).state,
        "sheets": window.rows(select(SHEETS.c.issuing_body, SHEETS.c.serial, SHEETS.c.state)),
        "runs": runs,
        "events": len(window.rows(select(EVENTS.c.event_no))),
        "closes": closes,
        "told": [(Envelope.parse(body).facts or {})["stock_serial"] for (body,) in bodies],
    }


def refused(code: Code) -> Any:
    """Expect this declared error."""
    return pytest.raises(YunhuobanError, match=code.code)


def test_the_expected_number_is_one_keystroke(printed: World) -> None:
    """What lies first in the tray is offered; both ledgers name it, and the balance closes."""
    stock(printed)
    assert printed.window.desk.job(number(printed)).expected_serial == serial(1)
    assert f"{kind(printed)} {serial(1)} ×10" in printed.window.desk.hall().stock_ready
    confirm(printed, 1)
    found = books(printed)
    assert found["sheets"] == [(BODY, serial(1), PrintState.PRINTED)]
    assert found["runs"] == [(1, 1, "printed"), (2, 10, "loaded"), (11, 15, "issued"), (16, 20, "in_stock")]
    assert (found["closes"], found["told"]) == (True, [serial(1)])
    assert printed.window.desk.job(number(printed)).expected_serial == serial(2)


def test_a_number_typed_in_another_width_is_the_same_sheet(printed: World) -> None:
    """What the hub and both ledgers are told is the number as the book writes it."""
    stock(printed)
    printed.window.sheets.confirm(number(printed), stock_serial="冀ａ0000０００1", by=CLERK)
    assert books(printed)["sheets"][0][1] == serial(1)
    assert books(printed)["told"] == [serial(1)]


@pytest.mark.parametrize(
    ("at", "load", "skipped", "by", "code"),
    [
        (4, (1, 10), "", CLERK, atprint.SKIPPED),
        (4, (1, 10), "misprint", CLERK, book.REASON_MISSING),
        (12, (1, 10), "", CLERK, atprint.NOT_LOADED),
        (16, (1, 10), "", CLERK, atprint.NOT_LOADED),
        (1, None, "", CLERK, atprint.NOT_LOADED),
        (21, (1, 10), "", CLERK, acts.NOT_IN_BOOK),
        (15, (1, 15), "not_in_tray", CLERK, atprint.MANY_SKIPPED),
        (1, (1, 10), "", KEEPER, book.TWO_PERSONS),
    ],
)
def test_another_number_is_not_confirmed(
    printed: World, at: int, load: tuple[int, int] | None, skipped: str, by: str, code: Code
) -> None:
    """Skipped without a word, not loaded here, unknown, too far, or by the keeper who issued it: nothing is changed."""
    stock(printed, load)
    before = books(printed)
    with refused(code):
        confirm(printed, at, skipped=skipped, by=by)
    assert books(printed) == before
    assert before["state"] is PrintState.PRINTING


@pytest.mark.parametrize(("skipped", "became"), [("not_in_tray", "lost"), ("fed_blank", "spoiled")])
def test_skipped_sheets_become_void_or_lost_by_a_persons_word(printed: World, skipped: str, became: str) -> None:
    """With a reason from the list, in the same transaction as the good one."""
    stock(printed)
    confirm(printed, 3, skipped=skipped)
    assert books(printed)["runs"][:3] == [(1, 2, became), (3, 3, "printed"), (4, 10, "loaded")]
    (row,) = printed.window.rows(select(EVENTS.c.by, EVENTS.c.reason).where(EVENTS.c.first == 1, EVENTS.c.last == 2))
    assert tuple(row) == (CLERK, skipped)


def test_a_void_sheet_leaves_the_tray_too(printed: World) -> None:
    """Its number is spoiled in both ledgers, waits for its destruction, and is never confirmed again."""
    stock(printed)
    printed.window.sheets.spoil(number(printed), stock_serial=serial(1), reason=SpoilReason.JAM, by=CLERK)
    assert books(printed)["runs"][0] == (1, 1, "spoiled")
    printed.settle()
    with printed.window.store.write() as tx:
        book.destroy(tx, kind(printed), span(serial(1)), by=KEEPER, witness=CLERK, reference="XH1", now=NOW)
        assert balance.unexplained(tx, kind(printed)) == []


def test_a_sheet_that_nobody_has_spoken_of_is_named(printed: World) -> None:
    """While a print is open the day does not close: the next number of the tray and who loaded it are named."""
    stock(printed)
    with printed.window.store.read() as tx:
        (found,) = balance.unexplained(tx, kind(printed))
    assert (found.serials, found.why, found.holder) == (serial(1), Why.PRINT_OPEN, CLERK)
    confirm(printed, 1)
    with printed.window.store.read() as tx:
        assert balance.unexplained(tx, kind(printed)) == []


def test_rows_that_are_missing_in_one_ledger_are_named(printed: World) -> None:
    """Whatever took a row away, from either ledger or from the book, its number stands in the balance."""
    stock(printed)
    confirm(printed, 1)
    with printed.window.store.write() as tx:
        tx.execute(SHEETS.delete())
        (found,) = balance.unexplained(tx, kind(printed))
        assert (found.serials, found.why, found.holder) == (serial(1), Why.ONLY_IN_STOCK_LEDGER, CLERK)
        tx.execute(EVENTS.update().where(EVENTS.c.event == "load").values(after="issued"))
        found = balance.unexplained(tx, kind(printed))[0]
        assert (found.serials, found.why) == (f"{serial(2)}–{serial(10)}", Why.BOOK_DIFFERS)


def test_nothing_is_printed_onto_stock_that_nobody_has_loaded(world: World) -> None:
    """The desk says so before the claim; a kind without a book goes on as ever."""
    begin_at(world, "print.authorised")
    world.grant = False
    desk = world.window.desk
    desk._checks._good[number(world)] = [CheckLine(id="seal", sentence="x", state=CheckState.OK)]
    assert desk.job(number(world)).may_print
    stock(world, None)
    job = desk.job(number(world))
    assert (job.may_print, job.why_not) == (False, atprint.NOTHING_LOADED)
    with refused(atprint.NOTHING_LOADED):
        desk.print(number(world), by="li", action_id="a")
    assert CHECKS_NOT_GOOD is not job.why_not
    with world.window.store.write() as tx:
        station = world.window.settings.station.station
        book.load(tx, kind(world), span(serial(1)), by=CLERK, station=station, tray="1", now=NOW)
    desk.print(number(world), by="li", action_id="b")
    assert entry(world).state is PrintState.CLAIMED


@contextmanager
def cut_at(world: World, statement: int) -> Iterator[list[str]]:
    """The power fails before the n-th statement of what follows; yields the statements that were begun."""
    seen: list[str] = []

    def count(_c: Any, _cursor: Any, text: str, _p: Any, _x: Any, _m: Any) -> None:
        seen.append(text)
        if len(seen) == statement:
            raise PowerCut

    engine = world.window.store._engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", count)


def test_a_power_cut_at_any_statement_leaves_both_ledgers_or_neither(printed: World) -> None:
    """Before each statement of a word with skipped sheets, before the commit and after it; then the word once more."""
    stock(printed)
    before = books(printed)
    statement = 0
    while True:
        statement += 1
        with cut_at(printed, statement) as seen:
            try:
                confirm(printed, 3, skipped="not_in_tray")
            except PowerCut:
                pass
            else:
                break
        assert books(printed) == before, seen[-1]
    assert statement > 20
    after = books(printed)
    assert (after["state"], after["runs"][1], after["told"]) == (PrintState.PRINTED, (3, 3, "printed"), [serial(3)])
    confirm(printed, 3, skipped="not_in_tray")  # said again: nothing more happens
    assert books(printed) == after


@pytest.mark.parametrize("where", ["fail_before", "fail_after"])
def test_a_power_cut_around_the_commit_leaves_both_ledgers_or_neither(printed: World, where: str) -> None:
    """Nothing before it, everything after it."""
    stock(printed)
    before = books(printed)
    store = printed.window.store
    store.commits = 0
    setattr(store, where, 1)
    with pytest.raises(PowerCut):
        confirm(printed, 1)
    setattr(store, where, 0)
    found = books(printed)
    assert found == before if where == "fail_before" else found["runs"][0] == (1, 1, "printed")
    assert found["closes"]
    confirm(printed, 1)
    assert books(printed)["told"] == [serial(1)]


def test_the_status_calls_for_a_person_while_a_sheet_is_not_accounted_for(printed: World) -> None:
    """The number and who loaded it stand in `adapter status` and on its page, apart from other troubles."""
    stock(printed)
    window = printed.window
    with window.store.write() as tx:
        closing.tell(tx, kind(printed), printed.now)
        settings = window.settings.model_copy(update={"store_url": f"sqlite:///{window.folder / window.code}.sqlite"})
        report = gathering.gather(tx, settings, window.directory(tx), None, printed.now)
    (called,) = [each for each in report.attention if each.code is closing.DIFFERENCE]
    assert (serial(1) in called.found, CLERK in called.found) == (True, True)
    assert report.traffic.troubles_lately == 0
    assert window.desk.troubles()[0].code == closing.DIFFERENCE.code
