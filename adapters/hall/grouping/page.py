"""`/groups` beside the counter: what is open, the way to a new group, its one form, and one page for all its parts.

For clerks; the report of a month is for approvers, too. The form's keystrokes and scans go to the pages of `/take`, as
of every other form.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import StringConstraints

from adapters.hall.grouping import opening, words
from adapters.hall.grouping.desk import GroupDesk
from adapters.hall.grouping.opening import Wanted
from adapters.hall.grouping.reportfile import workbook
from adapters.hall.taking.pressing import NOT_COMPLETE
from adapters.hall.taking.web.asked import window_of
from adapters.hall.taking.web.forming import Forms
from pages import clockface
from pages.access import Access, language_of
from pages.frame import Frame
from pages.labels import REDUCTIONS
from pages.people.permission import needs, person_of
from pages.people.person import Role
from pages.wording import mark as _
from pages.wording import sentence
from schemas.errors import YunhuobanError

_PLACE: Final = r"^[0-9]{6}/[0-9A-Z]{31}$"
Chosen = Annotated[
    list[Annotated[str, StringConstraints(pattern=_PLACE)]], Query(default_factory=list, max_length=opening.MOST_PARTS)
]
"""Items that were chosen so far, each as county/item."""
Posted = Annotated[
    list[Annotated[str, StringConstraints(pattern=_PLACE)]], Form(default_factory=list, max_length=opening.MOST_PARTS)
]
Month = Annotated[str, Query(pattern=r"^(20[0-9]{2}-(0[1-9]|1[0-2]))?$")]
Asked = Annotated[str, Query(max_length=100)]


def router(desk: GroupDesk, access: Access, *, window: str) -> APIRouter:
    """The routes, for an application that has the guard; `window` is this station's number until one is said."""
    frame = Frame(
        name=_("联办与一件事"), access=access, packages=["adapters.hall.grouping", "adapters.hall.taking.web"]
    )
    routes = APIRouter(prefix="/groups")
    _beginning(routes, frame, desk, lambda request: window_of(request, window))
    _reporting(routes, frame, desk)
    _typing(routes, frame, desk)
    _following(routes, frame, desk)
    return routes


def _beginning(routes: APIRouter, frame: Frame, desk: GroupDesk, here: Callable[[Request], str]) -> None:
    acting = [needs(Role.CLERK)]

    @routes.get("", dependencies=acting)
    def overview(request: Request) -> HTMLResponse:
        return frame.page(request, "groups.html", rows=desk.overview(), words=words)

    @routes.get("/joint", dependencies=acting)
    def joint(request: Request, chosen: Chosen, q: Asked = "") -> HTMLResponse:
        hits = desk.items(q) if q.strip() else None
        shown = (
            [(row, sentence(row.why_not, language_of(request)) if row.why_not else None) for row in hits.rows]
            if hits
            else []
        )
        return frame.page(
            request,
            "joint.html",
            asked=q.strip(),
            rows=shown,
            chosen=desk.chosen(_wanted(chosen)),
            most=opening.MOST_PARTS,
        )

    @routes.post("/joint", dependencies=acting)
    def begin_joint(
        request: Request,
        chosen: Posted,
        trial: Annotated[str, Form(max_length=5)] = "",
    ) -> Response:
        number = desk.begin_joint(
            _wanted(chosen), person=person_of(request), window_no=here(request), trial=trial == "trial"
        )
        return _to(f"/groups/{number}/form")

    @routes.get("/bundles", dependencies=acting)
    def bundles(request: Request, q: Asked = "") -> HTMLResponse:
        return frame.page(request, "bundles.html", asked=q.strip(), rows=desk.bundles(q))

    @routes.post("/bundles", dependencies=acting)
    def begin_bundle(
        request: Request,
        county: Annotated[str, Form(pattern=r"^[0-9]{6}$")],
        bundle: Annotated[str, Form(pattern=r"^[A-Z0-9-]{1,30}$")],
        trial: Annotated[str, Form(max_length=5)] = "",
    ) -> Response:
        number = desk.begin_bundle(
            county, bundle, person=person_of(request), window_no=here(request), trial=trial == "trial"
        )
        return _to(f"/groups/{number}/form")


def _reporting(routes: APIRouter, frame: Frame, desk: GroupDesk) -> None:
    reading = [needs(Role.CLERK, Role.APPROVER)]

    def asked(said: str) -> tuple[int, int]:
        """The month that was asked for; this one when none was."""
        return (int(said[:4]), int(said[5:])) if said else (desk.today.year, desk.today.month)

    @routes.get("/report", dependencies=reading)
    def report(request: Request, month: Month = "") -> HTMLResponse:
        year, number = asked(month)
        return frame.page(
            request,
            "groups_report.html",
            rows=desk.report(year, number),
            month=f"{year:04}-{number:02}",
            names=REDUCTIONS,
            words=words,
        )

    @routes.get("/report.xlsx", dependencies=reading)
    def report_file(month: Month = "") -> Response:
        year, number = asked(month)
        name = f"{year:04}-{number:02}"
        return Response(
            workbook(desk.report(year, number), name),
            media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            headers={"Content-Disposition": f'attachment; filename="groups-{name}.xlsx"'},
        )


def _typing(routes: APIRouter, frame: Frame, desk: GroupDesk) -> None:
    acting, forms = [needs(Role.CLERK)], Forms(frame)

    @routes.get("/{number}/form", dependencies=acting)
    def form(request: Request, number: str) -> HTMLResponse:
        sheet = desk.sheet(number, person_of(request))
        return forms.answer(request, "group_form.html", sheet, pressed=False, kinds=words.KINDS, choices=words.CHOICES)

    @routes.post("/{number}/submit", dependencies=acting)
    def submit(request: Request, number: str, choice: Annotated[str, Form(pattern=r"^(all|each)$")]) -> Response:
        person = person_of(request)
        try:
            desk.press(number, all_or_none=choice == "all", person=person)
        except YunhuobanError as error:
            if error.code is not NOT_COMPLETE:
                raise
            return forms.not_complete(request, desk.sheet(number, person), sentence(error, language_of(request)))
        return _to(f"/groups/{number}")

    @routes.post("/{number}/discard", dependencies=acting)
    def discard(request: Request, number: str) -> Response:
        desk.discard(number, person_of(request))
        return _to("/groups")


def _following(routes: APIRouter, frame: Frame, desk: GroupDesk) -> None:
    @routes.get("/{number}", dependencies=[needs(Role.CLERK)])
    def group(request: Request, number: str) -> HTMLResponse:
        return frame.page(request, "group.html", **shown(desk, number))

    @routes.post("/{number}/close", dependencies=[needs(Role.CLERK)])
    def close(request: Request, number: str) -> Response:
        desk.close(number, person_of(request))
        return _to(f"/groups/{number}")


def shown(desk: GroupDesk, number: str) -> dict[str, Any]:
    """What the page of one group needs."""
    return {"found": desk.open(number), "words": words, "clockface": clockface, "saved_names": REDUCTIONS}


def _wanted(chosen: list[str]) -> list[Wanted]:
    """In the order in which they were chosen."""
    return [Wanted(county=each[:6], service_item=each[7:]) for each in chosen]


def _to(place: str) -> Response:
    return Response(headers={"HX-Redirect": place})
