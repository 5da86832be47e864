"""The hub's overview: queues, counties, cases under way, refusals and the print ledger, live by server-sent events.

One stream per open page. Every few seconds each part is rendered anew and sent when it differs; htmx morphs it into
the page and reconnects by itself. Every number leads to the list behind it.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from hub.web import history, joining, renewals, search, watching
from hub.web.deadview import LETTER_STATES, REASONS
from hub.web.everything import Part, everything
from hub.web.rights import LOOKING, decides
from hub.web.view import CountyRow, OverviewSource
from pages import clockface
from pages.access import Access, language_of
from pages.frame import NOT_THERE, Frame
from pages.wording import mark as _
from schemas.errors import YunhuobanError

PANELS: Final = ("attention", "numbers", "traffic", "waiting_matrix", "counties", "queues", "cases", "refusals")
WALL_PANELS: Final = ("wall_numbers", "wall_attention", "waiting_matrix")
REFRESH_SECONDS: Final = 2.0
_STEP_SECONDS: Final = 0.2  # how soon a stream notices that the process ends


def build_app(view: OverviewSource, access: Access, *, refresh_seconds: float = REFRESH_SECONDS) -> FastAPI:
    """The hub's page application over a source of rows. Opens nothing by itself."""
    frame = Frame(name=_("中枢运行"), access=access, packages=["hub.web"])
    app = frame.application()
    joining.attach(app, frame, view)
    renewals.attach(app, frame, view)
    search.attach(app, frame, view)
    watching.attach(app, frame, view)
    history.attach(app, frame, view)

    def page(request: Request, template: str, **values: Any) -> HTMLResponse:
        return frame.page(request, template, names=_names(view), **values)

    def values(request: Request) -> dict[str, Any]:
        return everything(view, language_of(request), datetime.now(UTC))

    def rendered(request: Request, panels: Sequence[str]) -> dict[str, str]:
        shown = values(request)
        return {panel: frame.fragment(language_of(request), f"{panel}.html", **shown) for panel in panels}

    async def stream(request: Request, panels: Sequence[str]) -> AsyncIterator[ServerSentEvent]:
        sent = dict[str, str]()
        while not app.state.stopping.is_set():
            parts = await run_in_threadpool(rendered, request, panels)
            changed = [text for panel, text in parts.items() if sent.get(panel) != text]
            if changed:
                sent = parts
                yield ServerSentEvent(raw_data="\n".join(_partial(text) for text in changed))
            for _step in range(max(1, round(refresh_seconds / _STEP_SECONDS))):
                if app.state.stopping.is_set():
                    return
                await asyncio.sleep(min(_STEP_SECONDS, refresh_seconds))

    @app.get("/", dependencies=[LOOKING])
    def overview(request: Request) -> HTMLResponse:
        return frame.page(request, "overview.html", **values(request))

    @app.get("/events", response_class=EventSourceResponse, dependencies=[LOOKING])
    async def events(request: Request) -> AsyncIterator[ServerSentEvent]:
        async for each in stream(request, PANELS):
            yield each

    @app.get("/wall", dependencies=[LOOKING])
    def wall(request: Request) -> HTMLResponse:
        return frame.page(request, "wall.html", **values(request))

    @app.get("/wall/events", response_class=EventSourceResponse, dependencies=[LOOKING])
    async def wall_events(request: Request) -> AsyncIterator[ServerSentEvent]:
        async for each in stream(request, WALL_PANELS):
            yield each

    @app.get("/cases/{case_no}", dependencies=[LOOKING])
    def case(request: Request, case_no: str) -> HTMLResponse:
        ladder = view.case(case_no)
        if ladder is None:
            raise YunhuobanError(NOT_THERE)
        steps = [
            (rung, (rung.at - before.at).total_seconds() if before else None)
            for before, rung in zip([None, *ladder.rungs[:-1]], ladder.rungs, strict=True)
        ]
        refused = {row.message_id: row for row in ladder.refusals}
        lines = clockface.lines(ladder.clock)
        return page(
            request,
            "case.html",
            case=ladder.case,
            steps=steps,
            refused=refused,
            lines=lines,
            prints=ladder.prints,
            deaths=ladder.deaths,
            letter_states=LETTER_STATES,
            reasons=REASONS,
        )

    @app.get("/queues/{name}", dependencies=[LOOKING])
    def queue(request: Request, name: str) -> HTMLResponse:
        row = next((row for row in view.queues() if row.name == name), None)
        if row is None:
            raise YunhuobanError(NOT_THERE)
        return page(request, "list_waiting.html", queue=row, rows=view.waiting(name))

    @app.get("/prints/{state}", dependencies=[LOOKING])
    def prints(request: Request, state: str) -> HTMLResponse:
        return page(request, "list_prints.html", rows=view.prints(state), state=state)

    @app.get("/refusals", dependencies=[LOOKING])
    def refusals(request: Request, source: str = "") -> HTMLResponse:
        rows = [row for row in view.refusals() if not source or row.source == source]
        return page(request, "list_refusals.html", rows=rows, source=source)

    @app.get("/counties", dependencies=[LOOKING])
    def counties(request: Request) -> HTMLResponse:
        return page(request, "list_counties.html", counties=Part(view.counties()))

    @app.get("/counties/{code}", dependencies=[LOOKING])
    def county(request: Request, code: str) -> HTMLResponse:
        row = next((row for row in view.counties() if row.code == code), None)
        if row is None:
            raise YunhuobanError(NOT_THERE)
        return page(
            request,
            "county.html",
            county=row,
            decides=decides(request),
            contacts=view.contacts({code}),
            queues=[queue for queue in view.queues() if queue.county == code],
            cases=[case for case in view.cases() if code in (case.window_county, case.issuing_county)],
            refusals=[refusal for refusal in view.refusals() if refusal.source == code],
        )

    return app


def _names(view: OverviewSource) -> Mapping[str, str]:
    counties: Sequence[CountyRow] = view.counties()
    return {row.code: row.name for row in counties}


def _partial(section: str) -> str:
    """One section as htmx takes it out of a stream: swapped by morphing where it stands, whatever came beside it."""
    name = section.split('id="', 1)[1].split('"', 1)[0]
    return f'<hx-partial hx-target="#{name}" hx-swap="outerMorph">{section}</hx-partial>'
