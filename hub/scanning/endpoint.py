"""The public pages' addresses: `GET /v` and `/p`, what their script asks (`POST /v/find` and `/p/find`), assets.

What a visitor holds stays in the fragment of his address: the browser sends the digest of a license's token, or a
progress link in a body, so that neither comes into a log or a proxy's. Bodies are bounded, questions are counted for
each address, and every answer takes at least one and the same time.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.listening import bodies
from hub.listening.rates import PER_SECOND, Rates
from hub.listening.visitors import Visitors
from hub.scanning.answering import Answering
from hub.scanning.progress import MOST_CHARACTERS
from hub.scanning.words import STATES
from pages.access import HEADERS
from pages.typesize import LARGE
from pages.wording import LANGUAGES, SOURCE_LANGUAGE

ANSWER_SECONDS: Final = 0.25
"""An answer takes at least this, so that its time does not tell what was found."""
_LOCATOR_CHARACTERS: Final = 64
_PAGES: Final = {"/v": "license.html", "/p": "progress.html"}
_NOWHERE: Final = "没有这个页面。 / There is no such page.\n"
_FAILED: Final = "现在查不了，请稍后再试。 / Not possible now; please try again later.\n"
_EXTRA: Final = {"Strict-Transport-Security": "max-age=31536000", "X-Robots-Tag": "noindex"}


def build_app(answering: Answering, rates: Rates, visitors: Visitors) -> FastAPI:
    """The application. Opens nothing by itself."""
    app = FastAPI(title="yunhuoban", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(_Protected)
    app.mount("/assets", StaticFiles(packages=[("pages", "assets"), ("hub.scanning", "assets")]), name="assets")
    shown = {
        (path, language, large): answering.frame.fragment(language, template, states=STATES, large=large)
        for path, template in _PAGES.items()
        for language in LANGUAGES
        for large in (False, True)
    }

    async def answered(request: Request, most: int, act: Callable[[bytes, str], bytes | str]) -> Response:
        began = time.monotonic()
        if not rates.allows(visitors.address(request)):
            answering.counts.add("too_often")
            return Response(status_code=429, headers={"Retry-After": str(round(1 / PER_SECOND))})
        body = await bodies.read(request, most)
        try:
            said = await run_in_threadpool(act, body or b"", _language(request))
        finally:
            await asyncio.sleep(max(0.0, began + ANSWER_SECONDS - time.monotonic()))
        if isinstance(said, str):
            return HTMLResponse(said)
        return Response(said, media_type="application/json")

    @app.get("/")
    def root() -> Response:
        return RedirectResponse("/v")

    @app.get("/v")
    @app.get("/p")
    def page(request: Request) -> Response:
        large = request.query_params.get("type") == LARGE
        return HTMLResponse(shown[request.url.path, _language(request), large])

    @app.post("/v/find")
    async def find_license(request: Request) -> Response:
        return await answered(request, _LOCATOR_CHARACTERS, answering.license)

    @app.post("/p/find")
    async def find_progress(request: Request) -> Response:
        return await answered(request, MOST_CHARACTERS, answering.progress)

    @app.exception_handler(HTTPException)
    async def elsewhere(_request: Request, _error: Exception) -> Response:
        return PlainTextResponse(_NOWHERE, status_code=404)

    @app.exception_handler(Exception)
    async def failed(_request: Request, error: Exception) -> Response:
        answering.counts.add("failed")
        structlog.get_logger().error("scanning.failed", exc_info=error)
        return PlainTextResponse(_FAILED, status_code=503, headers=HEADERS)

    return app


def _language(request: Request) -> str:
    asked = request.query_params.get("lang", SOURCE_LANGUAGE)
    return asked if asked in LANGUAGES else SOURCE_LANGUAGE


class _Protected:
    """Every answer has the headers that keep other pages and caches out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (HEADERS | _EXTRA).items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_protected)
