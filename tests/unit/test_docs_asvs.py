"""The checklist of OWASP ASVS 5.0.0 is whole, says the same in both languages, and names tests that there are."""

import re

import pytest

from tests.documented import CHECKOUT

ROW = re.compile(r"^\| (V[\d.]+) \| ([^|]+) \| ([^|]+) \| (.*) \|$", re.MULTILINE)
STATES = {"满足": "met", "部分": "partly", "未满足": "not met", "不适用": "n/a"}
SECTIONS = {
    "V1.1": 2, "V1.2": 9, "V1.3": 11, "V1.4": 3, "V1.5": 2, "V2.1": 3, "V2.2": 3, "V2.3": 4, "V2.4": 1,
    "V3.2": 2, "V3.3": 4, "V3.4": 6, "V3.5": 5, "V3.7": 2, "V4.1": 3, "V4.2": 1, "V4.3": 2, "V4.4": 4,
    "V5.1": 1, "V5.2": 3, "V5.3": 2, "V5.4": 3, "V6.1": 3, "V6.2": 12, "V6.3": 4, "V6.4": 4, "V6.5": 5,
    "V6.6": 3, "V6.8": 4, "V7.1": 3, "V7.2": 4, "V7.3": 2, "V7.4": 5, "V7.5": 2, "V7.6": 2, "V8.1": 2,
    "V8.2": 3, "V8.3": 1, "V8.4": 1, "V9.1": 3, "V9.2": 4, "V11.1": 2, "V11.2": 3, "V11.3": 3, "V11.4": 4,
    "V11.5": 1, "V11.6": 1, "V12.1": 3, "V12.2": 2, "V12.3": 4, "V13.1": 1, "V13.2": 5, "V13.3": 2, "V13.4": 5,
    "V14.1": 2, "V14.2": 4, "V14.3": 3, "V15.1": 3, "V15.2": 3, "V15.3": 7, "V16.1": 1, "V16.2": 5, "V16.3": 4,
    "V16.4": 3, "V16.5": 3,
}  # fmt: skip
"""How many requirements of levels 1 and 2 each section has (5.0.0, the CSV that OWASP publishes); level 3 follows them.
V10 (OAuth) and V17 (WebRTC) are left out as a whole."""


def rows(language: str) -> list[tuple[str, str, str]]:
    """Number, state and what it is shown by."""
    found = ROW.findall((CHECKOUT / "docs" / language / "asvs.md").read_text(encoding="utf-8"))
    return [(number, STATES.get(state, state), shown) for number, _asks, state, shown in found]


def test_every_requirement_has_its_row_in_both_languages() -> None:
    """None is left out because it is not met, and none is met in one language only."""
    wanted = [f"{section}.{at + 1}" for section, count in SECTIONS.items() for at in range(count)]
    english, chinese = rows("en"), rows("zh-CN")
    assert [number for number, _state, _shown in english] == wanted
    assert [row[:2] for row in english] == [row[:2] for row in chinese]
    assert {state for _number, state, _shown in english} == set(STATES.values())
    named = [re.findall(r"`(test_\w+)`", shown) for _number, _state, shown in english]
    assert named == [re.findall(r"`(test_\w+)`", shown) for _number, _state, shown in chinese]


def test_every_row_says_why_and_the_numbers_at_the_top_are_right() -> None:
    """A test or a reason behind each state."""
    english = rows("en")
    assert [number for number, _state, shown in english if not shown.strip()] == []
    top = (CHECKOUT / "docs" / "en" / "asvs.md").read_text(encoding="utf-8").partition("## ")[0]
    states = [state for _number, state, _shown in english]
    said = re.search(r"Of (\d+) rows (\d+) are met, (\d+) partly, (\d+) are not met, (\d+) do not", top)
    assert said is not None
    assert [int(each) for each in said.groups()] == [len(states), *(states.count(each) for each in STATES.values())]


@pytest.fixture(scope="module")
def tests() -> set[str]:
    """The name of every test that there is."""
    sources = (file.read_text(encoding="utf-8") for file in (CHECKOUT / "tests").rglob("test_*.py"))
    return {name for source in sources for name in re.findall(r"^ *(?:async )?def (test_\w+)", source, re.MULTILINE)}


def test_the_named_tests_exist(tests: set[str]) -> None:
    """A test that is renamed or removed takes its row along."""
    named = {name for _number, _state, shown in rows("en") for name in re.findall(r"`(test_\w+)`", shown)}
    assert named - tests == set()
