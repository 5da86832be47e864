"""What people do with blank stock: as the table says, by the right person, as a whole, and held by the store itself."""

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from adapters.hall.stock import acts, book, receiving, serials
from adapters.hall.stock.serials import Form, span
from adapters.hall.stock.states import FINAL, StockEvent, StockState, next_state
from adapters.hall.stock.tables import EVENTS, RECEIPTS, ROOT, RUNS
from schemas.errors import Code, YunhuobanError
from tests.printers import authorisation
from tests.stock_world import BODY, CLERK, KEEPER, KIND, NOW, OTHER, box, loaded, lying, receive, serial

STATION = "130928-01-1"


def refused(code: Code):
    """Expect this declared error."""
    return pytest.raises(YunhuobanError, match=code.code)


def test_only_void_sheets_are_destroyed_and_what_is_final_stays():
    """Nothing leads out of printed and destroyed; a lost sheet stays lost; nothing is received twice."""
    ways = [(state, event) for state in FINAL for event in StockEvent if next_state(state, event)]
    assert ways == [(StockState.LOST, StockEvent.DECLARE_VOID)]
    assert [each for each in StockState if next_state(each, StockEvent.DESTROY)] == [StockState.SPOILED]
    assert next_state(None, StockEvent.RECEIVE) is StockState.IN_STOCK
    assert [each for each in StockState if next_state(each, StockEvent.RECEIVE)] == []
    assert next_state(None, StockEvent.ISSUE) is None


@pytest.mark.parametrize(
    ("typed", "form", "number"),
    [
        (" 冀A00000017 ", Form("冀A", 8), 17),
        ("冀a００００００１７", Form("冀A", 8), 17),
        ("0000042", Form("", 7), 42),
        ("2026-0003", Form("2026-", 4), 3),
    ],
)
def test_the_form_of_a_number_is_read_off_it(typed, form, number):
    """Scanned, typed in full width or in small letters, it is the same sheet."""
    assert serials.parse(typed) == (form, number)
    assert serials.canonical(serials.canonical(typed)) == form.written(number)


@pytest.mark.parametrize("typed", ["", "冀A", "王小明", "冀A 17", "130928199003074511", "1" * 19, "A" * 41 + "1"])
def test_what_is_no_number_of_a_sheet_is_refused(typed):
    """Names, identity numbers and blanks do not get into the book, and the error does not repeat them."""
    with refused(serials.SERIAL_ODD) as caught:
        serials.parse(typed)
    assert caught.value.found == ""


@pytest.mark.parametrize(("first", "last"), [("A10", "A9"), ("A10", "B11"), ("A10", "A011"), ("A0000001", "A0900000")])
def test_a_span_goes_forward_in_one_form(first, last):
    """Two numbers that are no range are refused before anything is looked up."""
    with refused(serials.SPAN_ODD):
        span(first, last)


def test_a_box_of_five_hundred_is_one_row_until_a_sheet_has_its_own_fate(engine, keys):
    """Ranges are kept as ranges, and cut only where somebody acts."""
    with engine.begin() as tx:
        receive(tx, keys)
        assert lying(tx) == [(1, 500, "in_stock")]
        book.issue(tx, KIND, span(serial(101), serial(150)), by=KEEPER, to=CLERK, now=NOW)
        book.spoil(tx, KIND, span(serial(120)), by=CLERK, reason="damaged", now=NOW, only_held=True)
        assert lying(tx) == [
            (1, 100, "in_stock"),
            (101, 119, "issued"),
            (120, 120, "spoiled"),
            (121, 150, "issued"),
            (151, 500, "in_stock"),
        ]
        row = tx.execute(select(RECEIPTS)).one()
        assert b"\xe7\x9c\x81" not in row.supplier_sealed
        assert receiving.supplier_of(row, keys) == "省市场监督管理局"


def test_numbers_that_lie_there_are_not_received_again_and_a_gap_is_named(engine, keys):
    """An overlap at either end or inside refuses the whole delivery; what never came between two boxes is named."""
    with engine.begin() as tx:
        receive(tx, keys, 101, 200)
    for first, last in ((1, 101), (200, 300), (150, 160), (50, 250), (101, 200)):
        with refused(receiving.OVERLAP), engine.begin() as tx:
            receive(tx, keys, first, last)
    with engine.begin() as tx:
        assert receive(tx, keys, 211, 220).gap == span(serial(201), serial(210))
        assert receive(tx, keys, 1, 100).gap is None
        assert receive(tx, keys, 201, 210).gap is None
        assert [(first, last) for first, last, _ in lying(tx)] == [(1, 100), (101, 200), (201, 210), (211, 220)]


