"""Every main page as everybody looks at it: axe finds nothing grave, nothing stands over the edge of the screen.

Light and dark, usual and large type, a clerk's screen and a telephone's, both languages. The short slice, one page of
the hub, stands in `test_pages_hub.py`; the colours by themselves in `tests/unit/pages/test_contrast.py`.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

from tests.journey.axe import findings
from tests.journey.pages_fakes import chromium
from tests.journey.pages_looked import looking, turn_to
from tests.journey.pages_sites import PAGES, Site, all_sites
from tests.pages.faults import too_wide, wordless
from tests.pages.look import LOOKS, NARROWEST, ZOOMED, Look

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

NAMES = [(site, name) for site, names in PAGES.items() for name in names]
NARROW = [  # every two meet here, too
    Look(screen=ZOOMED),
    Look(screen=ZOOMED, type="large", language="en"),
    Look(screen=NARROWEST, language="en"),
    Look(screen=NARROWEST, type="large"),
]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, quick_passwords: None) -> Iterator[dict[str, Site]]:
    """Everything that has pages."""
    with all_sites(tmp_path_factory.mktemp("sites")) as made:
        yield made


@pytest.fixture(scope="module")
def browser(sites: dict[str, Site]) -> Iterator[Browser]:
    """Debian's Chromium; the sites first, because sealing must not run inside the browser's event loop."""
    yield from chromium()


@dataclass
class Desks:
    """One browser window for each way of looking at an application, kept until another way comes."""

    browser: Browser
    sites: dict[str, Site]
    stack: ExitStack = field(default_factory=ExitStack)
    now: tuple[str, Look] | None = None
    page: Page = field(init=False)

    def at(self, site: str, name: str, look: Look) -> Page:
        """The page, open."""
        if self.now != (site, look):
            self.stack.close()
            self.page = self.stack.enter_context(looking(self.browser, self.sites[site], look))
            self.now = site, look
        turn_to(self.page, self.sites[site], name, look)
        return self.page


@pytest.fixture(scope="module")
def desks(browser: Browser, sites: dict[str, Site]) -> Iterator[Desks]:
    """Closed at the end: an error that the browser reported fails then."""
    made = Desks(browser, sites)
    with made.stack:
        yield made


@pytest.fixture
def page(desks: Desks, where: tuple[str, str], look: Look) -> Page:
    """One page, looked at in one way."""
    return desks.at(*where, look)


@pytest.mark.parametrize("where", NAMES, ids="-".join)
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_page_has_no_grave_finding_and_fits(page: Page) -> None:
    """No finding of axe that is serious or critical; no sideways scrolling; each state has a sign and a word."""
    assert findings(page) == []
    assert too_wide(page) == []
    assert wordless(page) == []


@pytest.mark.parametrize("where", NAMES, ids="-".join)
@pytest.mark.parametrize("look", NARROW, ids=str)
def test_a_page_reflows(page: Page) -> None:
    """At 200 % on a clerk's screen, and at 320 pixels, it is read from top to bottom (WCAG 2.2, 1.4.10)."""
    assert too_wide(page) == []


@pytest.mark.parametrize("where", [each for each in NAMES if each[0] != "public"], ids="-".join)
@pytest.mark.parametrize("look", [Look()], ids=str)
def test_the_first_key_leads_past_the_bar_and_the_focus_is_seen(page: Page) -> None:
    """Tab shows the way to the text; what has the focus has an outline, in every place of the bar."""
    # Some pages begin in a field: from the very beginning it is one Tab to the skip link.
    page.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(6):
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Tab")
