"""The printers of one hall as its print station uses them: which slot for which sheet, and how the sheet is prepared.

Stock decides: an authorisation names its kind of stock, and the tray that is registered for that kind takes it, on
whichever printer it is. A printer without registered trays is loaded by hand and may take any. Without a register
there is the one printer of `[station] printer_url`.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from adapters.hall.printers.calibrating import forms
from adapters.hall.printers.looking import LOOKING_SECONDS, Look, look_at
from adapters.hall.printers.register import Register, Registered
from adapters.licenses.shift import page_size_mm, shift_fill
from adapters.printing.ipp import Printer
from adapters.printing.ledger import Authorisation
from adapters.printing.media import Media, of_size
from adapters.printing.slots import Slot
from adapters.settings import StationSettings
from schemas.errors import YunhuobanError, declare

PRINTING_SECONDS: Final = 10.0
SPECIMEN_PAPER: Final = frozenset({"specimen-a4", "specimen-a3"})
"""White paper, as an authorisation names it: `adapters.authority.authorising`."""

NO_SLOT: Final = declare(
    "E-PRINT-166",
    "没有一台打印机登记了装这种空白证照的纸盒。",
    "请县信息中心用 adapter printer trays 登记哪个纸盒装哪种空白证照。",
)
NOT_ON_STOCK: Final = declare(
    "E-PRINT-167",
    "完整版式只能作为样张打在白纸上，这次没有打印。",
    "正式证照只套打填充内容，请属地重新授权；试办件的样张请到装白纸的打印站打印。",
)
PAGE_MISFIT: Final = declare(
    "E-PRINT-168",
    "文件的版面大小与要用的纸不符，没有打印。",
    "请勿换纸硬打；请把打印授权编号告诉县信息中心，由其与属地核对模板。",
)


class HallPrinters:
    """Thread-safe: what is registered is read at each use, and every call to a printer stands for itself."""

    def __init__(self, folder: Path, station: StationSettings) -> None:
        """`folder` holds the register."""
        self.register = Register(folder)
        self._station = station

    def media(self, authorisation: Authorisation, document: bytes) -> Media:
        """By the size of the page that was signed, which has to be its template's. Raises E-PRINT-168, E-LIC-03…."""
        width, height = page_size_mm(document)
        found = of_size(width * 100, height * 100)
        known = {form.key: form.media for form in forms()}
        expected = known.get(authorisation.template, found)
        if found is None or found is not expected:
            size = f"{width:.0f}×{height:.0f} mm"
            raise YunhuobanError(
                PAGE_MISFIT, place=authorisation.authorisation_no, found=size, expected=expected or ", ".join(Media)
            )
        return found

    def fitting(self, authorisation: Authorisation, media: Media) -> Sequence[Slot]:
        """The trays registered for this stock; else the printers that are loaded by hand. Raises E-PRINT-166."""
        registered = self.register.content().printers
        if not registered:
            return (Slot(printer=self._single(PRINTING_SECONDS)),)
        wanted = (media, _paper(authorisation, media))
        trays = [
            Slot(printer=_printer(each, PRINTING_SECONDS), name=each.name, source=tray.source)
            for each in registered
            for tray in each.trays
            if (tray.media, tray.stock) == wanted
        ]
        by_hand = [
            Slot(printer=_printer(each, PRINTING_SECONDS), name=each.name) for each in registered if not each.trays
        ]
        if not trays and not by_hand:
            raise YunhuobanError(NO_SLOT, place=authorisation.authorisation_no, expected=f"{wanted[1]} {media}")
        return trays or by_hand

    def printers(self) -> Sequence[Printer]:
        """All that are registered and the single one: a job may have gone to it before the others were."""
        registered = self.register.content().printers
        found = [_printer(each, PRINTING_SECONDS) for each in registered]
        if self._station.printer_url and self._station.printer_url not in {each.url for each in registered}:
            found.append(self._single(PRINTING_SECONDS))
        return found

    def prepare(self, authorisation: Authorisation, document: bytes, slot: Slot) -> bytes:
        """The bytes to send of a document whose digest was checked.

        A complete page goes onto white paper only, and as it is; the fill layer is shifted by the slot's calibration.
        Raises E-PRINT-167 or E-LIC-03….
        """
        complete = hashlib.sha256(document).hexdigest() == authorisation.sealed_sha256
        white = authorisation.trial or authorisation.stock_kind in SPECIMEN_PAPER
        if complete and not (white and self._station.print_complete):
            raise YunhuobanError(NOT_ON_STOCK, place=authorisation.authorisation_no, found=authorisation.stock_kind)
        if complete or not slot.name:
            return document
        content = self.register.content()
        offset = content.offset(content.named(slot.name), authorisation.template, slot.source)
        if offset is None:
            return document
        return shift_fill(document, shift_x_mm=offset.x_mm, shift_y_mm=offset.y_mm, scale=offset.scale)

    def looks(self) -> list[Look]:
        """How they are now, for a page. A register that cannot be read is shown as a printer that is not reached."""
        registered = self.register.content().printers
        if not registered:
            return look_at([(self._single(LOOKING_SECONDS), "", ())])
        return look_at([(_printer(each, LOOKING_SECONDS), each.name, each.trays) for each in registered])

    def named(self, name: str) -> tuple[Registered, Printer]:
        """One that is registered. Raises E-PRINT-161."""
        found = self.register.content().named(name)
        return found, _printer(found, PRINTING_SECONDS)

    def _single(self, seconds: float) -> Printer:
        return Printer(self._station.printer_url, timeout_seconds=seconds)


def _paper(authorisation: Authorisation, media: Media) -> str:
    """What the tray has to hold: stock for what is real, white paper for a trial, whatever kind its issuer names."""
    if not authorisation.trial or authorisation.stock_kind in SPECIMEN_PAPER:
        return authorisation.stock_kind
    return "specimen-a3" if media is Media.A3 else "specimen-a4"


def _printer(registered: Registered, seconds: float) -> Printer:
    return Printer(registered.url, timeout_seconds=seconds, pin=registered.pin)
