"""A county without a system of its own decides at its desk in a real browser: by keyboard alone, and by touch.

Pages, store, signatures, mails and the preview's renderer are real; between the counties stands the scripted hub of
`tests.county_world`, so that the window's county hears of each step within the test.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from sqlalchemy import select

from adapters.hall.approving.acts import Act
from adapters.hall.approving.page import router
from adapters.hall.approving.specimen import Specimens
from adapters.hall.handwriting.tables import handwriting
from adapters.licenses.render import Renderer
from adapters.printing import ledger
from adapters.printing.states import PrintState
from adapters.store import tables
from pages.access import Access
from pages.frame import Frame
from pages.serving import Serving
from tests.county_begun import begin_at
from tests.county_world import ISSUING, WINDOW, World
from tests.journey.pages_fakes import PATIENCE_MILLISECONDS, chromium
from tests.journey.test_taking import put, tab_to
from tests.unit.adapters.approving.test_approval_desk import CREDIT_CODE, desk_of, files_of, press
from tests.unit.adapters.conftest import county_network as county_network  # noqa: PLC0414 -- fixtures
from tests.unit.adapters.conftest import world as world  # noqa: PLC0414
from tests.unit.adapters.noticing.test_notices import Post, watch_of
from tests.unit.adapters.noticing.test_notices import post as post  # noqa: PLC0414 -- a fixture

pytestmark = [pytest.mark.timeout(600), pytest.mark.long]

SCREEN: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    yield from chromium()


@contextmanager
def at_desk(world: World, context: BrowserContext) -> Iterator[Page]:
    """The issuing county's desk in a browser; an error there, or something that the policy stops, fails the test."""
    access = Access()
    app = Frame(name="审批台", access=access, packages=["adapters.hall.approving"]).application()
    app.include_router(
        router(desk_of(world), files_of(world), Specimens(world.issuing.settings, Renderer()), access, world.clock)
    )
    failures: list[str] = []
    with Serving(app) as serving:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda line: failures.append(line.text) if "Content Security" in line.text else None)
        page.goto(access.address(serving.port))
        page.goto(f"http://127.0.0.1:{serving.port}/approvals")
        yield page
        context.close()
    assert failures == []


def day(after: int) -> str:
    """A day as it is typed into a date field of this browser."""
    return f"{date.today() + timedelta(days=after):%m%d%Y}"  # noqa: DTZ011 -- the browser's own day


def told(post: Post) -> str:
    """What the newest mail says."""
    body = message_from_bytes(post.mails[-1], policy=policy.default).get_body(("plain", "html"))
    assert body is not None
    return str(body.get_content())


def sent(world: World) -> list[str]:
    """The types that the issuing county has written, in order."""
    rows = select(tables.outbox.c.type).where(tables.outbox.c.chained).order_by(tables.outbox.c.seq)
    return [kind for (kind,) in world.issuing.rows(rows)]


def prints(world: World) -> list[PrintState]:
    """The states of the window's authorisations."""
    with world.window.store.read() as tx:
        return [each.state for each in ledger.entries(tx, states=set(PrintState))]


def focus(page: Page, css: str) -> None:
    """Tab until this has the focus."""
    tab_to(page, lambda: page.evaluate("css => document.activeElement.matches(css)", css))


def begin(page: Page, act: str) -> None:
    """From the page of a case to the paper of one act."""
    focus(page, f"a[href$='/{act}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{act}")
    page.wait_for_load_state("load")


def fill(page: Page, **answers: str) -> None:
    """Each answer in its field, reached with Tab; a day as one types it."""
    for name, text in answers.items():
        focus(page, f"[name='{name}']")
        if page.evaluate("document.activeElement.type") == "date":
            page.keyboard.type(text)
        else:
            put(page, text)


def submit(page: Page, shown: str) -> None:
    """Enter on the button, twice: one act; back on the case, which says so."""
    focus(page, "form button.primary")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/approvals/[0-9A-Z-]+$"))
    expect(page.locator("#main")).to_contain_text(shown)


def test_by_keyboard_alone_from_the_inbox_to_the_revoked_license(
    world: World, browser: Browser, post: tuple[Post, str]
) -> None:
    """Supplement notice, acceptance, special procedure, grant with preview, a license revoked by a second person.

    Each is pressed twice and said once; whoever is next to act is told by mail, and the window's sheet is void.
    """
    taken, url = post
    case_no = begin_at(world, "application.submitted")
    watch_of(world, ISSUING, approver=url).run_once(world.now)
    assert "有 1 件新办件等待办理" in told(taken)
    with at_desk(world, browser.new_context(viewport=SCREEN)) as page:  # type: ignore[arg-type]
        focus(page, f"#case-{case_no} a")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/approvals/{case_no}")
        begin(page, "supplement")
        fill(page, supply_until=day(15), defect_material="公司章程", defect_problem="没有签名", defect_remedy="补签")
        submit(page, "待补正")
        begin(page, "accept")
        fill(page, promised_on=day(10))
        submit(page, "已受理")
        begin(page, "open_procedure")
        expect(page.locator(".rule")).to_contain_text("行政许可法第四十五条")
        fill(page, procedure="hearing", expected_until=day(20), reasons="利害关系人要求听证。")
        submit(page, "特别程序期间，时限暂停")
        begin(page, "close_procedure")
        fill(page, result="听证会认为符合条件。")
        submit(page, "已受理")
        begin(page, "grant")
        fill(page, license_number=CREDIT_CODE)
        focus(page, "button[hx-post$='/specimen']")
        page.keyboard.press("Enter")
        expect(page.locator("#specimen img")).to_be_visible()
        focus(page, "[name='signed_on_paper']")
        page.keyboard.press("Space")
        submit(page, "准予许可")
        world.settle()
        watch_of(world, WINDOW, clerk=url).run_once(world.now)
        assert "张证照等待打印" in told(taken)
        page.reload()
        begin(page, "change_state")
        fill(page, license_state="revoked", reasons="登记材料不实。")
        submit(page, "等待批准")
        world.later(hours=1)
        watch_of(world, ISSUING, approver=url).run_once(world.now)
        assert "有 1 项等待另一位审批人员批准" in told(taken)
        focus(page, "a[href*='/proposals/']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/proposals/**")
        expect(page.locator("#main")).to_contain_text("登记材料不实。")
        focus(page, "[name='signed_on_paper']")
        page.keyboard.press("Space")
        submit(page, "撤销")
    world.settle()
    assert prints(world) == [PrintState.REVOKED]
    said = [each for each in sent(world) if each not in ("print.authorised", "license.issued")]
    assert said == ["supplement.requested", "application.accepted", "procedure.opened", "procedure.closed",
                    "decision.made", "license.state_changed"]  # fmt: skip


