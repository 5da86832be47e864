"""The documentation says the same in Chinese and English."""

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
ENGLISH = CHECKOUT / "docs" / "en"
CHINESE = CHECKOUT / "docs" / "zh-CN"
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
PAIRS = [
    (CHECKOUT / "README.md", CHECKOUT / "README.zh-CN.md"),
    *((page, CHINESE / page.relative_to(ENGLISH)) for page in sorted(ENGLISH.rglob("*.md"))),
]


def names(pair):
    """Name a pair of pages by the English one."""
    return str(pair[0].relative_to(CHECKOUT))


def outline(page):
    """Return the levels of the headings in order: the words differ, the shape may not."""
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    return [len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)]


def commands(page):
    """Return the fenced blocks, without comments, which are prose."""
    blocks = FENCE.findall(page.read_text(encoding="utf-8"))
    return [re.sub(r" +#.*", "", block) for block in blocks]


def test_each_page_has_its_twin():
    """No page exists in one language only."""
    english = {page.relative_to(ENGLISH) for page in ENGLISH.rglob("*.md")}
    chinese = {page.relative_to(CHINESE) for page in CHINESE.rglob("*.md")}
    assert english
    assert english == chinese


@pytest.mark.parametrize("pair", PAIRS, ids=names)
def test_both_languages_have_equal_headings_and_commands(pair):
    """A section or a command added in one language is added in the other."""
    english, chinese = pair
    assert outline(english) == outline(chinese)
    assert commands(english) == commands(chinese)


@pytest.mark.parametrize("page", [page for pair in PAIRS for page in pair] + [CHECKOUT / "CONTRIBUTING.md"], ids=str)
def test_links_to_files_lead_somewhere(page):
    """A reader who follows a link in the repository finds the file."""
    targets = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("readme", PAIRS[0], ids=lambda page: page.name)
def test_readme_opens_with_the_two_commands(readme):
    """Whoever opens the project sees first how to run it."""
    first = FENCE.search(readme.read_text(encoding="utf-8"))
    assert first is not None
    assert first.group().splitlines()[1:-1] == ["make demo", "make test"]
