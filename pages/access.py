"""Who may use a page, until people sign in: whoever started the process, on the same machine.

The process listens on loopback only and prints an address with a token. The token works once: it is exchanged for a
session cookie and gone from the address bar. Against other pages in the same browser: a list of allowed hosts (DNS
rebinding), a strict same-site cookie named after the port (cookies do not tell ports apart), and for everything that
changes something a header that another origin cannot send (OWASP CSRF prevention, "custom request headers"). Against
injected script: a content security policy without inline script. Nothing is cached, no referrer leaves. Tokens and
sessions are kept as digests and never logged.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

import structlog
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.listening.bodies import HEAD_BYTES, HEAD_TOO_LARGE, head_bytes
from pages.listening.listener import LOOPBACK, listener_of
from pages.people.person import Role, of_machine
from pages.wording import LANGUAGES, SOURCE_LANGUAGE
from schemas import errors

CSRF_HEADER: Final = "X-CSRF-Token"
LANGUAGE_COOKIE: Final = "yhb-language"
OPEN_PREFIX: Final = "/assets/"  # style and script hold nothing to protect, and refusals are styled too
SESSION_SECONDS: Final = 12 * 3600  # one working day at a window
_SAFE: Final = frozenset({"GET", "HEAD"})

NO_SESSION: Final = errors.declare(
    "E-PAGE-001",
    "这个页面需要先登录：浏览器没有带来有效的会话。",
    "请运行 adapter page（县）或 hub page（中枢），打开它给出的地址。",
)
TOKEN_REFUSED: Final = errors.declare(
    "E-PAGE-002",
    "地址中的口令不对，或者已经用过一次。",
    "请再运行一次 adapter page（县）或 hub page（中枢），打开新的地址。",
)
CSRF_REFUSED: Final = errors.declare("E-PAGE-003", "这个请求不是从本页面发出的，没有执行。", "请刷新页面再操作一次。")
HOST_REFUSED: Final = errors.declare(
    "E-PAGE-004",
    "请求中的主机名不是本页面的。",
    "请用程序打印的地址打开页面，不要经过别的域名或代理；在大厅里，用 county.toml 中 [hall_page] 所写的名称。",
)
TOKEN_NOT_HERE: Final = errors.declare(
    "E-PAGE-094", "本机的一次性地址只能在本机使用。", "请在县节点那台机器上打开它；在大厅的电脑上，请登录。"
)
FAILED: Final = errors.declare(
    "E-PAGE-007",
    "程序出错，这一步可能没有完成。",
    "请刷新页面看看现在的状态；仍不对时把代码和时间告诉县信息中心或运维。",
)

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Access:
    """The token and the sessions of one running page process. Safe to use from several threads."""

    def __init__(
        self, *, roles: frozenset[Role] = frozenset(Role), clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`roles` are what whoever holds this machine may do; `clock` gives monotonic seconds."""
        self._clock = clock
        self.person = of_machine(roles)
        self._lock = threading.Lock()
        self._token: bytes | None = None
        self._sessions: dict[bytes, float] = {}
        self._secret = secrets.token_bytes(32)

    def address(self, port: int) -> str:
        """An address that works once, for a person of this machine; one given out before and never used is void."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._token = _digest(token)
        return f"http://{LOOPBACK}:{port}/?token={token}"

    def exchange(self, token: str) -> str | None:
        """A new session for a token that was not used before, or none."""
        with self._lock:
            if self._token is None or not hmac.compare_digest(_digest(token), self._token):
                return None
            self._token = None
            session = secrets.token_urlsafe(32)
            self._sessions[_digest(session)] = self._clock() + SESSION_SECONDS
            return session

    def knows(self, session: str) -> bool:
        """Whether this session was opened here and has not ended."""
        with self._lock:
            return self._sessions.get(_digest(session), 0.0) > self._clock()

    def csrf(self, session: str) -> str:
        """What a page of this session must send with everything that changes something."""
        return hmac.new(self._secret, session.encode(), hashlib.sha256).hexdigest()


class Guard:
    """The middleware: every request passes it, so that no route can forget it."""

    def __init__(self, app: ASGIApp, *, access: Access, refuse: "Refuse") -> None:
        """`refuse` renders a refusal as a page."""
        self._app = app
        self._access = access
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """1 host, 2 token, 3 session, 4 CSRF; then the route, with the protective headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        started = False

        async def send_protected(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                del headers["Server"]
            await send(message)

        try:
            await self._pass(scope, receive, send_protected)
        except Exception as error:  # noqa: BLE001 - the last door: logged without its text, shown as a sentence
            structlog.get_logger().error("page.failed", method=scope["method"], exc_info=error)
            if not started:
                await self._refuse(scope, FAILED, 500)(scope, receive, send_protected)

    async def _pass(self, scope: Scope, receive: Receive, send_protected: Send) -> None:
        headers, port, listener = Headers(scope=scope), scope["server"][1], listener_of(scope)
        if head_bytes(scope) > HEAD_BYTES:
            await self._refuse(scope, HEAD_TOO_LARGE, 431)(scope, receive, send_protected)
            return
        if headers.get("host", "").lower() not in listener.hosts:
            await self._refuse(scope, HOST_REFUSED, 400)(scope, receive, send_protected)
            return
        if scope["path"].startswith(OPEN_PREFIX) and scope["method"] in _SAFE:
            await self._app(scope, receive, send_protected)
            return
        connection = HTTPConnection(scope)
        session = connection.cookies.get(cookie_name(port), "")
        known = listener.of_machine and self._access.knows(session)
        if "token" in connection.query_params and not listener.of_machine:
            await self._refuse(scope, TOKEN_NOT_HERE, 403)(scope, receive, send_protected)
            return
        if "token" in connection.query_params:
            answer = self._enter(scope, connection.query_params, port, known=known)
            await answer(scope, receive, send_protected)
            return
        if not known:
            await self._refuse(scope, NO_SESSION, 403)(scope, receive, send_protected)
            return
        if scope["method"] not in _SAFE and not self._own(headers, session, listener.scheme):
            await self._refuse(scope, CSRF_REFUSED, 403)(scope, receive, send_protected)
            return
        scope.setdefault("state", {}).update(csrf=self._access.csrf(session), person=self._access.person)
        await self._app(scope, receive, send_protected)

    def _enter(self, scope: Scope, query: QueryParams, port: int, *, known: bool) -> ASGIApp:
        session = self._access.exchange(query["token"])
        if session is None and not known:
            return self._refuse(scope, TOKEN_REFUSED, 403)
        rest = urlencode([(name, value) for name, value in query.multi_items() if name != "token"])
        answer = RedirectResponse(scope["path"] + (f"?{rest}" if rest else ""), status_code=303)
        if session is not None:
            answer.set_cookie(
                cookie_name(port), session, max_age=SESSION_SECONDS, httponly=True, samesite="strict", path="/"
            )
        return answer

    def _own(self, headers: Headers, session: str, scheme: str) -> bool:
        origin = headers.get("origin")
        return (origin is None or origin == f"{scheme}://{headers['host']}") and hmac.compare_digest(
            headers.get(CSRF_HEADER, "").encode(), self._access.csrf(session).encode()
        )


Refuse = Callable[[Scope, errors.Code, int], ASGIApp]


def cookie_name(port: int) -> str:
    """The session cookie of a page process: named after its port, because all ports of a host share their cookies."""
    return f"yhb-session-{port}"


def language_of(connection: HTTPConnection) -> str:
    """The language this browser chose, Chinese unless it chose another."""
    chosen = connection.cookies.get(LANGUAGE_COOKIE, SOURCE_LANGUAGE)
    return chosen if chosen in LANGUAGES else SOURCE_LANGUAGE


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
