"""The look at a holder beside the print desk, and the book of all looks for the auditor."""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse

from adapters.hall.revealing import book
from adapters.hall.revealing.book import Look
from adapters.hall.revealing.holders import Holders
from pages.access import Access
from pages.frame import Frame
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.wording import mark as _


def router(holders: Holders, looks: Callable[[str], Sequence[Look]], access: Access) -> APIRouter:
    """The routes, for an application that has the guard. `looks` gives those of one case, or the newest of all."""
    frame = Frame(name=_("查看记录"), access=access, packages=["adapters.hall.revealing"])
    routes = APIRouter()

    @routes.post("/authorisations/{authorisation_no}/holder", dependencies=[needs(Role.CLERK)])
    def holder(
        request: Request, authorisation_no: str, purpose: Annotated[str, Form(max_length=20)] = ""
    ) -> HTMLResponse:
        found = holders.reveal(authorisation_no, person=person_of(request), purpose=purpose)
        return frame.page(request, "holder.html", holder=found)

    @routes.get("/looks", dependencies=[needs(Role.AUDITOR)])
    def all_looks(request: Request, case_no: Annotated[str, Query(max_length=40)] = "") -> HTMLResponse:
        return frame.page(
            request, "looks.html", rows=looks(case_no), case_no=case_no, purposes=book.PURPOSES, whats=book.WHATS
        )

    return routes
