"""The routes of a case's files on the approval desk: the list as it grows, and pictures; no browser gets a file."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from adapters.attachments.receiving import WHOLE_DIFFERS
from adapters.attachments.serving import GONE
from adapters.hall.approving.files import CaseFiles
from adapters.hall.revealing import book
from certs.attachments import PART_NOT_OPENED
from pages.frame import Frame
from pages.labels import Label
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.wording import mark as _

FileId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Number = Annotated[int, Path(ge=1, le=1000)]
STATES: Final = {
    "coming": Label(_("正在传来"), "wait", "…"),
    "whole": Label(_("已到，核对无误"), "good", "✓"),
    "failed": Label(_("没有传来"), "bad", "✕"),
}
REASONS: Final = {each.code: each.sentence for each in (GONE, WHOLE_DIFFERS, PART_NOT_OPENED)}
"""Why a file will not come; Chinese, marked."""


def attach(routes: APIRouter, frame: Frame, files: CaseFiles) -> None:
    """Put them before the routes of acts, whose names they are not."""
    looking = [needs(Role.APPROVER, Role.AUDITOR)]

    @routes.get("/{case_no}/files", dependencies=looking)
    def listed(request: Request, case_no: str) -> HTMLResponse:
        return frame.page(request, "files.html", case_no=case_no, **shown(files, case_no, request))

    @routes.post("/{case_no}/looks", dependencies=looking)
    def say_why(request: Request, case_no: str, purpose: Annotated[str, Form(max_length=20)] = "") -> HTMLResponse:
        files.say_why(case_no, purpose, person_of(request))
        return frame.page(request, "files.html", case_no=case_no, **shown(files, case_no, request))

    @routes.get("/{case_no}/files/{file_id}", dependencies=looking)
    def look(
        request: Request, case_no: str, file_id: FileId, page_no: Annotated[int, Query(ge=1, le=1000)] = 1
    ) -> HTMLResponse:
        file = files.look(case_no, file_id, person_of(request))
        return frame.page(request, "file.html", case_no=case_no, file=file, number=min(page_no, file.pages))

    @routes.get("/{case_no}/files/{file_id}/{number}.png", dependencies=looking)
    def picture(request: Request, case_no: str, file_id: FileId, number: Number) -> Response:
        return Response(files.picture(case_no, file_id, number, person_of(request)), media_type="image/png")


def shown(files: CaseFiles, case_no: str, request: Request) -> dict[str, Any]:
    """What the list's template needs."""
    listed = files.listed(case_no, person_of(request))
    return {"listed": listed, "file_states": STATES, "purposes": book.PURPOSES, "reasons": REASONS}
