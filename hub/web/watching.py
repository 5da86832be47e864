"""The lists behind the overview's numbers: who waits for whom, what is late, who is away, what ends soon."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from hub import instants
from hub.web import selection
from hub.web.matrix import tone
from hub.web.rights import LOOKING
from hub.web.view import OverviewSource
from pages.frame import Frame


def attach(app: FastAPI, frame: Frame, view: OverviewSource) -> None:
    """Add these pages to the hub's."""

    def page(request: Request, template: str, **values: Any) -> HTMLResponse:
        names = {row.code: row.name for row in view.counties()}
        return frame.page(request, template, names=names, **values)

    @app.get("/queues", dependencies=[LOOKING])
    def queues(request: Request, everything: bool = False) -> HTMLResponse:
        rows = view.queues()
        shown = rows if everything else selection.busy(rows, instants.now())
        values = {
            "shown_queues": shown,
            "total": len(rows),
            "everything": everything,
            "age_tone": tone,
            "flows": view.flows(),
        }
        return page(request, "list_queues.html", **values)

    @app.get("/pairs", dependencies=[LOOKING])
    def pairs(request: Request, source: str = "", destination: str = "") -> HTMLResponse:
        rows = [
            row for row in view.pairs() if row.source.startswith(source) and row.destination.startswith(destination)
        ]
        return page(request, "list_pairs.html", rows=rows)

    @app.get("/pairs/{source}/{destination}", dependencies=[LOOKING])
    def pair(request: Request, source: str, destination: str) -> HTMLResponse:
        both = view.contacts({source, destination})
        rows = view.between(source, destination)
        return page(request, "list_pair.html", rows=rows, source=source, destination=destination, contacts=both)

    @app.get("/late", dependencies=[LOOKING])
    def late(request: Request) -> HTMLResponse:
        rows = view.late()
        asked = view.contacts({row.issuing_county for row in rows})
        return page(request, "list_late.html", rows=rows, contacts=asked)

    @app.get("/offline", dependencies=[LOOKING])
    def offline(request: Request) -> HTMLResponse:
        rows = [row for row in view.counties() if not row.online and row.state == "active"]
        rows.sort(key=lambda row: (row.since_at is None, row.since_at))
        return page(request, "list_offline.html", rows=rows, contacts=view.contacts({row.code for row in rows}))

    @app.get("/trust", dependencies=[LOOKING])
    def trust(request: Request) -> HTMLResponse:
        rows = view.certificates()
        asked = view.contacts({row.holder for row in rows if row.holder})
        return page(request, "list_trust.html", rows=rows, lists=view.revocation_lists(), contacts=asked)
