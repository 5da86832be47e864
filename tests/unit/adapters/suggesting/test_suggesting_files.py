"""Where the rows of a file are, and the rows inside them, in the forms that interfaces and spreadsheets have."""

import json
from pathlib import Path

import pytest

from adapters.countyit.suggesting.seen import Table
from adapters.local.sources import columns
from tests import file_forms

CASE = {"no": "1", "name": "张", "tel": "2"}


def seen(folder: Path, files: dict[str, bytes]) -> dict[str, Table]:
    """The tables in a folder with these files."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return {each.name: each for each in columns.look(str(folder)).tables}


@pytest.mark.parametrize(
    ("tree", "place", "inner"),
    [
        ([CASE, CASE], "$", {}),
        (CASE, "$", {}),
        ({"code": 0, "msg": "", "total": 1, "data": [CASE]}, "data", {}),
        ({"code": 0, "data": {"page": 1, "list": [CASE]}}, "data.list", {}),
        ({"data": CASE | {"files": [{"n": "a"}]}}, "data", {"files": "files"}),
        ([CASE | {"files": {"items": [{"n": "a"}, {"n": "b"}]}}, CASE], "$", {"files": "files.items"}),
        ([CASE | {"a": {"item": [{"n": "1"}]}, "b": {"item": [{"n": "1"}]}}], "$", {"a.item": "a.item", "b": "b.item"}),
    ],
)
def test_rows_of_json(tmp_path, tree, place, inner):
    """A list, a record by itself, or either inside an envelope; lists inside a record are tables of their own."""
    found = seen(tmp_path, {"a_1.json": json.dumps(tree).encode()})
    assert found["a"].place == place
    assert {"no", "name", "tel"} <= set(found["a"].columns)
    assert {each.name: each.place for each in found.values() if each.inside == "a"} == inner


def element(row: dict[str, str]) -> str:
    """A record's elements."""
    return "".join(f"<{name}>{value}</{name}>" for name, value in row.items())


@pytest.mark.parametrize(
    ("inside", "place", "inner"),
    [
        (f"<c>{element(CASE)}</c><c>{element(CASE)}</c>", "c", {}),
        (f"<head><code>0</code><msg/><time/></head><body><c>{element(CASE)}</c></body>", "body.c", {}),
        (f"<c>{element(CASE)}<f><item><n>1</n></item></f></c>", "c", {"f": "f.item"}),
        (f"<c>{element(CASE)}<m><n>1</n></m><m><n>2</n></m></c>", "c", {"m": "m"}),
        ('<c no="1" name="张" tel="2"/>', "c", {}),
    ],
)
def test_rows_of_xml(tmp_path, inside, place, inner):
    """The outermost elements with fields of their own; what repeats in one of them is a table of its own."""
    found = seen(tmp_path, {"a_1.xml": f'<?xml version="1.0" encoding="UTF-8"?><r>{inside}</r>'.encode()})
    assert found["a"].place == place
    assert {"no", "name", "tel"} <= set(found["a"].columns)
    assert {each.name: each.place for each in found.values() if each.inside == "a"} == inner


def test_several_files_of_one_kind(tmp_path):
    """One record to a file: the rows come together, and a field that one of them leaves out may be left out."""
    files = {f"a_{n}.json": json.dumps(CASE | ({"more": "x"} if n else {})).encode() for n in (0, 1)}
    (table,) = seen(tmp_path, files).values()
    assert (table.pattern, len(table.rows), list(table.optional)) == ("a_*.json", 2, ["more"])


def test_sheets_of_a_workbook(tmp_path):
    """Each sheet with a header is a table, an empty one is none; one that is called like the file keeps apart."""
    book = file_forms.book(
        {"首页": [file_forms.row("no", "名"), file_forms.row("1", "x")], "空": [], "a": [file_forms.row("no", "料")]}
    )
    found = seen(tmp_path, {"a.xlsx": book})
    assert {(each.name, each.place, tuple(each.columns)) for each in found.values()} == {
        ("a", "首页", ("no", "名")), ("a-3", "a", ("no", "料")),
    }  # fmt: skip


@pytest.mark.parametrize(
    "bad",
    [
        {"a.xml": b'<!DOCTYPE r [<!ENTITY e "x">]><r><c><no>1</no><a>&e;</a><b/></c></r>'},
        {"a.xml": b"<r><c>"},
        {"a.json": b"[" * 100_000},
        {"a.json": b'{"code": 1}'},
        {"a.xlsx": b"PK\x03\x04"},
        {"a.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"},
    ],
)
def test_what_cannot_be_looked_at_is_told(tmp_path, bad):
    """A DOCTYPE, a file that breaks off, one too deep, one without records, an old workbook: told, and passed over."""
    (tmp_path / "good.csv").write_bytes("号\r\n1\r\n".encode())
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    found = columns.look(str(tmp_path))
    assert [each.code.code for each in found.problems] == ["E-SRC-039"]
    assert [each.name for each in found.tables] == ["good"]
