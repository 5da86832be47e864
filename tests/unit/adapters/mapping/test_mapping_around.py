"""What is said around and beside the cases is no local system's: no mapping reads or writes it (docs/en/around.md)."""

import re
from pathlib import Path

import pytest

from adapters.local.mapping.document.directions import WRITABLE
from schemas.aroundhistory import AROUND
from schemas.messages import APPLICATION, TYPES
from schemas.stating import STATEMENTS

DOCS = Path(__file__).resolve().parents[4] / "docs"
OPENED = {each.name.partition(".")[0] for each in TYPES.values() if each.opens and each.name != APPLICATION}
NOT_LOCAL = {
    *AROUND,
    *STATEMENTS,
    *(name for name in TYPES if name.partition(".")[0] in OPENED),
    *(name for name in TYPES if name.startswith("review.") and name != "review.advanced"),
}


def test_no_mapping_reads_or_writes_them() -> None:
    """Of the messages that a mapping may name none is among them."""
    assert NOT_LOCAL.isdisjoint(WRITABLE)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_page_names_each_of_them(language: str) -> None:
    """One by one, or with all that begin alike, and no other."""
    page = (DOCS / language / "around.md").read_text(encoding="utf-8")
    table = page.partition('<a id="local-systems">')[2].partition("\n## ")[0]
    named = re.findall(r"`([a-z]+\.[a-z_*]+)`", "".join(re.findall(r"^\| `[^|]+", table, re.MULTILINE)))
    said = {
        name for name in TYPES for each in named if name == each or (each.endswith("*") and name.startswith(each[:-1]))
    }
    assert said == NOT_LOCAL
