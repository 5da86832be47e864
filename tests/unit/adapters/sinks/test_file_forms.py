"""The folder sink in every form of file: once, whole, and the same row when it is read again."""

import json
from pathlib import Path

import openpyxl
import pytest

from adapters.local.mapping.strict import Problems, Section
from adapters.local.sinks import LocalWrite
from adapters.local.sinks.fileforms import FORMS, from_settings
from adapters.local.sinks.folder import FolderSink
from adapters.local.sources import fileforms
from schemas.errors import YunhuobanError

COLUMNS = ["号", "名", "数"]


def sink(folder: Path, form: str, columns: list[str] = COLUMNS, **more: str) -> FolderSink:
    """A sink as a mapping makes it."""
    problems = Problems()
    said = {"type": form, "files": {"回告": {"columns": columns}}, **more}
    made = from_settings(form, Section(said, "sink", problems), folder)
    assert problems.found == []
    return made


def read(folder: Path, form: str) -> list[dict[str, object]]:
    """What the source of the same form finds; nothing and the empty text are one."""
    rule = {"pattern": f"*.{form}", "columns": COLUMNS, "key": ["号"]}
    said = Section({"type": form, "files": {"回告": rule}}, "source", Problems())
    batch = fileforms.from_settings(form, said, folder).poll(None, 100)
    assert batch.failures == []
    return [{name: "" if value is None else str(value) for name, value in each.row.items()} for each in batch.records]


def write(key: str = "1", **row: object) -> LocalWrite:
    """One write."""
    return LocalWrite(kind="回告", key=key, row={"号": key, "名": "𠮷"} | row)


@pytest.mark.parametrize("form", FORMS)
def test_twice_is_one_file_and_reads_back(tmp_path, form):
    """The same write again leaves the file as it is, and no temporary one; it says what was written."""
    texts = ["=1+1", "#N/A", "  前后  ", "一\n二", "0012", "<a>&amp;\"'", "_x0041_", "130928199003074511", "甲,乙"]
    for at, text in enumerate(texts):
        sink(tmp_path, form).write([write(str(at), 名=text, 数=10**at)])
    paths = sorted(tmp_path.iterdir())
    before = [each.read_bytes() for each in paths]
    sink(tmp_path, form).write([write(str(at), 名="别的") for at in range(len(texts))])
    assert [each.read_bytes() for each in sorted(tmp_path.iterdir())] == before
    assert [each.name for each in paths] == [f"回告_{at}.{form}" for at in range(len(texts))]
    found = {row["号"]: (row["名"], row["数"]) for row in read(tmp_path, form)}
    assert found == {str(at): (text, str(10**at)) for at, text in enumerate(texts)}


@pytest.mark.parametrize("form", FORMS)
def test_a_crash_before_the_rename_leaves_no_file(tmp_path, form, monkeypatch):
    """What a reader would take for a file is whole; the repetition writes it."""
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError()))
    with pytest.raises(YunhuobanError) as failed:
        sink(tmp_path, form).write([write()])
    assert failed.value.code.code == "E-SRC-041"
    assert read(tmp_path, form) == []
    monkeypatch.undo()
    sink(tmp_path, form).write([write()])
    assert [row["名"] for row in read(tmp_path, form)] == ["𠮷"]


@pytest.mark.parametrize(
    ("form", "text", "code", "found"),
    [("xml", "a\x01", "E-SRC-044", "U+0001"), ("xml", "\ud800", "E-SRC-044", "U+D800"),
     ("xlsx", "x" * 32_768, "E-SRC-044", "32768 个字符，最多 32767"), ("xlsx", "\ud800", "E-SRC-044", "U+D800"),
     ("json", "\ud800", "E-SRC-043", "U+D800")],
)  # fmt: skip
def test_what_a_form_cannot_say_is_told(tmp_path, form, text, code, found):
    """Before anything is written, with the file and without the content."""
    with pytest.raises(YunhuobanError) as failed:
        sink(tmp_path / "来件", form).write([write(), write("2", 名=text)])
    assert (failed.value.code.code, failed.value.found) == (code, found)
    assert failed.value.place == f"文件 回告_2.{form}"
    assert not (tmp_path / "来件").exists()


@pytest.mark.parametrize("form", ["json", "xml"])
def test_in_gb18030_when_the_county_says_so(tmp_path, form):
    """XML says it in its declaration, so that it is read back without any setting."""
    sink(tmp_path, form, encoding="gb18030").write([write()])
    (path,) = tmp_path.iterdir()
    assert "𠮷" in path.read_bytes().decode("gb18030")
    if form == "xml":
        assert read(tmp_path, form) == [{"号": "1", "名": "𠮷", "数": ""}]


def test_text_is_text_in_a_spreadsheet_and_numbers_are_numbers(tmp_path):
    """No formula, no error, no lost zeros: what a clerk opens shows what was written."""
    sink(tmp_path, "xlsx").write([write(名="=1+1", 数=7)])
    (path,) = tmp_path.iterdir()
    _, (number, name, count) = openpyxl.load_workbook(path).active.iter_rows()
    assert (number.value, name.value, name.data_type, count.value) == ("1", "=1+1", "s", 7)


def test_json_keeps_numbers_that_every_reader_keeps(tmp_path):
    """A longer one is text."""
    sink(tmp_path, "json").write([write(名=10**15 - 1, 数=10**15)])
    (path,) = tmp_path.iterdir()
    assert json.loads(path.read_bytes()) == [{"号": "1", "名": 10**15 - 1, "数": str(10**15)}]


@pytest.mark.parametrize("column", ["注册资本（万元）", "1号", "a b", "a:b", "", "a/><b"])
def test_a_column_that_is_no_name_in_xml_is_told_at_once(tmp_path, column):
    """When the mapping is loaded, not when the first file is to be written."""
    problems = Problems()
    said = {"type": "xml", "files": {"回告": {"columns": ["好", column]}}}
    from_settings("xml", Section(said, "sink", problems), tmp_path)
    assert [(each.code.code, each.found) for each in problems.found] == [("E-MAP-043", column)]
