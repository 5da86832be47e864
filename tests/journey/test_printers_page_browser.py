"""`/printers` in the browser: keyboard alone, both languages, a clerk's screen and a phone's width."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from adapters.hall.desk.printdesk import build_app
from adapters.hall.printers.hall import HallPrinters
from adapters.hall.printers.page import router
from adapters.hall.printers.register import Tray, registered
from adapters.settings import StationSettings
from deploy.demo.printer import DemoPrinter
from pages.access import Access
from tests.journey.pages_fakes import Desk, chromium, opened
from tests.printers import awaiting

# The same page is asked without a browser in tests/unit/adapters/printers/test_printers_page.py, always.
pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    yield from chromium()


def test_county_it_calibrates_with_the_keyboard_alone(steady_printer: DemoPrinter, tmp_path: Path, browser: Browser):
    """From the desk's line to the page, the sheet printed, the offset kept; nothing runs over the edge of a screen."""
    hall, access = HallPrinters(tmp_path, StationSettings()), Access()
    now = datetime.now(UTC)
    trays = (Tray.parse("tray-2=A4:business-license-duplicate-2019"),)
    hall.register.add(registered("a4-1", steady_printer.url, pin="", trays=trays, by="it-1", now=now))
    app = build_app(Desk(), access)
    app.include_router(router(hall, access, clock=lambda: datetime.now(UTC)))
    with opened(app, access, browser) as page:
        page.locator("#printer summary").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#printer .panel")).to_be_visible()
        page.locator("#printer .panel a[href='/printers']").focus()
        page.keyboard.press("Enter")
        card = page.locator("#printer-a4-1")
        expect(card).to_contain_text("就绪")

        page.locator("#sheet-a4-1").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(card.get_by_role("status")).to_contain_text("校准页已送往打印机")
        awaiting(lambda: len(steady_printer.sheets()) == 1)

        page.locator("#x-a4-1").focus()
        page.keyboard.type("12")
        page.keyboard.press("Tab")
        page.keyboard.type("-1.7")
        page.keyboard.press("Enter")
        expect(page.locator("#notice")).to_contain_text("E-PRINT-165")
        page.locator("#x-a4-1").fill("2.4")
        page.keyboard.press("Enter")
        expect(card).to_contain_text("+2.4")
        expect(page.locator("#notice")).to_be_empty()

        page.get_by_role("button", name="English").click()
        expect(page.locator("#printer-a4-1 h3")).to_have_text("Calibration")
        for width, height in ((1366, 768), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
