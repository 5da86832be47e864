"""The month-end list: its counts are one equation, its numbers are all there, as a workbook and as a page to sign."""

import io
import subprocess
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

from adapters.hall.stock import book, closing, month, monthfile
from adapters.hall.stock.month import Month
from adapters.hall.stock.serials import span
from adapters.hall.stock.states import StockEvent
from adapters.store import open_store
from schemas.errors import YunhuobanError
from tests.stock_world import CLERK, KEEPER, KIND, NOW, OTHER, loaded, receive, serial

DECEMBER = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory, keys) -> tuple[Month, Month]:
    """November, which is over, and December up to its first morning."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('month') / 'county.sqlite'}")
    with store.write() as tx:
        receive(tx, keys)
        loaded(tx, 1, 20, station="P1")
        for at in (3, 4, 9):
            book.spoil(tx, KIND, span(serial(at)), by=CLERK, reason="jam", now=NOW)
        book.lose(tx, KIND, span(serial(5)), by=CLERK, reason="stolen", now=NOW)
        book.destroy(tx, KIND, span(serial(3), serial(4)), by=KEEPER, witness=OTHER, reference="XH-1", now=NOW)
        book.give_back(tx, KIND, span(serial(18), serial(20)), by=CLERK, now=NOW)
        book.take_back(tx, KIND, span(serial(18), serial(20)), by=KEEPER, now=NOW)
        closing.close(tx, DECEMBER)
        book.issue(tx, KIND, span(serial(21), serial(25)), by=KEEPER, to=OTHER, now=DECEMBER)
        book.give_back(tx, KIND, span(serial(25)), by=OTHER, now=DECEMBER)
        found = month.month(tx, "2026-11", DECEMBER), month.month(tx, "2026-12", DECEMBER + timedelta(hours=1))
    store.close()
    return found


def test_on_hand_is_what_was_and_came_and_did_not_go(listed: tuple[Month, Month]) -> None:
    """Opening + received = closing + printed + lost + destroyed; one month's end is the next one's beginning."""
    november, december = (each.lines[0] for each in listed)
    assert (november.opening, november.moved(StockEvent.RECEIVE), november.closing) == (0, 500, 497)
    assert (november.moved(StockEvent.LOSE), november.moved(StockEvent.DESTROY)) == (1, 2)
    assert (december.opening, december.closing) == (497, 497)
    assert [each.serials for each in december.unexplained] == [serial(25)]
    assert (listed[0].is_over, listed[1].is_over) == (True, False)


def test_numbers_that_went_together_are_one_line(listed: tuple[Month, Month]) -> None:
    """Two sheets destroyed one after the other are a range; what was void between others is not lost in one."""
    went = [(each.event, str(each.span)) for each in listed[0].movements]
    assert (StockEvent.DESTROY, f"{serial(3)}–{serial(4)}") in went
    assert [numbers for event, numbers in went if event is StockEvent.SPOIL] == [
        f"{serial(3)}–{serial(4)}", serial(9),
    ]  # fmt: skip


def test_the_workbook_counts_and_names(listed: tuple[Month, Month]) -> None:
    """Counts are numbers to count on, serials are text that keeps its zeros."""
    opened = openpyxl.load_workbook(io.BytesIO(monthfile.file_of(listed[0], "a.XLSX", county="吴桥县")))
    head, row = opened["汇总"].iter_rows(values_only=True)
    shown = dict(zip(head, row, strict=True))
    assert (shown["期初结存"], shown["入库"], shown["期末结存"], shown["平衡"]) == (0, 500, 497, "平")
    assert (shown["其中在库"], shown["其中在窗口"], shown["其中待销毁"]) == (483, 13, 1)
    numbers = [row[3] for row in opened["编号"].iter_rows(min_row=2, values_only=True)]
    assert f"{serial(1)}–{serial(500)}" in numbers


@pytest.mark.long  # the short slice: `adapter stock month` in test_stock_commands.py draws one
def test_the_page_to_sign_says_the_same(listed: tuple[Month, Month]) -> None:
    """As PDF, with lines for two persons; what is not accounted for stands on it with who had it."""
    for found, words in zip(listed, (("497", "XH-1", "保管人"), (serial(25), OTHER, "不平")), strict=True):
        pdf = monthfile.file_of(found, "a.pdf", county="吴桥县")
        done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
        text = done.stdout.decode()
        assert [each for each in ("空白证照月末清单", "吴桥县", *words) if each not in text] == []
        assert monthfile.file_of(found, "a.pdf", county="吴桥县") == pdf


def test_a_month_or_a_file_that_there_is_not(listed: tuple[Month, Month], engine) -> None:
    """Told before anything is counted or drawn."""
    for text in ("2026-13", "2026-1", "", "2027-01"):
        with pytest.raises(YunhuobanError, match="E-STOCK-041"), engine.begin() as tx:
            month.month(tx, text, DECEMBER)
    with pytest.raises(YunhuobanError, match="E-STOCK-042"):
        monthfile.file_of(listed[0], "list.docx", county="吴桥县")
