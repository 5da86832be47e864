"""Pictures of the main pages as the busy hub shows them, by a headless Chromium."""

from collections.abc import Collection
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from pages import addresses
from tests.journey.pages_fakes import CHROMIUM
from tests.rehearsal.stage import Stage

PAGES: Final = {
    "overview": "/",
    "wall": "/wall",
    "queues": "/queues",
    "cases": "/cases",
    "dead": "/dead",
    "supervision": "/supervision",
    "partners": "/partners",
    "alerts": "/alerts",
    "offline": "/offline",
    "counties": "/counties",
}
_WIDTHS: Final = {"": (1366, 768), "-390": (390, 844)}


TROUBLED: Final = ("overview", "wall", "alerts", "dead", "queues", "offline")
"""Those that are worth a look while something is the matter."""


def take(stage: Stage, folder: Path, *, only: Collection[str] = PAGES, prefix: str = "") -> list[Path]:
    """Each page at both widths, whole; returns the files."""
    made: list[Path] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        try:
            context = browser.new_context(locale="zh-CN")
            page = context.new_page()
            page.goto(addresses.ask(stage.hub / "web.address", timeout_seconds=30.0))
            origin = page.evaluate("location.origin")
            for name, path in PAGES.items():
                if name not in only:
                    continue
                made += [_shot(page, f"{origin}{path}", folder / f"{prefix}{name}{end}.png", size)
                         for end, size in _WIDTHS.items()]  # fmt: skip
        finally:
            browser.close()
    return made


def _shot(page: Page, address: str, target: Path, size: tuple[int, int]) -> Path:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(address)
    page.screenshot(path=target, full_page=True)
    return target
