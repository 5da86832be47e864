"""`/verify` beside the desk: a clerk drops a PDF and is told what it is, line by line; nothing of it stays.

The body goes into a private file (`pages.uploads.receiving`), which two jailed children read, one to examine it, one to
draw its first page. The picture waits in memory for the page that was just sent to fetch it, once and within a minute.
"""

import asyncio
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import BinaryIO, Final

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from adapters.hall.verifying import checking, words
from adapters.hall.verifying.checking import AskKnown, Checked
from adapters.hall.verifying.confined import LARGEST_BYTES
from adapters.licenses.examining import verdicts
from adapters.licenses.examining.examine import Verifier
from pages.access import Access, language_of
from pages.frame import NOT_THERE, Frame
from pages.listening import bodies
from pages.people.permission import needs
from pages.people.person import Role
from pages.uploads import jail, kinds, pdfpages
from pages.uploads.kinds import Kind
from pages.uploads.receiving import Shelf
from pages.wording import mark as _
from schemas.errors import YunhuobanError

PICTURE_SECONDS: Final = 60.0
_MOST_PICTURES: Final = 8
_AT_ONCE: Final = 2
"""Children that look at the same time: each may take a gigabyte."""
_ONLY_PDF: Final = frozenset({Kind.PDF})
_NOT_DRAWN: Final = frozenset({verdicts.NOT_A_PDF, verdicts.TOO_LARGE, verdicts.BOMB, verdicts.ENCRYPTED})

AskVerifier = Callable[[], tuple[Verifier, AskKnown]]
"""What the county holds at this moment, and how to ask its store."""


def router(verifier: AskVerifier, shelf: Shelf, access: Access) -> APIRouter:
    """The page's routes, for an application that has the guard."""
    frame = Frame(name=_("核验证照"), access=access, packages=["adapters.hall.verifying"])
    routes, pictures, gate = APIRouter(dependencies=[needs(Role.CLERK)]), Pictures(), threading.Semaphore(_AT_ONCE)

    def look(file: BinaryIO) -> tuple[Checked, bytes]:
        with gate:
            checked = checking.check(file, *verifier())
            return checked, b"" if checked.verdict.code in _NOT_DRAWN else _drawn(file)

    @routes.get("/verify")
    def start(request: Request) -> HTMLResponse:
        return frame.page(request, "verify.html", checked=None, most=LARGEST_BYTES // 1024 // 1024)

    @routes.post("/verify")
    async def verify(request: Request) -> HTMLResponse:
        async with shelf.receive(request, most_bytes=LARGEST_BYTES) as file:
            kinds.kind_of(file, allowed=_ONLY_PDF)
            checked, picture = await run_in_threadpool(look, file)
        structlog.get_logger().info("license.verified", code=checked.verdict.code.code)
        token = pictures.keep(picture) if picture else ""
        asyncio.get_running_loop().call_later(PICTURE_SECONDS, pictures.drop, token)
        language = language_of(request)
        return frame.page(request, "verified.html", checked=checked, token=token, words=words, spoken=language)

    @routes.get("/verify/{token}.png")
    def picture(token: str) -> Response:
        found = pictures.take(token)
        if found is None:
            raise YunhuobanError(NOT_THERE, place="picture")
        return Response(found, media_type="image/png")

    return routes


def attach(app: FastAPI, verifier: AskVerifier, shelf: Shelf, access: Access) -> None:
    """The page beside others of an application; its route takes files, which are larger than forms."""
    app.include_router(router(verifier, shelf, access))
    bodies.allow(app, "/verify", 2 * LARGEST_BYTES)  # what is a little too large is told by the shelf, in its own words


def say_unprotected() -> None:
    """Into the log at start, when this machine cannot hold strangers' files as it should."""
    warning = jail.warning()
    if warning is not None:
        structlog.get_logger().warning("uploads.unprotected", code=warning.code.code, place=warning.place)


def _drawn(file: BinaryIO) -> bytes:
    """The first page; nothing where it cannot be drawn: the verdict stands without a picture."""
    try:
        return pdfpages.page_png(file)
    except YunhuobanError:
        return b""


class Pictures:
    """Pictures that wait to be fetched, once each; the oldest goes when there are too many. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, bytes] = OrderedDict()

    def keep(self, picture: bytes) -> str:
        """The name under which it may be fetched once; it says nothing of what is on it."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._waiting[token] = picture
            while len(self._waiting) > _MOST_PICTURES:
                self._waiting.popitem(last=False)
        return token

    def take(self, token: str) -> bytes | None:
        """The picture, which is gone with it; None when it is not there any more."""
        with self._lock:
            return self._waiting.pop(token, None)

    def drop(self, token: str) -> None:
        """Forget one that nobody fetched."""
        with self._lock:
            self._waiting.pop(token, None)