def test_a_count_that_differs_is_refused_until_the_missing_are_named(engine, keys):
    """What was not in the box never enters the book, and the others do."""
    with refused(receiving.COUNT_DIFFERS), engine.begin() as tx:
        receive(tx, keys, 1, 10, counted=8)
    with engine.begin() as tx:
        receive(tx, keys, 1, 10, counted=8, missing=(serial(3), serial(10)))
        assert lying(tx) == [(1, 2, "in_stock"), (4, 9, "in_stock")]
    with refused(acts.NOT_IN_BOOK) as caught, engine.begin() as tx:
        book.issue(tx, KIND, span(serial(1), serial(10)), by=KEEPER, to=CLERK, now=NOW)
    assert caught.value.params["serials"] == f"{serial(3)}、{serial(10)}"


def test_another_form_or_body_is_a_persons_word(engine, keys):
    """A digit too few would open a book of its own: it is asked for; a form belongs to one issuing body."""
    with engine.begin() as tx:
        receive(tx, keys, 1, 10)
    short = span("冀A0000011", "冀A0000020")
    with refused(receiving.FORM_NEW), engine.begin() as tx:
        receive(tx, keys, 11, 20, span=short)
    with refused(receiving.BODY_DIFFERS), engine.begin() as tx:
        receive(tx, keys, 11, 20, issuing_body="省厅")
    with engine.begin() as tx:
        receive(tx, keys, 11, 20, span=short, new_form=True)
        assert lying(tx) == [(1, 10, "in_stock"), (11, 20, "in_stock")]
    with refused(receiving.WORDS_MISSING), engine.begin() as tx:
        receive(tx, keys, 11, 20, delivery_note="第 3 单")


def test_what_was_printed_before_there_was_a_book_is_not_received(engine, keys):
    """A number is used once, for ever, also by a county that begins to keep a book in the middle of a box."""
    from adapters.printing import stock
    from adapters.printing.states import PrintState
    from adapters.printing.stock import Printed, StockSheet
    from adapters.printing.tables import PRINTS

    signed = authorisation()
    values = {name: getattr(signed, name) for name in signed.__slots__}
    word = Printed(station=STATION, by=CLERK, reason="")
    sheet = StockSheet(kind=KIND, issuing_body="130928", serial=serial(7))
    with engine.begin() as tx:
        tx.execute(insert(PRINTS).values(**values, state=PrintState.PRINTED, attempt=1))
        stock.use(
            tx, signed.authorisation_no, sheet, authorised_kind=KIND, state=PrintState.PRINTED, word=word, now=NOW
        )
    with refused(receiving.USED_BEFORE), engine.begin() as tx:
        receive(tx, keys, 1, 10)
    with engine.begin() as tx:
        receive(tx, keys, 8, 10)


def test_keeper_and_clerk_are_two_persons(engine, keys):
    """Nobody issues to oneself, takes back what one returned, or destroys alone; nobody uses what another holds."""
    whole = span(serial(1), serial(10))
    with engine.begin() as tx:
        receive(tx, keys, 1, 10)
    with refused(book.TWO_PERSONS), engine.begin() as tx:
        book.issue(tx, KIND, whole, by=KEEPER, to=KEEPER, now=NOW)
    with engine.begin() as tx:
        book.issue(tx, KIND, whole, by=KEEPER, to=CLERK, now=NOW)
    for act in (
        lambda tx: book.load(tx, KIND, whole, by=OTHER, station=STATION, tray="1", now=NOW),
        lambda tx: book.give_back(tx, KIND, whole, by=OTHER, now=NOW),
        lambda tx: book.lose(tx, KIND, whole, by=OTHER, reason="stolen", now=NOW, only_held=True),
    ):
        with refused(acts.NOT_HELD), engine.begin() as tx:
            act(tx)
    with engine.begin() as tx:
        book.load(tx, KIND, whole, by=CLERK, station=STATION, tray="1", now=NOW)
        book.give_back(tx, KIND, whole, by=CLERK, now=NOW)
    with refused(book.TWO_PERSONS), engine.begin() as tx:
        book.take_back(tx, KIND, whole, by=CLERK, now=NOW)
    with engine.begin() as tx:
        book.take_back(tx, KIND, whole, by=KEEPER, now=NOW)
        book.spoil(tx, KIND, span(serial(4)), by=KEEPER, reason="faulty", now=NOW)
    with refused(book.TWO_PERSONS), engine.begin() as tx:
        book.destroy(tx, KIND, span(serial(4)), by=KEEPER, witness=KEEPER, reference="XH-1", now=NOW)
    with engine.begin() as tx:
        book.destroy(tx, KIND, span(serial(4)), by=KEEPER, witness=OTHER, reference="XH-1", now=NOW)
        assert lying(tx) == [(1, 3, "in_stock"), (4, 4, "destroyed"), (5, 10, "in_stock")]


