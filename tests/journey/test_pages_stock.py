"""Blank stock in a real browser, over a real store: a keeper and a clerk with a scanner and no mouse.

The short slice beside it, without a browser: tests/unit/adapters/stock/test_stock_pages.py.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from adapters.hall.stock import book, closing
from adapters.hall.stock.serials import span
from adapters.hall.stock.web.desk import StockDesk
from adapters.hall.stock.web.page import router
from adapters.instants import now
from adapters.store import Store, open_store
from pages.access import Access
from pages.frame import Frame
from tests.journey.pages_fakes import chromium, opened
from tests.stock_world import BODY, CLERK, KEEPER, KIND, OTHER, sealing, serial

pytestmark = pytest.mark.long

STATION = "130928-01-1"
PHONE = {"width": 390, "height": 844}

browser = pytest.fixture(scope="module")(chromium)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A county that keeps no book yet."""
    made = open_store(f"sqlite:///{tmp_path / 'county.sqlite'}")
    yield made
    made.close()


@pytest.fixture
def page(store: Store, tmp_path: Path, browser: Browser) -> Iterator[Page]:
    """The book, opened by this machine's one-time address."""
    access = Access()
    desk = StockDesk(store=store, sealing=sealing(tmp_path), county="吴桥县", station=STATION, clock=now)
    app = Frame(name="空白证照", access=access, packages=[]).application()
    app.include_router(router(desk, access))
    with opened(app, access, browser) as browser_page:
        browser_page.goto(browser_page.url.rstrip("/") + "/stock")
        yield browser_page


def keys(page: Page, *typed: str) -> None:
    """What a person or a scanner types, field by field: Tab between them, Enter at the end."""
    for at, text in enumerate(typed):
        page.keyboard.type(text)
        page.keyboard.press("Tab" if at < len(typed) - 1 else "Enter")


def receive(page: Page, first: int = 1, last: int = 500) -> None:
    """A box, by keyboard alone."""
    page.fill("#account", KEEPER)
    page.focus("#receive-kind")
    keys(page, KIND, BODY, "SH-2026-17", "省市场监督管理局", serial(first), serial(last), str(last - first + 1))


def test_a_scanner_fills_the_next_field_and_sends_nothing_half(page: Page, store: Store) -> None:
    """Number and Enter in the first field: the cursor goes to the next empty one, and nothing is entered."""
    receive(page)
    expect(page.get_by_role("status")).to_contain_text("500 张")
    page.locator("#acts summary", has_text="领用").click()
    page.focus("#issue-to")
    for text, then in ((CLERK, "issue-first"), (serial(1), "issue-last")):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == then
    page.keyboard.type(serial(3))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("3 张")
    expect(page.locator("#issue-to")).to_be_focused()
    page.focus("#find")
    keys(page, serial(2))
    expect(page.locator("#sheet h1")).to_contain_text(serial(2))
    expect(page.locator("#sheet")).to_contain_text("SH-2026-17")
    expect(page.locator("#sheet tbody tr")).to_have_count(2)


def test_what_is_refused_is_told_and_the_form_stays(page: Page) -> None:
    """The own account, a number that is not there, a name for an account: sentence, remedy and code."""
    receive(page, 1, 10)
    expect(page.get_by_role("status")).to_contain_text("10 张")
    page.locator("#acts summary", has_text="领用").click()
    for account, to, first, code in (
        (KEEPER, KEEPER, serial(1), "E-STOCK-020"),
        (KEEPER, CLERK, serial(11), "E-STOCK-004"),
        (KEEPER, "王小明", serial(1), "E-STOCK-007"),
    ):
        page.fill("#account", account)
        page.fill("#issue-to", to)
        page.fill("#issue-first", first)
        page.fill("#issue-last", first)
        page.keyboard.press("Enter")
        expect(page.locator("#notice")).to_contain_text(code)
        expect(page.locator("#issue-first")).to_have_value(first)
        expect(page.locator("#notice")).not_to_contain_text("王小明")


def test_what_does_not_balance_stands_on_top_and_lists_are_downloaded(page: Page, store: Store, tmp_path: Path) -> None:
    """Numbers and who had them last; the month as workbook and PDF; two persons destroy; English on one press."""
    receive(page, 1, 100)
    expect(page.get_by_role("status")).to_contain_text("100 张")
    with store.write() as tx:
        book.issue(tx, KIND, span(serial(1), serial(20)), by=KEEPER, to=CLERK, now=now())
        book.spoil(tx, KIND, span(serial(3)), by=CLERK, reason="jam", now=now())
        book.lose(tx, KIND, span(serial(4)), by=CLERK, reason="stolen", now=now())
        book.give_back(tx, KIND, span(serial(19), serial(20)), by=CLERK, now=now())
        closing.close(tx, now() + timedelta(days=1))
    page.reload()
    expect(page.locator("#unexplained")).to_contain_text(f"{serial(19)}–{serial(20)}")
    expect(page.locator("#unexplained")).to_contain_text(CLERK)
    expect(page.locator("#days")).to_contain_text("2 张没有交代")
    for ending in ("XLSX", "PDF"):
        with page.expect_download() as loading:
            page.locator("#months").get_by_role("link", name=ending).first.click()
        saved = tmp_path / loading.value.suggested_filename
        loading.value.save_as(saved)
        assert saved.read_bytes()[:4] in (b"PK\x03\x04", b"%PDF")
    page.fill("#account", KEEPER)
    page.locator("#acts summary", has_text="销毁").click()
    page.focus("#destroy-reference")
    keys(page, "XH-2026-1", serial(3), "", OTHER)
    expect(page.get_by_role("status")).to_contain_text("1 张")
    page.locator("#acts summary", has_text="收回").click()
    page.focus("#take-back-first")
    keys(page, serial(19), serial(20))
    expect(page.locator("#unexplained")).to_contain_text("账平")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#unexplained")).to_contain_text("balances")
    page.goto(page.url.rstrip("/") + f"/sheets/{serial(3)}")
    for words in ("Destroyed by two persons", "XH-2026-1", KEEPER, OTHER, "damaged in a jam"):
        expect(page.locator("#sheet")).to_contain_text(words)


def test_every_page_fits_a_clerks_screen_and_a_phone(page: Page, store: Store) -> None:
    """Nothing of a page stands outside its width; every field has a label."""
    receive(page, 1, 100)
    expect(page.get_by_role("status")).to_contain_text("100 张")
    with store.write() as tx:
        book.issue(tx, KIND, span(serial(1), serial(20)), by=KEEPER, to=CLERK, now=now())
    start = page.url
    for size in ({"width": 1366, "height": 768}, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for place in ("", "/mine", f"/sheets/{serial(1)}"):
            page.goto(start + place)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (size, place)
            nameless = page.locator("input:not([type=hidden]), select").evaluate_all(
                "all => all.filter(each => !each.labels.length).map(each => each.outerHTML)"
            )
            assert nameless == []
