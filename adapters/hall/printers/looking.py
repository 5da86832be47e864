"""How the hall's printers are now: each is asked, all at once, and an answer that does not come is an answer, too."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from adapters.hall.printers.register import Tray
from adapters.printing.facts import Supply
from adapters.printing.ipp import Activity, Printer, PrinterState
from adapters.printing.media import Media
from adapters.printing.obstacles import obstacle
from adapters.printing.troubles import BUSY
from schemas.errors import YunhuobanError

LOOKING_SECONDS: Final = 3.0
"""Somebody waits for it at a page: a printer that needs longer is shown as not reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One printer at one moment."""

    name: str  # empty: the station's single printer
    url: str
    trays: tuple[Tray, ...]  # as registered
    state: PrinterState | None  # none: `trouble` says why
    trouble: YunhuobanError | None = None

    @property
    def why_not(self) -> list[tuple[Tray | None, YunhuobanError]]:
        """Why it does not print, the whole printer or one tray; a job under way is no reason."""
        if self.state is None:
            return [(None, self.trouble)] if self.trouble else []
        sheets = self.trays or (None,)
        found = [(each, _obstacle(self.state, each)) for each in sheets]
        troubles = [(tray, error) for tray, error in found if error is not None and error.code is not BUSY]
        if len(troubles) == len(sheets) and len({error.code for _, error in troubles}) == 1:
            return [(None, troubles[0][1])]
        return troubles

    @property
    def is_busy(self) -> bool:
        """Whether it is printing."""
        return self.state is not None and self.state.activity is Activity.PROCESSING

    @property
    def supply(self) -> Supply:
        """The worst of its supplies that it says anything about."""
        if self.state is None:
            return Supply.UNKNOWN
        said = {marker.supply for marker in self.state.markers}
        if any(reason.startswith(("toner-low", "marker-supply-low")) for reason in self.state.reasons):
            said.add(Supply.LOW)
        return next((each for each in (Supply.EMPTY, Supply.LOW, Supply.GOOD) if each in said), Supply.UNKNOWN)


def look(printer: Printer, *, name: str = "", trays: tuple[Tray, ...] = ()) -> Look:
    """Ask one printer."""
    try:
        return Look(name=name, url=printer.url, trays=trays, state=printer.state())
    except YunhuobanError as trouble:
        return Look(name=name, url=printer.url, trays=trays, state=None, trouble=trouble)


def look_at(printers: Sequence[tuple[Printer, str, tuple[Tray, ...]]]) -> list[Look]:
    """Ask all of them, in their order."""
    if not printers:
        return []
    with ThreadPoolExecutor(max_workers=len(printers)) as pool:
        return list(pool.map(lambda each: look(each[0], name=each[1], trays=each[2]), printers))


def _obstacle(state: PrinterState, tray: Tray | None) -> YunhuobanError | None:
    if tray is not None:
        return obstacle(state, tray.media, source=tray.source)
    supported = [media for media in Media if media in state.media_supported and state.has_loaded(media)]
    return obstacle(state, supported[0] if supported else Media.A4)
