"""`/around`: questions, appeals, alive checks, lists and opinions with their days; groups of cases; ratings.

Everybody at the hub looks on and nobody acts: the counties answer each other. What was asked, and of whom, is encrypted
for the county that answers; the hub shows numbers, states, days and the level that an appeal has come to.
"""

import re
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from hub.around.matters import Filter
from hub.around.words import GROUP_KINDS, GROUP_STATES, KINDS
from hub.web.aroundview import AroundSource
from hub.web.rights import LOOKING
from pages.access import Access
from pages.frame import Frame
from pages.labels import CASE_STATES
from pages.wording import mark as _

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

    return routes


def _county(text: str) -> str:
    return text if _COUNTY.fullmatch(text) else ""
