"""The page frame of both sides: templates with Chinese first, the switches of language and type, assets, refusals.

A page application is made here and nowhere else, so that every one has the guard, the book of codes, shows an error the
same way (sentence and remedy for the clerk, the rest folded for county IT) and never answers with the library's own
error pages, which repeat what was typed.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Scope

from pages import labels, outcomes, typesize
from pages.access import LANGUAGE_COOKIE, Access, Guard, language_of
from pages.codes import book
from pages.codes.areas import AREAS, Area
from pages.codes.explaining import LOG_RULE, explain
from pages.listening.bodies import Bodies
from pages.people.permission import NOBODY, NOT_YOUR_ROLE
from pages.people.person import ROLE_NAMES
from pages.wording import LANGUAGES, mark, say, sentence
from schemas import errors
from schemas.errors import Code, YunhuobanError

_ = mark

NOT_THERE: Final = errors.declare("E-PAGE-005", "没有这个页面，或者这一项已经不在了。", "请回到首页重新查找。")
NOT_UNDERSTOOD: Final = errors.declare("E-PAGE-006", "表单没有填完整，或者内容不合要求。", "请检查标出的项目后再提交。")

_STATUS: Final = {NOT_THERE: 404, book.UNKNOWN_CODE: 404, NOT_YOUR_ROLE: 403, NOBODY: 403}

# China keeps one time all year round and in every county: UTC+8 without daylight saving.
BEIJING: Final = timezone(timedelta(hours=8))


class Frame:
    """Renders pages and fragments for one application."""

    def __init__(
        self,
        *,
        name: str,
        access: Access,
        packages: Sequence[str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`name` is the marked title; `packages` have the application's own `templates` folders."""
        self._name = name
        self._access = access
        self._now = now
        self._environment = Environment(
            loader=ChoiceLoader([PackageLoader(package) for package in (*packages, "pages")]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(labels=labels, label=labels.label, outcomes=outcomes, role_names=ROLE_NAMES)

    def application(self) -> FastAPI:
        """An application with guard, assets, the two switches and refusals, and no other route."""
        app = FastAPI(title="yunhuoban", docs_url=None, redoc_url=None, openapi_url=None)
        app.add_middleware(Bodies, refuse=self._refuse)
        app.add_middleware(Guard, access=self._access, refuse=self._refuse)
        app.mount("/assets", StaticFiles(packages=[("pages", "assets")]), name="assets")
        app.add_api_route("/language/{language}", _choose, methods=["POST"])
        app.add_api_route("/type/{size}", _choose_type, methods=["POST"])
        app.add_api_route("/codes", self._codes, methods=["GET"])
        app.add_api_route("/codes/{code}", self._code, methods=["GET"])
        app.add_exception_handler(YunhuobanError, self._shown)
        app.add_exception_handler(HTTPException, self._not_there)
        app.add_exception_handler(RequestValidationError, self._not_understood)
        return app

    def page(self, request: Request, template: str, *, status_code: int = 200, **values: Any) -> HTMLResponse:
        """A whole page, or one fragment of it when htmx asked for one, in the reader's language."""
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        html = self.fragment(language_of(request), template, here=here, **_visitor(request), **values)
        return HTMLResponse(html, status_code=status_code)

    def fragment(self, language: str, template: str, **values: Any) -> str:
        """One template as text."""
        now = self._now()
        return self._environment.get_template(template).render(
            _=partial(say, language=language),
            language=language,
            languages=LANGUAGES,
            app_name=self._name,
            now=now,
            clock=clock,
            moment=moment,
            span=partial(span, language=language),
            ago=lambda at: span((now - at).total_seconds(), language=language),
            **values,
        )

    def _codes(self, request: Request) -> HTMLResponse:
        """Every code of the whole system by area: what stands in a receipt of the other side is found here, too."""
        language, entries = language_of(request), book.installed()
        areas: dict[str, tuple[Area, list[tuple[str, tuple[str, str]]]]] = {}
        for entry in entries:
            areas.setdefault(entry.area, (AREAS[entry.area], []))[1].append((entry.code, entry.said(language)))
        return self.page(request, "codes.html", areas=areas, count=len(entries))

    def _code(self, request: Request, code: str) -> HTMLResponse:
        """The page of one code. Raises E-PAGE-050."""
        told = explain(book.one(book.installed(), code), language_of(request))
        return self.page(request, "code.html", told=told, log_rule=LOG_RULE)

    def _refuse(self, scope: Scope, code: Code, status_code: int) -> ASGIApp:
        connection, error = HTTPConnection(scope), YunhuobanError(code)
        _tell(connection, error)
        return self._error(connection, error, status_code)

    def _error(self, connection: HTTPConnection, error: YunhuobanError, status_code: int) -> HTMLResponse:
        language = language_of(connection)
        shown = sentence(error, language)
        if connection.headers.get("HX-Request") == "true":
            return HTMLResponse(
                self.fragment(language, "notice.html", shown=shown),
                status_code=status_code,
                headers={"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"},
            )
        html = self.fragment(language, "refused.html", shown=shown, **_visitor(connection))
        return HTMLResponse(html, status_code=status_code)

    async def _shown(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, YunhuobanError):
            raise error
        _tell(request, error)
        return self._error(request, error, _STATUS.get(error.code, 409))

    async def _not_there(self, request: Request, error: Exception) -> Response:
        status_code = error.status_code if isinstance(error, HTTPException) else 404
        return self._error(request, YunhuobanError(NOT_THERE), status_code)

    async def _not_understood(self, request: Request, _error: Exception) -> Response:
        error = YunhuobanError(NOT_UNDERSTOOD)
        _tell(request, error)
        return self._error(request, error, 422)


def _tell(connection: HTTPConnection, error: YunhuobanError) -> None:
    """Log what was refused, and to whom: a right that somebody lacks, a form that another page sent.

    The route as it is declared, never the address that was asked for, which may hold what somebody typed; and no
    network address, which on the public pages is a citizen's.
    """
    person, route = getattr(connection.state, "person", None), connection.scope.get("route")
    structlog.get_logger().info(
        "page.refused",
        code=error.code.code,
        place=error.place,
        method=connection.scope.get("method", ""),
        route=getattr(route, "path", ""),
        account=person.account if person is not None else "",
    )


def _visitor(connection: HTTPConnection) -> dict[str, Any]:
    """What every page says of who looks at it: its forms' protection, the type, and who signed in with an account."""
    state = connection.state
    person = getattr(state, "person", None)
    signed = person if getattr(state, "has_account", False) else None
    return {
        "csrf": getattr(state, "csrf", ""),
        "signed": signed,
        "roles": person.roles if person else frozenset(),
        "large": typesize.is_large(connection),
    }


async def _choose(language: str) -> Response:
    """Remember the language in a cookie and have the page loaded anew."""
    if language not in LANGUAGES:
        raise YunhuobanError(NOT_THERE)
    answer = Response(status_code=200, headers={"HX-Refresh": "true"})
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=365 * 86400, httponly=True, samesite="strict", path="/")
    return answer


async def _choose_type(request: Request, size: str) -> Response:
    """Remember the type and lead back to the same page."""
    if size not in typesize.SIZES:
        raise YunhuobanError(NOT_THERE)
    return typesize.remembering(request, size)


def clock(at: datetime | None) -> str:
    """A time as a clerk reads it: month, day, hour, minute in Beijing time."""
    return at.astimezone(BEIJING).strftime("%m-%d %H:%M") if at else "—"


def moment(at: datetime) -> str:
    """A time to the second in Beijing time, where the order of steps matters."""
    return at.astimezone(BEIJING).strftime("%m-%d %H:%M:%S")


def span(seconds: float | None, *, language: str) -> str:
    """A duration in the two largest units that matter to a person."""
    if seconds is None:
        return "—"
    whole = max(0, int(seconds))
    days, rest = divmod(whole, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    if days:
        return say(_("{days} 天 {hours} 小时"), language, days=days, hours=hours)
    if hours:
        return say(_("{hours} 小时 {minutes} 分"), language, hours=hours, minutes=minutes)
    if minutes:
        return say(_("{minutes} 分 {seconds} 秒"), language, minutes=minutes, seconds=left)
    return say(_("{seconds} 秒"), language, seconds=left if seconds >= 1 or whole else round(max(0.0, seconds), 1))
