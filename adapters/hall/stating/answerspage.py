"""`/stating/answers`: the answers of this county in the guide, for approvers: put in, changed, taken down."""

import uuid
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import HTMLResponse

from adapters.hall.presses import ActionId
from adapters.hall.revealing import book
from adapters.hall.stating.answers import AnswersDesk, Draft
from adapters.hall.stating.page import Section
from pages.access import Access, language_of
from pages.frame import Frame
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.wording import mark as _
from pages.wording import sentence
from schemas.errors import YunhuobanError

SECTION: Final = Section(
    path="answers", name=_("办事指南问答"), purpose=_("对别人也有用的答复放进办事指南，每个县的窗口提问之前先看到。")
)
MOST_QUESTION: Final = 300
MOST_ANSWER: Final = 900
_WRONG: Final = 422
_AREAS: Final = ("STATE", "CODEC")
"""Codes about what was typed: shown above the form, which keeps its answers."""
Number = Annotated[str, Path(pattern=r"^[A-Z0-9-]{1,30}$")]
Question = Annotated[str, Form(max_length=2 * MOST_QUESTION)]
Answer = Annotated[str, Form(max_length=2 * MOST_ANSWER)]


def router(desk: AnswersDesk, access: Access) -> APIRouter:
    """The routes, for an application that has the guard."""
    frame = Frame(name=_("办事指南问答"), access=access, packages=["adapters.hall.stating"])
    routes = APIRouter(prefix="/stating/answers", dependencies=[needs(Role.APPROVER)])

    def form(request: Request, template: str, draft: Draft, *, status_code: int = 200, **more: Any) -> HTMLResponse:
        values: dict[str, Any] = {"draft": draft, "shown": None, "action_id": str(uuid.uuid4())}
        values |= {"purposes": book.PURPOSES, "most_question": MOST_QUESTION, "most_answer": MOST_ANSWER}
        return frame.page(request, template, status_code=status_code, **(values | more))

    @routes.get("")
    def answers(request: Request) -> HTMLResponse:
        return frame.page(request, "answers.html", rows=desk.listed())

    @routes.get("/{number}")
    def answer(request: Request, number: Number) -> HTMLResponse:
        return form(request, "answer.html", desk.draft(number))

    @routes.post("/{number}/original")
    def original(request: Request, number: Number, purpose: Annotated[str, Form(max_length=20)] = "") -> HTMLResponse:
        return form(request, "answer_form.html", desk.original(number, person=person_of(request), purpose=purpose))

    @routes.post("/{number}")
    def state(
        request: Request, number: Number, action_id: ActionId, question: Question = "", answer: Answer = ""
    ) -> Response:
        try:
            desk.state(number, question, answer, action_id=action_id)
        except YunhuobanError as error:
            if error.code.area not in _AREAS:
                raise
            before = desk.draft(number)
            typed = Draft(
                number=number,
                item_name=before.item_name,
                question=question,
                answer=answer,
                published=before.published,
                original=before.original,
            )
            shown = sentence(error, language_of(request))
            return form(request, "answer_form.html", typed, status_code=_WRONG, shown=shown, action_id=action_id)
        return Response(headers={"HX-Redirect": "/stating/answers"})

    @routes.post("/{number}/withdraw")
    def withdraw(number: Number, action_id: ActionId) -> Response:
        desk.withdraw(number, action_id=action_id)
        return Response(headers={"HX-Redirect": "/stating/answers"})

    return routes
