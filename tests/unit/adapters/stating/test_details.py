"""事项补充说明 at its page: stated for all by one press, shown as it stands, taken back."""

import re
import uuid
from html import unescape

import httpx
import pytest
from fastapi.testclient import TestClient

from adapters.hall.stating.details import DetailsDesk
from adapters.hall.stating.detailspage import router
from pages.access import CSRF_HEADER, LOOPBACK, Access, cookie_name
from pages.frame import Frame
from pages.people.person import Person, Role
from schemas import codec, directory
from schemas.messages import HUB
from tests.around_pages import place_of
from tests.county_records import ITEM
from tests.county_world import ISSUING, World
from tests.taking_world import PORT, publish
from tests.unit.adapters.around.test_visits import stated

PATH = "/stating/details"


def browser(world: World, role: Role = Role.APPROVER) -> httpx.Client:
    """Somebody of the issuing county before the page."""
    access = Access()
    access.person = Person(account="z", name="张批准", roles=frozenset({role}))
    app = Frame(name="t", access=access, packages=[], now=world.clock).application()
    app.include_router(router(DetailsDesk(place_of(world, ISSUING)), access))
    client: httpx.Client = TestClient(app, base_url=f"http://{LOOPBACK}:{PORT}", follow_redirects=False)
    client.get(access.address(PORT).removeprefix(f"http://{LOOPBACK}:{PORT}"))
    client.headers[CSRF_HEADER] = access.csrf(client.cookies[cookie_name(PORT)])
    return client


def press(client: httpx.Client, action_id: str = "", **said: str) -> httpx.Response:
    """写进目录."""
    form = {"service_item": ITEM, "steps": "3", "procedures": "hearing", "visit_pauses": "yes", "online": "no"}
    return client.post(PATH, data=form | said | {"action_id": action_id or str(uuid.uuid4())})


def said(world: World) -> list[dict[str, object]]:
    """What goes to the hub."""
    county = world.issuing
    rows = [row for row in county.due() if row.type == "item.stated"]
    with county.store.read() as tx:
        return [county.box.record(tx, row.message_id) for row in rows if row.destination == HUB]


def test_an_item_is_described_once_per_press_and_shown_as_it_stands(world: World) -> None:
    """On its way until the directory has it; the same press again says nothing more."""
    publish(world)
    client, once = browser(world), str(uuid.uuid4())
    assert "没有说明" in client.get(PATH).text
    for _ in range(2):
        assert press(client, once).headers["HX-Redirect"] == PATH
    assert said(world) == [
        {
            "county": ISSUING, "service_item": ITEM, "special_procedures": ["hearing"], "visit_pauses": True,
            "steps": 3, "online": False, "withdrawn": False,
        }
    ]  # fmt: skip
    assert "等下一份目录" in client.get(PATH).text
    record = said(world)[0]
    publish(world, stated={directory.detail_key(ISSUING, ITEM): codec.encode("ItemDetail", record)})
    page = unescape(client.get(f"{PATH}?item={ITEM}").text)
    assert "等下一份目录" not in page
    assert "不计入期限" in page
    assert re.search(r'value="hearing" checked', page)
    assert press(client, withdraw="yes").headers["HX-Redirect"] == PATH
    assert said(world)[-1]["withdrawn"] is True


@pytest.mark.parametrize(
    ("changes", "code"), [({"service_item": ITEM[:-1] + "9"}, "E-STATE-008"), ({"steps": "0"}, "E-STATE-009")]
)
def test_what_is_not_this_countys_or_cannot_be_is_not_stated(world: World, changes: dict[str, str], code: str) -> None:
    """Another's item, no step at all: told with a code, nothing is sent."""
    publish(world, stated=stated())
    assert code in press(browser(world), **changes).text
    assert said(world) == []


def test_only_who_decides_or_administers_may_state(world: World) -> None:
    """A clerk is turned away."""
    publish(world)
    assert press(browser(world, Role.CLERK)).status_code == 403
    assert browser(world, Role.COUNTY_IT).get(PATH).status_code == 200
