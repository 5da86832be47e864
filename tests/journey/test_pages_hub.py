"""The hub's overview in a real browser: it opens, it moves by itself, every number leads somewhere."""

import json
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from hub.web.joining import STEPS
from hub.web.joiningview import JoiningAct, JoiningRow
from hub.web.overview import build_app
from hub.web.renewals import COMMANDS
from hub.web.renewalview import RenewalRow
from hub.web.view import BrokerAlarm
from pages.access import Access
from schemas.errors import YunhuobanError
from schemas.joining.fields import FINDINGS
from tests.journey.axe import findings
from tests.journey.hub_fakes import Overview, moved
from tests.journey.pages_fakes import CASE, ITEM, PATIENCE_MILLISECONDS, WUQIAO, YONGJI, chromium, opened
from tests.pages.recording import INDEX, Recorder

REFRESH_SECONDS = 0.3


browser = pytest.fixture(scope="module")(chromium)


@pytest.fixture
def view() -> Overview:
    """A hub with two counties and three cases."""
    return Overview()


@pytest.fixture
def page(view: Overview, browser: Browser) -> Iterator[Page]:
    """The overview, opened with the printed address."""
    access = Access()
    with opened(build_app(view, access, refresh_seconds=REFRESH_SECONDS), access, browser) as browser_page:
        yield browser_page


def test_the_overview_shows_queues_counties_cases_refusals_and_prints(page):
    """One look answers what waits, who is there, what is under way, what was refused and what was printed."""
    expect(page.locator("#queues")).to_contain_text("county.140881.inbox")
    expect(page.locator(f"#county-{YONGJI}")).to_contain_text("永济市")
    expect(page.locator(f"#county-{YONGJI}")).to_contain_text("在线")
    expect(page.locator("#cases")).to_contain_text(CASE)
    expect(page.locator("#refusals")).to_contain_text("E-ADM-102")
    expect(page.locator("#numbers")).to_contain_text("打印合格")
    expect(page.locator("#attention")).to_contain_text("现在没有要人处理的事")
    assert "token" not in page.url


def test_rows_change_by_themselves(page, view):
    """A change in the hub is on the open page without a reload, and the untouched rows stay the same elements."""
    expect(page.locator("#live")).to_have_text("实时")
    page.evaluate("document.getElementById('county-130928').marked = 'same element'")
    view.rows[1] = moved(view.rows[1], ready=88, oldest_age_seconds=720)
    view.counties_[1] = replace(view.counties_[1], online=False, held=True)
    expect(page.locator("#queue-county-140881-inbox")).to_contain_text("88")
    expect(page.locator(f"#county-{YONGJI}")).to_contain_text("离线")
    expect(page.locator("#attention")).to_contain_text("永济市收不下报文")
    expect(page.locator("#attention")).to_contain_text("等得太久")
    assert page.evaluate("document.getElementById('county-130928').marked") == "same element"


def test_what_needs_a_person_is_said_first(page, view):
    """A broker alarm and an unknown print are sentences with a way to look closer, not colours."""
    view.alarms_.append(BrokerAlarm(node="rabbit@hub", resource="disk", since_at=view.now))
    view.counts = replace(view.counts, unknown=1)
    lines = page.locator("#attention li")
    expect(lines.first).to_contain_text("节点 rabbit@hub 的磁盘不足")
    lines.filter(has_text="结果不明").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("结果不明")
    expect(page.locator("#list")).to_contain_text("PA-140881-000031")


def test_a_part_that_cannot_be_had_says_why_and_the_rest_stays(page, view):
    """Without the management API the queues are missing with a sentence; cases are shown as usual."""
    view.broker_away = True
    expect(page.locator("#attention")).to_contain_text("问不到消息代理的管理接口")
    expect(page.locator("#cases")).to_contain_text(CASE)


def test_every_number_leads_to_its_list(page):
    """A click on a number shows the rows that were counted."""
    for opener, heading in (
        ('#numbers a[href="/cases?state=granted"]', "准予许可"),
        ('#numbers a[href="/prints/printed"]', "打印合格"),
        ('#numbers a[href="/refusals"]', "拒收"),
        ("#queue-county-140881-inbox td.n a", "county.140881.inbox"),
        (f"#county-{YONGJI} a", "永济市"),
    ):
        page.click(opener)
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        expect(page.locator("#list")).to_contain_text(CASE)
        page.click(".path a")


