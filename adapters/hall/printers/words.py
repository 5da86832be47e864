"""What a printer's keywords are called at a window: sheets, trays, sides, supplies, and why it does not print."""

from typing import Final

from adapters.hall.printers.looking import Look
from adapters.hall.printers.register import Tray
from adapters.printing.facts import Marker, Supply
from adapters.printing.media import Media
from adapters.printing.obstacles import JAMMED, NO_TONER, NOT_LOADED, OPEN, PAPER_OUT
from adapters.printing.troubles import CERTIFICATE_CHANGED, MEDIA_NOT_SUPPORTED, NO_PRINTER, UNREACHABLE
from pages import wording
from pages.labels import STOCK_KINDS, Label
from pages.wording import mark as _
from schemas.errors import Code, YunhuobanError

SHEETS: Final = {each.value: each.name for each in Media}
SOURCES: Final = {
    "auto": _("自动选择"),
    "main": _("主纸盒"),
    "alternate": _("备用纸盒"),
    "top": _("上纸盒"),
    "middle": _("中纸盒"),
    "bottom": _("下纸盒"),
    "side": _("侧纸盒"),
    "left": _("左纸盒"),
    "right": _("右纸盒"),
    "rear": _("后进纸口"),
    "manual": _("手送口"),
    "by-pass-tray": _("手送纸盘"),
    "large-capacity": _("大容量纸盒"),
    "photo": _("照片纸盒"),
}
_NUMBERED: Final = _("纸盒 {number}")
SIDES: Final = {
    "one-sided": _("单面"),
    "two-sided-long-edge": _("双面，长边翻"),
    "two-sided-short-edge": _("双面，短边翻"),
}
SUPPLIES: Final = {
    Supply.GOOD: Label(_("充足"), "good", "✓"),
    Supply.LOW: Label(_("快用完"), "wait", "!"),
    Supply.EMPTY: Label(_("用完"), "bad", "✕"),
    Supply.UNKNOWN: Label(_("打印机没有说"), "calm", "?"),
}
READY: Final = Label(_("就绪"), "good", "✓")
PRINTING: Final = Label(_("正在打印"), "wait", "…")
TONER_LOW: Final = Label(_("就绪，墨粉快用完"), "wait", "!")
_WHY_NOT: Final[dict[Code, Label]] = {
    UNREACHABLE: Label(_("联系不上"), "bad", "✕"),
    NO_PRINTER: Label(_("没有设置"), "bad", "✕"),
    CERTIFICATE_CHANGED: Label(_("证书变了"), "bad", "✕"),
    PAPER_OUT: Label(_("缺纸"), "bad", "!"),
    JAMMED: Label(_("卡纸"), "bad", "!"),
    OPEN: Label(_("盖或门开着"), "bad", "!"),
    NO_TONER: Label(_("墨粉用完"), "bad", "!"),
    NOT_LOADED: Label(_("没有装要用的纸"), "bad", "!"),
    MEDIA_NOT_SUPPORTED: Label(_("不支持要用的纸"), "bad", "✕"),
}
_OTHERWISE: Final = Label(_("需要处理"), "bad", "!")
_PARTLY: Final = Label(_("有的纸盒不能用"), "wait", "!")


def told(look: Look) -> Label:
    """One printer in one word and sign."""
    why_not = look.why_not
    if any(tray is None for tray, _error in why_not):
        return problem(why_not[0][1])
    if why_not:
        return _PARTLY
    if look.is_busy:
        return PRINTING
    return TONER_LOW if look.supply is Supply.LOW else READY


def problem(error: YunhuobanError) -> Label:
    """Why a printer or a tray does not print, in one word and sign; the remedy stands in the error."""
    return _WHY_NOT.get(error.code, _OTHERWISE)


def source(keyword: str, language: str = wording.SOURCE_LANGUAGE) -> str:
    """A tray."""
    kind, dash, number = keyword.rpartition("-")
    if dash and kind == "tray" and number.isdigit():
        return wording.say(_NUMBERED, language, number=number)
    return wording.say(SOURCES[keyword], language) if keyword in SOURCES else keyword


def sheet(media: str) -> str:
    """A sheet: A4, or its size."""
    return SHEETS.get(media, media)


def stock(kind: str, language: str = wording.SOURCE_LANGUAGE) -> str:
    """A kind of stock."""
    return wording.say(STOCK_KINDS[kind], language) if kind in STOCK_KINDS else kind


def tray(registered: Tray, language: str = wording.SOURCE_LANGUAGE) -> str:
    """A registered tray in a line."""
    parts = (source(registered.source, language), sheet(registered.media), stock(registered.stock, language))
    return " · ".join(parts)


def marker(found: Marker, language: str = wording.SOURCE_LANGUAGE) -> str:
    """A supply in a line."""
    name = found.name or found.kind or "—"
    percent = f" {found.percent}%" if found.percent is not None else ""
    return f"{name}{percent} {wording.say(SUPPLIES[found.supply].text, language)}"


def loaded(look: Look, language: str = wording.SOURCE_LANGUAGE) -> list[str]:
    """What lies ready, by tray as far as the printer says so."""
    if look.state is None:
        return []
    by_tray = [f"{source(each.source, language)} {sheet(each.media)}".strip() for each in look.state.trays]
    return by_tray or sorted(sheet(media) for media in look.state.media_ready)
