"""An A6 card is sent to a printer that holds A6, as an A6 page, and to no other tray."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.hall.printers import calibrating
from adapters.hall.printers.hall import HallPrinters
from adapters.hall.printers.register import Registered, Tray
from adapters.licenses.pdf_file import opened
from adapters.settings import StationSettings
from tests.awaiting import until
from tests.brokers import free_port
from tests.printers import DemoPrinter, require_printer

STOCK = "elder-card"
TRAYS = """
Attr keyword media-supported iso_a4_210x297mm,iso_a6_105x148mm
Attr keyword media-default iso_a4_210x297mm
Attr keyword media-ready iso_a4_210x297mm,iso_a6_105x148mm
Attr collection media-size-supported {
  MEMBER integer x-dimension 21000
  MEMBER integer y-dimension 29700
},{
  MEMBER integer x-dimension 10500
  MEMBER integer y-dimension 14800
}
Attr mimeMediaType document-format-supported application/pdf
Attr mimeMediaType document-format-default application/pdf
Attr keyword media-source-supported auto,tray-1,tray-2
Attr collection media-col-ready {
  MEMBER collection media-size {
    MEMBER integer x-dimension 21000
    MEMBER integer y-dimension 29700
  }
  MEMBER keyword media-source tray-1
},{
  MEMBER collection media-size {
    MEMBER integer x-dimension 10500
    MEMBER integer y-dimension 14800
  }
  MEMBER keyword media-source tray-2
}
Attr text printer-make-and-model "Yunhuoban Demo A4/A6"
Attr keyword sides-supported one-sided
Attr boolean color-supported true
Attr resolution printer-resolution-supported 600dpi
"""


@pytest.fixture
def card_printer(tmp_path: Path) -> Iterator[DemoPrinter]:
    """A real printer with A4 in its first tray and cards in its second."""
    require_printer()
    attributes = tmp_path / "a4-a6.conf"
    attributes.write_text(TRAYS, encoding="utf-8")
    with DemoPrinter(tmp_path / "printer", free_port(), attributes=attributes) as printer:
        yield printer


@pytest.mark.long  # the short slice: a tray of cards is accepted, tests/unit/adapters/printers
def test_a_card_is_printed_on_a_card(card_printer: DemoPrinter, tmp_path: Path) -> None:
    """The job names the tray and the size of the card, and the page that arrived is 105 by 148 mm."""
    hall = HallPrinters(tmp_path, StationSettings())
    trays = ("tray-1=A4:specimen-a4", f"tray-2=A6:{STOCK}")
    known = tuple(Tray.parse(each) for each in trays)
    now = datetime.now(UTC)
    hall.register.add(Registered(name="cards", url=card_printer.url, trays=known, added_at=now, added_by="it-1"))
    registered, door = hall.named("cards")
    calibrating.print_sheet(registered, door, calibrating.form("elder-card/2026.1"), "tray-2", hall.register.content())
    until(lambda: len(card_printer.sheets()) == 1)
    (sheet,) = card_printer.sheets()
    assert "media-source=tray-2" in sheet["media_col"]
    assert ("10500" in sheet["media_col"], "14800" in sheet["media_col"]) == (True, True)
    pdf = (card_printer.folder / "sheets" / sheet["file"]).read_bytes()
    box = opened(pdf).root["/Pages"]["/Kids"][0]["/MediaBox"]
    sides = sorted(float(each) / 72 * 25.4 for each in box)[2:]
    assert sides == [pytest.approx(105, abs=0.5), pytest.approx(148, abs=0.5)]