def test_the_table_of_who_waits_for_whom_moves_and_leads_to_the_messages(page, view):
    """A cell says by a sign and in words how old the oldest message is, and leads to what waits."""
    cell = page.locator("#waiting .cell")
    expect(cell).to_have_text(re.compile("✓.*42 秒.*3 份|✓.*4. 秒.*3 份"))
    view.pairs_[0] = replace(view.pairs_[0], oldest_at=view.now - timedelta(hours=2))
    expect(cell).to_have_text(re.compile("!.*2 小时.*3 份"))
    cell.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("吴桥县")
    expect(page.locator("#list")).to_contain_text(CASE)
    expect(page.locator("#list")).to_contain_text("☎")


def test_the_wall_needs_no_scrolling(page, view):
    """At 1920 × 1080, on a bad day with many counties, everything is on the screen and moves by itself."""
    view.alarms_.append(BrokerAlarm(node="rabbit@hub", resource="disk", since_at=view.now))
    view.counties_[1] = replace(view.counties_[1], online=False, held=True)
    codes = [f"{11 + at % 53}0{at:03}" for at in range(400)]
    view.pairs_ = [
        replace(
            view.pairs_[0], source=code, destination=codes[at - 1], oldest_at=view.now - timedelta(minutes=500 - at)
        )
        for at, code in enumerate(codes)
    ]
    page.set_viewport_size({"width": 1920, "height": 1080})
    view.counts = replace(view.counts, unknown=1)
    view.rows[0] = moved(view.rows[0], ready=9, oldest_age_seconds=900)
    page.goto(page.url.partition("?")[0] + "wall")
    expect(page.locator("#wall-attention li")).to_have_count(4)
    for language in ("中文", "English"):
        with page.expect_navigation():  # also where the page speaks that language already
            page.get_by_role("button", name=language).click()
        expect(page.get_by_role("button", name=language)).to_have_attribute("aria-current", "true")
        whole = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert whole == [1920, 1080]
        for part in ("#wall-numbers", "#wall-attention", "#waiting"):
            asked = "(e => [e.scrollWidth <= e.clientWidth + 1, e.scrollHeight <= e.clientHeight + 1])"
            assert page.evaluate(f"{asked}(document.querySelector('{part}'))") == [True, True], (language, part)
    view.alarms_.clear()
    expect(page.locator("#wall-attention li")).to_have_count(3)


def test_history_is_drawn_and_stands_in_a_table(page):
    """Four drawings under the strict content security policy, over a span that one chooses; the hours as text, too."""
    page.click('.path a[href="/history"]')
    expect(page.locator(".curve canvas")).to_have_count(4)
    expect(page.locator("main table").last).to_contain_text("437")
    page.click("text=一年")
    expect(page.locator(".spans [aria-current]")).to_have_text("一年")
    expect(page.locator(".curve canvas")).to_have_count(4)


def test_a_case_shows_its_ladder_with_the_seconds_between(page):
    """Who did what when, what was refused and why, and how long each step took."""
    page.click(f"#cases >> text={CASE}")
    rungs = page.locator(".ladder li")
    expect(rungs).to_have_count(5)
    expect(rungs.nth(1)).to_contain_text("签收报文")
    expect(rungs.nth(1)).to_contain_text("+ 0.4 秒")
    expect(rungs.nth(2)).to_contain_text("+ 1 分 0 秒")
    expect(rungs.nth(3)).to_contain_text("E-ADM-102")
    expect(rungs.nth(3)).to_contain_text("请按受理、决定、制证、打印、送达的顺序报送")
    expect(page.locator(".facts").first).to_contain_text(ITEM)


def test_a_case_shows_its_clock_and_what_is_wrong_with_it(page, view):
    """Received, accepted, what is due and how many working days are left; late, paused and provisional in words."""
    page.click(f"#cases >> text={CASE}")
    clock = page.locator("#clock")
    for words in ("收到申请2026-03-02 10:00", "受理2026-03-03 10:00", "法定时限2026-03-06 17:00", "还有 2 个工作日"):
        expect(clock).to_contain_text(words)
    for kind, words in (
        ("overdue", ["超期 3 个工作日", "超期 4 个工作日"]),
        ("paused", ["暂停自2026-03-04 10:00", "特别程序期间，时限暂停"]),
        ("provisional", ["还有 3 个工作日", "暂计：日历未公布"]),
        ("deemed", ["五个工作日内未告知，依法视为受理", "答复期限2026-03-09 17:00"]),
        ("decided", ["按期", "作出决定2026-03-05 10:00"]),
    ):
        view.clock = kind
        page.reload()
        for each in words:
            expect(clock).to_contain_text(each)
    view.clock = "overdue"
    page.get_by_role("button", name="English").click()
    expect(clock).to_contain_text("overdue, working days: 3")
    expect(clock.locator(".state.bad .sign")).to_have_text(["✕", "✕"])


