"""Serving a page to strangers: a port of its own, TLS, short connections, and only as many as there is room for."""

import asyncio
import ssl
from typing import Any, Final

from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from pages.serving import Serving

AT_ONCE: Final = 100
CONNECTION_SECONDS: Final = 90.0


class _Brief(H11Protocol):
    """A connection ends after a time, whatever it is doing: nobody holds one open by saying nothing."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        asyncio.get_running_loop().call_later(CONNECTION_SECONDS, transport.abort)


def listener(app: FastAPI, *, host: str, port: int, context: ssl.SSLContext) -> Serving:
    """The application behind TLS, not started yet. Raises E-PAGE-010."""
    return Serving(
        app,
        port=port,
        host=host,
        settings={
            "ssl_context_factory": lambda _config, _default: context,
            "http": _Brief,
            "limit_concurrency": AT_ONCE,
            "proxy_headers": False,  # the address that is counted is the one that connects
            "ws": "none",
        },
    )
