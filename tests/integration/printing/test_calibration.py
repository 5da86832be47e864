"""What is printed falls where the calibration says, out of the tray of its stock: measured on what was received."""

import hashlib
import io
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

import pytest
from PIL import Image

from adapters.hall.printers import calibrating
from adapters.hall.printers.hall import HallPrinters
from adapters.hall.printers.register import FILE, Registered, Tray
from adapters.licenses import template
from adapters.licenses.calibration import crosses
from adapters.licenses.render import Renderer
from adapters.printing import ledger
from adapters.printing.station import Outcome, Station
from adapters.settings import StationSettings
from deploy.demo.printer import DemoPrinter
from schemas.errors import YunhuobanError
from tests.awaiting import until
from tests.printers import Transaction, authorisation, idle
from tests.unit.adapters.licenses.license_parties import make_face

pytestmark = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler-utils is not installed")

DPI = 150
NOW = datetime.now(UTC)
A4_STOCK, A3_STOCK = "business-license-duplicate-2019", "business-license-original-2019"
_numbers = count(1)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    """Fonts are read once."""
    return Renderer()


@pytest.fixture(scope="module")
def fill(renderer: Renderer) -> bytes:
    """The fill layer of a 副本."""
    return renderer.render_fill(make_face(), template.load(*template.DUPLICATE))


@pytest.fixture
def hall(steady_printer: DemoPrinter, tmp_path) -> HallPrinters:
    """Two printers of a hall: one with white paper and A4 stock, one with A3 stock; one machine plays both."""
    made = HallPrinters(tmp_path, StationSettings())
    by_hand = steady_printer.url.replace("localhost", "127.0.0.1")
    for name, url, trays in (
        ("a4-1", steady_printer.url, ("tray-1=A4:specimen-a4", f"tray-2=A4:{A4_STOCK}")),
        ("a3-1", by_hand, (f"tray-3=A3:{A3_STOCK}",)),
    ):
        found = tuple(Tray.parse(each) for each in trays)
        made.register.add(Registered(name=name, url=url, trays=found, added_at=NOW, added_by="it-1"))
    return made


def measured(pdf: bytes, width: float, height: float, near: Callable[[int], tuple[float, float]]) -> list[float]:
    """How far each cross-hair lies from where it belongs, right and down in millimetres; `near` says where to look."""
    command = ["pdftoppm", "-gray", "-singlefile", "-r", str(DPI), "-"]
    picture = Image.open(io.BytesIO(subprocess.run(command, input=pdf, capture_output=True, check=True).stdout))
    pixels = DPI / 25.4
    found = []
    for index, (x, y) in enumerate(crosses(width, height)):
        expected = near(index)
        left, top = (int((at + shift - 6) * pixels) for at, shift in zip((x, y), expected, strict=True))
        side = int(12 * pixels)
        window = picture.crop((left, top, left + side, top + side))
        darkness = [255 - each for each in window.tobytes()]
        columns = [sum(darkness[at::side]) for at in range(side)]
        rows = [sum(darkness[at * side : (at + 1) * side]) for at in range(side)]
        found += [
            (start + _middle(sums)) / pixels - at
            for start, sums, at in ((left, columns, x), (top, rows, y))
        ]  # fmt: skip
    return found


def _middle(sums: list[int]) -> float:
    """The middle of a hair that covers one or two pixels."""
    dark = [at for at, each in enumerate(sums) if each > max(sums) * 0.6]
    return sum(dark) / len(dark) + 0.5


def test_the_second_sheet_proves_the_offset(hall, steady_printer):
    """The first sheet is where the page says; after an offset was entered the second is moved by it, to 0.3 mm."""
    form = calibrating.form("business-license-duplicate/2019.1")
    offsets = (2.4, -1.7)
    for moved in ((0.0, 0.0), offsets):
        registered, door = hall.named("a4-1")
        before = len(steady_printer.sheets())
        calibrating.print_sheet(registered, door, form, "tray-2", hall.register.content())
        until(lambda before=before: len(steady_printer.sheets()) > before)
        idle(steady_printer)
        sheet = steady_printer.sheets()[-1]
        assert (sheet["job_name"], "media-source=tray-2" in sheet["media_col"]) == ("calibration", True)
        pdf = (steady_printer.folder / "sheets" / sheet["file"]).read_bytes()
        off = measured(pdf, 297, 210, lambda _, moved=moved: moved)
        assert off == [pytest.approx(each, abs=0.3) for each in moved * 5]
        calibrating.keep(
            hall.register, "a4-1", form, "tray-2", x_mm=offsets[0], y_mm=offsets[1], scale=1.0, by="it-1", now=NOW
        )