def test_a_lost_sheet_is_reported_and_declared_void(engine, keys):
    """It stays lost, under the number of the declaration; nothing brings it back."""
    with engine.begin() as tx:
        receive(tx, keys, 1, 10)
        book.lose(tx, KIND, span(serial(5)), by=KEEPER, reason="not_in_safe", now=NOW)
        book.declare_void(tx, KIND, span(serial(5)), by=KEEPER, reference="GG-2026-3", now=NOW)
        assert lying(tx)[1] == (5, 5, "lost")
    with refused(acts.STATE_WRONG), engine.begin() as tx:
        book.issue(tx, KIND, span(serial(4), serial(6)), by=KEEPER, to=CLERK, now=NOW)


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda tx: book.issue(tx, KIND, span("X1"), by=KEEPER, to=CLERK, now=NOW), acts.NOT_IN_BOOK),
        (lambda tx: book.issue(tx, "other", span(serial(1)), by=KEEPER, to=CLERK, now=NOW), acts.NO_BOOK),
        (lambda tx: book.issue(tx, KIND, span(serial(1)), by="", to=CLERK, now=NOW), acts.ACCOUNT_ODD),
        (lambda tx: book.issue(tx, KIND, span(serial(1)), by=KEEPER, to="王小明", now=NOW), acts.ACCOUNT_ODD),
        (lambda tx: book.spoil(tx, KIND, span(serial(1)), by=KEEPER, reason="stolen", now=NOW), book.REASON_MISSING),
        (lambda tx: book.lose(tx, KIND, span(serial(1)), by=KEEPER, reason="", now=NOW), book.REASON_MISSING),
        (lambda tx: book.declare_void(tx, KIND, span(serial(1)), by=KEEPER, reference="", now=NOW), book.PLACE_MISSING),
        (
            lambda tx: book.load(tx, KIND, span(serial(1)), by=CLERK, station="一 号", tray="1", now=NOW),
            book.PLACE_MISSING,
        ),
    ],
)
def test_what_is_wrong_in_an_act_is_told_and_changes_nothing(engine, keys, act, code):
    """Numbers, kinds, accounts, reasons and places that do not fit."""
    with engine.begin() as tx:
        receive(tx, keys, 1, 10)
    with refused(code), engine.begin() as tx:
        act(tx)
    with engine.begin() as tx:
        assert lying(tx) == [(1, 10, "in_stock")]
        assert tx.execute(select(EVENTS.c.event)).scalars().all() == ["receive"]


@pytest.mark.parametrize(
    "sabotage",
    [
        lambda: insert(RUNS).values(series=1, first=5, last=6, previous_last=4, state="in_stock"),
        lambda: insert(RUNS).values(series=1, first=11, last=12, previous_last=9, state="in_stock"),
        lambda: insert(RUNS).values(series=1, first=10, last=12, previous_last=10, state="in_stock"),
        lambda: insert(RUNS).values(series=1, first=5, last=4, previous_last=ROOT, state="in_stock"),
        lambda: insert(RUNS).values(series=1, first=7, last=8, previous_last=None, state="in_stock"),
        lambda: insert(RUNS).values(series=1, first=ROOT, last=ROOT, previous_last=None, state=""),
        lambda: update(RUNS).where(RUNS.c.first == 1).values(last=11),
        lambda: RUNS.delete().where(RUNS.c.last == ROOT),
    ],
)
def test_the_store_itself_lets_no_number_lie_in_two_places(engine, keys, sabotage):
    """Whatever the code does: an overlapping run, a second chain, a broken one are refused by constraints."""
    with engine.begin() as tx:
        receive(tx, keys, 1, 10)
        receive(tx, keys, 21, 30)
    with pytest.raises(IntegrityError), engine.begin() as tx:
        tx.execute(sabotage())


def test_the_store_itself_prints_a_number_once(engine, keys):
    """One print event per sheet and per authorisation, whatever the code does."""
    with engine.begin() as tx:
        receive(tx, keys, 1, 10)
        loaded(tx, 1, 5, station=STATION)
    row = {"event": "print", "series": 1, "after": "printed", "at": 0, "by": CLERK}
    with engine.begin() as tx:
        tx.execute(insert(EVENTS).values(**row, first=1, last=1, authorisation_no="A"))
    for first, last, number in ((1, 1, "B"), (2, 2, "A"), (3, 4, "C"), (5, 5, "")):
        with pytest.raises(IntegrityError), engine.begin() as tx:
            tx.execute(insert(EVENTS).values(**row, first=first, last=last, authorisation_no=number))


def test_a_delivery_says_what_it_is():
    """The numbers of these tests are a box of five hundred."""
    assert (box().span.count, str(box().span), box().issuing_body) == (500, f"{serial(1)}–{serial(500)}", BODY)
