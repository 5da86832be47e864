"""`/shift` beside the print desk: what a clerk answers for, the hand-over to the next one, and its paper.

Whoever takes over signs on the page of whoever leaves, with account, password and code (`adapters.hall.desk.second`),
after both have counted; then each goes on under the own account.
"""

import uuid
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse

from adapters.hall.desk.acting import Presses
from adapters.hall.desk.second import SecondPersons, SecondSignature, has_account
from adapters.hall.shifts.desk import ShiftDesk
from adapters.hall.stock import words
from pages import clockface
from pages.access import Access
from pages.frame import Frame
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

NO_ACCOUNT: Final = declare(
    "E-SHIFT-003", "交接班要用各自的账号，本机页面没有人登录。", "请交班人登录后打开这一页，由接班人签字。"
)
NOT_A_CLERK: Final = declare(
    "E-SHIFT-004", "接班人不是窗口人员，不能接手打印和空白证照。", "请由有窗口人员角色的同事接班。"
)

ChangeId = Annotated[str, Form(min_length=36, max_length=36)]


def router(desk: ShiftDesk, access: Access, people: SecondPersons | None) -> APIRouter:
    """The routes, for an application that has the guard. `people` know who takes over."""
    frame = Frame(name=_("交接班"), access=access, packages=["adapters.hall.shifts"])
    routes = APIRouter(prefix="/shift")
    looking, acting = [needs(Role.CLERK, Role.AUDITOR)], [needs(Role.CLERK)]
    presses = Presses()

    @routes.get("", dependencies=looking)
    def shift(request: Request) -> HTMLResponse:
        person = person_of(request)
        may_act = Role.CLERK in person.roles and has_account(request)
        return frame.page(
            request,
            "shift.html",
            held=desk.held(person.account) if may_act else None,
            changes=desk.changes(),
            change_id=str(uuid.uuid4()),
            words=words,
        )

    @routes.get("/{change_id}", dependencies=looking)
    def change(request: Request, change_id: str) -> HTMLResponse:
        found, lines = desk.change(change_id)
        return frame.page(request, "change.html", change=found, at=clockface.moment(found.at), lines=lines, words=words)

    @routes.post("", dependencies=acting)
    def pass_on(
        request: Request,
        change_id: ChangeId,
        second: Annotated[SecondSignature, Depends()],
        seen: Annotated[str, Form(max_length=64)] = "",
    ) -> Response:
        if not has_account(request) or people is None:
            raise YunhuobanError(NO_ACCOUNT, place="account")
        given_by = person_of(request).account

        def sign() -> str:
            person = second.person(request, people)
            if Role.CLERK not in person.roles:
                raise YunhuobanError(NOT_A_CLERK, place="role")
            return person.account

        presses.once(change_id, lambda: desk.pass_on(change_id, given_by=given_by, sign=sign, seen=seen))
        return Response(status_code=200, headers={"HX-Redirect": f"/shift/{change_id}"})

    return routes
