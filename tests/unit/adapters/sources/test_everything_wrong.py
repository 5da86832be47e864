"""A row of a file that is wrong in several cells: all of them are told at once, and its neighbours go on."""

import json

import pytest

from adapters.local.mapping import MappingFailed
from adapters.local.sources import csv_rows, json_rows, xlsx_rows, xml_rows
from adapters.local.sources.filerows import MOST_TOLD, Content, FileRule
from schemas.errors import YunhuobanError
from tests.file_forms import file

COLUMNS = ("号", "名", "址")
RULE = FileRule(kind="件", pattern="*", columns=COLUMNS, key=("号",))


def told(content: Content) -> list[tuple[str, str]]:
    """Code and column of everything that is wrong with the first row; a second row is in order."""
    wrong, good = content.rows
    assert not isinstance(good, YunhuobanError)
    assert isinstance(wrong, MappingFailed)
    return [(each.code.code, each.place.rpartition(" ")[2]) for each in wrong.problems]


def test_cells_of_another_encoding():
    """Two cells of one row of a CSV file."""
    data = "号,名,址\n1,\xff名,\xff址\n2,乙,丙\n".encode("gb18030").replace("\xff".encode("gb18030"), b"\xff")
    assert told(csv_rows.parse(data, RULE, "gb18030", "f")) == [("E-SRC-034", "“名”列"), ("E-SRC-034", "“址”列")]


def test_cells_whose_characters_were_lost():
    """Two cells of one row of a workbook."""
    data = file("xlsx", COLUMNS, [("1", "\ufffd", "\ufffd"), ("2", "乙", "丙")])
    assert told(xlsx_rows.parse(data, RULE, "f")) == [("E-SRC-034", "“名”列"), ("E-SRC-034", "“址”列")]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_names_that_are_missing_and_cells_that_are_wrong(form):
    """A record without one name and with several values of another; what is there but wrong is not missing, too."""
    if form == "json":
        rows = [{"号": "1", "名": ["甲", "乙"]}, {"号": "2", "名": "乙", "址": "丙"}]
        content = json_rows.parse(json.dumps(rows).encode(), RULE, "utf-8", "f")
    else:
        text = "<a><b><号>1</号><名>甲</名><名>乙</名></b><b><号>2</号><名>乙</名><址>丙</址></b></a>"
        rule = FileRule(kind="件", pattern="*", columns=COLUMNS, key=("号",), rows="b")
        content = xml_rows.parse(text.encode(), rule, "utf-8", "f")
    assert [code for code, _ in told(content)] == ["E-SRC-058", "E-SRC-059"]


def test_every_empty_cell_of_a_key():
    """A key of two columns, both empty."""
    rule = FileRule(kind="件", pattern="*", columns=COLUMNS, key=("号", "名"))
    content = csv_rows.parse("号,名,址\n,,丙\n1,乙,丙\n".encode(), rule, "utf-8", "f")
    assert told(content) == [("E-SRC-037", "“号”列"), ("E-SRC-037", "“名”列")]


def test_a_record_that_is_nothing_but_wrong_is_told_within_bounds():
    """Rows of a row, each of them broken: the first hundred are enough."""
    rule = FileRule(kind="件", pattern="*", columns=("号",), key=("号",), children={"材料": "材料"})
    rows = [{"号": "1", "材料": [{"名": "\ufffd"}] * 500}, {"号": "2", "材料": []}]
    assert len(told(json_rows.parse(json.dumps(rows).encode(), rule, "utf-8", "f"))) == MOST_TOLD
