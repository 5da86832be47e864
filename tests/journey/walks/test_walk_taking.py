"""The window takes an application and, when it is asked for, a supplement; the county that decides is in memory."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import expect

from adapters.hall.approving.acts import Act
from tests import taking_world
from tests.county_records import NAME
from tests.county_world import ISSUING, World
from tests.hall_world import Hall
from tests.pages.walking import Walker, Walkers
from tests.taking_world import PDF, WHOLE
from tests.unit.adapters.approving.test_approval_desk import desk_of, press

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

BY_AN_AGENT: Mapping[str, str] = {
    **{name: text for name, text in WHOLE.items() if text},
    "agent.kind": "agent",
    "contact_name": "李代办",
    "contact_mobile": "13800138000",
    "authority.document": "授权委托书 1 号",
    "authority.scope": "递交材料",
    "authority.valid_until": "2029-12-31",
    "origin.channel": "town",
    "origin.place": "桑园镇",
    "delivery.method": "window",
}


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """What the scanner of the window made."""
    made = tmp_path / "申请书.pdf"
    made.write_bytes(PDF)
    return made


def typed(clerk: Walker, said: Mapping[str, str]) -> None:
    """The form in the order of its fields, as Tab leads; all of what is said has its field."""
    names: list[str] = clerk.page.evaluate("[...document.querySelectorAll('main [name]')].map(each => each.name)")
    assert sorted(set(said) - set(names)) == []
    for name in dict.fromkeys(each for each in names if each in said):
        clerk.fill("", said[name], css=f"[name='{name}']")


def test_an_application_of_an_agent(hall: Hall, walkers: Walkers, scan: Path) -> None:
    """Search, guide, form with an agent and a scan; while the line is down the page says so, later that it arrived.

    The receipt is sent to the printer; it has no name on it.
    """
    world: World = hall.world
    taking_world.publish(world)
    session = hall.people.enrolled("zhang.san")
    with hall.open() as desk:
        clerk = walkers.at(desk.origin, cookies=desk.cookies(session))
        clerk.go("/take")
        clerk.arrives("要办什么事")
        clerk.to("", css="#q")
        clerk.type(f"县{ISSUING}")
        expect(clerk.page.locator(".hits a")).to_have_count(1)
        clerk.press("ArrowDown", "Enter")
        clerk.arrives("办事指南")
        clerk.reads("可以收件", "main")
        clerk.finds(ISSUING, "#partner")
        clerk.enter("开始收件")
        clerk.arrives("材料", css="legend")
        typed(clerk, BY_AN_AGENT)
        clerk.reads("授权委托书", "#row-authorisation")
        typed(clerk, {"m.authorisation.taken_as": "original", "m.authorisation.trust": "B"})
        clerk.offer(scan, css="#u-SQB")
        clerk.reads("{count} 页", "#row-SQB", count=2)
        clerk.reads("可以报送", "#left")
        clerk.looks("typed")
        clerk.enter("收件并报送")
        clerk.reads("已收件，等待送出：线路恢复后自动报送，不必重报", "#standing")
        clerk.looks("line down")
        world.settle()
        clerk.reads("属地已签收", "#standing")
        clerk.enter("收件凭证")
        clerk.arrives("收到的材料")
        expect(clerk.page.locator("#receipt")).not_to_contain_text(NAME)
        clerk.page.evaluate("window.print = () => { window.printed = true; }")
        clerk.enter("打印")
        assert clerk.page.evaluate("window.printed === true")


def test_a_supplement_is_asked_for_and_taken(hall: Hall, walkers: Walkers, scan: Path) -> None:
    """The notice is on the clerk's list and at the case; the missing paper is scanned, sent, signed for, looked at."""
    world: World = hall.world
    taking_world.publish(world)
    session = hall.people.enrolled("zhang.san")
    _draft, case_no = taking_world.Counter(world=world).take()
    world.settle()
    press(desk_of(world), case_no, Act.SUPPLEMENT)
    world.settle()
    with hall.open() as desk:
        clerk = walkers.at(desk.origin, cookies=desk.cookies(session))
        clerk.go("/take")
        clerk.arrives("需要补正")
        clerk.enter(css="#wanted a")
        clerk.arrives("补正告知")
        clerk.enter("办理补正")
        clerk.page.wait_for_url("**/take/drafts/**")
        clerk.arrives("补正告知")
        clerk.offer(scan, css="#u-d1")
        clerk.reads("{count} 页", "#row-d1", count=2)
        typed(clerk, {"m.d1.taken_as": "electronic", "m.d1.trust": "B", "note": "股东已补签"})
        clerk.reads("可以报送", "#left")
        clerk.looks("supplement typed")
        clerk.enter("提交补正")
        clerk.reads("补正已收，等待送出：线路恢复后自动报送，不必重报", "#supplied")
        world.settle()
        clerk.reads("属地已签收补正", "#supplied")
        clerk.fill("查看目的", "identity")
        clerk.enter("查看扫描件")
        clerk.enter("扫描件 {number}", number=1)
        clerk.page.wait_for_url("**/scans/**")
        clerk.looks("scan")
