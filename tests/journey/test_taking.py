"""A clerk takes whole applications and a supplement at 吴桥's pages by keyboard alone; 永济's own system answers."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.paperwork import BY_HAND
from deploy.demo.world import WUQIAO, YONGJI
from tests.journey.pages_fakes import chromium
from tests.journey.real_stage import SCREEN, Words, opened
from tests.journey.road import Road, until, yongji_rows
from tests.taking_world import PDF

pytestmark = [pytest.mark.timeout(600), pytest.mark.long]

MOST_TABS = 80


@pytest.fixture(scope="module")
def browser(road: Road) -> Iterator[Browser]:
    """Debian's Chromium; the road first, because what it starts must not run inside the browser's event loop."""
    yield from chromium()


@pytest.fixture
def desk(road: Road, browser: Browser) -> Iterator[Page]:
    """吴桥's node, opened with the address that `adapter page` gives."""
    address = road.stage.command("adapters", "page", "-d", str(road.world.county(WUQIAO.code))).strip()
    with opened(browser, address) as page:
        yield page


def typed(words: Words) -> Mapping[str, str]:
    """What the clerk has before him, by the name of the field."""
    return {
        "applicant.kind": "natural_person",
        "applicant.name": words.applicant,
        "applicant.document_kind": "111",
        "applicant.document_no": words.number,
        "applicant.mobile": words.mobile,
        "identity.method": "card_reader",
        "agent.kind": "self",
        "origin.channel": "town",
        "origin.place": "桑园镇",
        "mode": "relayed",
        "registration.enterprise_name": words.company,
        "registration.enterprise_kind": "有限责任公司（自然人独资）",
        "registration.legal_representative": words.representative,
        "registration.legal_representative_document_no": words.representative_number,
        "registration.registered_capital_fen": "100万元",
        "registration.address": words.address,
        "registration.business_scope": words.scope,
        "m.x1.name": "公司章程",
        "m.x1.taken_as": "copy",
        "m.x1.trust": "B",
        "delivery.method": "window",
    }


