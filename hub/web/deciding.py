"""`/invite` and `/counties/CODE/decide`: security says which county takes part (`hub.joining.deciding` decides).

On trial whoever holds this machine may stand for both persons of an approval, and the record says so; in earnest the
machine is the operator's and decides nothing.
"""

import uuid
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from hub.web.decidingview import Decider
from hub.web.joining import STEPS
from hub.web.rights import SECURING
from hub.web.view import OverviewSource
from pages.access import Access, language_of
from pages.frame import NOT_THERE, Frame
from pages.people.permission import person_of
from pages.wording import mark as _
from pages.wording import sentence
from schemas.divisions import register
from schemas.errors import YunhuobanError

SECOND_OF_MACHINE: Final = "second-person"
ACTS: Final = {
    "invite": _("发出邀请"),
    "approve": _("批准"),
    "refuse": _("退回"),
    "suspend": _("停用"),
    "resume": _("恢复"),
    "revoke": _("撤销"),
}
_ALLOWED: Final = {"active": ("suspend", "revoke"), "suspended": ("resume", "revoke")}
"""What may be done to a county that has joined, by its state; nothing undoes a revocation."""
_CHANGES: Final = frozenset({"suspend", "resume", "revoke"})
Typed = Annotated[str, Form(max_length=400)]
Press = Annotated[str, Form(pattern="^[0-9a-f-]{36}$")]


def router(desk: Decider, view: OverviewSource, access: Access) -> APIRouter:
    """The routes, for the hub's application."""
    frame = Frame(name=_("中枢运行"), access=access, packages=["hub.web"])
    routes = APIRouter(dependencies=[SECURING])

    def invite_page(request: Request, county: str = "", error: YunhuobanError | None = None) -> HTMLResponse:
        return _shown(frame, request, "invite.html", error, county=county)

    def decide_page(request: Request, code: str, error: YunhuobanError | None = None) -> HTMLResponse:
        row, state = view.joining(code), desk.state(code)
        if row is None and not state:
            raise YunhuobanError(NOT_THERE)
        values: dict[str, Any] = {"code": code, "name": register.known(code).name, "row": row, "acts": ACTS}
        values |= {"step": STEPS[row.state if row is not None else state], "allowed": _ALLOWED.get(state, ())}
        return _shown(frame, request, "decide.html", error, decided=desk.decided(code), **values)

    def decide(request: Request, code: str, act: Callable[[], object]) -> Response:
        try:
            act()
        except YunhuobanError as error:
            return decide_page(request, code, error)
        return RedirectResponse(f"/counties/{code}/decide", status_code=303)

    @routes.get("/invite", dependencies=[SECURING])
    def invite(request: Request, county: str = "") -> HTMLResponse:
        return invite_page(request, county)

    @routes.post("/invite", dependencies=[SECURING])
    def invited(request: Request, press: Press, county: Typed = "", reason: Typed = "") -> HTMLResponse:
        county = county.strip()
        try:
            told = desk.invite(press, county, by=person_of(request).account, reason=reason)
        except YunhuobanError as error:
            return invite_page(request, county, error)
        return frame.page(request, "invited.html", told=told, name=register.known(county).name)

    @routes.get("/counties/{code}/decide", dependencies=[SECURING])
    def look(request: Request, code: str) -> HTMLResponse:
        return decide_page(request, code)

    @routes.post("/counties/{code}/decide/approve", dependencies=[SECURING])
    def approve(request: Request, code: str, press: Press, fingerprint: Typed = "", reason: Typed = "") -> Response:
        by = _approver(request, view, code)
        return decide(request, code, lambda: desk.approve(press, code, by=by, reason=reason, read_aloud=fingerprint))

    @routes.post("/counties/{code}/decide/refuse", dependencies=[SECURING])
    def refuse(request: Request, code: str, press: Press, reason: Typed = "") -> Response:
        by = person_of(request).account
        return decide(request, code, lambda: desk.refuse(press, code, by=by, reason=reason))

    @routes.post("/counties/{code}/decide/{act}", dependencies=[SECURING])
    def change(request: Request, code: str, act: str, press: Press, reason: Typed = "") -> Response:
        if act not in _CHANGES:
            raise YunhuobanError(NOT_THERE)
        by = person_of(request).account
        return decide(request, code, lambda: desk.change(press, code, act, by=by, reason=reason))

    return routes


def _approver(request: Request, view: OverviewSource, code: str) -> str:
    """The account; on trial, whoever holds the machine and has approved once stands for the second person."""
    account = person_of(request).account
    row = view.joining(code)
    if getattr(request.state, "has_account", False) or row is None or account not in row.approved_by:
        return account
    return SECOND_OF_MACHINE


def _shown(frame: Frame, request: Request, template: str, error: YunhuobanError | None, **values: Any) -> HTMLResponse:
    told = sentence(error, language_of(request)) if error else None
    status = 200 if error is None else 409
    return frame.page(request, template, status_code=status, shown=told, press=lambda: str(uuid.uuid4()), **values)
