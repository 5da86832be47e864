"""`/alerts`: what is the matter, who has taken it on, and what is over. All three roles look; the operator acts."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from hub.alerting import words
from hub.alerting.kinds import KINDS
from hub.web.alertview import AlertDesk
from hub.web.rights import LOOKING, OPERATING
from pages.access import Access, language_of
from pages.frame import Frame
from pages.people.permission import person_of
from pages.people.person import Role
from pages.wording import mark as _


def router(desk: AlertDesk, access: Access) -> APIRouter:
    """The routes."""
    frame = Frame(name=_("中枢运行"), access=access, packages=["hub.web"])
    routes = APIRouter()

    @routes.get("/alerts", dependencies=[LOOKING])
    def alerts(request: Request) -> HTMLResponse:
        sheet, language = desk.sheet(), language_of(request)
        return frame.page(
            request,
            "list_alerts.html",
            sheet=sheet,
            kinds=KINDS,
            place=lambda name: words.subject(name, sheet.names, language),
            counted=lambda row: words.sentence(row, language),
            acts=Role.OPERATOR in person_of(request).roles,
        )

    @routes.post("/alerts/{number}/acknowledge", dependencies=[OPERATING])
    def acknowledge(request: Request, number: str, note: Annotated[str, Form(max_length=400)] = "") -> Response:
        desk.acknowledge(number, by=person_of(request).account, note=note)
        return RedirectResponse("/alerts", status_code=303)

    return routes
