"""What keeps a sheet from coming out is told by what a person can do about it, before a byte is sent."""

import pytest

from adapters.hall.printers.looking import Look
from adapters.hall.printers.register import Tray
from adapters.hall.printers.words import loaded, told
from adapters.printing import obstacles, troubles
from adapters.printing.facts import LoadedTray, Marker, Supply, description, markers, trays
from adapters.printing.ipp import Activity, PrinterState
from adapters.printing.media import Media, of_size
from adapters.printing.obstacles import obstacle
from schemas.errors import YunhuobanError


def printer(*reasons: str, activity: Activity = Activity.IDLE, **changes) -> PrinterState:
    """A printer with A4 in tray 1, changed as told."""
    plain = {
        "activity": activity,
        "reasons": frozenset(reasons),
        "is_accepting": True,
        "media_supported": frozenset(Media),
        "media_ready": frozenset({Media.A4}),
        "trays": (LoadedTray(source="tray-1", media=Media.A4.value),),
    }
    return PrinterState(**plain | changes)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (printer("media-empty-error"), obstacles.PAPER_OUT),
        (printer("media-needed"), obstacles.PAPER_OUT),
        (printer("media-jam-error", "media-empty-error"), obstacles.JAMMED),
        (printer("door-open"), obstacles.OPEN),
        (printer("toner-empty-error"), obstacles.NO_TONER),
        (printer("paused"), obstacles.NEEDS_ATTENTION),
        (printer(activity=Activity.STOPPED), obstacles.NEEDS_ATTENTION),
        (printer(is_accepting=False), obstacles.NEEDS_ATTENTION),
        (printer(media_supported=frozenset()), troubles.MEDIA_NOT_SUPPORTED),
        (printer(activity=Activity.PROCESSING), troubles.BUSY),
        (printer("cover-open-warning", activity=Activity.PROCESSING), obstacles.OPEN),
    ],
)
def test_each_obstacle_has_its_own_remedy(state, code):
    """A door before a jam before paper; a busy printer's warning is why its job does not end."""
    found = obstacle(state, Media.A4)
    assert found is not None
    assert found.code is code


def test_a_warning_stops_nobody_and_the_right_tray_is_asked():
    """Low paper and toner print on; a tray without the sheet does not; a printer that tells nothing is believed."""
    assert obstacle(printer("media-low-warning", "toner-low-warning"), Media.A4, source="tray-1") is None
    for media, source in ((Media.A4, "tray-2"), (Media.A3, "tray-1"), (Media.A3, "")):
        found = obstacle(printer(), media, source=source)
        assert found is not None
        assert found.code is obstacles.NOT_LOADED
    silent = printer(media_ready=frozenset(), trays=())
    assert obstacle(silent, Media.A3, source="tray-9") is None


def test_a_printer_is_told_in_one_word_and_sign():
    """Ready, printing, toner low, one tray, all of it, out of reach."""
    a4, a3 = Tray.parse("tray-1=A4:specimen-a4"), Tray.parse("tray-2=A3:specimen-a3")
    away = YunhuobanError(troubles.UNREACHABLE)
    low = Marker(name="K", kind="toner", percent=4, supply=Supply.LOW)

    def said(state: PrinterState | None, *registered: Tray) -> str:
        trouble = None if state else away
        return told(Look(name="p", url="", trays=registered, state=state, trouble=trouble)).text

    assert said(printer(), a4) == "就绪"
    assert said(printer(activity=Activity.PROCESSING), a4) == "正在打印"
    assert said(printer(markers=(low,))) == "就绪，墨粉快用完"
    assert said(printer("toner-low-warning")) == "就绪，墨粉快用完"
    assert said(printer(), a4, a3) == "有的纸盒不能用"
    assert said(printer(), a3) == "没有装要用的纸"
    assert said(printer("media-empty-error"), a4, a3) == "缺纸"
    assert said(printer("paused"), a4) == "需要处理"
    assert said(None, a4) == "联系不上"
    assert loaded(Look(name="", url="", trays=(), state=printer())) == ["纸盒 1 A4"]
    assert loaded(Look(name="", url="", trays=(), state=printer(trays=()))) == ["A4"]


def test_what_a_printer_tells_oddly_is_left_out():
    """Other kinds of values than there should be, too many of them, and levels that mean something else."""
    odd = {
        "media-col-ready": [7, {}, {"media-size": 3}, {"media-size": {"x-dimension": "x"}, "media-source": 4}],
        "marker-levels": [50, True, -3, -2, 0, 101, 100, 95],
        "marker-types": ["toner", "toner", "toner", "toner", "toner", "waste-toner", "waste-ink"],
        "marker-names": "Black\n",
        "printer-make-and-model": ["X\x1b[31m" + "y" * 500],
        "printer-resolution-supported": [(600, 600, 3), (600, 1200, 3), (), (1,)],
        "document-format-supported": [None, 3, "application/pdf"],
    }
    assert trays(odd) == ()
    assert trays({"media-col-ready": {"media-size": {"x-dimension": 14800, "y-dimension": 21000}}}) == (
        LoadedTray(source="", media="148×210 mm"),
    )
    found = [(each.percent, each.supply.value) for each in markers(odd)]
    assert found == [
        (50, "good"), (None, "good"), (None, "unknown"), (0, "empty"), (None, "unknown"), (100, "empty"), (95, "low"),
    ]  # fmt: skip
    read = description(odd)
    assert (read.formats, read.resolutions[:2], len(read.make)) == (
        ("application/pdf",),
        ("600dpi", "600x1200dpi"),
        119,
    )
    assert "\x1b" not in read.make
    assert (of_size(42000, 29700), of_size(21010, 29700), of_size(20000, 29700)) == (Media.A3, Media.A4, None)
