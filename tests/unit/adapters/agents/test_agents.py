"""Agents' cases: the authorisation is asked for and checked, the origin chosen, the list kept, the next one told."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from email import message_from_bytes, policy
from html import unescape

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection

from adapters.case import caselist
from adapters.hall.agents import page, places
from adapters.hall.agents.cases import AgentCases, AgentWatch
from adapters.hall.agents.places import Level, Place
from adapters.hall.noticing import waiting
from adapters.hall.noticing.watch import NoticeWatch
from adapters.hall.taking.fields import OPENING
from pages.access import CSRF_HEADER, LOOPBACK, Access, cookie_name
from pages.frame import Frame
from pages.notices.channels import Channels
from pages.people.person import Person, Role
from pages.uploads.receiving import Shelf
from schemas.errors import YunhuobanError
from tests.around_pages import PORT, place_of
from tests.county_records import NAME, application, supplement_request
from tests.county_world import ISSUING, WINDOW, World
from tests.receivers import mailbox
from tests.taking_world import WHOLE, Counter, publish, told_at
from tests.unit.adapters.stating.test_powers_at_work import FORM, records, refused, troubles

VILLAGE, TOWN = Place("130928100201", "前王村"), Place("130928100000", "桑园镇")
IT = Person(account="it", name="县信息", roles=frozenset({Role.COUNTY_IT, Role.CLERK}))


def until(world: World, days: int = 30) -> date:
    """A day from today, in Beijing."""
    return (world.now + timedelta(hours=8, days=days)).date()


def by_an_agent(world: World, **changes: str) -> Mapping[str, str]:
    """What is typed when a village cadre brings the application."""
    return {
        **WHOLE,
        "agent.kind": "assisted",
        "agent.organisation": "前王村便民服务站",
        "contact_name": "李代办",
        "contact_mobile": "13800138000",
        "authority.document": "授权委托书 2026-18 号",
        "authority.scope": "递交材料、领取证照",
        "authority.valid_until": until(world).isoformat(),
        "m.authorisation.taken_as": "copy",
        "m.authorisation.trust": "C",
        "origin.channel": "village",
    } | changes


def keep(world: World, *found: Place) -> None:
    """The county's list has these."""
    with world.window.store.write() as tx:
        places.keep(tx, found, by="it", now=world.now)


def taken(world: World, counter: Counter, **changes: str) -> str:
    """An agent's application, typed and sent; returns its number."""
    draft = counter.begin()
    counter.type(draft, {"agent.kind": "assisted"})
    counter.type(draft, by_an_agent(world, **changes))
    assert counter.press(draft).headers.get("HX-Redirect") == f"/take/cases/{draft}"
    return counter.taker.standing(draft)[0].case_no


def test_an_agents_authorisation_and_the_village_go_with_the_application(world: World) -> None:
    """Asked for at their fields, chosen from the county's own list, and read by the issuing county."""
    publish(world)
    keep(world, TOWN, VILLAGE)
    counter = Counter(world=world)
    draft = counter.begin()
    assert f"前王村 {VILLAGE.code}" in counter.get(f"/take/drafts/{draft}")
    counter.type(draft, {"agent.kind": "assisted"})
    counter.type(draft, by_an_agent(world) | {"authority.document": "", "authority.scope": ""})
    answer = unescape(counter.press(draft).text)
    for path in ("authority.document", "authority.scope", "origin.place"):
        assert "这一项还没有填" in told_at(answer, path)
    counter.type(draft, by_an_agent(world, **{"origin.code": VILLAGE.code}))
    assert counter.press(draft).headers["HX-Redirect"] == f"/take/cases/{draft}"
    world.settle()
    (said,) = records(world, ISSUING, "inbox", OPENING)
    intake = said["intake"]
    assert (intake["origin_code"], intake["intake_place"], intake["channel"]) == (VILLAGE.code, "前王村", "village")
    assert intake["authority"] == {
        "agent_name": "李代办",
        "document": "授权委托书 2026-18 号",
        "scope": "递交材料、领取证照",
        "valid_until": until(world),
    }


