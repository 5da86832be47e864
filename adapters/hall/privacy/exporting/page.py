"""`/exports`: what was asked for and by whom, the other person's yes or no, and the file, once."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from adapters.hall.privacy.exporting import files
from adapters.hall.privacy.exporting.book import State
from adapters.hall.privacy.exporting.contents import CONTENTS, Contents
from adapters.hall.privacy.exporting.desk import PURPOSES_OF, ExportDesk
from adapters.hall.privacy.subject.desk import SubjectDesk
from pages.access import Access
from pages.frame import Frame
from pages.labels import Label
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.rownumbers import RowNumber
from pages.wording import mark as _

STATES: Final = {
    State.ASKED: Label(_("等候批准"), "wait", "◷"),
    State.MADE: Label(_("可以领取"), "ask", "!"),
    State.TAKEN: Label(_("已取走，文件已擦除"), "good", "✓"),
    State.DECLINED: Label(_("已退回"), "calm", "–"),
    State.EXPIRED: Label(_("已过期，文件已擦除"), "calm", "–"),
}
_WHOLE: Final = {kind: text for kind, text in CONTENTS.items() if kind is not Contents.SUBJECT}
_BOTH: Final = needs(Role.COUNTY_IT, Role.AUDITOR)
_LIST: Final = "/exports"
Short = Annotated[str, Form(max_length=20)]


def router(desk: ExportDesk, subjects: SubjectDesk, access: Access) -> APIRouter:
    """The routes, for an application that has the guard."""
    frame = Frame(name=_("导出"), access=access, packages=["adapters.hall.privacy.exporting"])
    routes = APIRouter(prefix=_LIST)

    @routes.get("", dependencies=[_BOTH])
    def book(request: Request) -> HTMLResponse:
        return frame.page(
            request,
            "exports.html",
            contents=CONTENTS,
            purposes=PURPOSES_OF,
            states=STATES,
            State=State,
            rows=desk.newest(),
            me=person_of(request),
            whole=_WHOLE,
            now_at=desk.clock(),
        )

    @routes.post("", dependencies=[_BOTH])
    def ask(
        request: Request,
        kind: Short = "",
        form: Short = "",
        purpose: Short = "",
        ticket: Annotated[str, Form(max_length=600)] = "",
    ) -> Response:
        person = person_of(request)
        about = subjects.open_ticket(ticket, account=person.account) if kind == Contents.SUBJECT else ""
        desk.ask(kind=kind, form=form, purpose=purpose, about=about, person=person)
        return RedirectResponse(_LIST, status_code=303)

    @routes.post("/{export_no}/approve", dependencies=[_BOTH])
    def approve(request: Request, export_no: RowNumber) -> Response:
        desk.approve(export_no, person=person_of(request))
        return RedirectResponse(_LIST, status_code=303)

    @routes.post("/{export_no}/decline", dependencies=[_BOTH])
    def decline(request: Request, export_no: RowNumber) -> Response:
        desk.decline(export_no, person=person_of(request))
        return RedirectResponse(_LIST, status_code=303)

    @routes.post("/{export_no}/file", dependencies=[_BOTH])
    def take(request: Request, export_no: RowNumber) -> Response:
        found, data = desk.take(export_no, person=person_of(request))
        name = f'attachment; filename="{found.number}.{found.form}"'
        return Response(data, media_type=files.FORMS[found.form], headers={"Content-Disposition": name})

    return routes
