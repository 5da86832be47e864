"""What goes wrong at a sign-in, and two persons on one page, in a real browser; the usual day: `walks`."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from adapters.hall.desk.printdesk import build_app
from adapters.hall.people.opening import CountyPeople
from pages.access import Access
from pages.serving import Serving
from tests.journey.pages_fakes import PATIENCE_MILLISECONDS, Desk, chromium
from tests.people_world import OWN, People

pytestmark = pytest.mark.long

SIZES = {"screen": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}
SHOTS = os.environ.get("PAGES_SHOTS", "")

browser = pytest.fixture(scope="module")(chromium)


@pytest.fixture
def port(people: People) -> Iterator[int]:
    """The desk with sign-in, served."""
    county = CountyPeople(
        shelf=people.shelf, accounts=people.accounts, organisation=people.organisation, sign_in=people.sign_in
    )
    access = Access(people=people.sign_in)
    app = build_app(Desk(), access, None, people.sign_in)
    app.include_router(county.pages(access))
    with Serving(app) as serving:
        yield serving.port


@pytest.fixture(params=sorted(SIZES))
def page(request: pytest.FixtureRequest, browser: Browser, port: int) -> Iterator[Page]:
    """A browser without a past; whatever it reports as an error fails the test."""
    context = browser.new_context(viewport=SIZES[request.param], base_url=f"http://127.0.0.1:{port}")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MILLISECONDS)
    failures: list[str] = []
    opened.on("pageerror", lambda error: failures.append(str(error)))
    opened.on("console", lambda line: failures.append(line.text) if "Content Security" in line.text else None)
    yield opened
    context.close()
    assert failures == []


def typed(page: Page, *words: str) -> None:
    """Type into the fields one after the other, beginning where the page put the cursor, and send."""
    for number, word in enumerate(words):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.type(word)
    page.keyboard.press("Enter")


def shot(page: Page, name: str) -> None:
    """The page fits its width; kept as a picture where one is wanted."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{page.viewport_size['width']}.png", full_page=True)


def tab_to(page: Page, name: str) -> None:
    """Go on with Tab until this button has the focus."""
    for _ in range(60):
        if page.evaluate("document.activeElement.textContent").strip() == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(name)


def test_wrong_passwords_end_in_a_wait_that_says_how_long(page: Page, people: People) -> None:
    """In English: five failures, then minutes; after the wait the right one opens."""
    people.enrolled()
    page.goto("/")
    tab_to(page, "English")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Sign in")
    expect(page.locator("#account")).to_be_focused()
    typed(page, "zhang.san", "wrong wrong")
    for _ in range(4):
        expect(page.locator("#notice")).to_contain_text("E-PAGE-061")
        expect(page.locator("#password")).to_be_focused()
        page.evaluate("document.getElementById('notice').replaceChildren()")
        typed(page, "wrong wrong")
    expect(page.locator("#notice")).to_contain_text("E-PAGE-061")
    expect(page.locator("#password")).to_be_focused()
    typed(page, OWN)
    expect(page.locator("#notice")).to_contain_text("wait 15 minutes")
    shot(page, "wait")
    people.later(minutes=16)
    typed(page, OWN)
    expect(page.locator("#code")).to_be_focused()


def test_two_persons_sign_on_one_page(page: Page, people: People) -> None:
    """Nothing came out of the printer: the second person signs below the first one's work, with their own factors."""
    people.enrolled()
    people.enrolled("li.si", "stock_keeper")
    page.goto("/authorisations/PA-140881-000030")
    typed(page, "zhang.san", OWN)
    expect(page.locator("#code")).to_be_focused()
    typed(page, people.code())
    page.locator("#reason").focus()
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#reason")).to_have_value("nothing")
    page.locator("#second-account").focus()
    if page.viewport_size == SIZES["screen"]:
        shot(page, "two-persons")
    typed(page, "zhang.san", OWN, people.code())
    expect(page.locator("#notice")).to_contain_text("E-PAGE-066")
    page.locator("#second-account").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("li.si")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type(people.code("li.si"))
    page.keyboard.press("Enter")
    expect(page.locator("#job")).to_contain_text("已作废")
