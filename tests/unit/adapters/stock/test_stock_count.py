"""A physical count: the book and the cupboard, sheet by sheet; a difference is named until it is explained."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from adapters.hall.stock import balance, book, counting
from adapters.hall.stock.balance import Why
from adapters.hall.stock.counting import read_list
from adapters.hall.stock.serials import Span, span
from certs.atrest import AtRest
from schemas.errors import YunhuobanError
from tests.printers import ledger_engine
from tests.stock_world import CLERK, KEEPER, KIND, NOW, loaded, receive, sealing, serial

SHEETS = 30
KEYS_FOLDER = TemporaryDirectory()
KEYS = sealing(Path(KEYS_FOLDER.name))
LOADED = range(1, 11)


@pytest.fixture
def tx(keys: AtRest) -> Iterator[Connection]:
    """A box of thirty, of which a clerk has ten."""
    with ledger_engine().begin() as made:
        receive(made, keys, 1, SHEETS)
        loaded(made, 1, 10, station="P1")
        yield made


def these(*numbers: int) -> list[Span]:
    """Numbers as somebody writes them down, in ranges."""
    runs = [[n for _, n in group] for _, group in groupby(enumerate(sorted(numbers)), lambda each: each[1] - each[0])]
    return [span(serial(run[0]), serial(run[-1])) for run in runs]


def numbers_in(spans: object) -> set[int]:
    """The numbers of a list of ranges."""
    return {number for each in spans for number in range(each.first, each.last + 1)}


def told(tx: Connection) -> list[tuple[Why, str]]:
    """What nobody can account for."""
    return [(each.why, each.serials) for each in balance.unexplained(tx, KIND)]


def test_a_sheet_missing_in_the_cupboard_is_named_until_it_is_reported_or_found(tx: Connection) -> None:
    """Found by the count, named every day; a report of its loss or a later count that finds it ends it."""
    first = counting.count(tx, KIND, these(*range(11, 25), *range(26, 31)), by=KEEPER, now=NOW)
    assert (first.expected, first.counted, first.agrees) == (20, 19, False)
    assert told(tx) == [(Why.NOT_FOUND, serial(25))]
    counting.count(tx, KIND, these(*LOADED), by=KEEPER, holder=CLERK, now=NOW)
    assert told(tx) == [(Why.NOT_FOUND, serial(25))], "another place's count explains nothing here"
    counting.count(tx, KIND, these(*range(11, 31)), by=KEEPER, now=NOW)
    assert told(tx) == []
    counting.count(tx, KIND, these(*range(12, 31)), by=KEEPER, now=NOW)
    assert told(tx) == [(Why.NOT_FOUND, serial(11))]
    book.lose(tx, KIND, span(serial(11)), by=KEEPER, reason="not_in_safe", now=NOW)
    assert told(tx) == []


def test_a_sheet_that_lies_where_the_book_has_it_not_is_named(tx: Connection) -> None:
    """A clerk's sheet in the cupboard: surplus there until the clerk has returned it and the keeper has it."""
    found = counting.count(tx, KIND, these(3, *range(11, 31)), by=KEEPER, now=NOW)
    assert ([str(each) for each in found.surplus], told(tx)) == ([serial(3)], [(Why.FOUND_ELSEWHERE, serial(3))])
    book.give_back(tx, KIND, span(serial(3)), by=CLERK, now=NOW)
    book.take_back(tx, KIND, span(serial(3)), by=KEEPER, now=NOW)
    assert told(tx) == []


@given(st.sets(st.integers(1, SHEETS)), st.booleans())
def test_every_difference_is_found_and_nothing_else(there: set[int], clerks: bool) -> None:
    """Whatever lies in the cupboard or in a clerk's hands, against sets."""
    book_has = set(LOADED) if clerks else set(range(1, SHEETS + 1)) - set(LOADED)
    engine = ledger_engine()
    with engine.begin() as tx:
        receive(tx, KEYS, 1, SHEETS)
        loaded(tx, 1, 10, station="P1")
        made = counting.count(tx, KIND, these(*there), by=KEEPER, holder=CLERK if clerks else "", now=NOW)
        assert (numbers_in(made.missing), numbers_in(made.surplus)) == (book_has - there, there - book_has)
        assert (made.counted, made.expected) == (len(there), len(book_has))
        assert made == counting.lately(tx)[0]
        named = {number for _, run, _, _ in counting.still_open(tx, KIND) for number in range(run.first, run.last + 1)}
        assert named == book_has ^ there
    engine.dispose()


def test_a_list_is_read_as_people_write_it() -> None:
    """A number or a range on each line, blank lines between them, `0` for nothing; what is none says its line."""
    text = f"{serial(1)}\n\n  {serial(3)}   {serial(5)} \n"
    assert [str(each) for each in read_list(text)] == [serial(1), f"{serial(3)}–{serial(5)}"]
    assert read_list(" 0 \n") == []
    for bad, code, place in (
        ("", "E-STOCK-017", "list:1"),
        (f"{serial(1)}\n{serial(2)} {serial(3)} {serial(4)}", "E-STOCK-017", "list:2"),
        ("张三", "E-STOCK-001", "serial"),
        (f"{serial(5)} {serial(1)}", "E-STOCK-002", "serial"),
    ):
        with pytest.raises(YunhuobanError) as refused:
            read_list(bad)
        assert (refused.value.code.code, refused.value.place) == (code, place)


def test_a_list_with_a_number_twice_or_of_nowhere_is_refused_as_a_whole(tx: Connection) -> None:
    """E-STOCK-016, -004, -003: nothing is written down."""
    for kind, listed, code in (
        (KIND, [*these(11, 12), *these(12)], "E-STOCK-016"),
        (KIND, [span("乙A001", "乙A009")], "E-STOCK-004"),
        ("food-license", these(11), "E-STOCK-003"),
    ):
        with pytest.raises(YunhuobanError) as refused:
            counting.count(tx, kind, listed, by=KEEPER, now=NOW)
        assert refused.value.code.code == code
    assert counting.lately(tx) == []
