"""`/reviews/{case}` for the approver who convenes a review, and `/reviews/opinions/{matter}` where an expert signs."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Path, Request, Response
from fastapi.responses import HTMLResponse

from adapters.hall.around import forms, kinds
from adapters.hall.around.desk import AroundDesk
from adapters.hall.handwriting import pad
from adapters.hall.presses import ActionId
from adapters.hall.revealing import showing
from adapters.hall.revealing.book import PURPOSES
from adapters.hall.reviewing import progress, reportfile, typed
from adapters.hall.reviewing.concluding import Conclusions
from adapters.hall.reviewing.desk import ReviewDesk
from pages import drawtext
from pages.access import Access, language_of
from pages.frame import Frame
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.wording import mark as _

_OPINION: Final = "opinion.given"
Number = Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,24}$")]
Review = Annotated[int, Path(ge=1, le=1000)]


async def _posted(request: Request) -> Mapping[str, str]:
    """The fields of a form."""
    found = await request.form(max_fields=400, max_files=0)
    return {name: value for name, value in found.multi_items() if isinstance(value, str)}


Posted = Annotated[Mapping[str, str], Depends(_posted)]


def router(desk: ReviewDesk, conclusions: Conclusions, around: AroundDesk, access: Access) -> APIRouter:
    """The routes, for an application that has the guard."""
    frame = Frame(name=_("云评审"), access=access, packages=["adapters.hall.reviewing"])
    routes = APIRouter(prefix="/reviews")
    _opining(routes, frame, around)
    _convening(routes, frame, desk, conclusions)
    _concluding(routes, conclusions)
    return routes


def _convening(routes: APIRouter, frame: Frame, desk: ReviewDesk, conclusions: Conclusions) -> None:
    acting = [needs(Role.APPROVER)]

    @routes.get("/{case_no}", dependencies=acting)
    def overview(request: Request, case_no: Number) -> HTMLResponse:
        found, language = desk.open(case_no), language_of(request)
        return frame.page(
            request,
            "review.html",
            found=found,
            answers=progress.WORDS,
            results=reportfile.RESULTS,
            told={number: drawtext.lines(each, language) for number, each in found.accounts.items()},
            recordings=conclusions.listed(case_no),
            masked=showing.masked,
            most=typed.MOST_WANTED,
            purposes=PURPOSES,
            new_id=lambda: str(uuid.uuid4()),
        )

    @routes.post("/{case_no}/pool", dependencies=acting)
    def pool(request: Request, case_no: Number, posted: Posted) -> HTMLResponse:
        return frame.page(request, "pool.html", pool=desk.pool(case_no, posted))

    @routes.post("/{case_no}/convene", dependencies=acting)
    def convene(request: Request, case_no: Number, action_id: ActionId, posted: Posted) -> Response:
        desk.convene(case_no, posted, person=person_of(request), action_id=action_id)
        return _back(case_no)

    @routes.post("/{case_no}/{review}/ask", dependencies=acting)
    def ask(request: Request, case_no: Number, review: Review, action_id: ActionId, posted: Posted) -> Response:
        desk.ask(case_no, review, posted, person=person_of(request), action_id=action_id)
        return _back(case_no)

    @routes.post("/{case_no}/{review}/give-up", dependencies=acting)
    def give_up(
        request: Request, case_no: Number, review: Review, expert: Annotated[str, Form(max_length=37)] = ""
    ) -> Response:
        desk.give_up(case_no, review, expert, person=person_of(request))
        return _back(case_no)


def _concluding(routes: APIRouter, conclusions: Conclusions) -> None:
    acting = [needs(Role.APPROVER)]

    @routes.post("/{case_no}/{review}/recordings", dependencies=acting)
    def register(request: Request, case_no: Number, review: Review, action_id: ActionId, posted: Posted) -> Response:
        conclusions.register(case_no, review, posted, person=person_of(request), action_id=action_id)
        return _back(case_no)

    @routes.post("/{case_no}/{review}/conclude", dependencies=acting)
    def conclude(request: Request, case_no: Number, review: Review, action_id: ActionId, posted: Posted) -> Response:
        conclusions.conclude(case_no, review, posted, person=person_of(request), action_id=action_id)
        return _back(case_no)

    @routes.post("/{case_no}/{review}/report", dependencies=acting)
    def report(
        request: Request, case_no: Number, review: Review, purpose: Annotated[str, Form(max_length=20)] = ""
    ) -> Response:
        found = conclusions.report(case_no, review, person=person_of(request), purpose=purpose)
        return _file(found, "application/pdf", f"{case_no}-review-{review}.pdf")

    @routes.get("/{case_no}/{review}/archive.json", dependencies=acting)
    def archive(case_no: Number, review: Review) -> Response:
        return _file(conclusions.archive(case_no, review), "application/json", f"{case_no}-review-{review}.json")


def _opining(routes: APIRouter, frame: Frame, around: AroundDesk) -> None:
    acting = [needs(Role.CLERK, Role.APPROVER)]

    @routes.get("/opinions/{number}", dependencies=acting)
    def form(request: Request, number: Number) -> HTMLResponse:
        paper = around.paper(number, _OPINION, person_of(request))
        return frame.page(
            request,
            "opinion.html",
            found=around.open(number),
            paper=paper,
            Form=forms.Form,
            name=kinds.STEPS[_OPINION],
            translated=showing.TRANSLATED,
            size=pad.PAD,
            action_id=str(uuid.uuid4()),
        )

    @routes.post("/opinions/{number}", dependencies=acting)
    def give(request: Request, number: Number, action_id: ActionId, posted: Posted) -> Response:
        signature = None if posted.get("signed_on_paper") else pad.picture(posted.get("signature", ""))
        done = around.say(number, _OPINION, posted, person=person_of(request), action_id=action_id, signature=signature)
        if done.read is not None:
            raise next(iter(done.read.problems.values()))
        return Response(headers={"HX-Redirect": f"/around/{number}"})


def _back(case_no: str) -> Response:
    return Response(status_code=200, headers={"HX-Redirect": f"/reviews/{case_no}"})


def _file(data: bytes, media_type: str, name: str) -> Response:
    headers: dict[str, Any] = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)
