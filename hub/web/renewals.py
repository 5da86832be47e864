"""The page of renewals: whose request waits for the authority's person, since when, and how long its key still holds.

As with joining, nothing is done here: each step shows its command.
"""

from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from hub.web.renewalview import waiting
from hub.web.rights import LOOKING
from hub.web.view import OverviewSource
from pages.frame import Frame

COMMANDS: Final = (
    "hub county renewals --out REQUESTS",
    "certs renew AUTHORITY REQUESTS --out ANSWERS",
    "hub county renewed ANSWERS",
)


def attach(app: FastAPI, frame: Frame, view: OverviewSource) -> None:
    """Give the page to the hub's application."""

    @app.get("/renewals", dependencies=[LOOKING])
    def renewals(request: Request) -> HTMLResponse:
        rows = view.renewals()
        return frame.page(request, "list_renewals.html", rows=rows, waiting=waiting(rows), commands=COMMANDS)
