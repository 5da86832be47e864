"""The documentation shows every template as it is."""

import re
from pathlib import Path

import pytest

from adapters.licenses.render import Renderer
from adapters.licenses.template import newest, newest_templates
from deploy.templates import __main__ as command
from deploy.templates import pictures

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_every_picture_is_of_its_template():
    """`python -m deploy.templates` was run after the last change of a template, a stock or the drawing."""
    there = {file.name: pictures.drawn_from(file) for file in command.FOLDER.glob("*.png")}
    assert there == {pictures.file_name(form): pictures.sources_digest(form) for form in newest_templates()}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_page_shows_every_picture(language):
    """None is forgotten, none is shown that is not there."""
    page = (DOCS / language / "templates.md").read_text(encoding="utf-8")
    shown = re.findall(r"\]\(\.\./templates/([^)]+\.png)\)", page)
    assert sorted(shown) == sorted(pictures.file_name(form) for form in newest_templates())


def test_a_picture_is_small_and_says_what_it_was_drawn_from(tmp_path):
    """A page of documentation stays quick to load."""
    form = newest("elder-card")
    file = tmp_path / "a.png"
    file.write_bytes(pictures.picture(form, Renderer()))
    assert file.stat().st_size < 60_000
    assert pictures.drawn_from(file) == pictures.sources_digest(form)
