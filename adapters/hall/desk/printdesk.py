"""The print desk of one hall: see the license and its checks, print it once, account for the sheet.

Left the authorisations of this hall and what went wrong in this county; in the middle the license; right the checks
and the one thing to do next (`acting`).
"""

import uuid
from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from adapters.countyit.joining.web import joinpage
from adapters.countyit.joining.web.joinpage import JoiningSource
from adapters.hall.desk import acting, card, practice, searchpage
from adapters.hall.desk.preview import first_page_mm, first_page_png
from adapters.hall.desk.second import SecondPersons, has_account
from adapters.hall.desk.view import DeskSource, PrintJob
from adapters.hall.printers import words
from adapters.hall.stock.atprint import EXPLANATIONS
from pages import clockface
from pages.access import Access
from pages.frame import NOT_THERE, Frame
from pages.people.permission import NOT_YOUR_ROLE, needs, person_of
from pages.people.person import COUNTY_ROLES, Role
from pages.wording import mark as _
from schemas.errors import YunhuobanError

LOOKERS: Final = (Role.CLERK, Role.AUDITOR)
FIRST_PAGES: Final = {Role.APPROVER: "/approvals", Role.STOCK_KEEPER: "/stock", Role.COUNTY_IT: "/status"}


def build_app(
    desk: DeskSource, access: Access, joining: JoiningSource | None = None, people: SecondPersons | None = None
) -> FastAPI:
    """The desk's page application over a source of jobs, with the page of the county's joining beside it if wanted.

    `people` know who may sign as the second person. Opens nothing by itself.
    """
    frame = Frame(name=_("打印台"), access=access, packages=["adapters.hall.desk", "adapters.countyit.joining.web"])
    app = frame.application()
    if joining is not None:
        joinpage.attach(app, frame, joining)
    looking = needs(*LOOKERS)

    def at(request: Request) -> DeskSource:
        return practice.Practice(desk) if practice.practising(request) else desk

    def found(request: Request, authorisation_no: str) -> PrintJob:
        job = at(request).job(authorisation_no)
        if job is None:
            raise YunhuobanError(NOT_THERE, place="authorisation_no")
        return job

    def whole(request: Request, job: PrintJob | None, *, searched: bool = False) -> HTMLResponse:
        if request.headers.get("HX-Request") == "true":
            return frame.page(request, "job_and_list.html", **_values(at(request), job, request), searched=searched)
        standing = joining.view() if joining is not None else None
        values = _values(at(request), job, request) | {"hall": desk.hall(), "words": words, "joined": standing}
        values |= {"searched": searched}
        return frame.page(request, "desk.html", **values)

    practice.attach(app)
    card.attach(app, frame)
    _attach_cases(app, frame, at)
    searchpage.attach(app, frame, at, whole)

    @app.get("/", dependencies=[needs(*COUNTY_ROLES)])
    def start(request: Request) -> Response:
        """The desk, or the first page of somebody whose work is another."""
        if not person_of(request).roles & set(LOOKERS):
            return RedirectResponse(_first_page(request), status_code=303)
        return whole(request, None)

    @app.get("/printer", dependencies=[looking])
    def printer(request: Request) -> HTMLResponse:
        return frame.page(request, "printer.html", hall=desk.hall(), words=words)

    @app.get("/authorisations", dependencies=[looking])
    def authorisations(request: Request, chosen: str = "") -> HTMLResponse:
        return frame.page(request, "side.html", **(_values(at(request), None, request) | {"chosen": chosen}))

    @app.get("/authorisations/{authorisation_no}", dependencies=[looking])
    def job(request: Request, authorisation_no: str) -> HTMLResponse:
        return whole(request, found(request, authorisation_no))

    @app.get("/authorisations/{authorisation_no}/progress", dependencies=[looking])
    def progress(request: Request, authorisation_no: str, state: str) -> HTMLResponse:
        """What the printer says; the whole job when its state is another than the page shows."""
        now = found(request, authorisation_no)
        if now.row.state == state:
            return frame.page(request, "progress.html", job=now)
        answer = whole(request, now)
        answer.headers["HX-Retarget"] = "#job"
        answer.headers["HX-Reswap"] = "outerHTML"
        return answer

    @app.get("/authorisations/{authorisation_no}/preview.png", dependencies=[looking])
    def preview(request: Request, authorisation_no: str) -> Response:
        found(request, authorisation_no)
        return Response(first_page_png(desk.preview_pdf(authorisation_no)), media_type="image/png")

    @app.get("/authorisations/{authorisation_no}/full-size", dependencies=[looking])
    def full_size(request: Request, authorisation_no: str) -> HTMLResponse:
        """The first page as large as it will be on paper, under 样张, with a line to measure the screen by."""
        job = found(request, authorisation_no)
        width, height = first_page_mm(desk.preview_pdf(authorisation_no))
        return frame.page(
            request, "full_size.html", job=job, width=width, height=height, practice=practice.practising(request)
        )

    acting.attach(app, at, found, whole, people)
    return app


def _attach_cases(app: FastAPI, frame: Frame, at: Callable[[Request], DeskSource]) -> None:
    """The county's cases and their clocks: for whoever works on them, and who looks on."""
    looking = needs(*LOOKERS, Role.APPROVER)

    @app.get("/cases", dependencies=[looking])
    def cases(request: Request) -> HTMLResponse:
        return frame.page(request, "cases.html", rows=at(request).cases(), clockface=clockface)

    @app.get("/cases/{case_no}", dependencies=[looking])
    def case(request: Request, case_no: str) -> HTMLResponse:
        line = at(request).case(case_no)
        if line is None:
            raise YunhuobanError(NOT_THERE, place="case_no")
        return frame.page(request, "case.html", case=line, lines=clockface.lines(line.clock))


def _first_page(request: Request) -> str:
    """Where somebody begins who has nothing to do at the desk. Raises E-PAGE-060."""
    roles = person_of(request).roles
    for role, path in FIRST_PAGES.items():
        if role in roles:
            return path
    raise YunhuobanError(NOT_YOUR_ROLE, place="role")


def _values(desk: DeskSource, job: PrintJob | None, request: Request) -> dict[str, Any]:
    return {
        "practice": practice.practising(request),
        "rows": desk.authorisations(),
        "troubles": desk.troubles(),
        "job": job,
        "chosen": job.row.authorisation_no if job else "",
        "reasons": acting.REASONS,
        "two_persons": has_account(request),
        "may_act": Role.CLERK in person_of(request).roles,
        "explanations": EXPLANATIONS,
        "action_id": lambda: str(uuid.uuid4()),
    }
