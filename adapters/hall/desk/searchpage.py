"""The search on the print desk: one field, answered by the one authorisation that was found, or by a list of them."""

from collections.abc import Callable
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse

from adapters.hall.desk.view import DeskSource
from pages.frame import Frame
from pages.people.permission import needs, person_of
from pages.people.person import Role


def attach(
    app: FastAPI,
    frame: Frame,
    at: Callable[[Request], DeskSource],
    whole: Callable[..., HTMLResponse],
) -> None:
    """Add the route. `at` is the desk that a browser sees, `whole` shows one authorisation as the desk does."""

    @app.post("/authorisations/search", dependencies=[needs(Role.CLERK)])
    def search(request: Request, asked: Annotated[str, Form(max_length=200)] = "") -> HTMLResponse:
        """By POST: a name goes into no address, no history and no log."""
        desk = at(request)
        rows = desk.search(asked, by=person_of(request).account)
        only = desk.job(rows[0].authorisation_no) if len(rows) == 1 else None
        return frame.page(request, "found.html", found=rows) if only is None else whole(request, only, searched=True)
