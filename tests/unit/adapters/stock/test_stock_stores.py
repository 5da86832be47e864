"""The book on both databases: the same acts, the same constraints, and two clerks at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from adapters.hall.stock import acts, atprint, balance, book, closing, month
from adapters.hall.stock.serials import span
from adapters.hall.stock.states import StockEvent, StockState
from adapters.hall.stock.tables import EVENTS, RUNS
from adapters.store import Store, open_store
from certs.atrest import AtRest
from schemas.errors import YunhuobanError
from tests.databases import Databases
from tests.stock_world import CLERK, KEEPER, KIND, NOW, OTHER, loaded, lying, receive, serial

pytestmark = pytest.mark.both_stores


def refused_by_the_store(store: Store, statement: object) -> bool:
    """Whether a constraint stands against it."""
    with pytest.raises(YunhuobanError, match="E-STORE-002") as caught, store.write() as tx:
        tx.execute(statement)  # type: ignore[call-overload]
    return caught.value.found == "IntegrityError"


def test_a_box_lives_on_either_database(databases: Databases, tmp_path: Path, keys: AtRest) -> None:
    """Received, issued, loaded, void, destroyed, lost, returned; overlaps refused by the store; the balance closes."""
    store = open_store(databases.make(tmp_path))
    with store.write() as tx:
        receive(tx, keys, 101, 200)
        receive(tx, keys, 1, 50)
        loaded(tx, 1, 10, station="P1")
        book.spoil(tx, KIND, span(serial(3)), by=CLERK, reason="jam", now=NOW)
        book.lose(tx, KIND, span(serial(4), serial(5)), by=CLERK, reason="stolen", now=NOW)
        book.destroy(tx, KIND, span(serial(3)), by=KEEPER, witness=OTHER, reference="XH1", now=NOW)
        book.give_back(tx, KIND, span(serial(8), serial(10)), by=CLERK, now=NOW)
        book.take_back(tx, KIND, span(serial(8), serial(10)), by=KEEPER, now=NOW)
    with store.read() as tx:
        runs, found, tray = lying(tx), balance.of(tx, KIND), atprint.tray(tx, KIND, "P1")
        assert balance.unexplained(tx, KIND) == []
    assert runs == [
        (1, 2, "loaded"), (3, 3, "destroyed"), (4, 5, "lost"), (6, 7, "loaded"), (8, 10, "in_stock"),
        (11, 50, "in_stock"), (101, 200, "in_stock"),
    ]  # fmt: skip
    assert (tray.count, tray.next_serial) == (4, serial(1))
    assert (found.closes, found.received, found.closing[StockState.IN_STOCK]) == (True, 150, 143)
    assert found.moved[StockEvent.TAKE_BACK] == 3
    with store.write() as tx:
        later = NOW + timedelta(days=2)
        assert [(each.kind, each.days, each.balanced) for each in closing.close(tx, later)] == [(KIND, 2, True)]
        (line,) = month.month(tx, "2026-11", later).lines
        assert (line.opening, line.closing, len(closing.lately(tx))) == (0, 147, 2)
    for first, last, before in ((20, 30, 19), (51, 60, 45), (60, 61, None), (201, 202, 150)):
        row = {"series": 1, "state": "in_stock", "first": first, "last": last, "previous_last": before}
        assert refused_by_the_store(store, insert(RUNS).values(**row))
    printed = {"event": "print", "series": 1, "after": "printed", "at": 0, "by": CLERK}
    with store.write() as tx:
        tx.execute(insert(EVENTS).values(**printed, first=1, last=1, authorisation_no="A"))
    for number, name in ((1, "B"), (2, "A")):
        row = printed | {"first": number, "last": number, "authorisation_no": name}
        assert refused_by_the_store(store, insert(EVENTS).values(**row))
    store.close()


def test_two_clerks_cannot_have_one_sheet(databases: Databases, tmp_path: Path, keys: AtRest) -> None:
    """Ranges that cross, issued at the same moment: one of the two acts is whole, the other is refused as a whole."""
    store = open_store(databases.make(tmp_path))
    with store.write() as tx:
        receive(tx, keys, 1, 100)

    def issue(to: str, first: int) -> str:
        try:
            with store.write() as tx:
                book.issue(tx, KIND, span(serial(first), serial(first + 9)), by=KEEPER, to=to, now=NOW)
        except YunhuobanError as error:
            return error.code.code
        return ""

    with ThreadPoolExecutor(2) as both:
        told = sorted(both.map(issue, (CLERK, OTHER), (11, 15)))
    assert told == ["", acts.STATE_WRONG.code]
    with store.read() as tx:
        assert [state for _, _, state in lying(tx)].count("issued") == 1
    store.close()
