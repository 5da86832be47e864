"""`/organisation`: the tree of halls, towns, villages and those who act for people, and where one is added or moved."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from pages.access import Access, language_of
from pages.frame import Frame
from pages.people.organisation import KINDS, Organisation
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.people.web.signinpage import address_of
from pages.wording import mark as _
from pages.wording import sentence
from schemas.errors import YunhuobanError

Typed = Annotated[str, Form(max_length=200)]


def router(organisation: Organisation, access: Access, *, keeper: Role) -> APIRouter:
    """The routes; `keeper` is the role that keeps the organisation, the auditor looks on."""
    frame = Frame(name=_("账号"), access=access, packages=["pages.people.web"])
    routes = APIRouter(prefix="/organisation")

    def shown(request: Request, *, error: YunhuobanError | None = None, **typed: Any) -> HTMLResponse:
        values = {"units": organisation.units(), "kinds": KINDS, "keeps": keeper in person_of(request).roles}
        values["shown"] = sentence(error, language_of(request)) if error else None
        values["typed"] = {"unit": "", "kind": "hall", "name": "", "parent": ""} | typed
        return frame.page(request, "organisation.html", status_code=200 if error is None else 409, **values)

    def done(request: Request, act: Callable[[], None], **typed: Any) -> Response:
        try:
            act()
        except YunhuobanError as error:
            return shown(request, error=error, **typed)
        return RedirectResponse("/organisation", status_code=303)

    @routes.get("", dependencies=[needs(keeper, Role.AUDITOR)])
    def tree(request: Request) -> HTMLResponse:
        return shown(request)

    @routes.post("", dependencies=[needs(keeper)])
    def add(request: Request, unit: Typed = "", kind: Typed = "", name: Typed = "", parent: Typed = "") -> Response:
        typed = {"unit": unit.strip().lower(), "kind": kind, "name": name, "parent": parent}
        by, there = person_of(request).account, address_of(request)
        return done(request, lambda: organisation.add(**typed, by=by, address=there), **typed)

    @routes.post("/{unit}/move", dependencies=[needs(keeper)])
    def move(request: Request, unit: str, parent: Typed = "") -> Response:
        by, there = person_of(request).account, address_of(request)
        return done(request, lambda: organisation.move(unit, parent=parent, by=by, address=there))

    return routes
