"""`/people/new` and `/people/ACCOUNT`: whoever keeps the accounts opens one, and changes what an account may do.

A first password is made here, not chosen: it stands on the answer's page once, goes to its person on paper or by word
of mouth, and is good for nothing but choosing another. Nobody changes the own account: no right is self-given.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from pages.access import Access, language_of
from pages.frame import Frame
from pages.people import passwords
from pages.people.accounts import UNKNOWN, AccountBook
from pages.people.organisation import Organisation
from pages.people.permission import needs, person_of
from pages.people.person import ROLE_NAMES, Role
from pages.people.web.signinpage import address_of
from pages.people.words import FACTORS, STATES
from pages.wording import mark as _
from pages.wording import sentence
from schemas.errors import YunhuobanError, declare

NOT_ONESELF: Final = declare("E-USER-014", "不能改自己正在用的账号。", "请另一位管理账号的人来办。")

Typed = Annotated[str, Form(max_length=200)]
Chosen = Annotated[list[str], Form(max_length=len(Role), default_factory=list)]


def router(accounts: AccountBook, organisation: Organisation, access: Access, *, keeper: Role) -> APIRouter:
    """The routes; `keeper` is the role that keeps the accounts of this side."""
    frame = Frame(name=_("账号"), access=access, packages=["pages.people.web"])
    routes = APIRouter(prefix="/people")
    keeping = [needs(keeper)]
    offered = [role for role in ROLE_NAMES if role in accounts.roles]

    def shown(request: Request, template: str, *, error: YunhuobanError | None = None, **values: Any) -> HTMLResponse:
        told = sentence(error, language_of(request)) if error else None
        values |= {"shown": told, "offered": offered, "units": organisation.units()}
        return frame.page(request, template, status_code=200 if error is None else 409, **values)

    def one(request: Request, account: str, error: YunhuobanError | None = None) -> HTMLResponse:
        kept = accounts.one(account)
        if kept is None:
            raise YunhuobanError(UNKNOWN, place="account")
        own = account == person_of(request).account
        return shown(request, "person.html", error=error, kept=kept, own=own, states=STATES, factors=FACTORS)

    def change(request: Request, account: str, act: Callable[..., None], *given: Any) -> Response:
        not_oneself(request, account)
        try:
            act(account, *given, by=person_of(request).account, address=address_of(request))
        except YunhuobanError as error:
            return one(request, account, error)
        return RedirectResponse(f"/people/{account}", status_code=303)

    @routes.get("/new", dependencies=keeping)
    def new(request: Request) -> HTMLResponse:
        return shown(request, "person_new.html", typed={"account": "", "name": "", "unit": ""}, chosen=())

    @routes.post("/new", dependencies=keeping)
    def add(request: Request, role: Chosen, account: Typed = "", name: Typed = "", unit: Typed = "") -> HTMLResponse:
        account, by = account.strip().lower(), person_of(request).account
        password, there = passwords.first(), address_of(request)
        try:
            accounts.add(account, name=name, roles=role, password=password, by=by, unit=unit, address=there)
        except YunhuobanError as error:
            typed = {"account": account, "name": name, "unit": unit}
            return shown(request, "person_new.html", error=error, typed=typed, chosen=role)
        return frame.page(request, "person_password.html", account=account, name=name.strip(), password=password)

    @routes.get("/{account}", dependencies=keeping)
    def look(request: Request, account: str) -> HTMLResponse:
        return one(request, account)

    @routes.post("/{account}/roles", dependencies=keeping)
    def roles(request: Request, account: str, role: Chosen) -> Response:
        return change(request, account, accounts.set_roles, role)

    @routes.post("/{account}/unit", dependencies=keeping)
    def move(request: Request, account: str, unit: Typed = "") -> Response:
        return change(request, account, accounts.move, unit)

    @routes.post("/{account}/second-factor", dependencies=keeping)
    def forget_telephone(request: Request, account: str) -> Response:
        return change(request, account, accounts.reset_second_factor)

    @routes.post("/{account}/leave", dependencies=keeping)
    def leave(request: Request, account: str) -> Response:
        return change(request, account, accounts.leave)

    @routes.post("/{account}/password", dependencies=keeping)
    def password(request: Request, account: str) -> Response:
        made = passwords.first()
        answer = change(request, account, accounts.set_password, made)
        kept = accounts.one(account)
        if kept is None or not isinstance(answer, RedirectResponse):
            return answer
        return frame.page(request, "person_password.html", account=account, name=kept.person.name, password=made)

    return routes


def not_oneself(request: Request, account: str) -> None:
    """Raises E-USER-014 for the account that asks."""
    if account == person_of(request).account:
        raise YunhuobanError(NOT_ONESELF, place="account")
