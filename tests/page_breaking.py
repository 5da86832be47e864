"""Tries to break pages: every route, asked by whoever may, with what nobody meant. Two ways of making up what is asked.

`hostile` is a short list of our own. `made_up` has schemathesis make requests from the application's own description of
its parameters (it is not installed everywhere). What counts as broken is an answer of 5xx, none, or one
in which typed markup is markup.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings

from pages.people import paths
from pages.people.person import Role
from tests.page_routes import routes_of
from tests.sampling import all_or_some

PIECES = ("0", "-1", "%00", "..%2f..%2fetc", "%F0%9F%96%A8", "%D9%A1", "9" * 40, "130928-20261122-000017-C", "x" * 3000)
"""A number that is none, a null, a way up, a picture, an Arabic one, more than 64 bits, a case, and length."""
MARKUP = "'\"<script>"
"""Shown again it is text: escaped, or not there."""
VALUES = ("", "\x00", "NaN", "9" * 40, MARKUP, "\ud83d\udda8".encode("utf-16", "surrogatepass").decode("utf-16"))
UNMEANT = ("page", "q", "state", "limit", "after", "before", "county", "kind", "by", "reason", "number")
ENDING = {paths.SIGN_OUT}
"""Who calls it is gone: it is asked last, if at all."""


def hostile(client: httpx.Client, app: FastAPI, role: Role, *, choice: int) -> Iterator[str]:
    """Ask every route of this role once, with pieces and values in turn; what broke."""
    mine = [each for each in routes_of(app) if each[1] not in ENDING and (not each[2] or role in each[2])]
    for at, (method, path, _roles) in enumerate(all_or_some(mine, 8)):
        turn = at + choice
        placed = re.sub(r"\{[^}]*\}", lambda _found, turn=turn: PIECES[turn % len(PIECES)], path)
        unmeant = {name: VALUES[(turn + n) % len(VALUES)] for n, name in enumerate(UNMEANT)}
        asked: dict[str, Any] = {"params": unmeant} if method == "GET" else {"data": unmeant}
        yield from _broken(client, method, placed, **asked)


def made_up(client: httpx.Client, app: FastAPI, role: Role, *, examples: int) -> Iterator[str]:
    """Ask every route of this role with what schemathesis makes of its description; what broke."""
    import schemathesis

    told = app.openapi()
    described = {(method.upper(), path) for path, methods in told["paths"].items() for method in methods}
    roles = {(method, path.replace(":path}", "}")): roles for method, path, roles in routes_of(app)}
    left_out = {each for each in roles if each[0] != "HEAD"} - described
    assert not left_out, left_out
    for found in schemathesis.openapi.from_dict(told).get_all_operations():
        operation = found.ok()
        for_whom = roles.get((operation.method.upper(), operation.path), frozenset())
        if operation.path in ENDING or (for_whom and role not in for_whom):
            continue
        broke: list[str] = []
        _asking(client, broke, operation.as_strategy(), examples)()
        yield from dict.fromkeys(broke)


def _asking(client: httpx.Client, broke: list[str], cases: Any, examples: int) -> Callable[[], None]:
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def ask(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url=str(client.base_url))
        headers = {key: value for key, value in (sent.get("headers") or {}).items() if key.lower() != "host"}
        kept = {key: sent[key] for key in ("params", "data", "json", "files") if sent.get(key) is not None}
        broke.extend(_broken(client, sent["method"], sent["url"], headers=headers, **kept))

    return ask


def _broken(client: httpx.Client, method: str, path: str, **asked: Any) -> Iterator[str]:
    try:
        with client.stream(method, path, **asked) as answer:
            kind = answer.headers.get("content-type", "")
            if not kind.startswith("text/event-stream"):  # which does not end
                answer.read()
    except (httpx.InvalidURL, UnicodeError, ValueError, TypeError, AttributeError):
        return  # no client could have sent it
    except httpx.HTTPError as error:
        yield f"{method} {path[:120]}: {type(error).__name__}"
        return
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:  # never a stream
        yield f"{method} {path[:120]} {str(asked)[:200]}: {answer.status_code} {_code(answer.text)}"
    if kind.startswith("text/") and "charset=utf-8" not in kind:
        yield f"{method} {path[:120]}: {kind}"
    if kind.startswith("text/html") and MARKUP in answer.text:
        yield f"{method} {path[:120]}: what was typed came back as markup"


def _code(text: str) -> str:
    return found[0] if (found := re.search(r"E-[A-Z]+-\d+", text)) else text[:80]
