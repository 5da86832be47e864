"""What the contract publishes is what the code says: AsyncAPI, vectors and tables are made, and made anew here."""

import json
import re

import pytest

from deploy.contract import pages, published
from deploy.contract.__main__ import main
from deploy.contract.tables import TABLES
from deploy.contract.throwaway import Network
from deploy.contract.words import WORDS
from schemas.messages import HUB_TYPES, TYPES

STALE = ".venv/bin/python -m deploy.contract"


@pytest.fixture(scope="module")
def wanted():
    """Every published file as it must be."""
    return published.files(published.network())


def test_every_file_is_what_the_generator_makes(wanted):
    """A change of the contract is seen in its files; `python -m deploy.contract` writes them anew.

    The generator runs our own code on every vector, so that each is accepted or refused as its file says.
    """
    stale = [
        path.name for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], STALE


def test_nothing_else_lies_there(wanted):
    """A vector that is no longer made is no longer published, nor a record that the county in JavaScript would read."""
    for folder in (published.CONTRACT, published.JS_CONTRACT):
        there = {path for path in folder.rglob("*") if path.is_file()}
        assert there == {path for path in wanted if folder in path.parents}


def test_check_says_what_is_stale_and_writes_nothing(monkeypatch, capsys, tmp_path):
    """CI and people ask with the same command."""
    page = tmp_path / "page.md"
    page.write_text("old")
    monkeypatch.setattr(published, "CHECKOUT", tmp_path)
    monkeypatch.setattr(published, "files", lambda _: {page: "new"})
    assert main(["--check"]) == 1
    assert page.read_text() == "old"
    assert main([]) == 0
    assert page.read_text() == "new"
    assert main(["--check"]) == 0
    assert capsys.readouterr().out.split() == ["page.md", "page.md"]


def test_certificates_drawn_anew_are_good_for_everything():
    """After a change of the profiles the vectors can be made again, and say the same."""
    fresh, kept = Network.make(), published.network()
    assert Network.from_json(fresh.to_json()).to_json() == fresh.to_json()
    said = [
        [(each["certificate"], each["role"], each["standing"], each["code"]) for each in made["vectors"]]
        for made in (published.vectors()["certificates"](network) for network in (fresh, kept))
    ]
    assert said[0] == said[1]


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.parent.name)
def test_each_table_stands_on_the_page_once(page):
    """No table is made for nothing, and no mark is misspelt."""
    assert sorted(pages.marks(page)) == sorted(TABLES)


def test_both_pages_have_their_tables_in_the_same_places():
    """Who compares the languages finds the same under the same heading."""
    english, chinese = map(pages.marks, pages.PAGES)
    assert english == chinese


def test_each_word_of_the_hub_has_its_signature_and_its_queue():
    """A word that is added to the contract is explained there."""
    assert set(WORDS) == set(HUB_TYPES)
    assert all(word.queues for word in WORDS.values())


def test_each_type_and_record_has_its_vectors():
    """A type that is added has a whole message, and a place in the lifecycle when it belongs to a case."""
    messages = json.loads((published.VECTORS / "messages.json").read_text(encoding="utf-8"))
    assert {each["name"] for each in messages["vectors"]} == set(TYPES)
    moves = json.loads((published.VECTORS / "lifecycle.json").read_text(encoding="utf-8"))
    assert {each["type"] for each in moves["vectors"]} == {name for name, kind in TYPES.items() if kind.cased}


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.parent.name)
def test_each_file_of_vectors_is_explained(page):
    """Whoever opens the folder finds every file in the last chapter."""
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+\.json)`", text))
    assert named == {path.name for path in published.VECTORS.iterdir()}
