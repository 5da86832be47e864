"""The public pages in a real browser, over TLS, at a phone's width: what a passer-by sees, without a mouse."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from adapters.scanning.progresslink import progress_link
from hub.store import tables
from tests.county_world import WINDOW
from tests.journey.pages_fakes import PATIENCE_MILLISECONDS, chromium
from tests.scanning_world import Scanned, licensed, served
from tests.witness_world import Stage

pytestmark = pytest.mark.long  # the short slice: test_scanning.py, and the script's labels in test_scanning_any.py

PHONE = {"width": 360, "height": 740}
CLERK = {"width": 1366, "height": 768}
SHOTS = os.environ.get("SCANNING_SHOTS", "")


@pytest.fixture
def paper(stage: Stage) -> Scanned:
    """A license on paper; made before the browser's event loop begins."""
    return licensed(stage)


@pytest.fixture
def browser(paper: Scanned) -> Iterator[Browser]:
    """Debian's Chromium."""
    yield from chromium()


@pytest.fixture
def site(paper: Scanned, tmp_path: Path) -> Iterator[str]:
    """The pages, served."""
    with served(paper.stage, tmp_path) as address:
        yield address


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A phone; an error in the browser or against the policy fails the test."""
    context = browser.new_context(viewport=PHONE, ignore_https_errors=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if "Content Security" in line.text else None)
    yield page
    context.close()
    assert wrong == []


def fits(page: Page) -> bool:
    """Nothing is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def shot(page: Page, name: str) -> None:
    """A picture for whoever looks at the page, when a folder is named."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def test_a_phone_scans_the_paper(paper: Scanned, site: str, phone: Page):
    """The token never leaves the browser; the face is opened there, beside the state."""
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(f"{request.url} {request.post_data or ''}"))
    phone.goto(f"{site}/v#{paper.token.hex()}")
    expect(phone.locator("[data-state=valid]")).to_be_visible()
    expect(phone.locator("[data-field=name]")).to_have_text("营业执照")
    expect(phone.locator("[data-field=valid_until]")).to_have_text("长期")
    expect(phone.locator("[data-trial]")).to_be_hidden()
    assert phone.locator("[data-state]:visible").count() == 1
    assert fits(phone)
    shot(phone, "license-phone-zh")
    assert not [each for each in asked if paper.token.hex() in each.replace(f"#{paper.token.hex()}", "")]
    assert phone.evaluate("document.activeElement.tagName") == "H1", "a screen reader begins with what was found"


def test_both_languages_every_state_and_keyboard(paper: Scanned, site: str, phone: Page):
    """The switch keeps the paper; each state has its word; expired by its day; unknown is not called forged."""
    address = f"{site}/v#{paper.token.hex()}"
    phone.goto(address)
    expect(phone.locator("[data-state=valid]")).to_be_visible()
    phone.locator("#language").focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("The authority says that this license is valid now")).to_be_visible()
    assert phone.url.endswith(f"?lang=en#{paper.token.hex()}")
    assert fits(phone)
    shot(phone, "license-phone-en")
    for state in ("suspended", "revoked", "withdrawn", "cancelled", "lost", "transferred_out", "superseded", "expired"):
        with paper.stage.hub.world.store.write() as tx:
            tx.execute(update(tables.licenses).values(state=state))
        phone.goto(f"{site}/")
        phone.goto(address)
        expect(phone.locator(f"[data-state={state}]")).to_be_visible()
        assert phone.locator("[data-state]:visible").count() == 1
        if state in ("suspended", "revoked", "superseded"):
            shot(phone, f"license-phone-{state}")
    phone.goto(f"{site}/v#{'0' * 32}")
    expect(phone.locator("[data-part=unknown]")).to_be_visible()
    expect(phone.locator("[data-part=unknown]")).to_contain_text("不等于证照是假的")
    assert phone.locator("[data-part]:visible").count() == 1
    shot(phone, "license-phone-unknown")
    phone.goto(f"{site}/v#{'0' * 31}")
    expect(phone.locator("[data-part=none]")).to_be_visible()
    shot(phone, "license-phone-none")
    phone.evaluate("location.hash = ''")
    expect(phone.locator("[data-part=none]")).to_be_visible()
    phone.set_viewport_size(CLERK)  # type: ignore[arg-type]
    phone.evaluate("token => { location.hash = token }", paper.token.hex().upper())
    expect(phone.locator("[data-state=expired]")).to_be_visible()
    shot(phone, "license-desk")


def test_a_specimen_is_never_called_valid(stage: Stage, tmp_path: Path):
    """样张 in large letters, and no state but a bad one."""
    paper = licensed(stage, trial=True)
    with served(stage, tmp_path) as site:
        for browser in chromium():
            page = browser.new_context(viewport=PHONE, ignore_https_errors=True).new_page()  # type: ignore[arg-type]
            page.goto(f"{site}/v#{paper.token.hex()}")
            expect(page.locator("[data-trial]")).to_be_visible()
            assert page.locator("[data-state]:visible").count() == 0
            shot(page, "license-phone-trial")


def test_a_valid_license_whose_last_day_is_over_is_shown_as_expired(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Nobody has to sign that a day has come."""
    from adapters.scanning import registering
    from adapters.scanning.face import masked_face

    last = (stage.counties.now.date()).replace(year=2020)
    monkeypatch.setattr(
        registering, "masked_face", lambda record, *, trial: masked_face({**record, "valid_until": last}, trial=trial)
    )
    paper = licensed(stage)
    with served(stage, tmp_path) as site:
        for browser in chromium():
            page = browser.new_context(viewport=PHONE, ignore_https_errors=True).new_page()  # type: ignore[arg-type]
            page.goto(f"{site}/v#{paper.token.hex()}")
            expect(page.locator("[data-state=expired]")).to_be_visible()
            expect(page.locator("[data-field=valid_until]")).to_have_text(last.isoformat())


