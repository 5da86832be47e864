"""The digest of a recording, computed in a real browser: of the file that was chosen last, whichever is ready first."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.pages_fakes import chromium

pytestmark = pytest.mark.long

SCRIPT = Path(__file__).parents[2] / "pages" / "assets" / "hashing.js"
FORM = """<form><div class="row"><input type="file" data-hashed="sha256"><progress value="0" max="1" hidden></progress>
<input name="sha256"><input name="size_bytes"><button>Send</button></div></form>"""
CHOOSE = """sizes => {
  const input = document.querySelector("input[type=file]");
  for (const [letter, size] of sizes) {
    const held = new DataTransfer();
    held.items.add(new File([letter.repeat(size)], letter));
    input.files = held.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  return document.querySelector("button").disabled;
}"""
LARGE, SMALL = ("a", 24 * 1024 * 1024), ("b", 1000)

browser = pytest.fixture(scope="module")(chromium)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A form with a field for a digest, and nothing else."""
    made = browser.new_page()
    made.set_content(FORM)
    made.add_script_tag(path=SCRIPT)
    yield made
    made.close()


@pytest.mark.parametrize("sizes", [[LARGE, SMALL], [SMALL, LARGE], [LARGE]], ids=["small last", "large last", "one"])
def test_the_digest_is_of_the_file_that_was_chosen_last(page: Page, sizes: list[tuple[str, int]]) -> None:
    """And nothing can be sent before it is there."""
    assert page.evaluate(CHOOSE, sizes)
    expect(page.locator("button")).to_be_enabled()
    letter, size = sizes[-1]
    expect(page.locator("[name=sha256]")).to_have_value(hashlib.sha256(letter.encode() * size).hexdigest())
    expect(page.locator("[name=size_bytes]")).to_have_value(str(size))
