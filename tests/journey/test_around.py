"""A question from one county to another and its answer, in a real browser, by keyboard alone; on a telephone, too.

Pages, stores, signatures and the road between the boxes are real; between the counties stands the scripted hub of
`tests.county_world`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlalchemy import select

from adapters.hall.around.page import router
from adapters.store import tables
from pages.access import Access
from pages.frame import Frame
from pages.people.person import Person
from pages.serving import Serving
from tests.around_pages import WANG, ZHANG, desk_of
from tests.county_records import ITEM
from tests.county_world import ISSUING, WINDOW, World
from tests.journey.pages_fakes import PATIENCE_MILLISECONDS
from tests.journey.test_approving import PHONE, SCREEN, focus
from tests.journey.test_approving import browser as browser  # noqa: PLC0414 -- a fixture
from tests.journey.test_taking import put
from tests.unit.adapters.conftest import county_network as county_network  # noqa: PLC0414 -- fixtures
from tests.unit.adapters.conftest import world as world  # noqa: PLC0414

pytestmark = [pytest.mark.timeout(600), pytest.mark.long]


@contextmanager
def before(world: World, code: str, person: Person, browser: Browser, screen: ViewportSize) -> Iterator[Page]:
    """Somebody in front of a county's `/around`; an error there, or something that the policy stops, fails the test."""
    access = Access()
    access.person = person
    app = Frame(name="t", access=access, packages=[], now=world.clock).application()
    app.include_router(router(desk_of(world, code), access, lambda _number: None))
    failures: list[str] = []
    context = browser.new_context(viewport=screen)
    with Serving(app) as serving:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda line: failures.append(line.text) if "Content Security" in line.text else None)
        page.goto(access.address(serving.port))
        page.goto(f"http://127.0.0.1:{serving.port}/around")
        yield page
        context.close()
    assert failures == []


def submit(page: Page, shown: str) -> None:
    """Enter on the button, twice: one message; back on the thread, which says so."""
    focus(page, "#paper button.primary")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/around/[0-9]{6}-[0-9A-Z-]+$"))
    expect(page.locator("#main")).to_contain_text(shown)


def follow(page: Page, link: str) -> None:
    """A link, with Tab and Enter."""
    focus(page, f"a[href$='{link}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{link}*")
    page.wait_for_load_state("load")


def fill(page: Page, name: str, text: str) -> None:
    """A field, reached with Tab."""
    focus(page, f"[name='{name}']")
    put(page, text)


@pytest.mark.parametrize("screen", [SCREEN, PHONE], ids=["screen", "telephone"])
def test_a_question_is_asked_and_answered_by_keyboard(world: World, browser: Browser, screen: ViewportSize) -> None:
    """Asked with a slip that is named and mended, answered after a look for a purpose, closed: each said once."""
    with before(world, WINDOW, WANG, browser, screen) as page:
        follow(page, "/around/new")
        follow(page, "/around/new/question")
        put(page, ITEM)  # the field has the focus
        expect(page.locator(f"#hits a[href$='/{ISSUING}/{ITEM}']")).to_be_visible()
        page.keyboard.press("ArrowDown")
        follow(page, f"/{ISSUING}/{ITEM}")
        fill(page, "topic", "住所证明")
        focus(page, "#paper button.primary")
        page.keyboard.press("Enter")
        expect(page.locator("#e-text")).to_contain_text("E-AROUND-021")
        expect(page.locator("[name=topic]")).to_have_value("住所证明")
        assert page.evaluate("document.activeElement.name") == "text"
        fill(page, "text", "租赁合同没有备案，可以吗？")
        submit(page, "等待送出")
        thread = "/around/" + page.url.rpartition("/")[2]
    world.settle()
    with before(world, ISSUING, ZHANG, browser, screen) as page:
        expect(page.locator("#list section").first).to_contain_text("云咨询")
        follow(page, thread)
        expect(page.locator("#thread")).not_to_contain_text("租赁合同")
        focus(page, "#purpose")
        page.keyboard.press("ArrowDown")
        focus(page, "form.look button")
        page.keyboard.press("Enter")
        expect(page.locator("#thread")).to_contain_text("租赁合同")
        follow(page, "/question.answered")
        fill(page, "text", "可以。")
        submit(page, "云咨询答复")
    world.settle()
    with before(world, WINDOW, WANG, browser, screen) as page:
        follow(page, thread)
        follow(page, "/question.closed")
        focus(page, "[name=helpful]")
        page.keyboard.press("ArrowDown")
        submit(page, "已了结")
    world.settle()
    kinds = [
        kind
        for county in (world.window, world.issuing)
        for (kind,) in county.rows(select(tables.outbox.c.type).where(tables.outbox.c.chained))
    ]
    assert sorted(kinds) == ["question.answered", "question.asked", "question.closed"]
