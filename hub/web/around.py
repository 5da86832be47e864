"""`/around`: questions, appeals, alive checks, lists and opinions with their days; groups of cases; ratings.

Everybody at the hub looks on and nobody acts: the counties answer each other. What was asked, and of whom, is encrypted
for the county that answers; the hub shows numbers, states, days and the level that an appeal has come to.
"""

import re
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from hub.around.matters import Filter
from hub.around.words import GROUP_KINDS, GROUP_STATES, KINDS, STATED
from hub.web.aroundview import AroundSource
from hub.web.rights import LOOKING
from pages import fieldnames
from pages.access import Access
from pages.frame import Frame
from pages.labels import CASE_STATES
from pages.wording import mark as _
from schemas import shapes

_WORDS: Final = {
    symbol: word
    for name in ("WindowPower", "ProcedureKind")
    for symbol, word in fieldnames.words(shapes.raw()[name]).items()
}
_COUNTY: Final = re.compile("[0-9]{6}")


def router(view: AroundSource, access: Access) -> APIRouter:
    """The pages' routes, for an application that has the guard."""
    frame = Frame(name=_("往来"), access=access, packages=["hub.web"])
    routes = APIRouter(prefix="/around")

    def page(request: Request, template: str, county: str, **values: Any) -> HTMLResponse:
        return frame.page(request, template, names=view.names(), county_asked=county, **values)

    @routes.get("", dependencies=[LOOKING])
    def matters(
        request: Request, kind: str = "", state: str = "", county: str = "", overdue: bool = False
    ) -> HTMLResponse:
        wanted = Filter(
            kind=kind if kind in KINDS else "",
            state=state if state in CASE_STATES else "",
            county=_county(county),
            overdue=overdue,
        )
        return page(
            request,
            "list_around.html",
            wanted.county,
            rows=view.matters(wanted),
            counts=view.counts(),
            late=view.overdue(),
            wanted=wanted,
            kinds=KINDS,
        )

    @routes.get("/groups", dependencies=[LOOKING])
    def groups(request: Request, county: str = "") -> HTMLResponse:
        asked = _county(county)
        values = {"rows": view.groups(asked), "kinds": GROUP_KINDS, "states": GROUP_STATES}
        return page(request, "list_groups.html", asked, **values)

    @routes.get("/ratings", dependencies=[LOOKING])
    def ratings(request: Request, county: str = "") -> HTMLResponse:
        asked = _county(county)
        rated = [each for each in view.rated() if asked in ("", each.county)]
        return page(request, "list_ratings.html", asked, rows=view.owed(asked), rated=rated)

    @routes.get("/stated", dependencies=[LOOKING])
    def stated(request: Request, kind: str = "", county: str = "") -> HTMLResponse:
        asked, kind = _county(county), kind if kind in STATED else ""
        values = {"rows": view.stated(kind, asked), "counts": view.stated_counts(), "kinds": STATED, "kind_asked": kind}
        return page(request, "list_stated.html", asked, words=_WORDS, **values)

    return routes


def _county(text: str) -> str:
    return text if _COUNTY.fullmatch(text) else ""