def test_a_receipt_shows_its_progress_and_sends_its_link_in_no_address(paper: Scanned, site: str, phone: Page):
    """Steps and days; in both languages; a second receipt in the same tab; a forged one is told so."""
    stage = paper.stage
    identity = stage.counties.network.identities[WINDOW]
    address = progress_link(identity, paper.case_no, host="x", now=stage.counties.now)
    fragment = address.partition("#")[2]
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.goto(f"{site}/p#{fragment}")
    expect(phone.locator("[data-part=answer]")).to_contain_text("收件窗口正在打印证照")
    assert fits(phone)
    shot(phone, "progress-phone-zh")
    assert not [each for each in asked if fragment[:40] in each.partition("#")[0]]
    phone.locator("#language").click()
    expect(phone.locator("[data-part=answer]")).to_contain_text("The window is printing the license")
    shot(phone, "progress-phone-en")
    phone.evaluate("location.hash = 'a.b.c'")
    expect(phone.locator("[data-part=answer]")).to_contain_text("E-VIEW-003")
    shot(phone, "progress-phone-refused")
    phone.set_viewport_size(CLERK)  # type: ignore[arg-type]
    phone.evaluate("link => { location.hash = link }", fragment)
    expect(phone.locator("[data-part=answer]")).to_contain_text("The window is printing the license")
    shot(phone, "progress-desk")


def test_without_script_and_without_network_the_page_says_so(paper: Scanned, site: str, browser: Browser):
    """No empty page: without JavaScript a notice, without an answer that this says nothing against the license."""
    blind = browser.new_context(viewport=PHONE, ignore_https_errors=True, java_script_enabled=False)  # type: ignore[arg-type]
    page = blind.new_page()
    page.goto(f"{site}/v#{paper.token.hex()}")
    expect(page.get_by_text("这个页面需要 JavaScript")).to_be_visible()
    shot(page, "license-phone-noscript")
    blind.close()
    lost = browser.new_context(viewport=PHONE, ignore_https_errors=True)  # type: ignore[arg-type]
    page = lost.new_page()
    page.route("**/find?*", lambda route: route.abort())
    page.goto(f"{site}/v#{paper.token.hex()}")
    expect(page.locator("[data-part=failed]")).to_be_visible()
    expect(page.locator("[data-part=failed]")).to_contain_text("不说明证照或办件有问题")
    page.unroute("**/find?*")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-state=valid]")).to_be_visible()
    lost.close()
