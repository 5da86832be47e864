"""Rows that belong to a row are found by two columns, of one name or of two; a name that is no column is told."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.local.mapping.strict import Problems, Section
from adapters.local.sources.sql import SqlSource
from schemas.errors import YunhuobanError

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> str:
    """Two cases with a number each; their papers name the number in a column of another name and type."""
    connection = sqlite3.connect(tmp_path / "local.db")
    connection.executescript("""
        CREATE TABLE cases (guid TEXT, 号 INTEGER, t TEXT);
        CREATE TABLE papers (owner TEXT, 名 TEXT, gid TEXT);
        CREATE TABLE notes (guid TEXT, 说 TEXT);
        INSERT INTO cases VALUES ('a', 1, '2026-11-22 10:00:00'), ('b', 2, '2026-11-22 10:00:01'),
          ('c', NULL, '2026-11-22 10:00:02');
        INSERT INTO papers (owner, 名) VALUES ('1', '章程'), ('1', '申请书'), ('2', '住所'), (NULL, '无主');
        INSERT INTO notes VALUES ('b', '加急');
    """)
    connection.close()
    return f"sqlite:///{tmp_path / 'local.db'}"


def opened(place: str, children: Any) -> tuple[SqlSource, Problems]:
    """The source with these `children`, and what was wrong with its settings."""
    data = {"tables": {"cases": {"key": ["guid"], "order": "t", "children": children}}}
    problems = Problems()
    return SqlSource.from_settings(Section(data, "source", problems), place, lambda: NOW), problems


def test_children_by_a_column_of_another_name(place):
    """Long and short form beside each other; a row without the value has none."""
    source, problems = opened(place, {"papers": {"column": "owner", "of": "号"}, "notes": "guid"})
    a, b, c = source.poll(None, 10).records
    source.close()
    assert problems.found == []
    assert [each["名"] for each in a.children["papers"]] == ["章程", "申请书"]
    assert [each["名"] for each in b.children["papers"]] == ["住所"]
    assert [each["说"] for each in b.children["notes"]] == ["加急"]
    assert (c.children["papers"], a.children["notes"]) == ([], [])


@pytest.mark.parametrize(
    ("link", "code", "nearest"),
    [
        ({"colum": "owner", "column": "owner", "of": "号"}, "E-MAP-041", "column"),
        ({"column": "owner"}, "E-MAP-042", None),
        ({"column": "owner", "of": 1}, "E-MAP-043", None),
        (["owner", "号"], "E-MAP-043", None),
    ],
)
def test_children_that_are_written_wrongly(place, link, code, nearest):
    """An unknown word is told with the nearest, a missing one and one that is no text as they are elsewhere."""
    source, problems = opened(place, {"papers": link})
    source.close()
    assert [each.code.code for each in problems.found] == [code]
    assert problems.found[0].params.get("nearest") == nearest


@pytest.mark.parametrize(
    ("link", "table", "nearest"),
    [
        ({"column": "owner", "of": "guids"}, "cases", "guid"),
        ({"column": "ownr", "of": "号"}, "papers", "owner"),
        ({"column": "名称", "of": "号"}, "papers", "名"),
        ("guid", "papers", "gid"),
    ],
)
def test_children_by_a_column_that_is_not_there(place, link, table, nearest):
    """The table and the nearest of its columns are named: a case never goes out without its papers for a slip."""
    source, problems = opened(place, {"papers": link})
    with pytest.raises(YunhuobanError) as failed:
        source.poll(None, 10)
    source.close()
    assert problems.found == []
    assert failed.value.code.code == "E-SRC-016"
    assert (failed.value.params["table"], failed.value.params["nearest"]) == (table, nearest)
