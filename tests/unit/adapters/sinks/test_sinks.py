"""Both sinks: the same write twice leaves one row, one file; a call that fails leaves nothing half done."""

import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.local.mapping.strict import Problems, Section
from adapters.local.sinks import LocalWrite, absent
from adapters.local.sinks.fileforms import from_settings
from adapters.local.sinks.folder import FolderSink
from adapters.local.sinks.sql import SqlSink, row_guid
from pages import wording
from schemas.errors import YunhuobanError


@pytest.fixture
def database(tmp_path: Path):
    """A local database with one table."""
    connection = sqlite3.connect(tmp_path / "local.db", isolation_level=None)
    connection.execute("CREATE TABLE a (row_guid TEXT PRIMARY KEY, 名 TEXT NOT NULL, t DATETIME, d DATE, n INTEGER)")
    yield connection
    connection.close()


def sql_sink(tmp_path: Path) -> SqlSink:
    """Open the database of the test."""
    return SqlSink(f"sqlite:///{tmp_path / 'local.db'}", "row_guid")


def names(folder: Path) -> list[str]:
    """Return the names of what is in a folder."""
    return [each.name for each in folder.iterdir()]


def write(key: str, **row: object) -> LocalWrite:
    """Make one write."""
    return LocalWrite(kind="a", key=key, row={"名": "𠮷"} | row)


def test_sql_twice_is_once(database, tmp_path):
    """The same write again, in another process, too, leaves one row, and what a clerk changed since stays changed."""
    one = write("1", t="2026-11-22 10:00:00", d="2026-11-22", n=3)
    sql_sink(tmp_path).write([one, one])
    database.execute("UPDATE a SET 名 = '改过'")
    sql_sink(tmp_path).write([one])
    assert database.execute("SELECT * FROM a").fetchall() == [
        (row_guid(one), "改过", "2026-11-22 10:00:00.000000", "2026-11-22", 3)
    ]


def test_sql_all_or_nothing(database, tmp_path):
    """When the second row cannot be written the first is not there either, and no cell is quoted."""
    with pytest.raises(YunhuobanError) as failed:
        sql_sink(tmp_path).write([write("1"), write("2", 名=None)])
    assert failed.value.code.code == "E-SRC-021"
    assert "𠮷" not in f"{failed.value} {failed.value.found}"
    assert database.execute("SELECT count(*) FROM a").fetchone() == (0,)
    sql_sink(tmp_path).write([write("1"), write("2")])
    assert database.execute("SELECT count(*) FROM a").fetchone() == (2,)


@pytest.mark.parametrize(
    ("bad", "code"),
    [(LocalWrite(kind="ab", key="1", row={}), "E-SRC-022"), (write("1", 名称="x"), "E-SRC-023")],
)
def test_sql_names_what_is_not_there(database, tmp_path, bad, code):
    """A table or column that the database lacks is named, with those whose names are near and the table's columns."""
    with pytest.raises(YunhuobanError) as failed:
        sql_sink(tmp_path).write([bad])
    assert failed.value.code.code == code
    assert failed.value.params["nearest"] == ("名称 → 名" if code == "E-SRC-023" else "a")
    assert failed.value.params.get("columns", "") == ("row_guid、名、t、d、n" if code == "E-SRC-023" else "")


def test_what_is_near_and_how_much_is_said():
    """A short form is near the long one; nothing near is said as such; a list of hundreds is cut and counted."""
    columns = ["row_guid", "certificate_number", "cd_operation", *(f"column_{at}" for at in range(300))]
    problem = absent.no_columns("a", ["cert_no", "办件号"], columns)
    assert problem.params["nearest"].startswith("cert_no → certificate_number、")
    assert problem.params["nearest"].endswith("；办件号 → —")
    assert problem.params["columns"].startswith("row_guid、certificate_number")
    assert problem.params["columns"].endswith("…（303）")
    remedy = wording.sentence(absent.no_columns("a", columns[3:], columns), "zh").remedy
    assert len(remedy) < 600  # as much as a trouble keeps


