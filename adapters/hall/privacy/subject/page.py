"""`/subject`: county IT or the auditor looks for everything about one person; the number comes in a POST only."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from adapters.hall.privacy.subject import found as kinds
from adapters.hall.privacy.subject.desk import SubjectDesk
from adapters.hall.revealing.book import PURPOSES, WHATS
from pages.access import Access
from pages.frame import Frame
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.wording import mark as _

ASKED_FOR: Final = {name: PURPOSES[name] for name in ("subject", "audit")}
"""What such a search can be for."""
_SEARCHING: Final = needs(Role.COUNTY_IT, Role.AUDITOR)


def router(desk: SubjectDesk, access: Access) -> APIRouter:
    """The routes, for an application that has the guard."""
    frame = Frame(name=_("本人信息查询"), access=access, packages=["adapters.hall.privacy.subject"])
    routes = APIRouter(prefix="/subject")

    @routes.get("", dependencies=[_SEARCHING])
    def form(request: Request) -> HTMLResponse:
        return frame.page(request, "subject.html", purposes=ASKED_FOR)

    @routes.post("", dependencies=[_SEARCHING])
    def look(
        request: Request,
        number: Annotated[str, Form(max_length=40)] = "",
        purpose: Annotated[str, Form(max_length=20)] = "",
    ) -> HTMLResponse:
        account = person_of(request).account
        known = purpose if purpose in ASKED_FOR else ""
        subject = desk.look(number, account=account, purpose=known)
        return frame.page(
            request,
            "subject_found.html",
            subject=subject,
            kinds=kinds.KINDS,
            whats=WHATS,
            purposes=PURPOSES,
            purpose=known,
            ticket=desk.ticket(number, account=account),
        )

    return routes
