"""Two counties' `/around` pages in memory, and a browser of somebody in front of each."""

import re
import uuid
from collections.abc import Mapping
from functools import partial
from html import unescape

import httpx
from fastapi.testclient import TestClient

from adapters.case.workplace import Workplace
from adapters.hall.around.desk import AroundDesk
from adapters.hall.around.page import router
from adapters.scanning.progresslink import progress_link
from pages.access import CSRF_HEADER, LOOPBACK, Access, cookie_name
from pages.frame import Frame
from pages.people.person import Person, Role
from tests.county_world import World

PORT = 8000
WANG = Person(account="wang", name="王窗口", roles=frozenset({Role.CLERK}))
ZHANG = Person(account="zhang", name="张批准", roles=frozenset({Role.APPROVER}))


def place_of(world: World, code: str) -> Workplace:
    """A desk of a county, as its node composes it."""
    county = world.counties[code]
    return Workplace(
        county=code, store=county.store, identity=county.identity, box=county.box, directory=county.directory,
        elsewhere=frozenset(), clock=world.clock, sent=lambda: None,
    )  # type: ignore[arg-type]  # fmt: skip


def desk_of(world: World, code: str, *, by_node: bool = False) -> AroundDesk:
    """The same for these pages; `by_node` as the county has set it."""
    return AroundDesk(place_of(world, code), by_node=by_node)


def linked(world: World, code: str, number: str) -> str:
    """Where a slip's QR code leads."""
    return progress_link(world.counties[code].identity, number, host="verify.example", now=world.now)


class Browser:
    """Somebody in front of one county's pages."""

    def __init__(self, world: World, code: str, person: Person, *, by_node: bool = False) -> None:
        """Opened with a one-time address."""
        access = Access()
        access.person = person
        app = Frame(name="t", access=access, packages=[], now=world.clock).application()
        app.include_router(router(desk_of(world, code, by_node=by_node), access, partial(linked, world, code)))
        self.client: httpx.Client = TestClient(app, base_url=f"http://{LOOPBACK}:{PORT}", follow_redirects=False)
        self.client.get(access.address(PORT).removeprefix(f"http://{LOOPBACK}:{PORT}"))
        self.client.headers[CSRF_HEADER] = access.csrf(self.client.cookies[cookie_name(PORT)])

    def get(self, path: str) -> str:
        """A page's words."""
        answer = self.client.get(path)
        assert answer.status_code == 200, unescape(answer.text)
        assert answer.headers["Cache-Control"] == "no-store"
        return unescape(answer.text)

    def post(self, path: str, action_id: str = "", **said: str) -> httpx.Response:
        """A press; names of rows are typed with `__` for the dot."""
        named = {name.replace("__", "."): value for name, value in said.items()}
        return self.client.post(path, data={"action_id": action_id or str(uuid.uuid4()), **named})

    def done(self, path: str, **said: str) -> str:
        """A press that went; returns where it leads."""
        answer = self.post(path, **said)
        assert "HX-Redirect" in answer.headers, told(answer)
        return str(answer.headers["HX-Redirect"])


def told(answer: httpx.Response) -> str:
    """The words of an answer without its marks."""
    return re.sub(r"<[^>]+>|\s+", " ", unescape(answer.text))


def typed(page: str) -> Mapping[str, str]:
    """What stands in the inputs of a form."""
    return dict(re.findall(r'name="([^"]+)"[^>]*? value="([^"]*)"', page))
