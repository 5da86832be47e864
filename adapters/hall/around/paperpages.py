"""Papers and counts under `/around`: a parcel's label, a result that never came, licenses about to end, a month."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from adapters.case import results
from adapters.hall.around.desk import AroundDesk
from adapters.hall.around.expiring import DAYS, STEPS, step_of
from adapters.hall.around.known import EXPIRING_TEXT
from adapters.hall.around.report import COLUMNS
from adapters.hall.around.reportfile import workbook
from adapters.hall.revealing import showing
from pages.frame import Frame
from pages.people.permission import needs, person_of
from pages.people.person import Role

Reason = Annotated[str, Form(pattern=f"^({'|'.join(results.REASONS)})$")]
Month = Annotated[str, Query(pattern=r"^(20[0-9]{2}-(0[1-9]|1[0-2]))?$")]


def attach(routes: APIRouter, frame: Frame, desk: AroundDesk) -> None:
    """The routes under `/around`; they come before the one of a number."""
    reading = [needs(Role.CLERK, Role.APPROVER)]

    @routes.get("/expiring", dependencies=reading)
    def expiring(request: Request, days: Annotated[int, Query(ge=1, le=366)] = max(STEPS)) -> HTMLResponse:
        return frame.page(
            request,
            "expiring.html",
            rows=[(each, step_of(each, desk.counting.today)) for each in desk.counting.ending(days)],
            days=days,
            choices=DAYS,
            names=desk.counting.names(),
            text=EXPIRING_TEXT,
            by_node=desk.counting.by_node,
            action_id=lambda: str(uuid.uuid4()),
        )

    @routes.get("/report", dependencies=reading)
    def report(request: Request, month: Month = "") -> HTMLResponse:
        year, number = _month(month, desk)
        return frame.page(
            request,
            "report.html",
            rows=desk.counting.report(year, number),
            month=f"{year:04}-{number:02}",
            columns=COLUMNS,
            names=desk.counting.names(),
            here_code=desk.county,
        )

    @routes.get("/report.xlsx", dependencies=reading)
    def report_file(month: Month = "") -> Response:
        year, number = _month(month, desk)
        name = f"{year:04}-{number:02}"
        return Response(
            workbook(desk.counting.report(year, number), name, desk.counting.names()),
            media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            headers={"Content-Disposition": f'attachment; filename="around-{name}.xlsx"'},
        )

    @routes.post("/{number}/result", dependencies=reading)
    def settle(request: Request, number: str, reason: Reason) -> Response:
        desk.resulting.settle(number, reason, person_of(request))
        return Response(headers={"HX-Redirect": f"/around/{number}"})

    @routes.get("/{number}/parcels/{parcel}", dependencies=[needs(Role.CLERK)])
    def label(request: Request, number: str, parcel: Annotated[int, Path(ge=1, le=10**6)]) -> HTMLResponse:
        line, entry, opened = desk.parcel(number, parcel)
        return frame.page(
            request,
            "parcel.html",
            line=line,
            entry=entry,
            opened=opened,
            said={each.path: each.value for each in entry.fields},
            translated=showing.TRANSLATED,
        )


def _month(said: str, desk: AroundDesk) -> tuple[int, int]:
    """The month that was asked for; this one when none was."""
    return (int(said[:4]), int(said[5:])) if said else (desk.counting.today.year, desk.counting.today.month)