@pytest.mark.long
def test_an_expired_authorisation_is_refused_at_both_ends(world: World) -> None:
    """At its field, before it is sent; a local system's at the window; what was sent anyway, at the issuing county."""
    publish(world)
    counter = Counter(world=world)
    draft = counter.begin()
    counter.type(draft, {"agent.kind": "assisted"})
    late = {"origin.place": "前王村", "authority.valid_until": until(world, -1).isoformat()}
    answer = counter.type(draft, by_an_agent(world, **late))
    assert "代办授权已经过期" in told_at(answer, "authority.valid_until")
    assert counter.press(draft).headers.get("HX-Redirect") is None
    counter.type(draft, {"authority.valid_until": until(world, 0).isoformat()})
    assert counter.press(draft).headers["HX-Redirect"] == f"/take/cases/{draft}"
    taken = counter.taker.taken_record(draft)[2]
    said = application(materials=[FORM], intake=taken["intake"])
    said["intake"]["authority"]["valid_until"] = until(world, -3)
    world.window.source.add(OPENING, "WQ1", said)
    world.settle()
    assert "E-AGENT-001" in troubles(world, WINDOW)
    with pytest.MonkeyPatch.context() as careless:
        careless.setattr("adapters.case.opening.agency.demand_authority", lambda _record: None)
        world.window.source.add(OPENING, "WQ2", said)
        world.window.read()
        world.carry(world.window, deliver=False)
    world.settle()
    assert refused(world) == [(OPENING, "E-AGENT-001")]


@pytest.mark.long
def test_the_list_shows_who_acts_until_when_and_who_is_next(world: World) -> None:
    """With the agent's name masked; cases that the applicants brought themselves are not in it."""
    publish(world)
    keep(world, VILLAGE)
    counter = Counter(world=world)
    counter.take()
    case_no = taken(world, counter, **{"origin.code": VILLAGE.code})
    world.settle()
    for code in (WINDOW, ISSUING):
        (row,) = AgentCases(place_of(world, code)).listed()
        assert (row.line.case_no, row.origin, row.until) == (case_no, "前王村", until(world))
        assert (row.role, row.in_charge) == (Role.APPROVER, f"县{ISSUING}")
        assert "李代办" not in row.agent
        assert row.agent.startswith("李")
    shown = Agents(world).get("/agents")
    assert case_no in shown
    assert "李代办" not in shown
    assert VILLAGE.code in shown
    world.issuing.source.add("supplement.requested", case_no, supplement_request())
    world.settle()
    (row,) = AgentCases(place_of(world, WINDOW)).listed()
    assert (row.role, row.in_charge) == (Role.CLERK, f"县{WINDOW}")
    world.later(days=31)
    (row,) = AgentCases(place_of(world, WINDOW)).listed()
    assert row.over


@pytest.mark.long
def test_who_is_next_in_charge_is_told_once_and_without_a_name(world: World) -> None:
    """The approver of a new case as of any; by one mail the window's clerk when the agent has to add something."""
    publish(world)
    watches = {code: AgentWatch(world.counties[code].identity, code) for code in (WINDOW, ISSUING)}

    def told(tx: Connection, code: str) -> list[waiting.Waiting]:
        cases = caselist.under_way(tx, world.counties[code].directory(tx), code, world.now)
        return waiting.found(cases, (), (), watches[code].waiting(tx, cases))

    def all_told(code: str) -> list[tuple[Role, str, bool]]:
        with world.counties[code].store.read() as tx:
            return [(each.role, each.about, each.agent) for each in told(tx, code)]

    case_no = taken(world, Counter(world=world), **{"origin.place": "前王村"})
    world.settle()
    assert all_told(ISSUING) == [(Role.APPROVER, f"{case_no}/submitted", False)]
    assert all_told(WINDOW) == []
    world.issuing.source.add("supplement.requested", case_no, supplement_request())
    world.settle()
    (fresh,) = all_told(WINDOW)
    assert fresh == (Role.CLERK, f"{case_no}/supplement_requested", True)
    with mailbox() as (post, url):
        channels = {Role.CLERK.value: Channels([url])}
        watch = NoticeWatch(world.window.store, channels, lambda tx: told(tx, WINDOW), county="吴桥县")  # type: ignore[arg-type]
        for _ in range(2):
            watch.run_once(world.now)
            world.later(hours=1)
    (mail,) = post.mails
    text = message_from_bytes(mail, policy=policy.default).get_body(("plain", "html")).get_content()  # type: ignore[union-attr]
    assert "有 1 件帮办代办的办件轮到本县办理。" in text
    assert "李代办" not in text
    assert NAME not in text


