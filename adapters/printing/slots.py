"""Where a sheet can come from: a printer, and one of its trays where it matters which.

A hall may have one printer that people load by hand, or an A3 and an A4 printer with several trays; the station asks
for what fits and is given the slots in the order in which to try them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from adapters.printing.ipp import Printer
from adapters.printing.ledger import Authorisation
from adapters.printing.media import Media
from adapters.printing.sheetsize import media_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One place that paper comes from."""

    printer: Printer
    name: str = ""  # the printer's, as county IT called it
    source: str = ""  # the tray, a keyword of IPP's media-source; empty: the printer takes what fits


class Slots(Protocol):
    """The printers of one station."""

    def media(self, authorisation: Authorisation, document: bytes) -> Media:
        """The sheet that this document is made for. Raises YunhuobanError when it is none that is printed here."""

    def fitting(self, authorisation: Authorisation, media: Media) -> Sequence[Slot]:
        """The slots for this sheet, the best first, never none. Raises YunhuobanError when none is set up for it."""

    def printers(self) -> Sequence[Printer]:
        """Every printer that a job of this station may have gone to."""


class OnePrinter:
    """A station with a single printer, whose tray people load for each kind of sheet."""

    def __init__(self, printer: Printer) -> None:
        self.printer = printer

    def media(self, authorisation: Authorisation, document: bytes) -> Media:  # noqa: ARG002 -- Slots' signature
        """As its template says."""
        return media_of(authorisation)

    def fitting(self, authorisation: Authorisation, media: Media) -> Sequence[Slot]:  # noqa: ARG002 -- Slots' signature
        """That one."""
        return (Slot(printer=self.printer),)

    def printers(self) -> Sequence[Printer]:
        """That one."""
        return (self.printer,)
