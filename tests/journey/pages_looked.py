"""One page as one person looks at it: language, light or dark, type, screen; in Debian's Chromium."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, expect

from pages.access import LANGUAGE_COOKIE
from pages.typesize import TYPE_COOKIE
from tests.journey.pages_fakes import PATIENCE_MILLISECONDS
from tests.journey.pages_sites import Site
from tests.pages.look import Look


@contextmanager
def looking(browser: Browser, site: Site, look: Look) -> Iterator[Page]:
    """Somebody's browser at a site; whatever it reports as an error fails."""
    width, height = look.screen
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if look.scheme == "dark" else "light",
        ignore_https_errors=True,
        reduced_motion="reduce",
    )
    chosen = {LANGUAGE_COOKIE: look.language, TYPE_COOKIE: look.type}
    context.add_cookies([{"name": name, "value": value, "url": site.origin} for name, value in chosen.items()])
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if "Content Security" in line.text else None)
    if address := site.address():
        page.goto(address)
    yield page
    context.close()
    assert wrong == []


def turn_to(page: Page, site: Site, name: str, look: Look) -> None:
    """Open one of its pages, and wait until it is all there."""
    path, _, fragment = site.paths[name].partition("#")
    public = f"?lang={look.language}&type={look.type}" if site.origin.startswith("https") else ""
    page.goto("about:blank")
    page.goto(f"{site.origin}{path}{public}" + (f"#{fragment}" if fragment else ""), wait_until="load")
    page.evaluate("Promise.all(Array.from(document.images, image => image.decode().catch(() => 0)))")
    if public:
        expect(page.locator("[data-part=asking]")).to_be_hidden()
        expect(page.locator("[data-part]:visible")).not_to_have_count(0)