def test_an_unknown_case_is_a_sentence(page):
    """An address that leads nowhere says so and leads back."""
    page.goto(re.sub(r"/$", "/cases/130928-20261122-999999-X", page.url))
    expect(page.locator("#main")).to_contain_text("E-PAGE-005")
    page.get_by_role("link", name="回到首页").click()
    expect(page.locator("#queues")).to_be_visible()


def test_the_language_switch_holds_on_the_live_page(page, view):
    """After the switch the page and its stream speak English; Chinese is one click away."""
    page.get_by_role("button", name="English").click()
    expect(page.locator("#cases h2")).to_have_text("Cases under way")
    expect(page.locator("#live")).to_have_text("Live")
    view.counties_[1] = replace(view.counties_[1], online=False)
    expect(page.locator(f"#county-{YONGJI}")).to_contain_text("offline")
    expect(page.locator("#refusals")).to_contain_text("this step is not possible")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("#cases h2")).to_have_text("在办办件")


def test_nothing_is_loaded_from_outside(view, browser):
    """Every request of the page goes to the page's own address."""
    access = Access()
    with opened(build_app(view, access), access, browser) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.reload()
        expect(page.locator("#live")).to_have_text("实时")
        origin = page.url.rstrip("/")
        assert len(asked) >= 5
        assert [url for url in asked if not url.startswith(origin)] == []
        assert re.findall(r'(?:src|href|action)="(?:https?:)?//', page.content()) == []


def test_the_page_says_when_the_hub_is_gone(view, browser):
    """When the process ends, the page shows that it is no longer live instead of old numbers that look new."""
    access = Access()
    app = build_app(view, access, refresh_seconds=REFRESH_SECONDS)
    with opened(app, access, browser) as page:
        expect(page.locator("#live")).to_have_text("实时")
        app.state.stopping.set()
        expect(page.locator("#live")).to_contain_text("连接中断")


def test_who_joins_and_what_to_do_next(page, view):
    """The overview says who waits for approval; its page has the people and commands, the fingerprint afterwards."""
    view.joinings_ = [joining("requested"), joining("invited", county=YONGJI, attempts=2)]
    expect(page.locator("#attention")).to_contain_text("吴桥县申请加入：等两人批准")
    expect(page.locator("#attention")).to_contain_text("永济市的邀请收到 2 份不是凭邀请码做的申请")
    page.get_by_role("link", name="加入", exact=True).click()
    expect(page.locator(f"#joining-{WUQIAO}")).to_contain_text("王敏")
    expect(page.locator(f"#joining-{YONGJI}")).to_contain_text("邀请码错 2 次")
    page.click(f"#joining-{WUQIAO} a")
    expect(page.locator("#fingerprint")).to_have_count(0)
    for text in (f"hub county approve {WUQIAO} --by NAME", "批准", "E-JOIN-016", "号码不取自申请"):
        expect(page.locator("#list")).to_contain_text(text)
    page.get_by_role("button", name="English").click()
    expect(page.locator("#list")).to_contain_text("Two approvals to come")
    view.joinings_ = [joining("approved")]
    page.reload()
    expect(page.locator("#fingerprint")).to_have_text("01234-56789")
    view.joinings_ = [joining(state, county=f"13092{at}") for at, state in enumerate(STEPS)]
    page.click('.path a[href="/joining"]')
    expect(page.locator("#list tbody tr")).to_have_count(len(STEPS))
    assert all(
        command.startswith(("hub county ", "certs county ")) for step in STEPS.values() for command in step.commands
    )


