"""The tables of `docs/*/county.md` load as they stand there."""

import re
import tomllib
from pathlib import Path

import pytest

from adapters.local.mapping.strict import Problems, Section
from adapters.local.sinks import fileforms as sinks
from adapters.local.sources import fileforms as sources

DOCS = Path(__file__).parents[4] / "docs"
BLOCK = re.compile(r"^```\n(\[(?:source|sink)\]\n.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_form_has_an_example_that_loads(language, tmp_path):
    """Each form of `[source]` is shown, and no key of an example is one that the program does not know."""
    shown, problems = [], Problems()
    for block in BLOCK.findall((DOCS / language / "county.md").read_text()):
        ((side, table),) = tomllib.loads(block).items()
        made = {"source": sources, "sink": sinks}[side]
        made.from_settings(table["type"], Section(table, side, problems), tmp_path)
        shown += [table["type"]] if side == "source" else []
    assert problems.found == []
    assert sorted(shown) == sorted(sources.FORMS)


def test_mistakes_are_told_with_the_nearest_word(tmp_path):
    """A key of another form, a key column that is none, and two key columns where further sheets need one."""
    problems = Problems()
    rule = {"pattern": "*", "columns": ["号", "名"], "key": ["号", "名"], "children": {"材料": "号"}, "rows": "x"}
    section = Section({"type": "xlsx", "encoding": "utf-8", "files": {"件": rule}}, "source", problems)
    sources.from_settings("xlsx", section, tmp_path)
    optional = {"pattern": "*", "columns": ["号"], "key": ["号"], "optional": ["名"]}
    sources.from_settings("json", Section({"files": {"件": optional}}, "source", problems), tmp_path)
    assert [(each.code.code, each.found) for each in problems.found] == [
        ("E-MAP-041", "encoding"), ("E-MAP-041", "rows"), ("E-MAP-043", "2"), ("E-MAP-041", "名"),
    ]  # fmt: skip
