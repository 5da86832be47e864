"""`/metrics`, `/healthz` and `/readyz` on a port of their own: of this machine, or over TLS for who shows the token.

Not on the pages' port: there every path passes the sign-in, and an exception from it would be a hole for all. Whoever
calls by another host name than those told is refused: a browser that was led here reads nothing.
"""

import hmac
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware

from hub.alerting import book
from hub.alerting.conditions import Facts
from hub.alerting.desk import STALE
from hub.metrics import exposition
from hub.metrics.families import Measured, measure
from hub.store import Store
from hub.views.groundsource import WRITE_SECONDS
from hub.views.kept import Kept
from schemas.errors import YunhuobanError

_HOSTS: Final = ["127.0.0.1", "localhost"]
_HEADERS: Final = {"Cache-Control": "no-store"}


class Meter:
    """Makes the answers. Safe to use from several threads; what many ask at once is looked up once."""

    def __init__(self, store: Store, gather: Callable[[datetime], Facts], clock: Callable[[], datetime]) -> None:
        """Asks nothing yet."""
        self._store = store
        self._gather = gather
        self._clock = clock
        self._kept = Kept(self._measured)

    def text(self) -> str:
        """Everything in Prometheus' format. Raises E-STORE-001."""
        return exposition.text(measure(self._kept.get()))

    def not_ready(self) -> list[str]:
        """What keeps the hub from its work, by short names; nothing when it does it."""
        try:
            found = self._kept.get()
        except YunhuobanError as error:
            return [f"store {error.code.code}"]
        status = found.facts.status
        wrong = []
        if not found.writable:
            wrong.append("store")
        if status.broker is None:
            wrong.append("broker")
        elif status.broker.memory_alarm or status.broker.disk_alarm:
            wrong.append("broker alarm")
        if not status.revocation_lists or status.revocation_lists[0].ends_at <= status.at:
            wrong.append("revocation list")
        if found.looked_at is None or self._clock() - found.looked_at > STALE:
            wrong.append("keeper")
        return wrong

    def _measured(self) -> Measured:
        facts = self._gather(self._clock())
        with self._store.read() as tx:
            counts, looked_at = book.counts(tx), book.looked_at(tx)
        return Measured(facts=facts, alerts=counts, writable=self._store.writable(WRITE_SECONDS), looked_at=looked_at)


def build_app(meter: Meter, *, names: Sequence[str] = _HOSTS, token: str | None = None) -> FastAPI:
    """The application; opens nothing by itself. With a token nothing is told to anybody who does not show it."""
    app = FastAPI(title="yunhuoban", docs_url=None, redoc_url=None, openapi_url=None)

    @app.middleware("http")
    async def shown(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        told = request.headers.get("authorization", "")
        if token is not None and not hmac.compare_digest(told.encode(), f"Bearer {token}".encode()):
            return Response(status_code=401, headers=_HEADERS | {"WWW-Authenticate": "Bearer"})
        return await go_on(request)

    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(names), www_redirect=False)

    @app.get("/metrics")
    def metrics() -> Response:
        try:
            return Response(meter.text(), media_type=exposition.CONTENT_TYPE, headers=_HEADERS)
        except YunhuobanError as error:
            return PlainTextResponse(error.code.code, status_code=503, headers=_HEADERS)

    @app.get("/healthz")
    def alive() -> Response:
        return PlainTextResponse("ok", headers=_HEADERS)

    @app.get("/readyz")
    def ready() -> Response:
        wrong = meter.not_ready()
        return PlainTextResponse("\n".join(wrong) or "ok", status_code=503 if wrong else 200, headers=_HEADERS)

    return app
