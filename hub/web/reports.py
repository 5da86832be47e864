"""`/reports`: how fast, how often at once, how much online, how it is rated, and what became of complaints, monthly."""

import re
from datetime import datetime
from typing import Final, Protocol

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from hub.around import reportfile
from hub.around.reports import Report
from hub.around.words import APPEAL_KINDS, CHANNELS
from hub.supervision.period import Period
from hub.supervision.sheets import MEDIA_TYPES
from hub.web.rights import LOOKING
from pages.access import Access, language_of
from pages.frame import Frame
from pages.labels import REDUCTIONS
from pages.wording import mark as _

_COUNTY: Final = re.compile("[0-9]{6}")


class ReportSource(Protocol):
    """Where the pages get a report. Each call raises E-STORE-… when it must."""

    def report(self, period: Period) -> Report:
        """The report of a week or a month."""

    def now(self) -> datetime:
        """The hub's clock."""


def router(view: ReportSource, access: Access) -> APIRouter:
    """The pages' routes, for an application that has the guard."""
    frame = Frame(name=_("报表"), access=access, packages=["hub.web"])
    routes = APIRouter(prefix="/reports")

    def shown(request: Request, period: Period, county: str) -> HTMLResponse:
        told = _told(view, period, county)
        return frame.page(
            request,
            "report.html",
            told=told,
            notes=reportfile.NOTES,
            channels=CHANNELS,
            kinds=APPEAL_KINDS,
            reductions=REDUCTIONS,
        )

    @routes.get("", dependencies=[LOOKING])
    def newest(request: Request, county: str = "") -> HTMLResponse:
        return shown(request, Period.month_of(view.now()), county)

    @routes.get("/period/{name}", dependencies=[LOOKING])
    def period(request: Request, name: str, county: str = "") -> HTMLResponse:
        return shown(request, Period.read(name), county)

    @routes.get("/workbook/{name}", dependencies=[LOOKING])
    def workbook(request: Request, name: str, county: str = "") -> Response:
        told = _told(view, Period.read(name), county)
        return _file(told, reportfile.workbook_of(told, language_of(request)), "xlsx")

    @routes.get("/pdf/{name}", dependencies=[LOOKING])
    def pdf(request: Request, name: str, county: str = "") -> Response:
        told = _told(view, Period.read(name), county)
        return _file(told, reportfile.pdf_of(told, language_of(request)), "pdf")

    return routes


def _told(view: ReportSource, period: Period, county: str) -> Report:
    """Of all counties, or of the one that is asked for."""
    told = view.report(period)
    return told.of(county) if _COUNTY.fullmatch(county) else told


def _file(told: Report, data: bytes, form: str) -> Response:
    whose = f"-{told.county}" if told.county else ""
    name = f'attachment; filename="report-{told.period.name}{whose}.{form}"'
    return Response(data, media_type=MEDIA_TYPES[form], headers={"Content-Disposition": name})
