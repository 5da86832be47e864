"""The file of `adapter translate --html` in a county's browser: each problem at its field, and nobody's data."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from typer.testing import CliRunner

from adapters.cli import app
from tests.journey.pages_fakes import chromium

WUQIAO = Path(__file__).parents[2] / "adapters" / "counties" / "wuqiao_130928"
browser = pytest.fixture(scope="module")(chromium)


def test_both_sides_in_a_browser(browser: Browser, tmp_path: Path) -> None:
    """Opened from the disk: the wrong identity number has its sentence right below it; the screen is wide enough."""
    file = tmp_path / "out.html"
    CliRunner().invoke(app, ["translate", str(WUQIAO), "--html", str(file)])
    page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    expect(page.locator("#record-1")).to_contain_text("可以报出")
    wrong = page.locator("tr.wrong", has_text="applyer_page_code").first
    expect(wrong).to_contain_text("证件号码")
    expect(wrong).not_to_contain_text("130928198501010")
    expect(wrong.locator("xpath=following-sibling::tr[1]")).to_contain_text("E-ID-023")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert asked == [file.as_uri()], "it loads nothing else"
    page.context.close()
