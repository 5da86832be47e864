"""The hub's overview: queues, counties, cases under way, refusals and the print ledger, live by server-sent events.

One stream per open page. Every few seconds each part is rendered anew and sent when it differs; htmx morphs it into
the page and reconnects by itself. Every number leads to the list behind it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from hub.web import joining, renewals, search, selection
from hub.web.attention import attention
from hub.web.deadview import LETTER_STATES, REASONS
from hub.web.rights import LOOKING, decides
from hub.web.view import CountyRow, OverviewSource
from pages import clockface, labels
from pages.access import Access, language_of
from pages.frame import NOT_THERE, Frame
from pages.wording import Sentence, sentence
from pages.wording import mark as _
from schemas.errors import YunhuobanError

PANELS: Final = ("attention", "numbers", "counties", "queues", "cases", "refusals")
REFRESH_SECONDS: Final = 2.0
_STEP_SECONDS: Final = 0.2  # how soon a stream notices that the process ends


def build_app(view: OverviewSource, access: Access, *, refresh_seconds: float = REFRESH_SECONDS) -> FastAPI:
    """The hub's page application over a source of rows. Opens nothing by itself."""
    frame = Frame(name=_("中枢运行"), access=access, packages=["hub.web"])
    app = frame.application()
    joining.attach(app, frame, view)
    renewals.attach(app, frame, view)
    search.attach(app, frame, view)

    def page(request: Request, template: str, **values: Any) -> HTMLResponse:
        return frame.page(request, template, names=_names(view), **values)

    @app.get("/", dependencies=[LOOKING])
    def overview(request: Request) -> HTMLResponse:
        return frame.page(request, "overview.html", **_everything(view, language_of(request)))

    @app.get("/events", response_class=EventSourceResponse, dependencies=[LOOKING])
    async def events(request: Request) -> AsyncIterator[ServerSentEvent]:
        language, sent = language_of(request), dict[str, str]()
        while not app.state.stopping.is_set():
            values = await run_in_threadpool(_everything, view, language)
            parts = {panel: frame.fragment(language, f"{panel}.html", **values) for panel in PANELS}
            changed = [text for panel, text in parts.items() if sent.get(panel) != text]
            if changed:
                sent = parts
                yield ServerSentEvent(raw_data="\n".join(_partial(text) for text in changed))
            for _step in range(max(1, round(refresh_seconds / _STEP_SECONDS))):
                if app.state.stopping.is_set():
                    return
                await asyncio.sleep(min(_STEP_SECONDS, refresh_seconds))

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
            queues=[queue for queue in view.queues() if queue.county == code],
            cases=[case for case in view.cases() if code in (case.window_county, case.issuing_county)],
            refusals=[refusal for refusal in view.refusals() if refusal.source == code],
        )

    return app


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the page: its rows, or the sentence why they cannot be had now."""

    rows: Any
    trouble: Sentence | None = None


def _everything(view: OverviewSource, language: str) -> dict[str, Any]:
    def part(ask: Callable[[], Any], nothing: Any) -> Part:
        try:
            return Part(ask())
        except YunhuobanError as error:
            return Part(nothing, sentence(error, language))

    queues, counties, alarms = part(view.queues, ()), part(view.counties, ()), part(view.alarms, ())
    restore, lists, joinings = (
        part(view.restore, None),
        part(view.revocation_lists, ()),
        part(view.joinings_under_way, ()),
    )
    certificates, renewing = part(view.certificates, ()), part(view.renewals, ())
    prints, cases, refusals = part(view.print_counts, None), part(view.cases, ()), part(view.refusals, ())
    return {
        "queues": queues,
        "shown_queues": selection.queues(queues.rows),
        "counties": counties,
        "shown_counties": selection.counties(counties.rows),
        "cases": cases,
        "refusals": refusals,
        "prints": prints,
        "states": dict(sorted(part(view.case_counts, {}).rows.items(), key=_lifecycle)),
        "names": {row.code: row.name for row in counties.rows},
        "attention": attention(
            queues=queues.rows,
            counties=counties.rows,
            prints=prints.rows,
            alarms=alarms.rows,
            restore=restore.rows,
            lists=None if lists.trouble else lists.rows,
            joinings=joinings.rows,
            certificates=certificates.rows,
            renewals=renewing.rows,
            red_cards=part(view.red_cards, 0).rows,
        ),
        "unseen": [each.trouble for each in (queues, counties, alarms, prints, cases, refusals) if each.trouble],
    }


def _names(view: OverviewSource) -> Mapping[str, str]:
    counties: Sequence[CountyRow] = view.counties()
    return {row.code: row.name for row in counties}


def _lifecycle(item: tuple[str, int]) -> int:
    order = list(labels.CASE_STATES)
    return order.index(item[0]) if item[0] in order else len(order)


def _partial(section: str) -> str:
    """One section as htmx takes it out of a stream: swapped by morphing where it stands, whatever came beside it."""
    name = section.split('id="', 1)[1].split('"', 1)[0]
    return f'<hx-partial hx-target="#{name}" hx-swap="outerMorph">{section}</hx-partial>'
