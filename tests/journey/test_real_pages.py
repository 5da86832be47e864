"""A clerk, an operator and their browsers at the real pages, with every process real behind them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from adapters.hall.desk.source import _shown_holder
from deploy.demo.world import WUQIAO
from tests.journey.pages_fakes import chromium
from tests.journey.real_stage import SCREEN, Words, flawed, opened, write_application
from tests.journey.road import Road, until

pytestmark = pytest.mark.timeout(300)

CHECKS = 17
FLAWED = "WQ19990102000001"


@pytest.fixture(scope="module")
def browser(road: Road) -> Iterator[Browser]:
    """Debian's Chromium; the road first, because what it starts must not run inside the browser's event loop."""
    yield from chromium()


@pytest.fixture
def desk(road: Road, browser: Browser) -> Iterator[Page]:
    """吴桥's print desk, opened with the address that `adapter page` gives."""
    with opened(browser, address_of(road, "adapters")) as page:
        yield page


@pytest.fixture
def hub(road: Road, browser: Browser) -> Iterator[Page]:
    """The hub's overview, opened with the address that `hub page` gives."""
    with opened(browser, address_of(road, "hub")) as page:
        yield page


def test_a_clerk_prints_once_and_the_hub_follows_without_a_reload(road: Road, desk: Page, hub: Page):
    """The right company, its checks, 打印 (a double click), 已出纸, the number, 确认: one sheet; the hub moves."""
    expect(hub.locator("#live")).to_have_text("实时")
    hub.evaluate("window.stayed = true")
    before = {name: number(hub, name) for name in ("/cases", "/prints/printed")}

    (local,) = road.submit(WUQIAO.code)
    (case_no,) = road.cases(WUQIAO.code, [local])
    expect(hub.locator(f"#case-{case_no}")).to_be_visible()
    expect(tile(hub, "/cases")).to_have_text(str(before["/cases"] + 1))

    (company,) = [row["qymc"] for row in road.wuqiao("SELECT qymc FROM wq_register WHERE project_no = ?", local)]
    name = choose(desk, case_no, 1)
    expect(desk.locator("#job")).to_contain_text(company)
    expect(desk.locator("#printer")).to_contain_text("打印机：就绪")
    expect(desk.locator("header")).not_to_contain_text("ipp://")
    picture = desk.locator("#job img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 1000
    checks = desk.locator("#checked li")
    expect(desk.locator("#checked summary")).to_contain_text(f"{CHECKS} 项通过，共 {CHECKS} 项")
    expect(checks.first).not_to_be_visible()
    desk.click("#checked summary")
    expect(checks).to_have_count(CHECKS)
    expect(checks.first).to_be_visible()
    assert set(checks.evaluate_all("all => all.map(each => each.className)")) == {"good"}
    within_the_screen(desk)

    desk.evaluate("window.stayed = true")
    desk.get_by_role("button", name="打印").dblclick()
    expect(desk.locator("#progress")).to_contain_text("已出纸")
    within_the_screen(desk)
    expect(hub.locator(f"#case-{case_no}")).to_contain_text("已制证")
    assert desk.locator("#serial").count() == 1, "numbered specimen sheets are confirmed with their number"
    desk.get_by_role("button", name="确认合格").click()  # no number yet: the browser holds it back
    expect(desk.locator("#progress")).to_be_visible()
    desk.fill("#serial", "R0000001")
    desk.get_by_role("button", name="确认合格").click()
    expect(desk.locator("#job")).to_contain_text("空白证照编号 R0000001")
    expect(desk.locator(f"#row-{name}")).to_contain_text("打印合格")

    expect(tile(hub, "/prints/printed")).to_have_text(str(before["/prints/printed"] + 1))
    until(lambda: road.state(case_no) == "handed_over", "handed over")
    expect(tile(hub, "/cases")).to_have_text(str(before["/cases"]))
    expect(hub.locator(f"#case-{case_no}")).to_have_count(0)
    assert hub.evaluate("window.stayed") is True
    assert desk.evaluate("window.stayed") is True
    assert [each["job_name"] for each in road.sheets(case_no)] == [name]

    desk.click(f"#job a[href='/cases/{case_no}']")
    hub.goto(hub.url.rstrip("/") + f"/cases/{case_no}")
    for page in (desk, hub):  # each from its own store: the same times, the same limits, decided in time
        expect(page.locator("#clock")).to_contain_text("按期")
    assert desk.locator("#clock").inner_text() == hub.locator("#clock").inner_text()
    expect(desk.locator("#list")).not_to_contain_text(company)


def test_a_spoiled_sheet_is_replaced_on_the_open_page(road: Road, desk: Page):
    """Reload in the middle and go on; 作废 with reason and number: the next authorisation comes by itself."""
    (case_no,) = road.take(WUQIAO.code)
    first = choose(desk, case_no, 1)
    desk.get_by_role("button", name="打印").click()
    expect(desk.locator("#progress")).to_be_visible()
    desk.reload()
    choose(desk, case_no, 1)
    expect(desk.locator("#progress")).to_contain_text("已出纸")
    desk.reload()
    choose(desk, case_no, 1)
    desk.select_option("#reason", "jam")
    desk.fill("#spoiled-serial", "R0000002")
    desk.get_by_role("button", name="打印作废").click()
    expect(desk.locator("#job")).to_contain_text("已作废：卡纸。")

    second = choose(desk, case_no, 2)
    desk.get_by_role("button", name="打印").click()
    expect(desk.locator("#progress")).to_contain_text("已出纸")
    desk.fill("#serial", "R0000003")
    desk.keyboard.press("Enter")
    expect(desk.locator("#job")).to_contain_text("空白证照编号 R0000003")
    assert [each["job_name"] for each in road.sheets(case_no)] == [first, second]
    assert road.prints(case_no) == [(first, "spoiled", "R0000002"), (second, "printed", "R0000003")]


def test_the_case_page_shows_the_ladder_and_every_page_speaks_english(road: Road, hub: Page):
    """From a printed sheet to its case, rung by rung; from the overview to a queue; both languages."""
    done = road.hub("SELECT case_no FROM print_authorisations WHERE state = 'printed' ORDER BY settled_at DESC LIMIT 1")
    if not done:
        pytest.skip("needs the case of a test before it")
    case_no = done[0]["case_no"]
    hub.click('#numbers a[href="/prints/printed"]')
    hub.locator("#list a", has_text=case_no).first.click()
    ladder = hub.locator(".ladder")
    for rung in ("申请已准入", "受理", "作出决定", "证照送回", "打印授权", "打印申领", "放行", "打印结果"):
        expect(ladder).to_contain_text(rung)
    expect(ladder.locator("li").nth(1)).to_contain_text("永济市")
    hub.click(".path a")

    hub.click(f"#queue-county-{WUQIAO.code}-inbox a")
    expect(hub.get_by_role("heading", level=1)).to_contain_text("吴桥县 收件箱")
    hub.click(".path a")
    hub.get_by_role("button", name="English").click()
    expect(hub.locator("#cases h2")).to_have_text("Cases under way")
    expect(hub.locator("#live")).to_have_text("Live")


def test_county_it_sees_the_links_and_the_partner(road: Road, desk: Page):
    """One click from the desk: three links up, 永济 in touch as it has signed; to see to is what earlier tests left."""
    if not road.hub("SELECT case_no FROM print_authorisations WHERE state = 'printed' LIMIT 1"):
        pytest.skip("needs the case of a test before it")
    desk.get_by_role("link", name="县节点现状").click()
    expect(desk.locator("#links .state.good")).to_have_count(3)
    expect(desk.locator("#partner-140881 .state.good")).to_be_visible()
    left = road.county(WUQIAO.code, "SELECT 1 FROM troubles")
    expect(desk.locator("#attention")).to_contain_text("E-NODE-014" if left else "一切正常")
    expect(desk.locator("#attention h2")).to_have_text("需要处理 1" if left else "一切正常")
    expect(desk.locator("#certificates tbody tr")).not_to_have_count(0)


def test_what_cannot_be_mapped_is_shown_with_its_remedy(road: Road, desk: Page):
    """A day that does not exist in 吴桥's own table: where, what was found and expected, what to do; nobody's data."""
    words = flawed(Words())
    write_application(road, FLAWED, words)
    shown = desk.locator("#troubles details", has_text=FLAWED).filter(has_text="不是真实的时间")
    expect(shown).to_be_visible()
    shown.locator("summary").click()
    for text in ("up_pro_accept", "apply_date", words.applied_at, "应为", "怎么办", "请写成北京时间"):
        expect(shown).to_contain_text(text)
    with desk.expect_response(lambda answer: "/authorisations?chosen" in answer.url):
        pass
    expect(shown.locator("p").first).to_be_visible()  # still unfolded after the list was refreshed
    said = desk.locator("#troubles").text_content() or ""
    secrets = [*words.personal(), words.representative_number[:17], Words().mobile]
    assert [each for each in secrets if each in said] == []


@pytest.mark.parametrize("side", ["adapters", "hub"])
def test_a_command_gives_a_fresh_address_and_a_used_one_is_refused(road: Road, browser: Browser, side):
    """Each address opens one browser; a second one gets 403 and is told the command that gives another."""
    first, second = address_of(road, side), address_of(road, side)
    assert first != second
    with opened(browser, second) as page:
        expect(page.locator("header")).to_be_visible()
        assert "token" not in page.url
    for used in (first, second):  # one that was replaced before it was used is void as well
        stranger = browser.new_context()
        answer = stranger.request.get(used)
        assert answer.status == 403
        assert "E-PAGE-002" in answer.text()
        assert "adapter page" in answer.text()
        stranger.close()


def test_a_companys_name_is_public_and_a_persons_is_masked():
    """The list of the desk shows whom a sheet is for, as far as it is public."""
    company, person = "永济市𠮷祥机械配件有限公司", "欧阳㐂娃"
    assert _shown_holder({"holder": company, "holder_code_kind": "001"}) == company
    assert _shown_holder({"holder": person, "holder_code_kind": "111"}) == "欧阳**"


def address_of(road: Road, side: str) -> str:
    """What `adapter page` or `hub page` says."""
    folder = road.world.hub if side == "hub" else road.world.county(WUQIAO.code)
    said = road.stage.command(side, "page", "-d", str(folder)).strip()
    assert said == addresses_in(folder, side)
    return said


def addresses_in(folder: Path, side: str) -> str:
    """The address that lies in the private file."""
    file = folder / ("web.address" if side == "hub" else "page.address")
    assert file.stat().st_mode & 0o777 == 0o600
    return file.read_text(encoding="utf-8").strip()


def choose(desk: Page, case_no: str, sheet: int) -> str:
    """Open the n-th authorisation of a case as soon as the list shows it; returns its number."""
    name = f"{case_no}-D1-{sheet}"
    desk.click(f"#row-{name} a")
    expect(desk.locator("#job-title")).to_contain_text("营业执照 副本")
    expect(desk.locator("#job .facts")).to_contain_text(name)
    return name


def tile(hub: Page, href: str) -> Locator:
    """One of the numbers at the top."""
    return hub.locator(f'#numbers a[href="{href}"] b')


def number(hub: Page, href: str) -> int:
    """What it says now."""
    return int(tile(hub, href).inner_text())


def within_the_screen(page: Page) -> None:
    """The page does not scroll, and every button that decides is inside the screen."""
    assert page.evaluate("document.documentElement.scrollHeight") <= SCREEN["height"]
    for button in page.locator(".decide button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= SCREEN["height"]
        assert box["x"] + box["width"] <= SCREEN["width"]
