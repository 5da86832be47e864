"""What 永济 lets 吴桥's windows do, in the directory of a world; and a county's `/stating` pages in memory."""

import re
import uuid
from html import unescape
from typing import Any

import httpx
from fastapi.testclient import TestClient

from adapters.hall.stating import powerspage
from adapters.hall.stating.desk import StatingDesk
from adapters.hall.stating.page import router
from adapters.hall.stating.powers import PowersDesk
from pages.access import CSRF_HEADER, LOOPBACK, Access, cookie_name
from pages.frame import Frame
from pages.people.person import Person, Role
from schemas import codec
from schemas.stating import STATEMENTS
from tests import stated_records
from tests.around_pages import PORT, place_of
from tests.county_world import World
from tests.taking_world import publish

ALL = ("accept", "inform", "verify", "deliver")
ZHANG = Person(account="zhang", name="张批准", roles=frozenset({Role.APPROVER}))


def entries(*powers: str, **changes: Any) -> dict[str, bytes]:
    """The directory's entry of exactly these powers."""
    record = stated_records.powers(powers=list(powers), **changes)
    return {STATEMENTS["powers.stated"].key(record): codec.encode("WindowPowers", record)}


def granted(world: World, *powers: str, **changes: Any) -> None:
    """The next directory says that the window has exactly these, and the catalogue beside it."""
    publish(world, stated=entries(*powers, **changes))


class Stating:
    """Somebody in front of one county's `/stating`."""

    def __init__(self, world: World, code: str, person: Person = ZHANG) -> None:
        """Opened with a one-time address."""
        access = Access()
        access.person = person
        app = Frame(name="t", access=access, packages=[], now=world.clock).application()
        desk = StatingDesk(place_of(world, code))
        app.include_router(router([powerspage.section(PowersDesk(desk))], access))
        self.client: httpx.Client = TestClient(app, base_url=f"http://{LOOPBACK}:{PORT}", follow_redirects=False)
        self.client.get(access.address(PORT).removeprefix(f"http://{LOOPBACK}:{PORT}"))
        self.client.headers[CSRF_HEADER] = access.csrf(self.client.cookies[cookie_name(PORT)])

    def get(self, path: str) -> str:
        """A page's words without its marks."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        return re.sub(r"<[^>]+>|\s+", " ", unescape(answer.text))

    def post(self, path: str, action_id: str = "", **said: Any) -> httpx.Response:
        """A press."""
        return self.client.post(path, data={"action_id": action_id or str(uuid.uuid4()), **said})
