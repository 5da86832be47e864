"""What a person does at the pages of what is around a case, and what they see there."""

import re
import uuid
from collections.abc import Mapping
from html import unescape
from typing import Any, Final

import httpx

from deploy.demo.board import Wait
from deploy.demo.clerk import Clerk
from deploy.demo.stage import NotReadyError
from pages.labels import RUNGS

_PROPOSED: Final = re.compile(r'name="([^"]+)"[^>]*? value="([^"]*)"')


def press(clerk: Clerk, path: str, said: Mapping[str, Any]) -> str:
    """Fill in the form that stands there, with what it proposes, and press; returns where that leads."""
    proposed = dict(_PROPOSED.findall(unescape(clerk.page(path))))
    return send(clerk, path, {**proposed, **said})


def send(clerk: Clerk, path: str, said: Mapping[str, Any]) -> str:
    """Press a button whose form proposes nothing; returns where that leads."""
    return led(clerk.send(path, data={**said, "action_id": str(uuid.uuid4())}))


def led(answer: httpx.Response) -> str:
    """Where a press leads. Raises NotReadyError when the page stayed where it was."""
    if "HX-Redirect" not in answer.headers:
        raise NotReadyError(f"{answer.request.url.path} {answer.status_code}")
    return answer.headers["HX-Redirect"]


def begun(clerk: Clerk, place: str, said: Mapping[str, Any]) -> str:
    """Begin a matter; its number."""
    return press(clerk, place, said).rpartition("/")[2]


def say(clerk: Clerk, number: str, step: str, said: Mapping[str, Any]) -> None:
    """Take a step of a case or matter by its form."""
    press(clerk, f"/around/{number}/{step}", said)


def offered(clerk: Clerk, number: str, step: str, words: str) -> Wait:
    """Until the page of a case or matter offers this step."""
    return Wait(words=words, look=lambda: f"/around/{number}/{step}" in shown(clerk, number))


def heard(clerk: Clerk, number: str, step: str, words: str) -> Wait:
    """Until the thread shows what the other county said."""
    return Wait(words=words, look=lambda: f"<b>{RUNGS[step]}</b>" in shown(clerk, number))


def shown(clerk: Clerk, number: str) -> str:
    """The page of a case or matter; empty while the county has not heard of it."""
    try:
        return clerk.page(f"/around/{number}")
    except httpx.HTTPStatusError as error:
        if error.response.status_code == httpx.codes.NOT_FOUND:
            return ""
        raise
