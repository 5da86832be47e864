"""`/status` beside the print desk: how the node is, for the county's IT. Made anew at every look."""

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from adapters.countyit.status import words
from adapters.countyit.status.report import Report
from pages.access import Access, language_of
from pages.frame import Frame
from pages.people.permission import needs
from pages.people.person import Role
from pages.wording import mark as _
from pages.wording import sentence

REFRESH_SECONDS: Final = 15


def router(report: Callable[[], Report], access: Access) -> APIRouter:
    """The page's route, for an application that has the guard."""
    frame = Frame(name=_("县节点现状"), access=access, packages=["adapters.countyit.status"])
    routes = APIRouter()

    @routes.get("/status", dependencies=[needs(Role.COUNTY_IT)])
    def status(request: Request) -> HTMLResponse:
        found = report()
        attention = [sentence(each, language_of(request)) for each in found.attention]
        page = frame.page(request, "status.html", report=found, attention=attention, words=words)
        page.headers["Refresh"] = str(REFRESH_SECONDS)  # the browser's own: no script has to run for it
        return page

    return routes
