"""A row of somebody else in the place of ours: told as that, with where it is; nothing is written."""

import sqlite3
from pathlib import Path

import pytest

from adapters.local.sinks import LocalWrite
from adapters.local.sinks.sql import SqlSink
from schemas.errors import YunhuobanError


@pytest.fixture
def database(tmp_path: Path):
    """A table of acceptances whose primary key is the county's own case number, with one that a clerk wrote."""
    connection = sqlite3.connect(tmp_path / "local.db", isolation_level=None)
    connection.executescript("""
        CREATE TABLE accept (no TEXT PRIMARY KEY, extend TEXT, name TEXT NOT NULL, doc TEXT UNIQUE, a TEXT, b TEXT);
        CREATE UNIQUE INDEX once ON accept (a, b);
        INSERT INTO accept VALUES ('N1', NULL, '窗口', 'D1', 'x', 'y');
    """)
    yield connection
    connection.close()


def sink(tmp_path: Path) -> SqlSink:
    """The county's database."""
    return SqlSink(f"sqlite:///{tmp_path / 'local.db'}", "extend")


def acceptance(key: str = "1", **row: object) -> LocalWrite:
    """One acceptance."""
    return LocalWrite(kind="accept", key=key, row={"no": "N1", "name": "属地"} | row)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ({"no": "N1"}, "表 accept 行 no=N1"),
        ({"no": "N2", "doc": "D1"}, "表 accept 行 doc"),
        ({"no": "N2", "a": "x", "b": "y"}, "表 accept 行 a，b"),
    ],
)
def test_a_row_in_the_place_of_ours_is_named(database, tmp_path, row, place):
    """Primary key, unique column and unique index alike; nothing of the call is written, their row stays as it is."""
    before = database.execute("SELECT * FROM accept").fetchall()
    with pytest.raises(YunhuobanError) as failed:
        sink(tmp_path).write([acceptance("0", no="N0"), acceptance(**row)])
    assert (failed.value.code.code, failed.value.place) == ("E-SRC-025", place)
    assert database.execute("SELECT * FROM accept").fetchall() == before


def test_a_table_without_a_key_has_no_row_in_the_way(database, tmp_path):
    """Where nothing is unique, what is refused is refused for something else."""
    database.execute("CREATE TABLE loose (extend TEXT, name TEXT NOT NULL)")
    database.execute("INSERT INTO loose VALUES (NULL, '窗口')")
    with pytest.raises(YunhuobanError) as failed:
        sink(tmp_path).write([LocalWrite(kind="loose", key="1", row={"name": None})])
    assert failed.value.code.code == "E-SRC-021"


@pytest.mark.parametrize("row", [{"no": "N2", "name": None}, {"no": "N0"}])
def test_other_refusals_stay_what_they_are(database, tmp_path, row):
    """A cell that must not be empty, and two rows of one call in each other's place, are nobody else's doing."""
    with pytest.raises(YunhuobanError) as failed:
        sink(tmp_path).write([acceptance("0", no="N0"), acceptance(**row)])
    assert failed.value.code.code == "E-SRC-021"