class Agents:
    """Somebody in front of the window county's `/agents`."""

    def __init__(self, world: World) -> None:
        access = Access()
        access.person = IT
        app = Frame(name="t", access=access, packages=[], now=world.clock).application()
        page.attach(app, place_of(world, WINDOW), Shelf(world.window.folder / "uploads"), access)
        self.client: httpx.Client = TestClient(app, base_url=f"http://{LOOPBACK}:{PORT}", follow_redirects=False)
        self.client.get(access.address(PORT).removeprefix(f"http://{LOOPBACK}:{PORT}"))
        self.client.headers[CSRF_HEADER] = access.csrf(self.client.cookies[cookie_name(PORT)])

    def get(self, path: str) -> str:
        """A page's words without its marks."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(answer.text)))

    def upload(self, data: bytes) -> httpx.Response:
        """A CSV file."""
        return self.client.post("/agents/places/file", files={"file": ("村.csv", data, "text/csv")})


def test_the_administrator_keeps_the_list_by_hand_and_by_file(world: World) -> None:
    """The level comes from the code; a file in either encoding adds and renames; a removed place is offered no more."""
    agents = Agents(world)
    assert agents.client.post("/agents/places", data={"code": TOWN.code, "name": "旧名"}).status_code == 200
    for encoding in ("utf-8-sig", "gb18030"):
        data = f"区划代码,名称\r\n{TOWN.code},{TOWN.name}\r\n{VILLAGE.code},{VILLAGE.name}\r\n".encode(encoding)
        assert agents.upload(data).headers["HX-Redirect"] == "/agents/places"
    shown = agents.get("/agents/places")
    assert f"{TOWN.code} 桑园镇 乡镇（街道）" in shown
    assert f"{VILLAGE.code} 前王村 村（社区）" in shown
    assert (TOWN.level, VILLAGE.level) == (Level.TOWN, Level.VILLAGE)
    assert agents.client.post("/agents/places/remove", data={"code": TOWN.code}).status_code == 200
    with world.window.store.read() as tx:
        assert list(places.names(tx)) == [VILLAGE.code]


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"", "E-AGENT-003", "CSV:1"),
        ("代码,名称\n".encode(), "E-AGENT-003", "CSV:1"),
        (b"130928100201\n", "E-AGENT-003", "CSV:1"),
        ("130928100201,前王村\n140881100201,别县村\n".encode(), "E-AGENT-002", "CSV:2"),
        ("130928000201,前王村\n".encode(), "E-AGENT-002", "CSV:1"),
        (b"130928100201,\n", "E-AGENT-002", "CSV:1"),
        (b"\xff\xff\xff", "E-AGENT-003", "CSV:1"),
    ],
)
def test_a_file_that_is_no_list_changes_nothing(data: bytes, code: str, place: str) -> None:
    """The code, and the line that is wrong."""
    with pytest.raises(YunhuobanError) as caught:
        places.of_csv(WINDOW, data)
    assert (caught.value.code.code, caught.value.place) == (code, place)


def test_a_wrong_code_is_told_on_the_page(world: World) -> None:
    """And nothing is added."""
    agents = Agents(world)
    assert "E-AGENT-002" in agents.client.post("/agents/places", data={"code": "140881100201", "name": "村"}).text
    assert "E-AGENT-003" in agents.upload(b"130928100201\n").text
