"""The CSV source: half-written, renamed, repeated, badly encoded and badly quoted files lose and block nothing."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.local.sources.csv_rows import parse
from adapters.local.sources.filerows import FileRule
from adapters.local.sources.folder import FolderSource
from adapters.local.sources.folders.local import LocalFolder
from schemas.errors import YunhuobanError
from tests.sampling import examples

RULE = FileRule(kind="件", pattern="件_*.csv", columns=("号", "名"), key=("号",))


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        """Start at nought."""
        self.seconds = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


def source(folder: Path, clock: Clock) -> FolderSource:
    """Open the folder of the test."""
    return FolderSource(
        "csv", LocalFolder(folder), [RULE], lambda data, rule, place: parse(data, rule, "gb18030", place),
        patience_seconds=60, clock=clock,
    )  # fmt: skip


def put(folder: Path, name: str, text: str, encoding: str = "gb18030") -> Path:
    """Write a file into the folder."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def test_rare_characters_and_quotes(tmp_path, clock):
    """GB18030 with 𠮷 䶮 㐂, commas, quotation marks and line breaks inside a cell."""
    put(tmp_path, "件_1.csv", '号,名\r\n1,𠮷䶮㐂\r\n2,"甲,“乙""\n丙"\r\n')
    records = source(tmp_path, clock).poll(None, 10).records
    assert [(each.key, each.row["名"], each.place) for each in records] == [
        ("件|1", "𠮷䶮㐂", "文件 件_1.csv 第 2 行"),
        ("件|2", '甲,“乙"\n丙', "文件 件_1.csv 第 3 行"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig"])
def test_utf8_with_a_mark_is_understood(tmp_path, clock, encoding):
    """A file that Excel saved as UTF-8 says so by its first bytes."""
    put(tmp_path, "件_1.csv", "号,名\n1,𠮷\n", encoding)
    assert source(tmp_path, clock).poll(None, 10).records[0].row["名"] == "𠮷"


def test_same_cursor_same_records_and_batches(tmp_path, clock):
    """A file longer than the limit comes in batches; the same cursor gives the same batch, in a new process, too."""
    put(tmp_path, "件_1.csv", "号,名\n" + "".join(f"{n},x\n" for n in range(5)))
    put(tmp_path, "件_2.csv", "号,名\n9,y\n")
    opened, cursor, keys = source(tmp_path, clock), None, []
    for _ in range(4):
        batch = opened.poll(cursor, 2)
        assert [each.key for each in source(tmp_path, clock).poll(cursor, 2).records] == [
            each.key for each in batch.records
        ]
        keys += [each.key for each in batch.records]
        cursor = batch.cursor
    assert sorted(keys) == [f"件|{n}" for n in (0, 1, 2, 3, 4, 9)]
    assert opened.poll(cursor, 2).cursor == cursor


def test_half_written_waits(tmp_path, clock):
    """A file under a temporary name, or without a line break at its end, or with an open quotation mark, waits."""
    put(tmp_path, "件_1.csv.tmp", "号,名\n1,x\n")
    put(tmp_path, ".件_2.csv", "号,名\n2,x\n")
    cut = put(tmp_path, "件_3.csv", "号,名\n3,被截")
    quoted = put(tmp_path, "件_4.csv", '号,名\n4,"一\n')
    opened = source(tmp_path, clock)
    batch = opened.poll(None, 10)
    assert (batch.records, batch.failures) == ([], [])
    cut.write_bytes("号,名\n3,被截断\n".encode("gb18030"))
    quoted.write_bytes('号,名\n4,"一\n二"\n'.encode("gb18030"))
    assert sorted(each.key for each in opened.poll(batch.cursor, 10).records) == ["件|3", "件|4"]


def test_half_written_for_ever_is_told_once(tmp_path, clock):
    """After a minute a file that stays unfinished is reported, once; when it is finished it is read."""
    path = put(tmp_path, "件_1.csv", "号,名\n1,x")
    opened = source(tmp_path, clock)
    cursor = opened.poll(None, 10).cursor
    clock.seconds = 61
    batch = opened.poll(cursor, 10)
    assert [each.code.code for each in batch.failures] == ["E-SRC-032"]
    assert opened.poll(batch.cursor, 10).failures == []
    assert source(tmp_path, clock).poll(batch.cursor, 10).failures == []
    path.write_bytes(b"\xba\xc5,\xc3\xfb\n1,x\n")
    assert [each.key for each in opened.poll(batch.cursor, 10).records] == ["件|1"]


def test_renamed_and_repeated_files_bring_nothing(tmp_path, clock):
    """The same bytes under another name, or twice, are one file; one that has grown is read again, same keys."""
    path = put(tmp_path, "件_1.csv", "号,名\n1,x\n")
    opened = source(tmp_path, clock)
    first = opened.poll(None, 10)
    path.rename(tmp_path / "件_9.csv")
    put(tmp_path, "件_5.csv", "号,名\n1,x\n")
    second = opened.poll(first.cursor, 10)
    assert second.records == []
    assert second.cursor == first.cursor
    put(tmp_path, "件_9.csv", "号,名\n1,x\n2,y\n")
    assert {each.key for each in opened.poll(second.cursor, 10).records} == {"件|1", "件|2"}


def test_bad_rows_block_nothing(tmp_path, clock):
    """A wrong byte, a wrong count of columns, a stray quotation mark and an empty key: each named, the rest read."""
    body = "号,名\n1,好\n2,".encode("gb18030") + b"ab\xff" + '\n3,多,了\n4,"引"号\n,空\n6,好\n'.encode("gb18030")
    (tmp_path / "件_1.csv").write_bytes(body)
    batch = source(tmp_path, clock).poll(None, 10)
    assert [each.key for each in batch.records] == ["件|1", "件|6"]
    told = [(each.code.code, each.place, each.found) for each in batch.failures]
    assert told == [
        ("E-SRC-034", "文件 件_1.csv 第 3 行 “名”列", "第 3 个字节 0xFF"),
        ("E-SRC-035", "文件 件_1.csv 第 4 行", "3"),
        ("E-SRC-036", "文件 件_1.csv 第 5 行", ""),
        ("E-SRC-037", "文件 件_1.csv 第 6 行 “号”列", ""),
    ]
    assert source(tmp_path, clock).poll(batch.cursor, 10).failures == []


def test_wrong_header_names_what_is_missing(tmp_path, clock):
    """A file in another encoding, or without a column, is one failure that names the column."""
    put(tmp_path, "件_1.csv", "号,名\n1,x\n", "utf-8")
    put(tmp_path, "件_2.csv", "号,名称\n1,x\n")
    put(tmp_path, "件_3.csv", "号,名,号\n1,x,2\n")
    put(tmp_path, "件_4.csv", "名,更多,号\nx,,4\n")
    batch = source(tmp_path, clock).poll(None, 10)
    assert [each.code.code for each in batch.failures] == ["E-SRC-033"] * 3
    assert [each.key for each in batch.records] == ["件|4"]


def test_oversized_cell_and_file(tmp_path, clock, monkeypatch):
    """A cell of a megabyte spoils its row, a file over the limit itself; both are told."""
    put(tmp_path, "件_1.csv", f"号,名\n1,{'x' * 2**20}\n2,y\n")
    batch = source(tmp_path, clock).poll(None, 10)
    assert [each.key for each in batch.records] == ["件|2"]
    assert [each.code.code for each in batch.failures] == ["E-SRC-036"]
    monkeypatch.setattr("adapters.local.sources.folder.LARGEST_FILE_BYTES", 100)
    opened = source(tmp_path, clock)
    assert [each.code.code for each in opened.poll(None, 10).failures] == ["E-SRC-038"]
    assert opened.poll(None, 10).failures == []


def test_no_folder_is_an_error(tmp_path, clock):
    """A share that is not mounted is an error, not an empty folder."""
    with pytest.raises(YunhuobanError) as failed:
        source(tmp_path / "没有", clock).poll(None, 1)
    assert failed.value.code.code == "E-SRC-031"


@settings(max_examples=examples(200, 40), deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes(data, headed):
    """Whatever bytes a file holds, rows and problems come out, each with a place."""
    data = ("号,名\n".encode("gb18030") if headed else b"") + data + b"\n"
    for row in parse(data, RULE, "gb18030", "文件").rows:
        assert row.place.startswith("文件")
