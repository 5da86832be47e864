"""`/partners` and `/matrix`: who takes part and how far each item is, by county; filtered by the address.

81 items by 177 counties are 14,337 cells. First shown is each item by province, with how many are through of those that
offer it; a province opens into its counties, and everything at once is there for who wants it. A cell is a sign, and
the sign's word stands in the legend and beside it for a screen reader: no state is told by colour alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from hub.web.joining import STEPS
from hub.web.partnersview import THROUGH, ItemRow, PartnersSource
from hub.web.rights import LOOKING
from pages.access import Access
from pages.frame import Frame
from pages.labels import Label
from pages.wording import mark as _
from schemas.divisions import register

LABELS: Final[Mapping[str, Label]] = {
    THROUGH: Label(_("自测通过"), "good", "✓"),
    "not_tested": Label(_("没有自测"), "wait", "○"),
    "failed": Label(_("自测没有通过"), "bad", "✕"),
    "expired": Label(_("要重新自测"), "ask", "!"),
}
_EVERYWHERE: Final = "all"
_WORDS: Final = 40


@dataclass(frozen=True, slots=True)
class Share:
    """How many of the counties of a province that offer an item are through."""

    through: int
    offered: int

    @property
    def whole(self) -> bool:
        """Whether nothing is lacking."""
        return self.through == self.offered


def router(source: PartnersSource, access: Access) -> APIRouter:
    """The routes, for the hub's application."""
    frame = Frame(name=_("中枢运行"), access=access, packages=["hub.web"])
    routes = APIRouter()

    @routes.get("/partners", dependencies=[LOOKING])
    def partners(request: Request, q: str = "", state: str = "", lacking: str = "") -> HTMLResponse:
        every, words = source.partners(), q.strip()[:_WORDS]
        rows = [
            row
            for row in every
            if (not words or words in row.name or row.code.startswith(words))
            and (not state or row.state == state)
            and (not lacking or row.window == lacking or row.counts.get(lacking))
        ]
        provinces = provinces_of([row.code for row in every])
        values: dict[str, Any] = {"rows": rows, "every": len(every), "q": words, "state": state, "lacking": lacking}
        return frame.page(request, "partners.html", steps=STEPS, labels_=LABELS, provinces=provinces, **values)

    @routes.get("/matrix", dependencies=[LOOKING])
    def matrix(
        request: Request, alliance: str = "", province: str = "", q: str = "", lacking: str = ""
    ) -> HTMLResponse:
        found, words = source.matrix(alliance), q.strip()[:_WORDS]
        provinces = provinces_of(list(found.counties))
        shown = {code: name for code, name in found.counties.items() if province in (_EVERYWHERE, code[:2])}
        rows = [row for row in found.items if _wanted(row, shown or found.counties, words, lacking)]
        values: dict[str, Any] = {"found": found, "rows": rows, "q": words, "lacking": lacking, "province": province}
        values |= {"provinces": provinces, "shown": shown, "share": share}
        return frame.page(request, "matrix.html", labels_=LABELS, **values)

    return routes


def provinces_of(codes: Sequence[str]) -> dict[str, str]:
    """The provinces of these counties, by the first two digits, with their names."""
    return {two: register.known(f"{two}0000").name for two in sorted({code[:2] for code in codes})}


def share(row: ItemRow, province: str) -> Share | None:
    """How far an item is in a province; None where no county of it offers the item."""
    there = [state for code, state in row.cells.items() if code[:2] == province]
    return Share(sum(state == THROUGH for state in there), len(there)) if there else None


def _wanted(row: ItemRow, counties: Mapping[str, str], words: str, lacking: str) -> bool:
    if words and words not in row.name and words not in row.basic:
        return False
    return not lacking or any(row.cells.get(code) == lacking for code in counties)
