"""County IT sets up what a printer prints where: sheet, measure, offset; over a real print service."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.hall.desk.printdesk import build_app
from adapters.hall.printers.hall import HallPrinters
from adapters.hall.printers.page import SHEET_SENT, router
from adapters.hall.printers.register import Tray, registered
from adapters.settings import StationSettings
from deploy.demo.printer import DemoPrinter
from pages.access import Access
from pages.serving import Serving
from tests.awaiting import until
from tests.journey.pages_fakes import Desk
from tests.pages.walking import Walkers

# The same page is asked without a browser in tests/unit/adapters/printers/test_printers_page.py, always.
pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

CARD = "#printer-a4-1"


def test_a_printer_is_calibrated(steady_printer: DemoPrinter, tmp_path: Path, walkers: Walkers) -> None:
    """From the desk's line to the page; the sheet printed, an offset refused, the right one kept."""
    hall, access = HallPrinters(tmp_path, StationSettings()), Access()
    trays = (Tray.parse("tray-2=A4:business-license-duplicate-2019"),)
    hall.register.add(registered("a4-1", steady_printer.url, pin="", trays=trays, by="it-1", now=datetime.now(UTC)))
    app = build_app(Desk(), access)
    app.include_router(router(hall, access, clock=lambda: datetime.now(UTC)))
    with Serving(app) as serving:
        keeper = walkers.at(f"http://127.0.0.1:{serving.port}", address=access.address(serving.port))
        keeper.arrives("打印授权")
        keeper.enter(css="#printer summary")
        keeper.enter("打印机设置和校准")
        keeper.arrives("添加和更换打印机")
        keeper.reads("就绪", CARD)
        keeper.tick("纸盒里现在是白纸", within=CARD)
        keeper.enter("打印校准页")
        keeper.reads(SHEET_SENT, CARD)
        until(lambda: len(steady_printer.sheets()) == 1)
        keeper.fill("向右，毫米", "12", within=CARD)
        keeper.fill("向下，毫米", "-1.7", within=CARD)
        keeper.enter("登记偏移")
        keeper.finds("E-PRINT-165", "#notice")
        keeper.looks("refused")
        keeper.fill("向右，毫米", "2.4", within=CARD)
        keeper.enter("登记偏移")
        keeper.finds("+2.4", CARD)
        keeper.looks("calibrated")
