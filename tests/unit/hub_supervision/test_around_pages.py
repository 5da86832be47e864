"""The hub's pages around the cases: what waits too long, where groups stand, who is rated how; nobody is named."""

import re

import pytest
from fastapi.testclient import TestClient

from hub.views.aroundsource import StoreAround
from hub.web import around
from pages.access import LOOPBACK, Access
from pages.frame import Frame
from pages.people.person import HUB_ROLES
from schemas.stating import STATEMENTS
from tests.around_hub import shown
from tests.hub_world import FOREIGN, ISSUING, WINDOW, World
from tests.unit.hub.test_stating import say

ORIGIN = f"http://{LOOPBACK}:8000"


@pytest.fixture
def person(world: World) -> TestClient:
    """Somebody at a hub with something of everything."""
    shown(world.store, world.now)
    access = Access(roles=HUB_ROLES)
    app = Frame(name="x", access=access, packages=["hub.web"]).application()
    app.include_router(around.router(StoreAround(world.store, lambda: world.now), access))
    client = TestClient(app, base_url=ORIGIN)
    client.get(access.address(8000).removeprefix(ORIGIN), follow_redirects=False)
    return client


def test_matters_are_listed_by_kind_state_county_and_what_is_overdue(person: TestClient) -> None:
    """An escalated appeal shows its level; whoever types nonsense into the address sees everything."""
    page = person.get("/around")
    assert page.headers["cache-control"] == "no-store"
    assert page.text.count('id="matter-') == 8
    late = person.get("/around?overdue=true").text
    assert (late.count('id="matter-'), "第 2 级" in late, "已超" in late) == (2, True, True)
    assert person.get("/around?kind=appeal").text.count('id="matter-') == 3
    assert person.get("/around?kind=appeal&state=settled").text.count('id="matter-') == 1
    assert person.get(f"/around?county={FOREIGN}").text.count('id="matter-') == 0
    assert person.get(f"/around?county={WINDOW}").text.count('id="matter-') == 8
    assert person.get("/around?kind=x&state=y&county=z").text.count('id="matter-') == 8


def test_groups_show_their_parts_and_how_they_stand(person: TestClient) -> None:
    """One part was denied and all should hang together: the others are being taken back."""
    page = person.get("/around/groups").text
    assert "正在撤回各部分" in page
    assert "已请求撤销，等待答复" in page
    assert page.count("-20261120-") == 6  # each part's number, in its link and in words
    assert "没有组合" in person.get(f"/around/groups?county={ISSUING}").text


def test_ratings_show_stars_and_what_nobody_has_followed_up(person: TestClient) -> None:
    """By county, with the shares; what cannot be counted yet is said."""
    page = person.get(f"/around/ratings?county={ISSUING}").text
    assert "日历未公布" in page
    assert "已超" in page
    assert ">40.0<" in page  # two of five are good
    assert "没有待回访的差评" in person.get(f"/around/ratings?county={WINDOW}").text


@pytest.mark.long
def test_the_pages_are_whole_in_english(person: TestClient) -> None:
    """Nothing of the source language is left."""
    person.cookies.set("yhb-language", "en")
    for place in ("/around", "/around/groups", "/around/ratings"):
        page = person.get(place).text
        assert re.findall(r"[一-鿿]+", re.sub(r"<[^>]+>", "", page.partition("<main")[2])) == []


def test_what_counties_say_of_themselves_is_looked_up_by_kind_and_county(world: World, person: TestClient) -> None:
    """In words, as it lies in the directory; what was withdrawn is not there."""
    world.send(*(say(world, ISSUING, kind) for kind in STATEMENTS))
    world.later(seconds=1)
    world.send(say(world, ISSUING, "expert.stated", withdrawn=True))
    page = person.get("/around/stated").text
    assert page.count('class="stated"') == 4
    assert "原件核验、结果送达" in page
    assert "开餐馆一件事" in page
    powers = person.get(f"/around/stated?kind=powers&county={ISSUING}").text
    assert (powers.count('class="stated"'), "住所证明" in powers) == (1, False)
    assert "没有声明" in person.get(f"/around/stated?county={FOREIGN}").text
    person.cookies.set("yhb-language", "en")
    assert "compare with originals" in person.get("/around/stated").text
