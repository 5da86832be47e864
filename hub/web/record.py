"""`/record`: what people did at the hub, newest first; a name or a thing leads to all lines of it."""

from collections.abc import Sequence
from typing import Annotated, Protocol

from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse

from hub.record.listing import PAGE, Line
from hub.record.verifying import Checked
from hub.web.rights import LOOKING
from pages.frame import Frame
from pages.rownumbers import MOST

Text = Annotated[str, Query(max_length=80)]
Number = Annotated[int | None, Query(ge=1, le=MOST)]


class RecordSource(Protocol):
    """Where the page gets the record."""

    def record(self, *, before: int | None, who: str, about: str) -> Sequence[Line]:
        """The newest lines, or those before a number."""

    def record_checked(self) -> Checked:
        """The whole record, line by line."""


def attach(app: FastAPI, frame: Frame, view: RecordSource) -> None:
    """Give the pages to the hub's application."""

    @app.get("/record", dependencies=[LOOKING])
    def record(request: Request, before: Number = None, who: Text = "", about: Text = "") -> HTMLResponse:
        lines = view.record(before=before, who=who, about=about)
        more = lines[-1].number if len(lines) == PAGE else None
        return frame.page(request, "record.html", lines=lines, more=more, who=who, about=about, first=before is None)

    @app.get("/record/check", dependencies=[LOOKING])
    def check(request: Request) -> HTMLResponse:
        return frame.page(request, "record_check.html", checked=view.record_checked())
