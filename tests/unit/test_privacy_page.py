"""The page of privacy promises what a test holds: each requirement names tests that exist, or says "not yet"."""

import ast
import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = {"en": "not yet", "zh-CN": "还没有"}
ROW = re.compile(r"^\| (P\d+) \| .* \| (.*) \|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`")


def rows(language: str) -> dict[str, str]:
    """The last cell of each requirement."""
    return dict(ROW.findall((CHECKOUT / "docs" / language / "privacy.md").read_text(encoding="utf-8")))


def held_in(file: Path) -> set[str]:
    """The tests of a file."""
    found = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return {each.name for each in found if isinstance(each, ast.FunctionDef)}


@pytest.mark.parametrize("language", PAGES)
def test_each_requirement_names_its_tests_or_says_that_there_is_none(language: str) -> None:
    """P1 to P20 in order; a test that was renamed or taken out is missed here."""
    found = rows(language)
    assert list(found) == [f"P{number}" for number in range(1, 21)]
    for number, cell in found.items():
        named = NAMED.findall(cell)
        assert (cell == PAGES[language]) is not bool(named), number
        missing = [(file, name) for file, name in named if name not in held_in(CHECKOUT / file)]
        assert missing == [], number


def test_both_languages_name_the_same() -> None:
    """Whoever reads either page is promised the same."""
    english, chinese = ({number: NAMED.findall(cell) for number, cell in rows(each).items()} for each in PAGES)
    assert english == chinese
