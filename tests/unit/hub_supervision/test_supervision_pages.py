"""The pages of supervision over a real store: what is listed, what a card tells, who may say what of it."""

import re
from datetime import date

import pytest
from fastapi.testclient import TestClient

from hub.settings import HubSettings
from hub.views.overviewsource import StoreOverview
from hub.views.supervisionsource import StoreSupervision
from hub.web import supervision
from hub.web.attention import attention
from pages.access import LOOPBACK, Access
from pages.frame import Frame
from pages.people.person import HUB_ROLES, Role
from pages.wording import say
from tests.hub_world import ISSUING, WINDOW, Case, World
from tests.supervision_world import Watched, accepted, at
from tests.unit.hub_evidence.standing_broker import StandingBroker

ORIGIN = f"http://{LOOPBACK}:8000"


def browser(world: World, *roles: Role, on_trial: bool = True) -> TestClient:
    """Somebody with these roles at the pages of a hub."""
    access = Access(roles=frozenset(roles or HUB_ROLES))
    app = Frame(name="x", access=access, packages=["hub.web"]).application()
    app.include_router(
        supervision.router(StoreSupervision(world.store, on_trial=on_trial, clock=lambda: world.now), access)
    )
    client = TestClient(app, base_url=ORIGIN)
    client.get(access.address(8000).removeprefix(ORIGIN), follow_redirects=False)
    return client


def press(client: TestClient, place: str, **fields: str) -> str:
    """Send the form of a card; returns the page that comes then."""
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(place.rpartition("/")[0]).text)
    assert found is not None
    return client.post(place, data={"csrf": found[1]} | fields).text


@pytest.fixture
def hub(world: World) -> Watched:
    """One case whose promise has passed."""
    made, case = Watched(world), Case(world)
    made.send(at("11-23", 9), case.application(), accepted(case, date(2026, 11, 25)))
    made.look(at("11-25", 18))
    world.now = at("11-26", 9)
    return made


def test_from_the_list_to_the_ruling(hub: Watched) -> None:
    """Every colour with its word and number, filters by county and pair, the card's days, explanation and ruling."""
    person = browser(hub.world)
    listed = person.get("/supervision").text
    assert "红牌 超期" in listed
    assert person.get(f"/supervision?county={WINDOW}").text.count('id="card-') == 0
    assert person.get(f"/supervision?pair={WINDOW}-{ISSUING}&level=red").text.count('id="card-') == 1
    case_no = hub.cards()[0].case_no
    assert person.get(f"/supervision?case={case_no}").text.count('id="card-') == 3
    assert person.get("/supervision?case=130928-20261122-000000-0").text.count('id="card-') == 0
    assert f'<a href="/supervision?pair={WINDOW}-{ISSUING}">' in listed  # counted by pair, too
    card = next(row.card_no for row in hub.cards() if row.level == "red")
    place = f"/supervision/cards/{card}"
    told = person.get(place)
    assert told.headers["cache-control"] == "no-store"
    assert "2026-11-25" in told.text  # the days are counted out
    assert "E-SUP-004" in press(person, f"{place}/rule", ruling="withdrawn", text="属实")
    said = press(person, f"{place}/explain", ground="network", text="<b>光缆</b>挖断")
    assert "&lt;b&gt;光缆" in said
    assert "申诉撤销" in press(person, f"{place}/rule", ruling="withdrawn", text="属实")
    assert person.get("/supervision").text.count('id="card-') == 2
    assert person.get("/supervision?every=true").text.count('id="card-') == 3
    assert "E-SUP-001" in person.get("/supervision/cards/none").text


@pytest.mark.long
def test_red_cards_stand_among_what_needs_a_person(hub: Watched) -> None:
    """As long as one is neither done nor ruled on; blue and yellow wait at their own page."""
    overview = StoreOverview(hub.world.store, StandingBroker(), HubSettings(folder=hub.world.folder))
    assert overview.red_cards() == 1
    (one,) = attention(queues=(), counties=(), prints=None, alarms=(), red_cards=overview.red_cards())
    assert (one.tone, one.href, one.params) == ("bad", "/supervision", {"count": "1"})
    card = next(row.card_no for row in hub.cards() if row.level == "red")
    press(browser(hub.world), f"/supervision/cards/{card}/rule", ruling="valid", text="属实")
    assert overview.red_cards() == 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("role", "explains", "rules"),
    [(Role.OPERATOR, True, False), (Role.SECURITY, False, True), (Role.AUDITOR, False, True)],
)
def test_each_role_has_its_own_form_and_no_other(hub: Watched, role: Role, *, explains: bool, rules: bool) -> None:
    """The operator enters, security and the auditor rule; sent without a form it is refused as well."""
    person = browser(hub.world, role, on_trial=False)
    place = f"/supervision/cards/{hub.cards()[0].card_no}"
    page = person.get(place).text
    assert (f'action="{place}/explain"' in page, f'action="{place}/rule"' in page) == (explains, rules)
    if not explains:
        assert "E-PAGE-060" in press(person, f"{place}/explain", ground="network", text="x")
    if not rules:
        assert "E-PAGE-060" in press(person, f"{place}/rule", ruling="valid", text="x")


@pytest.mark.long
def test_the_count_is_a_page_a_workbook_and_a_pdf(hub: Watched) -> None:
    """All of the week and of the county that are asked for; what is no week is said."""
    person = browser(hub.world)
    page = person.get("/supervision/period/2026-W48").text
    assert "电子监察每周统计" in page
    assert ISSUING in page
    book = person.get("/supervision/workbook/2026-11")
    assert book.content[:2] == b"PK"
    assert book.headers["content-disposition"] == 'attachment; filename="supervision-2026-11.xlsx"'
    paper = person.get(f"/supervision/pdf/2026-11?county={ISSUING}")
    assert (paper.content[:5], paper.headers["content-type"]) == (b"%PDF-", "application/pdf")
    assert f'filename="supervision-2026-11-{ISSUING}.pdf"' in paper.headers["content-disposition"]
    own = person.get(f"/supervision/period/2026-W48?county={WINDOW}").text
    assert f"/supervision/pdf/2026-W48?county={WINDOW}" in own
    assert f"county={ISSUING}" not in own
    assert "E-SUP-008" in person.get("/supervision/period/2026-W99").text


@pytest.mark.long
def test_a_card_is_whole_in_english(hub: Watched) -> None:
    """Nothing of the source language is left."""
    person = browser(hub.world)
    person.cookies.set("yhb-language", "en")
    page = person.get(f"/supervision/cards/{hub.cards()[0].card_no}").text
    assert say("怎样计算的", "en") in page
    assert re.findall(r"[一-鿿]+", re.sub(r"<[^>]+>", "", page.partition("<main")[2])) == []
