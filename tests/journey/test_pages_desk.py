"""The county's pages in a real browser: see, check, print once, account for the sheet; how the node is; the firewall.

One Chromium for all of them: its start costs more than any of these tests.
"""

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from typer.testing import CliRunner

from adapters.cli import app
from adapters.countyit.firewall import sheet
from adapters.countyit.firewall.needs import Needs
from adapters.countyit.renewing.progress import Next, Progress
from adapters.countyit.status import attention
from adapters.countyit.status.page import REFRESH_SECONDS, router
from adapters.countyit.status.report import Report, Weather
from adapters.hall.desk.printdesk import build_app
from adapters.hall.desk.view import CheckState, PrintState
from pages.access import Access
from tests import status_report as made
from tests.firewall_needs import ASKED, HALL
from tests.journey.pages_fakes import CASE, Desk, chromium, opened
from tests.status_report import AT

WUQIAO = Path(__file__).parents[2] / "adapters" / "counties" / "wuqiao_130928"
FIRST, TRIAL, UNKNOWN = "PA-140881-000031", "PA-140881-000032", "PA-140881-000030"


browser = pytest.fixture(scope="module")(chromium)


@pytest.fixture
def desk() -> Desk:
    """A county node with four authorisations."""
    return Desk()


@pytest.fixture
def page(desk: Desk, browser: Browser) -> Iterator[Page]:
    """The desk, opened with the printed address."""
    access = Access()
    with opened(build_app(desk, access), access, browser) as browser_page:
        yield browser_page


def choose(page: Page, number: str) -> None:
    """Open one authorisation from the list."""
    page.click(f"#row-{number} a")
    expect(page.locator("#job")).to_contain_text(number)


def test_the_desk_shows_this_halls_authorisations_and_troubles(page):
    """Masked holder, issuing county, deadline and state of each; what did not pass in this county with its remedy."""
    expect(page.locator(f"#row-{FIRST}")).to_contain_text("示范***公司")
    expect(page.locator(f"#row-{FIRST}")).to_contain_text("永济市")
    expect(page.locator(f"#row-{TRIAL}")).to_contain_text("试办")
    expect(page.locator(f"#row-{UNKNOWN}")).to_contain_text("结果不明")
    page.click("#troubles summary")
    for text in (
        "E-MAP-012", "sb_apply.yxqz", "20261131", "yyyyMMdd", "请在本地系统中改正后重新报送",
        "您的字段 yxqz（规则：日期）", "表 sb_apply 行 id=17", "5d88eb6aec1b",
    ):  # fmt: skip
        expect(page.locator("#troubles")).to_contain_text(text)


