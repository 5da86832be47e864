"""What a printer says of itself, in lines for a terminal: make, trays, sheets, sides, formats, supplies."""

from collections.abc import Iterator
from typing import Final

from adapters.hall.printers import certificates, words
from adapters.hall.printers.looking import Look
from adapters.printing.ipp import Printer
from pages import wording
from pages.wording import mark as _

_MAKE: Final = _("型号：{make}（{info}），位置：{location}，固件：{firmware}")
_CERTIFICATE: Final = _("证书：{subject}，有效至 {until}，SHA-256 {pin}")
_STATE: Final = _("状态：{state}（{reasons}）")
_SHEETS: Final = _("支持的证照用纸：{sheets}；共支持 {count} 种纸")
_LOADED: Final = _("已装纸：{loaded}")
_SOURCES: Final = _("纸盒：{sources}")
_PRINTS: Final = _("单双面：{sides}；彩色：{colour}；分辨率：{resolutions}；格式：{formats}")
_NO_PDF: Final = _("注意：打印机没有说支持 PDF，不能直接打印证照。")
_SUPPLIES: Final = _("墨粉：{supplies}")
_YES: Final = _("是")
_NO: Final = _("否")


def lines(url: str, language: str, *, timeout_seconds: float) -> Iterator[str]:
    """One language's lines. Raises E-PRINT-121 and its like; for ipps the certificate is shown and held to."""

    def said(text: str, **params: object) -> str:
        return wording.say(text, language, **params)

    pin = ""
    if url.startswith("ipps:"):
        shown = certificates.presented(url, timeout_seconds=timeout_seconds)
        pin = shown.pin
        yield said(_CERTIFICATE, subject=shown.subject, until=shown.ends_at.date(), pin=shown.grouped)
    told, state = Printer(url, timeout_seconds=timeout_seconds, pin=pin).described()
    look = Look(name="", url=url, trays=(), state=state)
    yield said(
        _MAKE,
        make=told.make or "—",
        info=told.info or "—",
        location=told.location or "—",
        firmware=told.firmware or "—",
    )
    reasons = ", ".join(sorted(state.reasons)) or "—"
    yield said(_STATE, state=said(words.told(look).text), reasons=reasons)
    known = ", ".join(name for media, name in words.SHEETS.items() if media in state.media_supported)
    yield said(_SHEETS, sheets=known or "—", count=len(state.media_supported))
    yield said(_LOADED, loaded=", ".join(words.loaded(look, language)) or "—")
    sources = (f"{words.source(each, language)}（{each}）" for each in told.sources)
    yield said(_SOURCES, sources=", ".join(sources) or "—")
    yield said(
        _PRINTS,
        sides=", ".join(said(words.SIDES[each]) if each in words.SIDES else each for each in told.sides) or "—",
        colour=said(_YES if told.colour else _NO),
        resolutions=", ".join(told.resolutions) or "—",
        formats=", ".join(told.formats) or "—",
    )
    if not {"application/pdf", "application/octet-stream"} & set(told.formats):  # the latter: it finds out by itself
        yield said(_NO_PDF)
    yield said(_SUPPLIES, supplies="; ".join(words.marker(each, language) for each in state.markers) or "—")
