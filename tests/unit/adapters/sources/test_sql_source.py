"""The SQL source never loses a row: late commits, rows dated in the future, rows with no time, broken text."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.local.mapping.functions import BEIJING
from adapters.local.sources.belonging import Link
from adapters.local.sources.sql import SqlSource, TableRule
from schemas.errors import YunhuobanError
from tests.sampling import examples

NOW = datetime(2026, 11, 22, 12, tzinfo=BEIJING).astimezone(UTC)
RULES = (
    TableRule(name="a", key=("id",), order="t", skip={"who": "yunhuoban"}, children={"c": Link(column="no", of="no")}),
    TableRule(name="b", key=("id",), order="t", skip={}, children={}),
)


@pytest.fixture
def database(tmp_path: Path):
    """An empty local database with two tables and one of children."""
    connection = sqlite3.connect(tmp_path / "local.db", isolation_level=None)
    connection.execute("CREATE TABLE a (id TEXT, t DATETIME, who TEXT, no TEXT)")
    connection.execute("CREATE TABLE b (id TEXT, t DATETIME)")
    connection.execute("CREATE TABLE c (no TEXT, x TEXT)")
    yield connection
    connection.close()


def source(tmp_path: Path, *, by_time: bool = True, overlap: int = 600_000) -> SqlSource:
    """Open the database of the test."""
    url = f"sqlite:///{tmp_path / 'local.db'}"
    return SqlSource(url, RULES, by_time=by_time, overlap=overlap, now=lambda: NOW)


def drain(given: SqlSource, cursor: str | None, limit: int = 10) -> tuple[list[str], str | None, list[str]]:
    """Poll until nothing is new; returns keys, cursor and the codes of failures."""
    keys, failures = [], []
    for _ in range(1000):
        batch = given.poll(cursor, limit)
        failures += [each.code.code for each in batch.failures]
        keys += [each.key for each in batch.records]
        if batch.cursor == cursor:
            assert not batch.records
            return keys, cursor, failures
        cursor = batch.cursor
    raise AssertionError("the cursor never settles")


def test_same_cursor_same_records(database, tmp_path):
    """A crash between reading and keeping the cursor loses nothing: the same cursor gives the same records."""
    database.executemany(
        "INSERT INTO a VALUES (?, ?, NULL, NULL)", [(str(n), f"2026-11-22 10:00:0{n}") for n in range(5)]
    )
    opened = source(tmp_path)
    first = opened.poll(None, 2)
    again = source(tmp_path).poll(None, 2)
    assert [each.key for each in first.records] == [each.key for each in again.records] == ["0", "1"]
    assert drain(opened, first.cursor)[0] == ["2", "3", "4"]


def test_late_commit_is_read(database, tmp_path):
    """A row whose time lies before the highest one read, because its transaction took longer, still comes."""
    database.execute("INSERT INTO a VALUES ('1', '2026-11-22 10:05:00', NULL, NULL)")
    opened = source(tmp_path)
    _, cursor, _ = drain(opened, None)
    database.execute("INSERT INTO a VALUES ('late', '2026-11-22 10:00:00', NULL, NULL)")
    assert drain(opened, cursor)[0] == ["late"]


def test_a_row_from_the_future_hides_nothing(database, tmp_path):
    """A row dated 2099 is read, once, and so is everything that comes after it."""
    database.execute("INSERT INTO a VALUES ('future', '2099-01-01 00:00:00', NULL, NULL)")
    opened = source(tmp_path)
    keys, cursor, _ = drain(opened, None)
    assert keys == ["future"]
    database.execute("INSERT INTO a VALUES ('now', '2026-11-22 12:00:01', NULL, NULL)")
    assert drain(opened, cursor)[0] == ["now"]


def test_more_rows_of_one_moment_than_the_limit(database, tmp_path):
    """A mass import in which all rows have the same time is read to its end, in both tables."""
    database.executemany(
        "INSERT INTO a VALUES (?, '2026-11-22 10:00:00', NULL, NULL)", [(f"{n:03}",) for n in range(57)]
    )
    database.executemany("INSERT INTO b VALUES (?, '2026-11-22 10:00:00')", [(f"b{n:03}",) for n in range(23)])
    keys = drain(source(tmp_path), None, limit=10)[0]
    assert len(keys) == len(set(keys)) == 80


def test_tables_in_the_order_of_their_times(database, tmp_path):
    """A decision never comes before the acceptance that was committed before it; at one time, the mapping's order."""
    database.execute("INSERT INTO b VALUES ('b1', '2026-11-22 10:00:00'), ('b2', '2026-11-22 09:00:00')")
    database.execute(
        "INSERT INTO a VALUES ('a1', '2026-11-22 10:00:00', '', NULL), ('a2', '2026-11-22 11:00:00', '', NULL)"
    )
    assert drain(source(tmp_path), None, limit=1)[0] == ["b2", "a1", "b1", "a2"]


def test_what_we_wrote_is_not_read(database, tmp_path):
    """Rows marked as ours are left out; rows with no mark are not."""
    database.execute("INSERT INTO a VALUES ('ours', '2026-11-22 10:00:00', 'yunhuoban', NULL)")
    database.execute("INSERT INTO a VALUES ('theirs', '2026-11-22 10:00:00', NULL, NULL)")
    assert drain(source(tmp_path), None)[0] == ["theirs"]


