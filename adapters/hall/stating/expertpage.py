"""`/stating/experts`: the county's pool of experts; one by a form, many by a list, and out of it again."""

import uuid
from typing import Annotated, Final

from fastapi import APIRouter, FastAPI, Form, Path, Request, Response, UploadFile
from fastapi.responses import HTMLResponse

from adapters.hall.presses import ActionId
from adapters.hall.revealing.book import PURPOSES
from adapters.hall.stating import expertlist
from adapters.hall.stating.expertdesk import ExpertDesk
from adapters.hall.stating.page import Section
from pages.access import Access
from pages.frame import Frame
from pages.listening import bodies
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.wording import mark as _

HERE: Final = "/stating/experts"
SECTION: Final = Section(
    path="experts", name=_("专家库"), purpose=_("本县推荐的评审专家：各县按专业和类别从中抽取，目录里只有编号。")
)
Number = Annotated[str, Path(pattern=r"^[A-Z0-9-]{1,30}$")]
Cell = Annotated[str, Form(max_length=1300)]


def attach(app: FastAPI, desk: ExpertDesk, access: Access) -> None:
    """Give the pages to an application that has the guard."""
    bodies.allow(app, f"{HERE}/file", 2 * expertlist.MOST_BYTES)  # what is a little too large is told by the list
    app.include_router(router(desk, access))


def router(desk: ExpertDesk, access: Access) -> APIRouter:
    """The routes."""
    frame = Frame(name=_("专家库"), access=access, packages=["adapters.hall.stating"])
    routes = APIRouter(prefix=HERE)
    looking, acting = [needs(Role.CLERK, Role.APPROVER)], [needs(Role.APPROVER)]

    @routes.get("", dependencies=looking)
    def overview(request: Request) -> HTMLResponse:
        return frame.page(
            request,
            "experts.html",
            rows=desk.overview(),
            fields=expertlist.FIELDS,
            optional=expertlist.OPTIONAL,
            most=expertlist.MOST,
            purposes=PURPOSES,
            may_act=Role.APPROVER in person_of(request).roles,
            action_id=str(uuid.uuid4()),
            withdraw_id=str(uuid.uuid4()),
            file_id=str(uuid.uuid4()),
        )

    @routes.get("/empty.csv", dependencies=acting)
    def empty() -> Response:
        headers = {"Content-Disposition": 'attachment; filename="experts.csv"', "Cache-Control": "no-store"}
        return Response(expertlist.empty(), media_type="text/csv; charset=utf-8", headers=headers)

    @routes.post("", dependencies=acting)
    def state(
        request: Request,
        action_id: ActionId,
        expert_no: Cell = "",
        name: Cell = "",
        telephone: Cell = "",
        professions: Cell = "",
        categories: Cell = "",
        employer_code: Cell = "",
        valid_from: Cell = "",
        valid_to: Cell = "",
    ) -> Response:
        cells = {
            "expert_no": expert_no, "name": name, "telephone": telephone, "professions": professions,
            "categories": categories, "employer_code": employer_code, "valid_from": valid_from, "valid_to": valid_to,
        }  # fmt: skip
        desk.state(cells, person=person_of(request), action_id=action_id)
        return _back()

    @routes.post("/file", dependencies=acting)
    def upload(request: Request, action_id: ActionId, file: UploadFile) -> Response:
        data = file.file.read(expertlist.MOST_BYTES + 1)
        desk.upload(data, person=person_of(request), action_id=action_id)
        return _back()

    @routes.post("/{number}/withdraw", dependencies=acting)
    def withdraw(request: Request, number: Number, action_id: ActionId) -> Response:
        desk.withdraw(number, person=person_of(request), action_id=action_id)
        return _back()

    @routes.post("/{number}/reveal", dependencies=looking)
    def reveal(request: Request, number: Number, purpose: Annotated[str, Form(max_length=20)] = "") -> HTMLResponse:
        found = desk.reveal(number, person=person_of(request), purpose=purpose)
        return frame.page(request, "expert.html", row=found)

    return routes


def _back() -> Response:
    return Response(status_code=200, headers={"HX-Redirect": HERE})