def test_by_keyboard_alone_from_the_search_to_the_answer_of_the_issuing_county(road: Road, desk: Page):
    """Search, guide, form in tab order, a slip corrected, a browser lost and a node killed, pressed twice: one case."""
    words = Words()
    submitted = "SELECT 1 FROM outbox WHERE type = 'application.submitted'"
    before = len(road.county(WUQIAO.code, submitted))  # of whoever used this stage earlier
    desk.goto(desk.url.split("/?")[0].rstrip("/") + "/take")
    expect(desk.locator("#q")).to_be_focused()
    desk.keyboard.type("gsdj 140881")
    expect(desk.locator(".hits a")).to_have_count(1)
    assert desk.evaluate("document.documentElement.scrollHeight") <= SCREEN["height"]
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    expect(desk.locator("#partner")).to_contain_text("永济市")
    expect(desk.get_by_role("button", name="开始收件")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("#f-applicant-kind")).to_be_focused()
    draft = desk.url

    walk(desk, {"applicant.document_no": words.number[:17] + "A"})
    expect(desk.locator("#e-applicant-document_no")).to_contain_text("公民身份号码")
    desk.goto(draft)
    expect(desk.locator("#f-applicant-document_no")).to_have_value(words.number[:17] + "A")
    road.stage.kill(WUQIAO.code)
    road.stage.start_node(WUQIAO.code)
    address = until(lambda: fresh_address(road), "the node is back")
    desk.goto(address)
    desk.goto(address.split("/?")[0] + "/take")
    tab_to(desk, lambda: "/take/drafts/" in str(desk.evaluate("document.activeElement.href || ''")))
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/take/drafts/**")
    expect(desk.locator("#f-applicant-document_no")).to_have_value(words.number[:17] + "A")
    tab_to(desk, lambda: desk.evaluate("document.activeElement.id") == "add-row")
    desk.keyboard.press("Enter")
    expect(desk.locator("#row-x1")).to_be_visible()
    desk.reload()
    expect(desk.locator("#f-applicant-kind")).to_be_focused()
    walk(desk, typed(words))
    expect(desk.locator("#left")).to_contain_text("可以报送")

    press(desk, "submit")
    desk.wait_for_url("**/take/cases/**")
    case_no = desk.locator("#list h1 code").inner_text()
    expect(desk.locator("#standing")).to_contain_text("属地已签收")
    expect(desk.locator("#standing")).to_contain_text("已制证")
    assert len(road.county(WUQIAO.code, submitted)) == before + 1
    taken = [row for row in yongji_rows(road, "跨省申请") if row["跨省办件号"] == case_no]
    assert [row["企业名称"] for row in taken] == [words.company]
    troubles = road.county(WUQIAO.code, "SELECT code, place FROM troubles WHERE case_no = ?", case_no)
    assert [tuple(row) for row in troubles] == []

    expect(desk.get_by_role("link", name="收件凭证")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("#receipt")).to_contain_text(case_no)
    expect(desk.locator("#receipt")).to_contain_text("公司章程")
    expect(desk.locator("#receipt")).not_to_contain_text(words.applicant)
    expect(desk.locator("#receipt")).to_contain_text(YONGJI.name)


def test_by_keyboard_alone_the_supplement_that_was_asked_for(road: Road, desk: Page, tmp_path: Path):
    """永济 asks for the articles: seen at the case, taken with a scan, pressed twice, signed for, looked at."""
    words, paper = Words(company="永济市𠮷祥鹳雀楼补正配件有限公司"), tmp_path / "章程.pdf"
    paper.write_bytes(PDF)
    desk.goto(desk.url.split("/?")[0].rstrip("/") + "/take")
    desk.keyboard.type("gsdj 140881")
    expect(desk.locator(".hits a")).to_have_count(1)
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="开始收件")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("#f-applicant-kind")).to_be_focused()
    said = {name: text for name, text in typed(words).items() if not name.startswith("m.")}
    walk(desk, {**said, "project_name": f"{words.company}设立登记{BY_HAND}"})
    expect(desk.locator("#left")).to_contain_text("可以报送")
    press(desk, "submit")
    desk.wait_for_url("**/take/cases/**")
    case_no = desk.locator("#list h1 code").inner_text()
    expect(desk.locator("#standing")).to_contain_text("属地已签收")
    until(lambda: [each for each in yongji_rows(road, "跨省申请") if each["跨省办件号"] == case_no], "永济 has it")
    road.local(YONGJI.code, "document", "补正告知", case_no, "--material", "公司章程")

    expect(desk.locator("#supplement")).to_contain_text("公司章程")
    press(desk, "begin-supplement")
    desk.wait_for_url("**/take/drafts/**")
    tab_to(desk, lambda: desk.evaluate("document.activeElement.id") == "u-d1")
    with desk.expect_file_chooser() as chooser:
        desk.keyboard.press("Space")
    chooser.value.set_files(paper)
    expect(desk.locator("#row-d1")).to_contain_text("2 页")
    expect(desk.locator("#left")).to_contain_text("还差")
    desk.reload()
    walk(desk, {"m.d1.taken_as": "electronic", "m.d1.trust": "B", "note": "股东已补签"})
    expect(desk.locator("#left")).to_contain_text("可以报送")
    press(desk, "submit")
    desk.wait_for_url("**/take/cases/**")
    expect(desk.locator("#supplied")).to_contain_text("属地已签收补正")
    sent = "SELECT 1 FROM outbox WHERE type = 'supplement.provided' AND case_no = ?"
    assert len(road.county(WUQIAO.code, sent, case_no)) == 1
    told = until(lambda: [each for each in yongji_rows(road, "办件回告") if each["跨省办件号"] == case_no
                          and each["环节"] == "补正材料"], "永济 has the supplement")  # fmt: skip
    assert ["公司章程" in each["明细"] and "股东已补签" in each["说明"] for each in told] == [True]

    tab_to(desk, lambda: desk.evaluate("document.activeElement.textContent").strip().startswith("查看扫描件"))
    desk.keyboard.press("Enter")
    expect(desk.locator("#scans a")).to_be_visible()
    tab_to(desk, lambda: "/scans/" in str(desk.evaluate("document.activeElement.href || ''")))
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/scans/**")
    until(lambda: desk.evaluate("document.querySelector('.scan img').naturalWidth") > 0, "the picture is drawn")


def press(desk: Page, button: str) -> None:
    """Tab to a button and press it twice."""
    tab_to(desk, lambda: desk.evaluate("document.activeElement.id") == button)
    desk.keyboard.press("Enter")
    desk.keyboard.press("Enter")


def walk(desk: Page, said: Mapping[str, str]) -> None:
    """Go through the form with Tab and put into each field what is said of it; all of it is found on the way."""
    left = dict(said)
    for _ in range(MOST_TABS):
        name = desk.evaluate("document.activeElement.name || ''")
        if name in left:
            put(desk, left.pop(name))
        desk.keyboard.press("Tab")
        if not left:
            return
    raise AssertionError(f"not reached with Tab: {sorted(left)}")


def put(desk: Page, text: str) -> None:
    """Into the field that has the focus: a list by its arrows, everything else as an input method writes it."""
    if desk.evaluate("document.activeElement.tagName") != "SELECT":
        desk.keyboard.press("Control+a")
        desk.keyboard.insert_text(text)
        return
    desk.keyboard.press("Home")
    for _ in range(20):
        if desk.evaluate("document.activeElement.value") == text:
            return
        desk.keyboard.press("ArrowDown")
    raise AssertionError(text)


def tab_to(desk: Page, there) -> None:
    """Tab until something holds of what has the focus."""
    for _ in range(MOST_TABS):
        if there():
            return
        desk.keyboard.press("Tab")
    raise AssertionError("not reached with Tab")


def fresh_address(road: Road) -> str:
    """The node's one-time address, once its page is there."""
    file = road.world.county(WUQIAO.code) / "page.address"
    return file.read_text(encoding="utf-8").strip() if file.exists() else ""