def test_children_come_with_their_parent(database, tmp_path):
    """Rows of other tables that share the number are there, for each parent its own."""
    database.execute(
        "INSERT INTO a VALUES ('1', '2026-11-22 10:00:00', '', 'n1'), ('2', '2026-11-22 10:00:01', '', 'n2')"
    )
    database.execute("INSERT INTO c VALUES ('n1', 'x'), ('n1', 'y'), ('n3', 'z')")
    first, second = source(tmp_path).poll(None, 10).records
    assert [each["x"] for each in first.children["c"]] == ["x", "y"]
    assert second.children["c"] == []


def test_bad_rows_are_told_once_and_block_nothing(database, tmp_path):
    """No time, no real time and no key are failures with a place, reported once; when mended the row is read."""
    database.execute(
        "INSERT INTO a VALUES ('n', NULL, '', ''), ('s', '昨天', '', ''), ('f', '2026-02-31 10:00:00', '', '')"
    )
    database.execute(
        "INSERT INTO a VALUES (NULL, '2026-11-22 10:00:00', '', ''), ('good', '2026-11-22 10:00:00', '', '')"
    )
    opened = source(tmp_path)
    keys, cursor, failures = drain(opened, None)
    assert keys == ["good"]
    assert sorted(failures) == ["E-SRC-012", "E-SRC-012", "E-SRC-012", "E-SRC-013"]
    assert drain(opened, cursor) == ([], cursor, [])
    database.execute("UPDATE a SET t = '2026-11-22 10:01:00' WHERE id = 'n'")
    assert drain(opened, cursor)[0] == ["n"]


def test_broken_text_spoils_one_cell(database, tmp_path):
    """Bytes that are no UTF-8 in one row do not keep the next rows from being read."""
    database.execute("INSERT INTO a VALUES ('1', '2026-11-22 10:00:00', CAST(x'ff41' AS TEXT), NULL)")
    database.execute("INSERT INTO a VALUES ('2', '2026-11-22 10:00:01', '', NULL)")
    assert drain(source(tmp_path), None)[0] == ["1", "2"]


def test_numbers_as_order(tmp_path):
    """A growing number orders a table, too, with the same care for late commits."""
    connection = sqlite3.connect(tmp_path / "local.db", isolation_level=None)
    connection.execute("CREATE TABLE a (id TEXT, t INTEGER, who TEXT, no TEXT)")
    connection.execute("CREATE TABLE b (id TEXT, t INTEGER)")
    connection.execute("CREATE TABLE c (no TEXT)")
    connection.executemany("INSERT INTO a VALUES (?, ?, NULL, NULL)", [(f"{n}", n) for n in range(20) if n != 7])
    opened = source(tmp_path, by_time=False, overlap=50)
    keys, cursor, _ = drain(opened, None, limit=3)
    assert len(keys) == 19
    connection.execute("INSERT INTO a VALUES ('7', 7, NULL, NULL)")
    assert drain(opened, cursor)[0] == ["7"]
    connection.close()


def test_no_database_is_an_error_and_makes_none(tmp_path):
    """A wrong file name is refused, and no empty database is left for the local system to stumble over."""
    with pytest.raises(YunhuobanError) as failed:
        source(tmp_path).poll(None, 1)
    assert failed.value.code.code == "E-SRC-011"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cursor", ["x", "[]", '{"a": 1}', '{"a": {"high": 1}}'])
def test_a_damaged_cursor_says_so(database, tmp_path, cursor):
    """A cursor that is none is an error with a remedy, not a silent start from the beginning."""
    with pytest.raises(YunhuobanError) as failed:
        source(tmp_path).poll(cursor, 1)
    assert failed.value.code.code == "E-SRC-001"


@settings(max_examples=examples(40, 12), deadline=None)
@given(st.lists(st.lists(st.tuples(st.booleans(), st.integers(0, 500)), max_size=6), max_size=8), st.integers(1, 4))
def test_every_row_exactly_once(tmp_path_factory, commits, limit):
    """In whatever order rows are committed within the overlap, each is read, and only once."""
    folder = tmp_path_factory.mktemp("sql")
    connection = sqlite3.connect(folder / "local.db", isolation_level=None)
    connection.execute("CREATE TABLE a (id TEXT, t DATETIME, who TEXT, no TEXT)")
    connection.execute("CREATE TABLE b (id TEXT, t DATETIME)")
    connection.execute("CREATE TABLE c (no TEXT)")
    opened = source(folder)
    cursor, keys, count = None, [], 0
    for rows in commits:
        for first, seconds in rows:
            moment = f"2026-11-22 10:{seconds // 60:02}:{seconds % 60:02}"
            count += 1
            table, blanks = ("a", ", NULL, NULL") if first else ("b", "")
            connection.execute(f"INSERT INTO {table} VALUES (?, ?{blanks})", (str(count), moment))
        batch = opened.poll(cursor, limit)
        cursor = batch.cursor
        keys += [each.key for each in batch.records]
    rest, _, _ = drain(opened, cursor, limit)
    assert sorted(map(int, keys + rest)) == list(range(1, count + 1))
    connection.close()
    opened.close()
