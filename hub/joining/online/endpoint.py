"""The joining page's addresses, and what keeps strangers from costing us anything.

`GET /root` (the root certificate, DER: whoever has an invitation compares it before he believes the connection),
`POST /request`, `/answer`, `/card`, `/standing`, and for who has joined `/renewal`, `/renewal/answer`, `/renewal/card`.
The size and the time of a body are bounded, knocks are counted for each address, and everything that is not proven gets
one refusal, byte for byte, after one and the same time.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from hub.joining.online.doorstep import Doorstep
from hub.joining.online.refusing import NOT_RECEIVED, problems
from hub.listening import bodies
from hub.listening.rates import PER_SECOND, Rates
from hub.listening.visitors import Visitors
from schemas.errors import Code, YunhuobanError, declare
from schemas.joining.files import MAX_REQUEST_BYTES
from schemas.joining.wire import MAX_QUESTION_BYTES, Told
from schemas.renewing.files import MAX_BYTES as MAX_RENEWAL_BYTES

TOO_OFTEN: Final = declare("E-JOIN-042", "这个地址来得太频繁。", "请等一分钟再试；adapter join 会自己等。")
MAX_CARD_BYTES: Final = 1024 * 1024
REFUSAL_SECONDS: Final = 0.25
"""A refusal takes at least this, so that its time does not tell how far it came."""
_JSON: Final = "application/json"


def build_app(step: Doorstep, rates: Rates, visitors: Visitors) -> FastAPI:
    """The application. Opens nothing by itself."""
    app = FastAPI(title="yunhuoban", docs_url=None, redoc_url=None, openapi_url=None)

    async def answered(request: Request, most: int, act: Callable[[bytes], Told | bytes]) -> Response:
        began = time.monotonic()
        if not rates.allows(visitors.address(request)):
            return _refusal(TOO_OFTEN, 429, {"Retry-After": str(round(1 / PER_SECOND))})
        try:
            said = await run_in_threadpool(act, await _body(request, most))
        except YunhuobanError as error:
            structlog.get_logger().info("joining.refused", code=error.code.code, route=request.url.path)
            await asyncio.sleep(max(0.0, began + REFUSAL_SECONDS - time.monotonic()))
            # A store that is busy is our trouble: the county asks again.
            return _refusal(NOT_RECEIVED, 403) if error.code is NOT_RECEIVED else _refusal(error.code, 503)
        return _sent(said.write() if isinstance(said, Told) else said)

    @app.get("/root")
    def root() -> Response:
        return Response(step.root, media_type="application/pkix-cert", headers=_HEADERS)

    @app.post("/request")
    async def request(request: Request) -> Response:
        return await answered(request, MAX_REQUEST_BYTES, step.request)

    @app.post("/answer")
    async def answer(request: Request) -> Response:
        return await answered(request, MAX_REQUEST_BYTES, step.answer)

    @app.post("/card")
    async def card(request: Request) -> Response:
        return await answered(request, MAX_CARD_BYTES, step.card)

    @app.post("/standing")
    async def standing(request: Request) -> Response:
        return await answered(request, MAX_QUESTION_BYTES, step.standing)

    @app.post("/renewal")
    async def renewal(request: Request) -> Response:
        return await answered(request, MAX_RENEWAL_BYTES, step.renewals.request)

    @app.post("/renewal/answer")
    async def renewal_answer(request: Request) -> Response:
        return await answered(request, MAX_RENEWAL_BYTES, step.renewals.answer)

    @app.post("/renewal/card")
    async def renewal_card(request: Request) -> Response:
        return await answered(request, MAX_CARD_BYTES, step.renewals.card)

    @app.exception_handler(HTTPException)
    async def elsewhere(_request: Request, _error: Exception) -> Response:
        return _refusal(NOT_RECEIVED, 403)

    @app.exception_handler(Exception)
    async def failed(_request: Request, _error: Exception) -> Response:
        return _refusal(NOT_RECEIVED, 403)

    return app


async def _body(request: Request, most: int) -> bytes:
    """The body. Raises E-JOIN-040."""
    taken = await bodies.read(request, most)
    if taken is None:
        raise YunhuobanError(NOT_RECEIVED)
    return taken


_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Connection": "close"}


def _sent(data: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(data, status_code=status, media_type=_JSON, headers=_HEADERS | (headers or {}))


def _refusal(code: Code, status: int, headers: dict[str, str] | None = None) -> Response:
    return _sent(Told(state="", problems=problems(YunhuobanError(code))).write(), status, headers)
