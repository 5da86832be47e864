"""`/around` beside the other desks: what waits, one case's or matter's thread, and one form at a time.

For clerks and approvers; whose work a step is, the desk knows. A form that was wrong comes back with everything that
was typed, each problem at its field.
"""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import AfterValidator
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from adapters.case import results
from adapters.hall.around import forms, kinds, listing, paperpages, sheets, slip, words
from adapters.hall.around.desk import AroundDesk, Opened, Pressed
from adapters.hall.around.forms import Paper
from adapters.hall.around.kinds import Kind
from adapters.hall.presses import ActionId
from adapters.hall.revealing import book, showing
from adapters.hall.taking.paper.receipt import ProgressLink
from pages.access import Access, language_of
from pages.frame import Frame
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.wording import mark as _
from pages.wording import sentence, without_persons
from schemas.errors import YunhuobanError

MOST_FIELDS: Final = 1600
"""A list of five hundred lines has two fields for each."""
_WRONG: Final = 422
_AREAS: Final = ("AROUND", "DOC", "CAT", "SRC", "ID", "CODEC", "ENV")
"""Codes about what was typed: shown above the form, which keeps its answers."""


def _begun(kind: Kind) -> Kind:
    if kind not in kinds.PURPOSES:
        raise ValueError(kind)
    return kind


Begun = Annotated[Kind, AfterValidator(_begun)]
"""A kind of matter that is begun here."""
County = Annotated[str, Path(pattern=r"^[0-9]{6}$")]
Item = Annotated[str, Path(pattern=r"^[0-9A-Z]{31,33}$")]
Step = Annotated[str, Path(pattern=r"^[a-z_]{1,20}\.[a-z_]{1,20}$")]


async def _posted(request: Request) -> Mapping[str, str]:
    """The fields of a form whose names only the contract knows."""
    found = await request.form(max_fields=MOST_FIELDS, max_files=0)
    return {name: value for name, value in found.multi_items() if isinstance(value, str)}


Posted = Annotated[Mapping[str, str], Depends(_posted)]


def router(desk: AroundDesk, access: Access, progress_link: ProgressLink) -> APIRouter:
    """The routes, for an application that has the guard; `progress_link` is for the slips."""
    frame = Frame(name=_("县际往来"), access=access, packages=["adapters.hall.around"])
    routes = APIRouter(prefix="/around")
    _listing(routes, frame, desk)
    paperpages.attach(routes, frame, desk)
    slip.attach(routes, frame, desk, progress_link)
    _beginning(routes, frame, desk)
    _thread(routes, frame, desk)
    return routes


def _listing(routes: APIRouter, frame: Frame, desk: AroundDesk) -> None:
    @routes.get("", dependencies=[needs(Role.CLERK, Role.APPROVER)])
    def overview(request: Request, q: Annotated[str, Query(max_length=40)] = "") -> Response:
        asked = q.strip()
        if asked and (number := desk.search(asked)) is not None:
            return RedirectResponse(f"/around/{number}", status_code=303)
        return frame.page(
            request,
            "around.html",
            found=desk.overview(),
            names=kinds.NAMES,
            steps=kinds.STEPS,
            words=words,
            asked=asked,
            most=listing.MOST_SHOWN,
        )


def _beginning(routes: APIRouter, frame: Frame, desk: AroundDesk) -> None:
    acting = [needs(Role.CLERK)]

    @routes.get("/new", dependencies=acting)
    def choose(request: Request) -> HTMLResponse:
        return frame.page(request, "choose.html", names=kinds.NAMES, purposes=kinds.PURPOSES)

    @routes.get("/new/{kind}", dependencies=acting)
    def find(request: Request, kind: Begun, q: Annotated[str, Query(max_length=100)] = "") -> HTMLResponse:
        hits = desk.items(kind, q) if q.strip() else ()
        part = request.headers.get("HX-Request") == "true"
        return frame.page(
            request,
            "items.html" if part else "find.html",
            kind=kind,
            name=kinds.NAMES[kind],
            ours=kind in kinds.OURS,
            hits=hits,
            asked=q.strip(),
        )

    @routes.get("/new/{kind}/{county}/{service_item}", dependencies=acting)
    def form(
        request: Request,
        kind: Begun,
        county: County,
        service_item: Item,
        about: Annotated[str, Query(max_length=40)] = "",
    ) -> HTMLResponse:
        name = desk.item(kind, county, service_item)
        other = "" if kind in kinds.OURS else county
        paper = desk.opening(kind, other, person=person_of(request), about=about)
        return frame.page(
            request,
            "begin.html",
            kind=kind,
            name=kinds.NAMES[kind],
            item_name=name,
            answers=desk.answers(county, service_item) if kind is Kind.QUESTION else (),
            answers_at=f"/around/new/{kind}/{county}/{service_item}/answers",
            **_form(paper, f"/around/new/{kind}/{county}/{service_item}")
            | {"partners": desk.partners(), "chosen": other},
        )

    @routes.post("/new/list/{county}/{service_item}/sheet", dependencies=acting)
    async def sheet(request: Request, county: County, service_item: Item) -> HTMLResponse:
        async with request.form(max_fields=MOST_FIELDS, max_files=1) as posted:  # a browser sends the form with it
            file = posted.get("sheet")
            data = await file.read() if isinstance(file, UploadFile) else b""
        name = desk.item(Kind.LIST, county, service_item)
        paper = desk.opening(Kind.LIST, "", person=person_of(request))
        text = await run_in_threadpool(sheets.text_of, paper.rows[0], data)
        return frame.page(request, "sheet.html", rows=paper.rows[0], text=text, count=len(text.splitlines()), name=name)

    @routes.get("/new/{kind}/{county}/{service_item}/answers", dependencies=acting)
    def answers(
        request: Request,
        kind: Kind,
        county: County,
        service_item: Item,
        q: Annotated[str, Query(max_length=100)] = "",
    ) -> HTMLResponse:
        desk.item(kind, county, service_item)
        return frame.page(request, "answers.html", answers=desk.answers(county, service_item, q))

    @routes.post("/new/{kind}/{county}/{service_item}", dependencies=acting)
    def begin(
        request: Request,
        kind: Begun,
        county: County,
        service_item: Item,
        posted: Posted,
        action_id: ActionId,
        other: Annotated[str, Form(pattern=r"^([0-9]{6})?$")] = "",
    ) -> Response:
        asked = other if kind in kinds.OURS else county
        here, person = f"/around/new/{kind}/{county}/{service_item}", person_of(request)
        try:
            done = desk.begin(kind, asked, service_item, posted, person=person, action_id=action_id)
        except YunhuobanError as error:
            again = desk.opening(kind, asked, person=person)
            return _refused(request, frame, again, here, posted, error, partners=desk.partners(), chosen=asked)
        return _answered(request, frame, done, here, posted, partners=desk.partners(), chosen=asked)


