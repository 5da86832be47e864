"""The session's cookie: its name by port and by how the page is reached, given with an answer."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import Message, Scope, Send

SESSION_SECONDS: Final = 12 * 3600  # one working day at a window


def cookie_name(port: int) -> str:
    """The session cookie of a page process: named after its port, because all ports of a host share their cookies."""
    return f"yhb-session-{port}"


def session_cookie(scope: Scope) -> str:
    """The same for one request: over TLS bound to this very host (RFC 6265bis, `__Host-`)."""
    name = cookie_name(scope["server"][1])
    return f"__Host-{name}" if scope["scheme"] == "https" else name


def give_session(answer: Response, scope: Scope, session: str) -> None:
    """Have the browser keep a session; the server forgets it when it ends."""
    answer.set_cookie(
        session_cookie(scope),
        session,
        max_age=SESSION_SECONDS,
        httponly=True,
        secure=scope["scheme"] == "https",
        samesite="strict",
        path="/",
    )


def with_cookie(scope: Scope, session: str, send: Send) -> Send:
    """The answer with a cookie for somebody who has none yet, unless the route gives one itself."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start" and "set-cookie" not in MutableHeaders(scope=message):
            cookie = Response()
            give_session(cookie, scope, session)
            MutableHeaders(scope=message).append("Set-Cookie", cookie.headers["set-cookie"])
        await send(message)

    return sent
