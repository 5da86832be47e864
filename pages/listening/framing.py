"""A request says in one way where it ends: by a length, or by the chunked coding, never by both.

h11 hears the coding then and goes on with the connection; whoever stands before us may have heard the length, and takes
what follows for the body of this request and not for another one. RFC 9112 §6.1 has a server that is asked so end the
connection; nobody who means well asks so, and is refused.
"""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

_BOTH: Final = frozenset({b"content-length", b"transfer-encoding"})


class OneEnd:
    """An application that is asked by nobody whose request could end in two places."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 400 and end the connection, before anything is read of the body."""
        if scope["type"] == "http" and {name for name, _ in scope["headers"]} >= _BOTH:
            await send({"type": "http.response.start", "status": 400, "headers": [(b"connection", b"close")]})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send)
