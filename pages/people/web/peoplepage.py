"""`/people`: the accounts, for whoever keeps them and whoever looks on; `/people/events`: what was done with them."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from pages.access import Access
from pages.frame import Frame
from pages.people import events
from pages.people.accounts import AccountBook
from pages.people.organisation import Organisation
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.people.storing import Shelf
from pages.people.web.keepingpage import not_oneself
from pages.people.web.signinpage import address_of
from pages.people.words import FACTORS, STATES
from pages.wording import mark as _


def router(
    shelf: Shelf, accounts: AccountBook, organisation: Organisation, access: Access, *, keeper: Role
) -> APIRouter:
    """The routes; `keeper` is the role that keeps the accounts of this side."""
    frame = Frame(name=_("账号"), access=access, packages=["pages.people.web"])
    routes, keeping, watching = APIRouter(), needs(keeper), needs(Role.AUDITOR)

    def change(request: Request, account: str, act: Callable[..., None]) -> Response:
        act(account, by=person_of(request).account, address=address_of(request))
        return RedirectResponse("/people", status_code=303)

    @routes.get("/people", dependencies=[needs(keeper, Role.AUDITOR)])
    def people(request: Request) -> HTMLResponse:
        return frame.page(
            request,
            "people.html",
            accounts=accounts.accounts(),
            units=organisation.names(),
            keeps=keeper in person_of(request).roles,
            states=STATES,
            factors=FACTORS,
        )

    @routes.get("/people/events", dependencies=[watching])
    def record(request: Request) -> HTMLResponse:
        with shelf.store.read() as tx:
            lines = events.newest(tx, shelf.tables)
        return frame.page(request, "people_events.html", lines=lines, what=events.WORDS)

    @routes.post("/people/{account}/lock", dependencies=[keeping])
    def lock(request: Request, account: str) -> Response:
        not_oneself(request, account)
        return change(request, account, accounts.lock)

    @routes.post("/people/{account}/unlock", dependencies=[keeping])
    def unlock(request: Request, account: str) -> Response:
        return change(request, account, accounts.unlock)

    return routes