def test_print_then_confirm_with_the_serial(page, desk):
    """打印, look at the sheet, type its number, 确认合格: each once, and the list follows."""
    choose(page, FIRST)
    expect(page.locator("#check-seal")).to_contain_text("通过")
    picture = page.locator("#job img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 1000
    page.get_by_role("button", name="打印").click()
    expect(page.locator("#progress")).to_contain_text("已打印完")
    page.get_by_role("button", name="确认合格").click()  # the browser holds it back: no number yet
    assert desk.actions == [("print", FIRST)]
    page.fill("#serial", "S0048121")
    page.get_by_role("button", name="确认合格").click()
    expect(page.locator("#job")).to_contain_text("空白证照编号 S0048121")
    expect(page.locator(f"#row-{FIRST}")).to_contain_text("打印合格")
    assert desk.actions == [("print", FIRST), ("confirm", FIRST, "S0048121")]


def test_the_whole_way_by_keyboard(page, desk):
    """Arrow keys in the list, Enter to open, Enter to print, type the number, Enter to confirm."""
    page.focus(f"#row-{FIRST} a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="打印")).to_be_focused()
    page.wait_for_load_state("load")
    page.keyboard.press("Enter")
    expect(page.locator("#serial")).to_be_focused()
    page.keyboard.type("S0048121")
    page.keyboard.press("Enter")
    expect(page.locator("#job")).to_contain_text("空白证照编号 S0048121")
    assert desk.actions == [("print", FIRST), ("confirm", FIRST, "S0048121")]


def test_a_double_click_prints_once(page, desk):
    """Two clicks within a moment, and a repeated request from an old page, are one print."""
    choose(page, FIRST)
    page.get_by_role("button", name="打印").dblclick()
    expect(page.locator("#progress")).to_be_visible()
    assert desk.actions == [("print", FIRST)]


def test_the_same_press_sent_twice_acts_once(page, desk):
    """The same form sent twice at the same time, without the page's own protection, acts once on the server."""
    choose(page, FIRST)
    desk.release.clear()
    threading.Timer(0.5, desk.release.set).start()
    statuses = page.evaluate("""async () => {
        const form = document.querySelector('.decide form');
        const token = JSON.parse(document.body.getAttribute('hx-headers:inherited'));
        const send = () =>
            fetch(form.getAttribute('hx-post'), {method: 'POST', body: new FormData(form), headers: token});
        const both = await Promise.all([send(), send()]);
        const late = await send();
        return [...both.map(answer => answer.status).sort(), late.status];
    }""")
    assert statuses == [200, 409, 200]
    assert desk.actions == [("print", FIRST)]


def test_a_spoiled_sheet_needs_a_reason(page, desk):
    """打印作废 with a reason from the list ends the authorisation and says what follows."""
    choose(page, FIRST)
    page.get_by_role("button", name="打印").click()
    page.select_option("#reason", "jam")
    page.get_by_role("button", name="打印作废").click()
    expect(page.locator("#job")).to_contain_text("属地会送来新的授权")
    assert desk.actions[-1] == ("spoil", FIRST, "卡纸")


def test_an_unknown_outcome_is_settled_by_a_person(page, desk):
    """What the printer says is shown; nothing is printed again; a person chooses one of two outcomes."""
    choose(page, UNKNOWN)
    expect(page.locator("#job")).to_contain_text("不知道这一张有没有打出来")
    expect(page.locator("#progress")).to_contain_text("没有回答")
    expect(page.locator("#job form[hx-post$='/print']")).to_have_count(0)
    page.fill("#serial", "S0048119")
    page.get_by_role("button", name="确认合格").click()
    expect(page.locator("#job")).to_contain_text("S0048119")
    assert desk.actions == [("confirm", UNKNOWN, "S0048119")]


@pytest.mark.long  # walked in four ways, too: walks
def test_a_trial_copy_has_no_stock_serial(page, desk):
    """样张 on white paper never asks for stock and never touches it."""
    choose(page, TRIAL)
    page.get_by_role("button", name="打印").click()
    expect(page.get_by_role("button", name="确认合格")).to_be_visible()
    expect(page.locator("input[name=stock_serial]")).to_have_count(0)
    page.get_by_role("button", name="确认合格").click()
    expect(page.locator("#job")).to_contain_text("样张已确认")
    assert desk.actions == [("print", TRIAL), ("confirm", TRIAL, "")]


def test_a_refused_action_shows_sentence_and_remedy(page, desk):
    """An error is a sentence with what to do; pressing again after the cause is gone prints."""
    desk.printer_away = True
    choose(page, FIRST)
    page.get_by_role("button", name="打印").click()
    notice = page.locator("#notice")
    expect(notice).to_contain_text("连接不上打印机")
    expect(notice).to_contain_text("请检查打印机的电源和网线")
    desk.printer_away = False
    page.get_by_role("button", name="打印").click()
    expect(page.locator("#progress")).to_be_visible()
    expect(notice).to_be_empty()


def test_a_check_that_is_not_ok_keeps_the_button_shut(page, desk):
    """Unknown is not ok: the reason stands where the button is."""
    desk.checks = CheckState.UNKNOWN
    choose(page, FIRST)
    expect(page.locator("#check-seal")).to_contain_text("无法判断")
    expect(page.get_by_role("button", name="打印")).to_be_disabled()
    expect(page.locator("#job")).to_contain_text("核验没有全部通过")


def test_the_page_follows_the_printer(page, desk):
    """When a running print becomes unknown, the page shows it without a click, and a number being typed survives."""
    choose(page, FIRST)
    page.get_by_role("button", name="打印").click()
    page.fill("#serial", "S00")
    with page.expect_response(lambda response: "/progress" in response.url):
        pass
    expect(page.locator("#serial")).to_have_value("S00")
    desk.states[FIRST] = PrintState.UNKNOWN
    expect(page.locator("#job")).to_contain_text("不知道这一张有没有打出来")


def test_a_claim_without_an_answer_is_asked_again_on_the_page(page, desk):
    """While the hub has not answered, the page says so and offers to ask again; nothing is offered to confirm."""
    desk.states[FIRST] = PrintState.CLAIMED
    choose(page, FIRST)
    expect(page.get_by_role("button", name="确认合格")).to_have_count(0)
    page.get_by_role("button", name="再问一次中枢").click()
    expect(page.get_by_role("button", name="确认合格")).to_be_visible()
    assert desk.actions == [("print", FIRST)]


def test_the_main_actions_need_no_scrolling(page, desk):
    """On 1366 × 768 the page does not scroll and every button of every state is inside the screen."""
    for number in (FIRST, UNKNOWN, TRIAL):
        choose(page, number)
        assert page.evaluate("document.documentElement.scrollHeight") <= 768
        for button in page.locator(".decide button").all():
            box = button.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 768
            assert box["x"] + box["width"] <= 1366


def test_the_license_is_shown_at_its_real_size(page):
    """Millimetres on the page are those of the file, the line to measure by is 100 of them, and paper shows neither."""
    choose(page, FIRST)
    page.click(".full-size")
    expect(page.locator("#sheet text").first).to_have_text("样张 无效")
    boxes = {each: page.locator(each).bounding_box() for each in ("#ruler", "#sheet")}
    assert abs(boxes["#ruler"]["width"] - 100 * 96 / 25.4) < 0.5
    assert abs(boxes["#sheet"]["width"] - 297 * 96 / 25.4) < 0.5
    assert abs(boxes["#sheet"]["height"] - 210 * 96 / 25.4) < 0.5
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.emulate_media(media="print")
    expect(page.locator("#sheet")).not_to_be_visible()
    expect(page.locator("#ruler")).to_be_visible()
    expect(page.locator(".only-print")).to_be_visible()


def test_the_card_for_failures_is_two_sheets_of_a5(page, tmp_path):
    """Chinese on the one, English on the other, whatever the printer's own paper."""
    page.goto(page.url.partition("/authorisations")[0].rstrip("/") + "/card")
    expect(page.locator(".card")).to_have_count(2)
    file = tmp_path / "card.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    command = [shutil.which("pdfinfo") or "pdfinfo", file]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert re.search(r"^Pages:\s+2$", said, re.MULTILINE)
    assert "(A5)" in said


@pytest.mark.long  # walked in four ways, too: walks
def test_the_desk_speaks_english(page):
    """The switch holds for the list, the checks and the buttons."""
    choose(page, FIRST)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    expect(page.locator("#authorisations h1")).to_contain_text("Print authorisation")


def test_the_countys_cases_stand_with_their_clocks(page):
    """From the desk to the cases under way, what is due first and how it stands; from there to one case and back."""
    page.get_by_role("link", name="在办办件").click()
    row = page.locator(f"#case-{CASE}")
    for words in ("公司登记注册", "永济市", "已受理", "2026-03-05 17:00", "承诺办结日", "超期 4 个工作日"):
        expect(row).to_contain_text(words)
    for words in ("还有 1 个工作日", "特别程序期间，时限暂停", "暂计：日历未公布", "按期"):
        expect(page.locator("#list")).to_contain_text(words)
    expect(page.locator("#list")).not_to_contain_text("示范")  # nobody's name
    row.get_by_role("link").click()
    expect(page.locator("#clock")).to_contain_text("法定时限2026-03-06 17:00")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#clock")).to_contain_text("overdue, working days: 3")
    page.get_by_role("link", name="Back to the print desk").click()
    expect(page.locator("#authorisations")).to_be_visible()


def test_a_case_of_others_is_a_sentence(page):
    """A number that is none of this county's leads to no page; a job leads to its case."""
    choose(page, FIRST)
    page.click(f"#job a[href='/cases/{CASE}']")
    expect(page.locator("#clock")).to_contain_text("收到申请")
    page.goto(page.url.replace(CASE, "130928-20261122-999999-X"))
    expect(page.locator("#main")).to_contain_text("E-PAGE-005")


class Node:
    """A node whose report the test changes."""

    def __init__(self) -> None:
        self.found = made.report()

    def report(self) -> Report:
        """With what a person has to do."""
        return replace(self.found, attention=attention.needed(self.found))


@pytest.fixture
def node() -> Node:
    """In order."""
    return Node()


@pytest.fixture
def status_page(node: Node, browser: Browser) -> Iterator[Page]:
    """The desk of a node that says how it is, opened with the printed address."""
    access = Access()
    served = build_app(Desk(), access)
    served.include_router(router(node.report, access))
    with opened(served, access, browser) as browser_page:
        yield browser_page


def test_county_it_sees_how_the_node_is_and_what_to_do(status_page: Page, node: Node) -> None:
    """From the desk one click away; in order, then with what needs a person; it renews itself; both languages.

    Before the first directory and the first message every place says so.
    """
    page = status_page
    page.get_by_role("link", name="县节点现状").click()
    expect(page.locator("#attention")).to_contain_text("一切正常")
    expect(page.locator("#links tbody tr")).to_have_count(3)
    expect(page.locator("#partner-140881")).to_contain_text("往来正常")
    expect(page.locator("#machine")).to_contain_text("5f2a90c1d3e4")
    node.found = made.report(
        pulse=made.pulse(connected=False, since=timedelta(minutes=7), problem="E-LINK-002"),
        partners=[
            made.partner(Weather.BARRED, code="340321", name="怀远县", why="E-LINK-103"),
            made.partner(Weather.SLOW, waiting=12, oldest_at=AT - timedelta(hours=2)),
        ],
        certificates=[made.certificate(days=12), *(made.certificate(each) for each in made.FILES[1:])],
        traffic=made.traffic(unsent=3, unsent_since=AT - timedelta(minutes=7), refused=1, troubles=2),
        renewal=Progress(next=Next.AUTHORITY, since=AT - timedelta(hours=30), trouble=""),
    )
    answer = page.reload()
    assert answer is not None
    assert answer.headers["refresh"] == str(REFRESH_SECONDS)
    shown = page.locator("#attention")
    for text in (
        "证书 connection.pem 还有 12 天到期",
        "断开了 7 分钟",
        "adapter doctor",
        "永济市 140881 有 12 份报文没有签收",
    ):
        expect(shown).to_contain_text(text)
    expect(page.locator("#partner-340321")).to_contain_text("E-LINK-103")
    expect(page.locator("#renewal")).to_contain_text("自 11-25 04:00:00 起等发证机构签发")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="English").click()
    expect(shown).to_contain_text("The certificate connection.pem ends in 12 days.")
    expect(page.locator("#partner-140881")).to_contain_text("does not sign")
    page.get_by_role("button", name="中文").click()
    expect(shown).to_contain_text("还有 12 天到期")  # the page has loaded itself anew by then

    node.found = made.NOTHING_YET
    page.reload()
    for text in ("县节点没有在运行", "还没有收到中枢的目录", "还没有与别的县往来", "读不到"):
        expect(page.locator("main")).to_contain_text(text)


@pytest.mark.parametrize("asked", [ASKED, HALL], ids=["out", "out and in from the hall"])
def test_the_firewall_request_is_one_sheet_of_paper(asked: Needs, browser: Browser, tmp_path: Path) -> None:
    """As long as such things get: one page of A4, and everything on it."""
    file, pdf = tmp_path / "firewall.html", tmp_path / "firewall.pdf"
    file.write_text(sheet.html(asked), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.pdf(path=pdf, prefer_css_page_size=True)
    for text in ("5671", "hub.example.cn", "TLS", "吊销列表", "2027-11-26", "盖章", "Please exempt this connection"):
        expect(page.locator("body")).to_contain_text(text)
    expect(page.locator("body")).to_contain_text(asked.contact)  # as it was typed, not as a part of the page
    page.close()
    said = subprocess.run(
        [shutil.which("pdfinfo") or "pdfinfo", pdf], capture_output=True, text=True, check=True
    ).stdout
    assert re.search(r"^Pages:\s+1$", said, re.MULTILINE)
    assert "A4" in said


def test_both_sides_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    """The file of `adapter translate --html`, from the disk: each problem right below its field, nobody's data."""
    file = tmp_path / "out.html"
    CliRunner().invoke(app, ["translate", str(WUQIAO), "--html", str(file)])
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    expect(page.locator("#record-1")).to_contain_text("可以报出")
    wrong = page.locator("tr.wrong", has_text="applyer_page_code").first
    expect(wrong).to_contain_text("证件号码")
    expect(wrong).not_to_contain_text("130928198501010")
    expect(wrong.locator("xpath=following-sibling::tr[1]")).to_contain_text("E-ID-023")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert asked == [file.as_uri()], "it loads nothing else"
    page.context.close()
