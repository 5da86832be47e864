"""The page application that takes pushes: who it is, how much it is, what it says; stored; then answered.

202: kept. 200: the same body waits already. 401: no proof. 404: no such path, or no POST. 413: too large.
422: some rows cannot be read; nothing was kept, and every problem is told with its place. 503: not kept, come again.
Problems are told in Chinese and English; what a row holds is never repeated.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from adapters.local.sources.filerows import Content, FileRule
from adapters.local.sources.webhook.proof import CLOCKS_APART, NO_PROOF, Proof
from pages import wording
from schemas.errors import YunhuobanError, declare

_log = structlog.get_logger(__name__)
NO_PATH = declare(
    "E-SRC-094",
    "这里不接收这个路径的推送。",
    "请核对路径，应与 mapping.toml 中 [source.records] 的 path 相同，用 POST。",
)
TOO_LARGE = declare("E-SRC-095", "推送的正文过大，或者太久没有传完。", "请分成几次推送。")

LARGEST_BODY_BYTES: Final = 4 * 2**20
_BODY_SECONDS: Final = 30.0
_AT_ONCE: Final = 8
"""Bodies in memory at one time; others wait."""
_STATUS: Final = {NO_PROOF.code: 401, CLOCKS_APART.code: 401, TOO_LARGE.code: 413}
_NOT_HERE: Final = 404
_UNFIT: Final = 422
_NOT_NOW: Final = 503

Read = Callable[[bytes, FileRule, str, str], Content]


def build_app(rules: Mapping[str, FileRule], proof: Proof, read: Read, keep: Callable[[str, bytes], bool]) -> FastAPI:
    """An application that takes pushes at the paths of `rules`; `keep` stores a body of a kind for good."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    room = asyncio.Semaphore(_AT_ONCE)

    @app.api_route("/{_path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def take(request: Request) -> Response:
        path = request.scope["path"]
        rule = rules.get(path) if request.method == "POST" else None
        if rule is None:
            return _told([YunhuobanError(NO_PATH, place=path[:200], found=request.method, expected="POST")], _NOT_HERE)
        try:
            await run_in_threadpool(proof.precheck, request.headers, path)
            async with room:
                body = await _body(request, path)
                await run_in_threadpool(proof.check, request.headers, path, body)
                content = await run_in_threadpool(read, body, rule, "utf-8", f"推送 {path}")
                problems = [each for each in content.rows if isinstance(each, YunhuobanError)]
                if problems:
                    return _told(problems, _UNFIT)
                new = not content.rows or await run_in_threadpool(keep, rule.kind, body)
        except YunhuobanError as error:
            _log.warning("source.push_not_taken", code=error.code, place=rule.kind)
            return _told([error], _STATUS.get(error.code.code, _NOT_NOW))
        return JSONResponse({"accepted": True, "duplicate": not new, "records": len(content.rows)}, 202 if new else 200)

    return app


async def _body(request: Request, path: str) -> bytes:
    said = request.headers.get("Content-Length", "0")
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            if not said.isdecimal() or int(said[:12]) <= LARGEST_BODY_BYTES:
                async for part in request.stream():
                    body += part
                    if len(body) > LARGEST_BODY_BYTES:
                        break
                else:
                    return bytes(body)
    except TimeoutError:
        pass
    raise YunhuobanError(TOO_LARGE, place=path, expected=f"≤ {LARGEST_BODY_BYTES}, ≤ {_BODY_SECONDS:.0f} s")


def _told(problems: Sequence[YunhuobanError], status: int) -> Response:
    return _Chinese({"accepted": False, "problems": [_said(each) for each in problems]}, status)


def _said(error: YunhuobanError) -> dict[str, str]:
    chinese, english = wording.sentence(error, "zh"), wording.sentence(error, "en")
    return {
        "code": error.code.code,
        "place": chinese.place,
        "found": chinese.found,
        "expected": chinese.expected,
        "sentence": chinese.sentence,
        "remedy": chinese.remedy,
        "sentence_en": english.sentence,
        "remedy_en": english.remedy,
    }


class _Chinese(JSONResponse):
    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, indent=1).encode()
