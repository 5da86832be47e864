"""A clerk checks a file in a real browser: by keyboard alone, on the screen of a hall and on that of a telephone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from adapters.hall.desk.printdesk import build_app
from adapters.hall.verifying.page import attach
from adapters.licenses import template
from adapters.licenses.examining.examine import Verifier
from adapters.licenses.render import Renderer
from certs import keys
from certs.authority import Authority
from pages.access import Access
from pages.uploads.receiving import Shelf
from tests.journey.pages_fakes import Desk, chromium, opened
from tests.unit.adapters.licenses.examining import attacks
from tests.unit.adapters.licenses.license_parties import make_face, make_party

PATIENCE_MILLISECONDS = 120_000


@pytest.fixture(scope="module")
def license_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a genuine license, an altered one, and the authority to check them by."""
    tmp_path = tmp_path_factory.mktemp("license")
    party = make_party(tmp_path / "party")
    sealed = party.seal(Renderer().render_complete(make_face(), template.load(*template.DUPLICATE)))
    (tmp_path / "genuine.pdf").write_bytes(sealed)
    (tmp_path / "altered.pdf").write_bytes(attacks.cover(sealed))
    return tmp_path


@pytest.fixture(scope="module")
def browser(license_file: Path) -> Iterator[Browser]:
    """Debian's Chromium; the license first, because sealing must not run inside the browser's event loop."""
    yield from chromium()


@pytest.fixture
def page(license_file: Path, browser: Browser) -> Iterator[Page]:
    """The desk with the page beside it, opened with the printed address."""
    authority = Authority.open(license_file / "party" / "authority")
    lists = [keys.crl_der(each) for each in authority.publish_crls(now=datetime.now(UTC), days=14)]
    verifier = Verifier(anchors=[keys.der(authority.root)], crls=lists, trial=True, now=datetime.now(UTC))
    access = Access()
    app = build_app(Desk(), access)
    attach(app, lambda: (verifier, lambda _identifier: None), Shelf(license_file / "uploads"), access)
    with opened(app, access, browser) as browser_page:
        yield browser_page


def choose(page: Page, file: Path) -> None:
    """The file is chosen in the system's own dialogue, which Space opens; Tab and Enter do the rest."""
    expect(page.locator("#file")).to_be_focused()
    # Before its first frame is painted Chromium drops what is typed into a page.
    page.evaluate("new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)))")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(file)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


@pytest.mark.long
def test_a_file_is_checked_by_keyboard_alone(page, license_file):
    """Chosen, checked, told in words with its first page beside; another one after it; nothing left on the disk."""
    page.goto(page.url.split("?")[0].rstrip("/") + "/verify")
    choose(page, license_file / "genuine.pdf")
    expect(page.locator("#verdict")).to_contain_text("文件真实", timeout=PATIENCE_MILLISECONDS)
    expect(page.locator("#sealed")).to_contain_text("盖章有效")
    expect(page.locator("#state-now")).to_contain_text("不知道")
    picture = page.locator(".verified img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 500
    assert list((license_file / "uploads").iterdir()) == []

    page.locator("#file").focus()
    choose(page, license_file / "altered.pdf")
    expect(page.locator("#verdict")).to_contain_text("不要接受", timeout=PATIENCE_MILLISECONDS)
    expect(page.locator(".verdict")).to_contain_text("E-VERIFY-120")
    expect(page.locator("#lines li").first).to_be_visible()

    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#verify-title")).to_have_text("Check a license file")
