"""From “the holder stands here” to “paper in hand” with the keyboard alone, every process and the printer real.

What a clerk pays for it, in keys and in seconds of waiting, is written to `var/pages/printdesk.json`.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.world import WUQIAO
from tests.journey.pages_fakes import chromium
from tests.journey.real_stage import opened
from tests.journey.road import Road, until

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
MEASURED = Path(__file__).parents[2] / "var" / "pages" / "printdesk.json"
ALT = 1
"""The modifier's bit in Chromium's protocol; Playwright's own keys do not reach access keys."""


@pytest.fixture(scope="module")
def browser(road: Road) -> Iterator[Browser]:
    """Debian's Chromium, after the road (`test_real_pages`)."""
    yield from chromium()


@dataclass
class Keyboard:
    """The only thing this clerk has; counts what is pressed and how long is waited, by step."""

    page: Page
    keys: dict[str, int] = field(default_factory=dict)
    waited: dict[str, float] = field(default_factory=dict)

    def press(self, step: str, key: str) -> None:
        """One key, or one with Alt."""
        self.keys[step] = self.keys.get(step, 0) + 1
        if not key.startswith("Alt "):
            self.page.keyboard.press(key)
            return
        letter = key[-1].lower()
        told = {"key": letter, "code": f"Key{letter.upper()}", "windowsVirtualKeyCode": ord(letter.upper())}
        session = self.page.context.new_cdp_session(self.page)
        down = {"type": "keyDown", "modifiers": ALT, "text": letter, "unmodifiedText": letter}
        session.send("Input.dispatchKeyEvent", down | told)
        session.send("Input.dispatchKeyEvent", {"type": "keyUp"} | told)
        session.detach()

    def type(self, step: str, text: str) -> None:
        """Characters; what an input method adds to a Chinese one is not counted."""
        self.keys[step] = self.keys.get(step, 0) + len(text)
        self.page.keyboard.type(text)

    def wait(self, step: str, text: str, where: str = "#job") -> None:
        """Until the page says so."""
        began = time.monotonic()
        expect(self.page.locator(where)).to_contain_text(text)
        self.waited[step] = round(time.monotonic() - began, 2)


def test_from_the_holder_to_the_paper_by_keyboard(road: Road, browser: Browser) -> None:
    """Find by name, check the identity, print, type the sheet's number, confirm: one sheet, no mouse."""
    (local,) = road.submit(WUQIAO.code)
    (case_no,) = road.cases(WUQIAO.code, [local])
    (company,) = [row["qymc"] for row in road.wuqiao("SELECT qymc FROM wq_register WHERE project_no = ?", local)]
    (number,) = until(lambda: road.windows[WUQIAO.code].numbers(case_no), "an authorisation on the desk")
    address = road.stage.command("adapters", "page", "-d", str(road.world.county(WUQIAO.code))).strip()
    with opened(browser, address) as page:
        clerk = Keyboard(page)
        began = time.monotonic()
        clerk.press("find", "Alt S")
        clerk.type("find: name", company)
        clerk.press("find", "Enter")
        clerk.wait("find", number)
        expect(page.locator("#asked")).to_have_value("")
        clerk.press("identity", "Enter")
        clerk.wait("identity", company, "#holder")
        clerk.press("print", "Alt P")
        clerk.wait("print", "已出纸")
        expect(page.locator("#serial")).to_be_focused()
        clerk.type("confirm: serial", "K0000001")
        clerk.press("confirm", "Enter")
        clerk.wait("confirm", "空白证照编号 K0000001")
        seconds = round(time.monotonic() - began, 2)
    assert [each["job_name"] for each in road.sheets(case_no)] == [number]
    assert road.prints(case_no) == [(number, "printed", "K0000001")]
    looks = road.county(WUQIAO.code, "SELECT what FROM reveals WHERE case_no = ? ORDER BY id", case_no)
    assert [row["what"] for row in looks] == ["search", "holder"]
    commands = sum(count for step, count in clerk.keys.items() if ":" not in step)
    assert commands <= 6, "each key more is one more for every holder of the day"
    MEASURED.parent.mkdir(parents=True, exist_ok=True)
    found = {
        "keys": sum(clerk.keys.values()),
        "keys_beside_name_and_serial": commands,
        "keys_by_step": clerk.keys,
        "seconds_waited": round(sum(clerk.waited.values()), 2),
        "seconds_waited_by_step": clerk.waited,
        "seconds_in_all": seconds,
    }
    MEASURED.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
