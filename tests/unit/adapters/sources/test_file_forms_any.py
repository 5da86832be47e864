"""Any bytes as a file lead to rows and declared errors with a place; any row written is the row that is read."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.local.mapping.strict import Problems, Section
from adapters.local.sinks import LocalWrite
from adapters.local.sinks import fileforms as sinks
from adapters.local.sources import fileforms as sources
from adapters.local.sources import json_rows, xlsx_rows, xml_rows
from adapters.local.sources.filerows import Content, FileRule
from schemas.errors import YunhuobanError
from tests.file_forms import book, file, row, text
from tests.sampling import examples

RULE = FileRule(kind="件", pattern="*", columns=("号", "名"), key=("号",), children={"材料": "号"})
WHOLE = {form: file(form, ("号", "名"), [("1", "甲"), ("2", "乙")]) for form in ("json", "xml")}
WHOLE["xlsx"] = book({"件": [row("号", "名"), row("1", "甲")], "材料": [row("号", "份"), row("1", "2")]})


def parse(form: str, data: bytes, encoding: str = "utf-8") -> Content:
    """Read in one form."""
    if form == "xlsx":
        return xlsx_rows.parse(data, RULE, "文件")
    return {"json": json_rows, "xml": xml_rows}[form].parse(data, RULE, encoding, "文件")


def demand_declared(content: Content) -> None:
    """Every row has a place that can be kept in a store; what is wrong has a code."""
    for each in content.rows:
        assert each.place.startswith("文件")
        each.place.encode()
        if not isinstance(each, YunhuobanError):
            repr(each.row).encode()


@st.composite
def damaged(draw: st.DrawFn, form: str) -> bytes:
    """A good file with some bytes put in, taken away or changed."""
    data = bytearray(WHOLE[form])
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 6))] = draw(st.binary(max_size=6))
    return bytes(data)


@pytest.mark.parametrize("form", ["json", "xml", "xlsx"])
@settings(max_examples=examples(40, 12), deadline=None)
@given(st.data(), st.sampled_from(["utf-8", "gb18030"]))
def test_any_bytes(form, data, encoding):
    """Bytes of no meaning, and files with damage."""
    demand_declared(parse(form, data.draw(st.one_of(st.binary(max_size=200), damaged(form))), encoding))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["号", "名", "a.b", "a", ""]), inner),
    max_leaves=8,
)


@settings(max_examples=examples(40, 12), deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["号", "名", "材料", "x"]), VALUES), max_size=3))
def test_any_json(tree):
    """Whatever values stand where, also where children should be."""
    demand_declared(parse("json", json.dumps(tree).encode()))


CELL = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=5).map(text),
    st.builds(
        '<c t="{}" s="{}"><v>{}</v></c>'.format,
        st.sampled_from(["n", "b", "e", "s", "str", "d", "inlineStr", "x"]), st.integers(0, 4),
        st.sampled_from(["", "1", "60", "-1", "1e308", "1E999", "NaN", "2026-11-22", "2958466", "9" * 400, "甲"]),
    ),
)  # fmt: skip


@settings(max_examples=examples(40, 12), deadline=None)
@given(st.lists(st.lists(CELL, max_size=3), max_size=3), st.booleans())
def test_any_cells(rows, mac):
    """Whatever a sheet says of its cells, with a header that is right."""
    sheet = [row("号", "名"), *(row(*each) for each in rows)]
    data = book({"件": sheet, "材料": sheet}, properties='<workbookPr date1904="1"/>' if mac else "")
    demand_declared(parse("xlsx", data))


WRITTEN = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(lambda each: "\ufffd" not in each)


def _no_character_of(form: str, said: str) -> bool:
    """XML has no room for control characters; a spreadsheet has a way to write them."""
    never = any(each in "\ufffe\uffff" for each in said)
    return (form == "xml" and (never or any(each < " " and each not in "\t\n\r" for each in said))) or (
        form == "xlsx" and never
    )


@pytest.mark.parametrize("form", sinks.FORMS)
@settings(max_examples=examples(20, 10), deadline=None)
@given(row=st.fixed_dictionaries({"名": WRITTEN | st.none() | st.integers()}))
def test_what_is_written_is_what_is_read(form, row):
    """Text, whole numbers and nothing: the same text comes back, or it was said that it cannot be written."""
    with tempfile.TemporaryDirectory() as folder:
        columns = ["号", "名"]
        files = {"件": {"columns": columns}}
        spoken = {} if form == "xlsx" else {"encoding": "utf-8"}
        sink = sinks.from_settings(form, Section({"files": files} | spoken, "", Problems()), Path(folder))
        write = LocalWrite(kind="件", key="1", row={"号": "1"} | row)
        if _no_character_of(form, str(row["名"])):
            with pytest.raises(YunhuobanError, match="E-SRC-044"):
                sink.write([write])
            return
        sink.write([write])
        rule = {"pattern": "*", "columns": columns, "key": ["号"]}
        said = {"files": {"件": rule}} | spoken
        batch = sources.from_settings(form, Section(said, "", Problems()), Path(folder)).poll(None, 10)
        assert batch.failures == []
        assert ["" if each.row["名"] is None else str(each.row["名"]) for each in batch.records] == [
            "" if row["名"] is None else str(row["名"])
        ]
