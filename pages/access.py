"""Who may use a page: whoever started the process, on the same machine, and whoever has signed in.

The machine's own way: the process prints an address with a token that works once: it is exchanged for a session cookie
and gone from the address bar. The other way is an account (`pages.people`); an application has one or both. Whoever has
neither is led to the sign-in page and from there back to where they wanted to go.

Against other pages in the same browser: a list of allowed hosts (DNS rebinding), a strict same-site cookie named after
the port (cookies do not tell ports apart), and for everything that changes something a header that another origin
cannot send, or a field of the page's own form (OWASP CSRF prevention). Both are derived from the cookie, also before
anybody has signed in. Against injected script: a content security policy without inline script. Nothing is cached, no
referrer leaves. Tokens and sessions are kept as digests and never logged.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlencode

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.cookies import SESSION_SECONDS, give_session, session_cookie, with_cookie
from pages.cookies import cookie_name as cookie_name  # noqa: PLC0414 -- part of what a page application has from here
from pages.formbody import FORM, peek
from pages.listening.bodies import HEAD_BYTES, HEAD_TOO_LARGE, head_bytes
from pages.listening.listener import LOOPBACK, listener_of
from pages.people import paths
from pages.people.person import Person, Role, of_machine
from pages.people.signed import Sessions, Step
from pages.wording import LANGUAGES, SOURCE_LANGUAGE
from schemas import errors

CSRF_HEADER: Final = "X-CSRF-Token"
CSRF_FIELD: Final = "csrf"
ATTENDED_HEADER: Final = "X-Attended"  # pages.js sends it while somebody is typing or clicking
LANGUAGE_COOKIE: Final = "yhb-language"
OPEN_PREFIX: Final = "/assets/"  # style and script hold nothing to protect, and refusals are styled too
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
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Access:
    """The token and the sessions of one running page process. Safe to use from several threads."""

    def __init__(
        self,
        *,
        roles: frozenset[Role] = frozenset(Role),
        people: Sessions | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`roles` are what whoever holds this machine may do; `people` the other way in; `clock` monotonic seconds."""
        self._clock = clock
        self.person = of_machine(roles)
        self.people = people
        self._lock = threading.Lock()
        self._token: bytes | None = None
        self._sessions: dict[bytes, float] = {}

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

    def forget(self, session: str) -> None:
        """End a session that was opened here; harmless for others."""
        with self._lock:
            self._sessions.pop(_digest(session), None)

    def csrf(self, session: str) -> str:
        """What a page of this session must send with everything that changes something; outlives a restart."""
        return hmac.new(session.encode(), b"yhb-csrf-v1", hashlib.sha256).hexdigest()

    async def visitor(self, session: str, *, at_machine: bool, attended: bool) -> "Visitor":
        """Who holds this session, by either way; the machine's own is one at the machine only."""
        if at_machine and self.knows(session):
            return Visitor(person=self.person)
        signed = None
        if self.people is not None and session:
            signed = await run_in_threadpool(self.people.signed, session, attended=attended)
        if signed is None:
            return Visitor()
        done = signed.step is Step.DONE
        return Visitor(person=signed.person if done else None, step=signed.step, has_account=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Whoever sent a request. Without a person it is somebody who has not (wholly) signed in."""

    person: Person | None = None
    step: Step | None = None
    has_account: bool = False


class Guard:
    """The middleware: every request passes it, so that no route can forget it."""

    def __init__(self, app: ASGIApp, *, access: Access, refuse: "Refuse") -> None:
        """`refuse` renders a refusal as a page."""
        self._app = app
        self._access = access
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """1 host, 2 token, 3 session or sign-in, 4 CSRF; then the route, with the protective headers."""
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
        headers, listener = Headers(scope=scope), listener_of(scope)
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
        at_machine = listener.of_machine
        session = connection.cookies.get(session_cookie(scope), "")
        attended = _attended(scope["method"], headers)
        visitor = await self._access.visitor(session, at_machine=at_machine, attended=attended)
        if "token" in connection.query_params and not at_machine:
            await self._refuse(scope, TOKEN_NOT_HERE, 403)(scope, receive, send_protected)
            return
        if "token" in connection.query_params:
            known = visitor.person is not None
            answer = self._enter(scope, connection.query_params, at_machine=at_machine, known=known)
            await answer(scope, receive, send_protected)
            return
        if visitor.person is None and not (self._access.people is not None and paths.is_open(scope["path"])):
            await self._lead(scope, headers, visitor)(scope, receive, send_protected)
            return
        if scope["method"] in _SAFE:
            if not session:  # the sign-in form, too, is protected against other pages
                session = secrets.token_urlsafe(32)
                send_protected = with_cookie(scope, session, send_protected)
        else:
            own, receive = await self._own(scope, headers, session, receive)
            if not own:
                await self._refuse(scope, CSRF_REFUSED, 403)(scope, receive, send_protected)
                return
        scope.setdefault("state", {}).update(csrf=self._access.csrf(session), session=session)
        if visitor.person is not None:
            scope["state"].update(person=visitor.person, has_account=visitor.has_account)
        await self._app(scope, receive, send_protected)

    def _enter(self, scope: Scope, query: QueryParams, *, at_machine: bool, known: bool) -> ASGIApp:
        session = self._access.exchange(query["token"]) if at_machine else None
        if session is None and not known:
            return self._refuse(scope, TOKEN_REFUSED, 403)
        rest = urlencode([(name, value) for name, value in query.multi_items() if name != "token"])
        answer = RedirectResponse(scope["path"] + (f"?{rest}" if rest else ""), status_code=303)
        if session is not None:
            give_session(answer, scope, session)
        return answer

    def _lead(self, scope: Scope, headers: Headers, visitor: Visitor) -> ASGIApp:
        """To the sign-in, or to its next step, and from there back; a refusal where nobody signs in."""
        if self._access.people is None:
            return self._refuse(scope, NO_SESSION, 403)
        path = paths.STEPS.get(visitor.step, paths.SIGN_IN) if visitor.step is not None else paths.SIGN_IN
        if headers.get("HX-Request") == "true":
            wanted = paths.shown_at(headers.get("HX-Current-URL", ""))
            return Response(status_code=401, headers={"HX-Redirect": paths.leading(path, wanted)})
        query = scope["query_string"].decode("latin-1")
        wanted = scope["path"] + (f"?{query}" if query else "") if scope["method"] in _SAFE else "/"
        return RedirectResponse(paths.leading(path, wanted), status_code=303)

    async def _own(self, scope: Scope, headers: Headers, session: str, receive: Receive) -> tuple[bool, Receive]:
        """Whether one of this session's own pages sent it; what it sent can be read again."""
        origin = headers.get("origin")
        if not session or (origin is not None and origin != f"{scope['scheme']}://{headers['host']}"):
            return False, receive
        said = headers.get(CSRF_HEADER, "")
        if not said and headers.get("content-type", "").partition(";")[0].strip() == FORM:
            body, receive = await peek(receive)
            said = parse_qs(body.decode("latin-1")).get(CSRF_FIELD, [""])[-1]
        return hmac.compare_digest(said.encode(), self._access.csrf(session).encode()), receive


Refuse = Callable[[Scope, errors.Code, int], ASGIApp]


def language_of(connection: HTTPConnection) -> str:
    """The language this browser chose, Chinese unless it chose another."""
    chosen = connection.cookies.get(LANGUAGE_COOKIE, SOURCE_LANGUAGE)
    return chosen if chosen in LANGUAGES else SOURCE_LANGUAGE


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _attended(method: str, headers: Headers) -> bool:
    """Whether a person did this: what a page asks for by itself does not keep a session alive."""
    if headers.get("HX-Request") == "true":
        return headers.get(ATTENDED_HEADER) == "1"
    return method not in _SAFE or headers.get("Sec-Fetch-User") == "?1" or "Sec-Fetch-Mode" not in headers
