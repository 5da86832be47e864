"""`/printers` for county IT: what is registered and how it is; a calibration sheet and its offsets; nobody else's."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from adapters.hall.printers.hall import HallPrinters
from adapters.hall.printers.page import router
from adapters.hall.printers.register import Tray, registered
from adapters.settings import StationSettings
from pages.access import CSRF_HEADER, Access, cookie_name
from pages.frame import Frame
from pages.people.person import Role
from pages.serving import Serving
from tests.people_browser import NO_AUTHORITIES
from tests.printers import DemoPrinter, awaiting

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
TARGET = "business-license-duplicate/2019.1@tray-2"


@pytest.fixture
def hall(steady_printer: DemoPrinter, tmp_path: Path) -> HallPrinters:
    """A hall with one printer that works, and one that is switched off."""
    made = HallPrinters(tmp_path, StationSettings())
    trays = (Tray.parse("tray-1=A4:specimen-a4"), Tray.parse("tray-2=A4:business-license-duplicate-2019"))
    made.register.add(registered("a4-1", steady_printer.url, pin="", trays=trays, by="it-1", now=NOW))
    made.register.add(registered("off-1", "ipp://127.0.0.1:1/ipp/print", pin="", trays=(), by="it-1", now=NOW))
    return made


@pytest.fixture
def browser(hall: HallPrinters) -> Iterator[httpx.Client]:
    """County IT at the page."""
    yield from opened(hall, frozenset({Role.COUNTY_IT}))


@pytest.fixture
def clerk(hall: HallPrinters) -> Iterator[httpx.Client]:
    """Somebody of another role."""
    yield from opened(hall, frozenset({Role.CLERK, Role.AUDITOR}))


def opened(hall: HallPrinters, roles: frozenset[Role]) -> Iterator[httpx.Client]:
    """A browser with the page's own protection."""
    access = Access(roles=roles)
    app = Frame(name="打印台", access=access, packages=["adapters.hall.printers"]).application()
    app.include_router(router(hall, access, clock=lambda: NOW))
    with (
        Serving(app) as serving,
        httpx.Client(
            verify=NO_AUTHORITIES, base_url=f"http://127.0.0.1:{serving.port}", trust_env=False, timeout=60
        ) as client,
    ):
        client.get(access.address(serving.port))
        client.headers[CSRF_HEADER] = access.csrf(client.cookies[cookie_name(serving.port)])
        yield client


def test_each_printer_is_shown_with_its_state_and_what_to_do(browser):
    """Words and signs, trays, toner; one that is off says so with its code; the commands that add one."""
    text = browser.get("/printers").text
    for said in (
        "就绪",
        "纸盒 2",
        "营业执照副本（2019 版）",
        "Black Toner",
        "联系不上",
        "E-PRINT-121",
        "还没有校准过",
    ):
        assert said in text
    assert "adapter printer add" in text
    assert "A3" not in text[text.index('id="sheet-a4-1"') : text.index("</select>")]
    browser.cookies["yhb-language"] = "en"
    english = browser.get("/printers/a4-1").text
    assert "ready" in english
    assert "Tray 2" in english


def test_offsets_are_kept_with_who_and_when(browser, hall):
    """What was measured stands on the page at once; a mistake is refused with its remedy and nothing is kept."""
    form = {"target": TARGET, "x_mm": "2.4", "y_mm": "-1.7", "scale": "1.000"}
    for wrong, code in (
        ({"x_mm": "12"}, "E-PRINT-165"),
        ({"x_mm": "nan"}, "E-PRINT-165"),
        ({"y_mm": "一"}, "E-PAGE-006"),
        ({"target": "nothing"}, "E-PRINT-169"),
        ({"target": TARGET.replace("tray-2", "tray-3")}, "E-PRINT-170"),
    ):
        answer = browser.post("/printers/a4-1/offsets", data=form | wrong)
        assert code in answer.text
    assert hall.register.content().offsets == ()
    text = browser.post("/printers/a4-1/offsets", data=form).text
    assert all(said in text for said in ("偏移已登记", "+2.4", "-1.7", "desk 11-26 16:00"))
    (kept,) = hall.register.content().offsets
    assert (kept.set_by, kept.source) == ("desk", "tray-2")
    assert "E-PRINT-161" in browser.post("/printers/a4-9/offsets", data=form).text


def test_a_calibration_sheet_needs_white_paper(browser, steady_printer):
    """Unticked, nothing is printed; ticked, one sheet comes out of the chosen tray."""
    answer = browser.post("/printers/a4-1/sheet", data={"target": TARGET})
    assert "E-PRINT-174" in answer.text
    assert steady_printer.sheets() == []
    assert "已送往打印机" in browser.post("/printers/a4-1/sheet", data={"target": TARGET, "white": "yes"}).text
    awaiting(lambda: len(steady_printer.sheets()) == 1)
    assert "media-source=tray-2" in steady_printer.sheets()[0]["media_col"]
    off = {"target": TARGET.partition("@")[0] + "@", "white": "yes"}
    assert "E-PRINT-121" in browser.post("/printers/off-1/sheet", data=off).text


def test_printers_are_county_its_business(clerk, hall):
    """Neither a clerk nor an auditor sees the page or changes anything."""
    for answer in (
        clerk.get("/printers"),
        clerk.get("/printers/a4-1"),
        clerk.post("/printers/a4-1/sheet", data={"target": TARGET, "white": "yes"}),
        clerk.post("/printers/a4-1/offsets", data={"target": TARGET, "x_mm": "1", "y_mm": "1"}),
    ):
        assert "E-PAGE-060" in answer.text
    assert hall.register.content().offsets == ()
