"""How much a request may bring, and how long it may take: what a form needs, and more only where a route says so.

A browser that is refused while it still sends sees the refusal; nothing of a body that is too large is kept.
"""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeAlias

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas import errors

FORM_BYTES: Final = 256 * 1024
"""A page of fields, with room; scans go to routes of their own."""
BODY_SECONDS: Final = 20.0
SLOWEST_BYTES_PER_SECOND: Final = 64 * 1024
"""On top of that, for what is larger: an old telephone in the hall's wireless network sends faster."""
HEAD_BYTES: Final = 16 * 1024
"""Of a request's line and headers: ours have some 1 KiB."""

TOO_LARGE: Final = errors.declare(
    "E-PAGE-090", "送来的内容太大，没有接收。", "请只送页面要的内容；扫描件太大的，降低分辨率或分成几个文件。"
)
TOO_SLOW: Final = errors.declare(
    "E-PAGE-091", "内容在规定时间内没有送完，没有接收。", "请检查网络后再做一次；什么都没有改变。"
)
HEAD_TOO_LARGE: Final = errors.declare(
    "E-PAGE-092", "请求的地址或头部太长。", "请重新打开页面；仍不行的，清除浏览器里本站点的 Cookie 再试。"
)
_Held: TypeAlias = list[tuple[re.Pattern[str], int]]
Refuse = Callable[[Scope, errors.Code, int], ASGIApp]


def allow(app: Starlette, path: str, most_bytes: int) -> None:
    """Let the route of this path (as it is declared, `/cases/{case_no}/scans`) take bodies of this size."""
    held: _Held = getattr(app.state, "bodies", [])
    app.state.bodies = [*held, (compile_path(path)[0], most_bytes)]


class Bodies:
    """The middleware that holds requests to it; it stands inside the guard, so that strangers send nothing at all."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse) -> None:
        """`refuse` renders a refusal as a page."""
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """1 what the length says; then, while it comes: 2 size, 3 time."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = _most(scope)
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > most:
            await self._refuse(scope, TOO_LARGE, 413)(scope, receive, send)
            return
        watch = _Watch(receive, send, most)
        with suppress(_GivenUpError):
            await self._app(scope, watch.receive, watch.send)
        if watch.refusal is not None and not watch.started:
            await self._refuse(scope, *watch.refusal)(scope, receive, send)


class _GivenUpError(Exception):
    """The body is not read on."""


class _Watch:
    """One request's body as it comes. Once refused, nothing that the route answers to its half is sent."""

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self._receive, self._send, self._most = receive, send, most
        self._taken = 0
        self._ends = time.monotonic() + BODY_SECONDS + most / SLOWEST_BYTES_PER_SECOND
        self._whole = False
        self.started = False
        self.refusal: tuple[errors.Code, int] | None = None

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        if self.refusal is not None:
            raise _GivenUpError
        try:
            async with asyncio.timeout(max(0.0, self._ends - time.monotonic())):
                message = await self._receive()
        except TimeoutError:
            self.refusal = (TOO_SLOW, 408)
            raise _GivenUpError from None
        self._taken += len(message.get("body", b""))
        if self._taken > self._most:
            self.refusal = (TOO_LARGE, 413)
            raise _GivenUpError
        self._whole = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if self.refusal is not None and not self.started:
            return
        self.started = True
        await self._send(message)


def head_bytes(scope: Scope) -> int:
    """The size of a request's head."""
    lines = sum(len(name) + len(value) for name, value in scope["headers"])
    return lines + len(scope.get("raw_path", b"")) + len(scope["query_string"])


def _most(scope: Scope) -> int:
    held: _Held = getattr(scope["app"].state, "bodies", [])
    return max((most for path, most in held if path.match(scope["path"])), default=FORM_BYTES)
