"""`/cases`: the cases under way, and those that somebody searches for, by what stands on a receipt or an envelope."""

from datetime import date
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse

from hub.web.rights import LOOKING
from hub.web.searchview import Found, Sought
from hub.web.view import OverviewSource
from pages.frame import Frame

Text = Annotated[str, Query(max_length=40)]
Day = Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]


def attach(app: FastAPI, frame: Frame, view: OverviewSource) -> None:
    """Give the page to the hub's application."""

    @app.get("/cases", dependencies=[LOOKING])
    def cases(
        request: Request, number: Text = "", item: Text = "", window: Text = "", issuing: Text = "", day: Day = "",
        state: Text = "", after: Text = "",
    ) -> HTMLResponse:  # fmt: skip
        sought = Sought.typed(number=number, item=item, window=window, issuing=issuing, day=_day(day), state=state)
        found = view.search(sought, after) if sought.anything or after else Found(rows=view.cases(), after="")
        counties = view.counties()
        names = {row.code: row.name for row in counties}
        return frame.page(request, "list_cases.html", found=found, sought=sought, counties=counties, names=names)


def _day(text: str) -> date | None:
    """The day; a thirtieth of February is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
