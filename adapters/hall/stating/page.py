"""The frame of `/stating`: the list of its sections, each under an address of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from pages.access import Access
from pages.frame import Frame
from pages.people.permission import needs
from pages.people.person import Role
from pages.wording import mark as _

STATING: Final = (Role.APPROVER, Role.COUNTY_IT)
"""Who may say something in the county's name for all: who decides its cases, and who administers its node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One kind of what a county says of itself."""

    path: str
    """Below `/stating`."""
    name: str
    """Chinese, marked."""
    purpose: str
    """Chinese, marked: what it is for, in one sentence."""
    attach: Callable[[APIRouter, Frame], None]
    """Puts its routes below `path`; each declares its roles."""


def router(sections: Sequence[Section], access: Access) -> APIRouter:
    """The routes, for an application that has the guard."""
    frame = Frame(name=_("本县的声明"), access=access, packages=["adapters.hall.stating"])
    routes = APIRouter(prefix="/stating")

    @routes.get("", dependencies=[needs(*STATING)])
    def overview(request: Request) -> HTMLResponse:
        return frame.page(request, "stating.html", sections=sections)

    for each in sections:
        own = APIRouter(prefix=f"/{each.path}")
        each.attach(own, frame)
        routes.include_router(own)
    return routes