def test_whose_renewal_waits_for_the_authority(page, view):
    """The overview says it; its page has since when, until when the present key holds, and the commands."""
    came_at, ends_at = datetime.now(UTC) - timedelta(hours=3), datetime.now(UTC) + timedelta(days=98)
    waiting = RenewalRow(county=WUQIAO, name="吴桥县", came_at=came_at, ends_at=ends_at, answered_at=None)
    answered = replace(waiting, county=YONGJI, name="永济市", answered_at=datetime.now(UTC))
    view.renewals_ = [waiting, answered]
    expect(page.locator("#attention")).to_contain_text("吴桥县的续期申请等发证机构签发")
    page.get_by_role("link", name="证书续期", exact=True).click()
    expect(page.locator(f"#renewal-{WUQIAO}")).to_contain_text("等发证机构签发")
    expect(page.locator(f"#renewal-{WUQIAO}")).to_contain_text(str(ends_at.date()))
    expect(page.locator(f"#renewal-{YONGJI}")).to_contain_text("等县里取走")
    for command in COMMANDS:
        expect(page.locator("#list")).to_contain_text(command)
    page.get_by_role("button", name="English").click()
    expect(page.locator("#list")).to_contain_text("waits for the authority")
    view.renewals_ = []
    page.reload()
    expect(page.locator("#list")).to_contain_text("No county is renewing")


def test_the_overview_is_for_everybody_and_has_its_row_in_the_index(page, request, tmp_path):
    """One page in the large type has no grave finding of axe; and what `make pages` keeps of it."""
    page.get_by_role("button", name="关怀版").click()
    expect(page.locator("html")).to_have_attribute("data-type", "large")
    assert findings(page) == []
    recorder = Recorder(tmp_path)
    recorder.record(request.node, "failed", 1.234)
    recorder.pytest_sessionfinish()
    (row,) = json.loads((tmp_path / INDEX).read_text(encoding="utf-8"))
    assert (tmp_path / row.pop("screenshot")).read_bytes().startswith(b"\x89PNG")
    assert row.pop("journey").endswith(f"test_pages_hub.py::{request.node.name}")
    assert row == {
        "page": "/", "language": "zh-CN", "width": 1366, "scheme": "light", "type": "large", "result": "failed",
        "seconds": 1.23, "pictures": [], "keys": 0,
    }  # fmt: skip
    page.close()
    recorder.record(request.node, "passed", 0)
    recorder.pytest_sessionfinish()
    closed = json.loads((tmp_path / INDEX).read_text(encoding="utf-8"))[1]
    assert (closed["result"], closed["screenshot"], closed["width"]) == ("passed", "", 1366)


def test_a_page_that_gives_no_picture_in_time_has_failed_and_the_run_goes_on(page, request, tmp_path):
    """Its time or the whole test's may be over: either way its row says so, and the recorder has the next ones."""
    recorder = Recorder(tmp_path)
    before = signal.signal(signal.SIGALRM, lambda *_: pytest.fail("Timeout (>300.0s) from pytest-timeout."))
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    for milliseconds, seconds in ((50, 0), (5_000, 0.05)):
        page.set_default_timeout(milliseconds)
        page.evaluate("setTimeout(() => { const end = Date.now() + 600; while (Date.now() < end); })")
        signal.setitimer(signal.ITIMER_REAL, seconds)
        recorder.record(request.node, "passed", 1.0)
    signal.signal(signal.SIGALRM, before)
    signal.setitimer(signal.ITIMER_REAL, left)
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    recorder.record(request.node, "passed", 1.0)
    recorder.pytest_sessionfinish()
    rows = json.loads((tmp_path / INDEX).read_text(encoding="utf-8"))
    assert [(row["page"], row["result"], bool(row["screenshot"])) for row in rows] == [
        ("/", "failed", False), ("/", "failed", False), ("/", "passed", True),
    ]  # fmt: skip


def joining(state: str, *, county: str = WUQIAO, attempts: int = 0) -> JoiningRow:
    """A county on its way."""
    at = datetime.now(UTC) - timedelta(hours=2)
    acts = [("invited", ""), ("requested", ""), ("approved", "王敏")]
    return JoiningRow(
        county=county,
        name="吴桥县" if county == WUQIAO else "永济市",
        state=state,
        since_at=at,
        until_at=at + timedelta(hours=72),
        attempts=attempts,
        keys_fingerprint="01234-56789",
        findings=[YunhuobanError(FINDINGS, place="halls", found="0")],
        acts=[JoiningAct(act=act, at=at, by=by, note="") for act, by in acts],
        reason="",
    )