@pytest.mark.parametrize("bad", [{"t": "昨天"}, {"d": "2026-02-31"}, {"n": "三"}, {"fee": "十元"}])
def test_sql_a_value_of_another_type(database, tmp_path, bad):
    """A time, date or number that is none names its column and type, not the value; nothing is written."""
    database.execute("ALTER TABLE a ADD COLUMN fee NUMERIC")
    with pytest.raises(YunhuobanError) as failed:
        sql_sink(tmp_path).write([write("0"), write("1", **bad)])
    assert failed.value.code.code == "E-SRC-024"
    assert failed.value.place == f"表 a 列 {next(iter(bad))}"
    assert database.execute("SELECT count(*) FROM a").fetchone() == (0,)


def test_sql_waits_for_the_local_system(database, tmp_path):
    """While the local system holds the write lock, the write waits and then succeeds."""
    database.execute("BEGIN IMMEDIATE")
    worker = threading.Thread(target=lambda: sql_sink(tmp_path).write([write("1")]))
    worker.start()
    worker.join(0.3)
    assert worker.is_alive()
    database.execute("COMMIT")
    worker.join(10)
    assert database.execute("SELECT count(*) FROM a").fetchone() == (1,)


def csv_sink(tmp_path: Path, encoding: str = "gb18030") -> FolderSink:
    """Open the folder of the test."""
    said = {"type": "csv", "folder": "来件", "encoding": encoding, "files": {"a": {"columns": ["名", "t"]}}}
    return from_settings("csv", Section(said, "sink", Problems()), tmp_path)


def test_csv_twice_is_one_file(tmp_path):
    """The same write again leaves the one file untouched; no temporary file is left."""
    sink = csv_sink(tmp_path)
    sink.write([write("1", t='甲,"乙"')])
    (path,) = (tmp_path / "来件").iterdir()
    before = path.stat()
    sink.write([write("1", t="别的")])
    assert path.name == "a_1.csv"
    assert path.read_bytes().decode("gb18030") == '名,t\r\n𠮷,"甲,""乙"""\r\n'
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert [each.name for each in (tmp_path / "来件").iterdir()] == ["a_1.csv"]


def test_csv_crash_before_the_rename(tmp_path, monkeypatch):
    """A crash before the rename leaves nothing that a reader would take for a file; the repetition writes it."""
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError()))
    with pytest.raises(YunhuobanError) as failed:
        csv_sink(tmp_path).write([write("1")])
    assert failed.value.code.code == "E-SRC-041"
    assert [each.name for each in (tmp_path / "来件").iterdir()] == [".a_1.csv.tmp"]
    monkeypatch.undo()
    csv_sink(tmp_path).write([write("1")])
    assert names(tmp_path / "来件") == ["a_1.csv"]


def test_csv_keys_that_are_no_file_names(tmp_path):
    """Keys with slashes, dots or great length stay apart and inside the folder."""
    keys = ["../x", "a/b", "a_b", "长" * 300, "1.2.3", "1.2/3"]
    csv_sink(tmp_path).write([write(key) for key in keys])
    assert len(names(tmp_path / "来件")) == len(keys)
    assert names(tmp_path) == ["来件"]


@pytest.mark.parametrize(("sink", "kind", "code"), [("gb18030", "b", "E-SRC-042"), ("gb2312", "a", "E-SRC-043")])
def test_csv_that_cannot_be_written(tmp_path, sink, kind, code):
    """An unknown kind of file and a character that the encoding lacks are named before anything is written."""
    with pytest.raises(YunhuobanError) as failed:
        csv_sink(tmp_path, sink).write([write("ok", 名="好"), LocalWrite(kind=kind, key="1", row={"名": "𠮷"})])
    assert failed.value.code.code == code
    assert not (tmp_path / "来件").exists()


def test_times_fit_a_column_that_wants_them(database, tmp_path):
    """An aware time, too, becomes Beijing time in a column of type DATETIME."""
    sql_sink(tmp_path).write([write("1", t=datetime(2026, 11, 22, 2, tzinfo=UTC))])
    assert database.execute("SELECT t FROM a").fetchone() == ("2026-11-22 10:00:00.000000",)


def test_a_url_that_is_none():
    """A database address that SQLAlchemy does not understand is our error, without the address."""
    with pytest.raises(YunhuobanError) as failed:
        SqlSink("nodialect://secret@host", "row_guid")
    assert "secret" not in f"{failed.value}{failed.value.found}"
