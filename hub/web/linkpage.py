"""`/counties/CODE/link`: an operator pauses what goes to a county, or what it sends, and lets it go on; all look on."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from hub.outflow.pausing import Act, LinkSwitch
from hub.web.rights import LOOKING, OPERATING
from pages.access import Access, language_of
from pages.frame import NOT_THERE, Frame
from pages.people.permission import person_of
from pages.people.person import Role
from pages.wording import mark as _
from pages.wording import sentence
from schemas.errors import YunhuobanError

ACTS: Final = {
    Act.PAUSED: _("暂停投递"),
    Act.RESUMED: _("恢复投递"),
    Act.STOPPED: _("暂停受理"),
    Act.STARTED: _("恢复受理"),
}
Typed = Annotated[str, Form(max_length=400)]


def router(switch: LinkSwitch, access: Access) -> APIRouter:
    """The routes."""
    frame = Frame(name=_("中枢运行"), access=access, packages=["hub.web"])
    routes = APIRouter(prefix="/counties")

    def shown(request: Request, code: str, error: YunhuobanError | None = None) -> HTMLResponse:
        return frame.page(
            request,
            "link.html",
            status_code=200 if error is None else 409,
            shown=sentence(error, language_of(request)) if error else None,
            code=code,
            paused=switch.is_paused(code),
            stopped=switch.is_stopped(code),
            entries=switch.record(code),
            acts=ACTS,
            may=Role.OPERATOR in person_of(request).roles,
        )

    @routes.get("/{code}/link", dependencies=[LOOKING])
    def look(request: Request, code: str) -> HTMLResponse:
        if not switch.knows(code):
            raise YunhuobanError(NOT_THERE, place="county")
        return shown(request, code)

    def done(request: Request, code: str, act: Callable[..., None], reason: str) -> Response:
        try:
            act(code, reason=reason, by=person_of(request).account)
        except YunhuobanError as error:
            return shown(request, code, error)
        return RedirectResponse(f"/counties/{code}/link", status_code=303)

    @routes.post("/{code}/pause", dependencies=[OPERATING])
    def pause(request: Request, code: str, reason: Typed = "") -> Response:
        return done(request, code, switch.pause, reason)

    @routes.post("/{code}/resume", dependencies=[OPERATING])
    def resume(request: Request, code: str, reason: Typed = "") -> Response:
        return done(request, code, switch.resume, reason)

    @routes.post("/{code}/stop", dependencies=[OPERATING])
    def stop(request: Request, code: str, reason: Typed = "") -> Response:
        return done(request, code, switch.stop_sending, reason)

    @routes.post("/{code}/start", dependencies=[OPERATING])
    def start(request: Request, code: str, reason: Typed = "") -> Response:
        return done(request, code, switch.start_sending, reason)

    return routes