@pytest.mark.parametrize(
    ("kind", "stock", "tray", "shift"),
    [("duplicate", A4_STOCK, "tray-2", (2.4, -1.7)), ("original", A3_STOCK, "tray-3", (0.0, 0.0))],
)
def test_a_license_takes_the_tray_of_its_stock_and_is_shifted_there(
    hall, steady_printer, transaction: Transaction, renderer, kind, stock, tray, shift
):
    """副本 out of the A4 tray with its stock, 正本 of the other printer: the checked fill, moved by its offset."""
    form = calibrating.form("business-license-duplicate/2019.1")
    calibrating.keep(hall.register, "a4-1", form, "tray-2", x_mm=2.4, y_mm=-1.7, scale=1.0, by="it-1", now=NOW)
    drawn = template.load(*(template.DUPLICATE if kind == "duplicate" else template.ORIGINAL))
    fill = renderer.render_fill(make_face(), drawn)
    number = f"130928-PA-C{next(_numbers):05}"
    signed = authorisation(
        number,
        copy_kind=ledger.CopyKind(kind),
        stock_kind=stock,
        template=f"{drawn.id}/{drawn.version}",
        print_file_sha256=hashlib.sha256(fill).hexdigest(),
    )
    at = Station(
        hall, "P1", transaction=transaction, clock=lambda: datetime.now(UTC), prepare=hall.prepare, poll_seconds=0.05
    )
    with transaction() as tx:
        ledger.record(tx, signed)
    at.asking("answer")
    at.granted(number, claim_id=at.claim(number), grant=b"a grant", answer_id="answer")
    assert at.start(number, fill).outcome is Outcome.SHEET_OUT
    (sheet,) = steady_printer.sheets()
    assert f"media-source={tray}" in sheet["media_col"]
    received = (steady_printer.folder / "sheets" / sheet["file"]).read_bytes()
    assert received.startswith(fill)
    before, after = corner(fill), corner(received)
    assert [b - a for a, b in zip(before, after, strict=True)] == [pytest.approx(each, abs=0.1) for each in shift]


def corner(pdf: bytes) -> tuple[float, float]:
    """Where the first word of the page begins, in millimetres."""
    text = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode(
        errors="replace"
    )
    word = text[text.index("<word ") :]
    x, y = (float(word.partition(f'{name}="')[2].partition('"')[0]) for name in ("xMin", "yMin"))
    return x / 72 * 25.4, y / 72 * 25.4


def test_a_damaged_register_neither_prints_nor_loses(hall, steady_printer, transaction: Transaction, tmp_path, fill):
    """The node starts all the same: what was printing waits for the register, and nothing new is printed."""
    at = Station(hall, "P1", transaction=transaction, clock=lambda: datetime.now(UTC), prepare=hall.prepare)
    with transaction() as tx:
        ledger.record(tx, authorisation("r1", print_file_sha256=hashlib.sha256(fill).hexdigest()))
        ledger.record(tx, authorisation("r2", copy_no=2, print_file_sha256=hashlib.sha256(fill).hexdigest()))
    for number in ("r1", "r2"):
        at.asking("answer")
        at.granted(number, claim_id=at.claim(number), grant=b"a grant", answer_id="answer")
    with transaction() as tx:
        ledger.start(tx, "r1", station="P1", now=datetime.now(UTC))
    (tmp_path / FILE).write_text("{", encoding="utf-8")
    (found,) = at.reconcile()
    assert found.outcome is Outcome.STILL_PRINTING
    with pytest.raises(YunhuobanError, match="E-PRINT-160"):
        at.start("r2", fill)
    assert steady_printer.sheets() == []


def test_what_does_not_fit_is_refused_before_a_byte(hall, steady_printer, tmp_path, fill):
    """Stock in no tray, a page of another size than its template, a complete page on anything but white paper."""
    a3 = authorisation("a3", template="business-license-original/2019.1")
    for signed, code in ((a3, "E-PRINT-168"), (authorisation("x", template="other/1"), "")):
        if code:
            with pytest.raises(YunhuobanError, match="E-PRINT-168"):
                hall.media(signed, fill)
        else:
            assert hall.media(signed, fill) == "iso_a4_210x297mm"
    with pytest.raises(YunhuobanError, match="E-PRINT-166"):
        hall.fitting(authorisation("s", stock_kind="food-license"), calibrating.Media.A4)
    (slot,) = hall.fitting(authorisation("s", stock_kind=A4_STOCK), calibrating.Media.A4)
    complete = hashlib.sha256(fill).hexdigest()
    on_stock = authorisation("s", stock_kind=A4_STOCK, sealed_sha256=complete, print_file_sha256=complete)
    with pytest.raises(YunhuobanError, match="E-PRINT-167"):
        hall.prepare(on_stock, fill, slot)
    specimen = authorisation("s", stock_kind="specimen-a4", sealed_sha256=complete, print_file_sha256=complete)
    assert hall.prepare(specimen, fill, slot) is fill
    only_stock = HallPrinters(tmp_path, StationSettings(print_complete=False))
    with pytest.raises(YunhuobanError, match="E-PRINT-167"):
        only_stock.prepare(specimen, fill, slot)
    assert steady_printer.sheets() == []
