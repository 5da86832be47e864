"""The folder source in every form of file: what is half-written, renamed, repeated or bad loses and blocks nothing."""

from pathlib import Path

import pytest

from adapters.local.mapping.strict import Problems, Section
from adapters.local.sources.fileforms import FORMS, from_settings
from adapters.local.sources.folder import FolderSource
from tests.file_forms import file

pytestmark = pytest.mark.parametrize("form", FORMS)


class Clock:
    """Seconds that pass when the test says so."""

    seconds = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.seconds


def source(folder: Path, form: str, clock: Clock | None = None) -> FolderSource:
    """A source as a mapping makes it, on the test's clock."""
    rule = {"pattern": f"件_*.{form}", "columns": ["号", "名"], "key": ["号"]}
    problems = Problems()
    made = from_settings(form, Section({"type": form, "files": {"件": rule}}, "source", problems), folder)
    assert problems.found == []
    made._clock = clock or Clock()
    return made


def put(folder: Path, form: str, name: str, *rows: tuple[str, str]) -> Path:
    """A finished file."""
    path = folder / f"{name}.{form}"
    path.write_bytes(file(form, ("号", "名"), rows))
    return path


def keys(batch) -> list[str]:
    """The keys of what was read."""
    return [each.key for each in batch.records]


def codes(batch) -> list[str]:
    """The codes of what could not be read."""
    return [each.code.code for each in batch.failures]


def test_rows_come_with_their_place(tmp_path, form):
    """Rare characters come through; a person finds file and row."""
    put(tmp_path, form, "件_1", ("1", "𠮷䶮㐂"), ("2", "乙"))
    batch = source(tmp_path, form).poll(None, 10)
    assert [(each.key, each.row["名"]) for each in batch.records] == [("件|1", "𠮷䶮㐂"), ("件|2", "乙")]
    assert all(each.place.startswith(f"文件 件_1.{form} ") for each in batch.records)
    assert len({each.place for each in batch.records}) == 2
    assert batch.failures == []


def test_half_written_waits_and_is_told_once(tmp_path, form):
    """A file that breaks off waits; told once after a minute, also to a new process; finished, it is read."""
    clock = Clock()
    path = put(tmp_path, form, "件_1", ("1", "甲"), ("2", "乙"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    (tmp_path / f"件_2.{form}").write_bytes(b"")
    put(tmp_path, form, "件_3", ("3", "丙"))
    (tmp_path / f"件_4.{form}.tmp").write_bytes(whole)
    opened = source(tmp_path, form, clock)
    batch = opened.poll(None, 10)
    assert (keys(batch), codes(batch)) == (["件|3"], [])
    clock.seconds = 61
    batch = opened.poll(batch.cursor, 10)
    expected = "E-SRC-032" if form == "csv" else "E-SRC-051"
    assert codes(batch) == [expected, expected]
    assert codes(opened.poll(batch.cursor, 10)) == codes(source(tmp_path, form, clock).poll(batch.cursor, 10)) == []
    path.write_bytes(whole)
    assert keys(opened.poll(batch.cursor, 10)) == ["件|1", "件|2"]


def test_renamed_repeated_and_grown(tmp_path, form):
    """The same bytes under another name, or twice, bring nothing; a file delivered again has the same keys."""
    path = put(tmp_path, form, "件_1", ("1", "甲"))
    opened = source(tmp_path, form)
    first = opened.poll(None, 10)
    path.rename(tmp_path / f"件_9.{form}")
    put(tmp_path, form, "件_5", ("1", "甲"))
    second = opened.poll(first.cursor, 10)
    assert (keys(second), second.cursor) == ([], first.cursor)
    put(tmp_path, form, "件_9", ("1", "甲"), ("2", "乙"))
    assert keys(opened.poll(second.cursor, 10)) == ["件|1", "件|2"]


def test_batches_and_same_cursor_same_records(tmp_path, form):
    """A file longer than the limit comes in batches, and from the same cursor the same batch in a new process."""
    put(tmp_path, form, "件_1", *((str(n), "甲") for n in range(5)))
    opened, cursor, found = source(tmp_path, form), None, []
    for _ in range(3):
        batch = opened.poll(cursor, 2)
        assert keys(source(tmp_path, form).poll(cursor, 2)) == keys(batch)
        found += keys(batch)
        cursor = batch.cursor
    assert found == [f"件|{n}" for n in range(5)]
    assert opened.poll(cursor, 2).cursor == cursor


def test_a_bad_row_blocks_nothing(tmp_path, form):
    """A row without its key is told with its place, once; its neighbours and other files are read."""
    put(tmp_path, form, "件_1", ("1", "甲"), ("", "乙"), ("3", "丙"))
    put(tmp_path, form, "件_2", ("4", "丁"))
    batch = source(tmp_path, form).poll(None, 10)
    assert (sorted(keys(batch)), codes(batch)) == (["件|1", "件|3", "件|4"], ["E-SRC-037"])
    assert batch.failures[0].place.endswith("“号”列")
    assert codes(source(tmp_path, form).poll(batch.cursor, 10)) == []