def _thread(routes: APIRouter, frame: Frame, desk: AroundDesk) -> None:
    reading = [needs(Role.CLERK, Role.APPROVER)]

    def thread_page(request: Request, found: Opened, template: str, **more: Any) -> HTMLResponse:
        return frame.page(request, template, **_opened(request, found), **more)

    @routes.get("/{number}", dependencies=reading)
    def thread(request: Request, number: str) -> HTMLResponse:
        return thread_page(request, desk.open(number), "matter.html")

    @routes.post("/{number}/reveal", dependencies=reading)
    def reveal(request: Request, number: str, purpose: Annotated[str, Form(max_length=20)] = "") -> HTMLResponse:
        found = desk.reveal(number, person=person_of(request), purpose=purpose)
        return thread_page(request, found, "thread.html")

    @routes.get("/{number}/{step}", dependencies=reading)
    def form(request: Request, number: str, step: Step) -> HTMLResponse:
        paper = desk.paper(number, step, person_of(request))
        return thread_page(request, desk.open(number), "step.html", **_form(paper, f"/around/{number}/{step}"))

    @routes.post("/{number}/{step}", dependencies=reading)
    def say(request: Request, number: str, step: Step, posted: Posted, action_id: ActionId) -> Response:
        here, person = f"/around/{number}/{step}", person_of(request)
        try:
            done = desk.say(number, step, posted, person=person, action_id=action_id)
        except YunhuobanError as error:
            if error.code.area not in _AREAS:
                raise
            again = desk.paper(number, step, person)  # out of turn by now: raised as it is
            return _refused(request, frame, again, here, posted, error)
        return _answered(request, frame, done, here, posted)


def _opened(request: Request, found: Opened) -> dict[str, Any]:
    return {
        "found": found,
        "line": found.line,
        "names": kinds.NAMES,
        "steps": kinds.STEPS,
        "may": found.may(person_of(request)),
        "words": words,
        "reasons": results.REASONS,
        "translated": showing.TRANSLATED,
        "purposes": book.PURPOSES,
        "without_persons": without_persons,
    }


def _form(paper: Paper, action: str) -> dict[str, Any]:
    """A form before anything was typed."""
    return {
        "paper": paper,
        "action": action,
        "step_name": kinds.STEPS[paper.kind],
        "typed": {},
        "problems": {},
        "shown": None,
        "Form": forms.Form,
        "action_id": str(uuid.uuid4()),
        "partners": {},
        "chosen": "",
    }


def _answered(
    request: Request, frame: Frame, done: Pressed, action: str, posted: Mapping[str, str], **more: Any
) -> Response:
    """Back to the thread; or the form again, each problem at its field."""
    if done.read is None or done.paper is None:
        return Response(headers={"HX-Redirect": f"/around/{done.number}"})
    language = language_of(request)
    problems = {path: sentence(error, language) for path, error in done.read.problems.items()}
    values = _form(done.paper, action) | more
    values |= {"typed": posted, "problems": problems, "action_id": posted["action_id"]}
    return frame.page(request, "form.html", status_code=_WRONG, **values)


def _refused(
    request: Request,
    frame: Frame,
    paper: Paper,
    action: str,
    posted: Mapping[str, str],
    error: YunhuobanError,
    **more: Any,
) -> Response:
    """The form again, with what stands in the way above it and at its place."""
    shown = sentence(error, language_of(request))
    values = _form(paper, action) | more
    values |= {"typed": posted, "problems": {error.place: shown}, "shown": shown, "action_id": posted["action_id"]}
    return frame.page(request, "form.html", status_code=_WRONG, **values)