def test_by_touch_on_a_phone_in_english(world: World, browser: Browser) -> None:
    """The same with a thumb: nothing is wider than the screen, signatures are drawn with a finger, nothing is Chinese.

    What a colleague proposed is approved on the way, by another person.
    """
    case_no = begin_at(world, "application.submitted")
    soon = date.today() + timedelta(days=10)  # noqa: DTZ011 -- the browser's own day
    phone = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    with at_desk(world, phone) as page:
        page.get_by_role("button", name="English").tap()
        expect(page.get_by_role("button", name="Find")).to_be_visible()
        page.locator(f"#case-{case_no} a").tap()
        page.wait_for_url(f"**/approvals/{case_no}")
        touch(page, "Notice of everything missing", supply_until=soon, defect_material="Articles",
              defect_problem="not signed", defect_remedy="sign them")  # fmt: skip
        touch(page, "Accept", promised_on=soon)
        touch(page, "Open a special procedure", procedure="hearing", expected_until=soon, reasons="Asked for.")
        expect(page.locator("#clock")).to_contain_text("Paused since")
        touch(page, "Close the special procedure", result="Conditions met.")
        press(desk_of(world), case_no, Act.EXTEND, extended_days="2", reasons="案情复杂。")
        page.reload()
        second(page)
        expect(page.get_by_role("link", name="Extend the limit")).to_have_count(0)
        page.get_by_role("link", name="Grant", exact=True).tap()
        page.wait_for_url("**/grant")
        page.locator("[name='license_number']").fill(CREDIT_CODE)
        page.get_by_role("button", name="Preview the license").tap()
        expect(page.locator("#specimen img")).to_be_visible()
        finish(page, sign=True)
        world.settle()
        page.reload()
        touch(page, "Change the license's state", license_state="suspended", reasons="For a time.")
        second(page)
        expect(page.locator("#main")).to_contain_text("Suspended")
    assert sent(world).count("deadline.extended") == sent(world).count("license.state_changed") == 1
    assert len(world.issuing.rows(select(handwriting.c.message_id))) == 3
    assert prints(world) == [PrintState.AUTHORISED]


def touch(page: Page, act: str, *, sign: bool = False, **answers: object) -> None:
    """Tap the act, fill in its paper, tap the button below."""
    page.get_by_role("link", name=act, exact=True).tap()
    page.wait_for_url(re.compile(r"/[a-z_]+$"))
    page.wait_for_load_state("load")
    for name, text in answers.items():
        field = page.locator(f"[name='{name}']").first
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(str(text))
        else:
            field.tap()
            field.fill(str(text))
    finish(page, sign=sign)


def second(page: Page) -> None:
    """Approve what waits, with a signature."""
    page.get_by_role("link", name="Waits for approval").tap()
    page.wait_for_url("**/proposals/**")
    page.wait_for_load_state("load")
    finish(page, sign=True)


def finish(page: Page, *, sign: bool) -> None:
    """Sign if it has to be, and tap the one button that ends the paper; back on the case, all in English."""
    fits(page)
    if sign:
        draw(page)
    page.locator("form button.primary").tap()
    page.wait_for_url(re.compile(r"/approvals/[0-9A-Z-]+$"))
    page.wait_for_load_state("load")
    fits(page)
    chinese = re.compile("[\u4e00-\u9fff]")
    names = page.locator("dt, th, h2, h3, label, .button").all_inner_texts()
    assert [each for each in names if chinese.search(each)] == []


def draw(page: Page) -> None:
    """A stroke on the pad, as a finger makes it: it rests at the end, or the tap after it would only end a fling."""
    pad = page.locator(".pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)
    stroke = [{"x": box["x"] + 20 + 12 * step, "y": box["y"] + 20 + 3 * step} for step in range(12)]
    began = time.time() - 5.0
    for number, point in enumerate([*stroke, *[stroke[-1]] * 8, None]):
        kind = "touchStart" if not number else "touchMove" if point else "touchEnd"
        touched = {"type": kind, "touchPoints": [point] if point else [], "timestamp": began + number / 5}
        session.send("Input.dispatchTouchEvent", touched)
    expect(page.locator(".pad")).to_have_class(re.compile("signed"))


def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
