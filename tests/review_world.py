"""Three counties with experts in the directory, and browsers in front of the pages of experts and reviews."""

import re
import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pages.access import CSRF_HEADER, LOOPBACK, Access, cookie_name
from pages.frame import Frame
from pages.people.person import Person, Role
from schemas import codec
from schemas.directory import expert_key
from schemas.workdays.hours import beijing_day
from tests import stated_records as of
from tests.county_records import START
from tests.county_world import World

PORT = 8000
ZHANG = Person(account="zhang", name="张批准", roles=frozenset({Role.APPROVER}))
WANG = Person(account="wang", name="王窗口", roles=frozenset({Role.CLERK}))

TYPED = {
    "expert_no": "E001", "name": "钱教授", "telephone": "13800000000", "professions": "环境工程、给排水",
    "categories": "环评", "employer_code": "", "valid_from": "2026-11-01", "valid_to": "",
}  # fmt: skip
"""One expert as an approver types it."""
TODAY = beijing_day(START)
AWAY = "91130928MA0000001X"
CONVENED = {
    "subject": "某加油站环境影响报告表", "profession": "环境工程", "category": "建设项目环境影响评价", "regions": "",
    "excluded": AWAY, "wanted": "2",
}  # fmt: skip
QUESTION = {
    "text": "请评审污染防治措施。", "points": "措施是否可行\n监测是否完整", "meets_at": "2026-12-01T09:00",
    "meeting": "视频会议室 3", "opine_until": f"{TODAY + timedelta(days=1)}",
}  # fmt: skip


def publish_experts(world: World, experts: Iterable[dict[str, Any]]) -> None:
    """The next directory has these experts beside what it had."""
    first = codec.decode(world.network.directory[0], "Directory")
    state = {each["key"]: each["value"] for each in first["entries"]}
    for each in experts:
        state[expert_key(each["county"], each["expert_no"])] = codec.encode("Expert", each)
    world.hub.serial += 1
    body, signature = world.hub.published(state, now=world.now)
    for county in world.counties.values():
        county.arrive_directory(body, signature)
    world.settle()


def experts(county: str, count: int, **changes: Any) -> list[dict[str, Any]]:
    """So many of a county."""
    return [of.expert(county=county, expert_no=f"E{number:03}", **changes) for number in range(1, count + 1)]


class Browser:
    """Somebody in front of an application's pages."""

    def __init__(self, world: World, person: Person, attach: Callable[[FastAPI, Access], None]) -> None:
        """Opened with a one-time address."""
        access = Access()
        access.person = person
        app = Frame(name="t", access=access, packages=[], now=world.clock).application()
        attach(app, access)
        self.client: httpx.Client = TestClient(app, base_url=f"http://{LOOPBACK}:{PORT}", follow_redirects=False)
        self.client.get(access.address(PORT).removeprefix(f"http://{LOOPBACK}:{PORT}"))
        self.client.headers[CSRF_HEADER] = access.csrf(self.client.cookies[cookie_name(PORT)])

    def get(self, path: str) -> str:
        """A page's words."""
        answer = self.client.get(path)
        assert answer.status_code == 200, unescape(answer.text)
        assert answer.headers["Cache-Control"] == "no-store"
        return unescape(answer.text)

    def post(self, path: str, **said: Any) -> httpx.Response:
        """A press."""
        return self.client.post(path, data={"action_id": str(uuid.uuid4()), **said})

    def done(self, path: str, **said: Any) -> str:
        """A press that went; returns where it leads."""
        answer = self.post(path, **said)
        assert "HX-Redirect" in answer.headers, re.sub(r"<[^>]+>|\s+", " ", unescape(answer.text))
        return str(answer.headers["HX-Redirect"])
