"""`/take/wiped`: what was wiped after its term and when; for those who took it, who look after it and who audit."""

from collections.abc import Callable, Sequence

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from adapters.hall.taking.web import words
from adapters.hall.taking.wiping import Wiped
from pages.frame import Frame
from pages.people.permission import needs
from pages.people.person import Role


def router(frame: Frame, record: Callable[[], Sequence[Wiped]]) -> APIRouter:
    """`record` gives the newest rows."""
    routes = APIRouter(prefix="/take", dependencies=[needs(Role.CLERK, Role.COUNTY_IT, Role.AUDITOR)])

    @routes.get("/wiped")
    def wiped(request: Request) -> HTMLResponse:
        return frame.page(request, "wiped.html", rows=record(), words=words)

    return routes
