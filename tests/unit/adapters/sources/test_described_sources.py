"""The tables of `docs/*/sources.md` load as they stand there, and every kind of source and sink is among them."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.local.mapping import CountyMapping
from adapters.local.mapping.rules import Rules
from adapters.local.sinks.opening import open_sink
from adapters.local.sources.opening import KINDS, open_source
from adapters.local.sources.webhook.shelf import Shelf

DOCS = Path(__file__).parents[4] / "docs"
BLOCK = re.compile(r"^```\n(\[(?:source|sink)\]\n.*?)^```$", re.MULTILINE | re.DOTALL)
PLACES = {"sql": "mariadb://hall@host/cases", "http": "https://host", "webhook": "https://127.0.0.1:0"}
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


class Unused:
    """In the place of a store and its keys: nothing is opened here."""


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_kind_has_an_example_that_loads(language):
    """No key of an example is one that the program does not know; files have their own page."""
    shown: set[str] = set()
    store: Any = Unused()
    shelf = Shelf(store, store, lambda: NOW)
    for block in BLOCK.findall((DOCS / language / "sources.md").read_text()):
        for side, table in tomllib.loads(block).items():
            mapping = CountyMapping(Rules(county="", name="", **{side: table}), "docs")
            place = PLACES.get(table["type"], "sftp://account@host/folder")
            opened = open_source(mapping, place, shelf=shelf) if side == "source" else open_sink(mapping, place)
            opened.close()
            shown.add(table["type"])
    assert shown == {kind for kind in KINDS if kind not in ("xlsx", "json", "xml")}
