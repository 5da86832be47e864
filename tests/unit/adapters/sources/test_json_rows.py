"""JSON: flat columns out of nested values, lists as rows of their own, numbers and names that cannot be believed."""

from decimal import Decimal

import pytest

from adapters.local.sources import json_rows
from adapters.local.sources.filerows import Content, FileRule


def parse(data: str | bytes, encoding: str = "utf-8", **more) -> Content:
    """Read by a rule with two columns."""
    rule = FileRule(**({"kind": "件", "pattern": "*", "columns": ("号", "名"), "key": ("号",)} | more))
    return json_rows.parse(data if isinstance(data, bytes) else data.encode(), rule, encoding, "文件 a.json")


def told(content: Content) -> list[tuple[str, str]]:
    """Code and place of what cannot be read."""
    return [(each.code.code, each.place) for each in content.rows if hasattr(each, "code")]


def test_values_inside_values_and_lists():
    """A value inside another is a column with a dot, a list where `children` says are rows; other lists are left."""
    content = parse(
        '{"data": {"list": [{"号": 1, "名": {"中文": "甲", "旧名": []}, "标签": ["a", "b"],'
        ' "材料": {"清单": [{"名称": "章程", "份数": 2}, "住所证明"]}}]}}',
        rows="data.list", columns=("号", "名.中文"), children={"材料": "材料.清单", "附件": "附件"},
    )  # fmt: skip
    (record,) = content.rows
    assert record.row == {"号": 1, "名.中文": "甲"}
    assert record.children == {"材料": [{"名称": "章程", "份数": 2}, {"材料": "住所证明"}], "附件": []}
    assert record.place == "文件 a.json 路径 $.data.list[0]"


@pytest.mark.parametrize(
    "data",
    ['[{"号":"1","名":"𠮷"}]'.encode(), '\ufeff[{"号":"1","名":"𠮷"}]'.encode(), '{"号":"1","名":"𠮷"}'.encode(),
     '[{"号":"1","名":"𠮷"}]'.encode("gb18030"), '\ufeff[{"号":"1","名":"𠮷"}]'.encode("utf-16-le")],
)  # fmt: skip
def test_encodings(data):
    """UTF-8 with or without its mark, UTF-16 by its mark, GB18030 by the setting; one object alone is one row."""
    encoding = "gb18030" if data.startswith(b'[{"\xba') else "utf-8"
    assert [each.row["名"] for each in parse(data, encoding).rows] == ["𠮷"]


def test_what_cannot_be_believed_of_a_row():
    """Each is told with its path; the rows between them are read."""
    deep = '{"a":' * 30 + "1" + "}" * 30
    rows = [
        '{"号":1,"名":130928199003074516}', '{"号":1,"名":1e999}', '{"号":1,"名":NaN}', '{"号":2,"名":1e3}',
        '{"号":1,"名":"甲","名":"乙"}', '{"号":1}', '{"号":1,"名":["甲"]}', "null", "7", '{"号":null,"名":"x"}',
        '{"号":1,"名":"\\ud800"}', f'{{"号":1,"名":"x","c":{deep}}}', '{"号":1,"名":' + "9" * 5000 + "}",
        f'{{"号":1,"名":"{"x" * 140_000}"}}', '{"号":3,"名":0.30000000000000004,"备注":true}',
    ]  # fmt: skip
    content = parse(f"[{','.join(rows)}]")
    assert [each.row for each in content.rows if not hasattr(each, "code")] == [
        {"号": 2, "名": 1000}, {"号": 3, "名": Decimal("0.3"), "备注": "true"},
    ]  # fmt: skip
    assert [code for code, _ in told(content)] == [
        "E-SRC-055", "E-SRC-055", "E-SRC-055", "E-SRC-058", "E-SRC-059", "E-SRC-058", "E-SRC-054", "E-SRC-054",
        "E-SRC-037", "E-SRC-034", "E-SRC-053", "E-SRC-055", "E-SRC-053",
    ]  # fmt: skip
    assert told(content)[0][1] == "文件 a.json 路径 $[0] “名”列"


def test_what_may_be_left_out():
    """A name that is optional counts as empty."""
    assert [each.row for each in parse('[{"号":1}]', optional=("名",)).rows] == [{"号": 1, "名": None}]


def test_a_byte_of_another_encoding_spoils_its_cell_only():
    """The row is told, its neighbours are read."""
    content = parse(b'[{"\xe5\x8f\xb7":1,"\xe5\x90\x8d":"a\xff"},{"\xe5\x8f\xb7":2,"\xe5\x90\x8d":"b"}]')
    assert told(content) == [("E-SRC-034", "文件 a.json 路径 $[0] “名”列")]
    assert [each.key for each in content.rows[1:]] == ["件|2"]


def test_a_child_that_cannot_be_read_keeps_its_record_back():
    """Half an application is none: it is told with the place of the child; so is a list that stands twice."""
    content = parse(
        '[{"号":1,"名":"x","材料":[{"a":1},{"a":NaN}]},{"号":2,"名":"x","材料":[],"材料":[{"a":1}]}]',
        children={"材料": "材料"},
    )
    assert told(content) == [
        ("E-SRC-055", "文件 a.json 路径 $[0] 材料 第 2 条 “a”列"), ("E-SRC-058", "文件 a.json 路径 $[1]"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "rows", "codes"),
    [("[]", "", []), ('{"a":[]}', "a", []), ('{"a":1}', "b", ["E-SRC-061"]), ('{"a":[],"a":[]}', "a", ["E-SRC-058"]),
     ("[" * 100_000 + "]" * 100_000, "", ["E-SRC-053"]), ('{"a":' * 3000 + "1" + "}" * 3000, "", ["E-SRC-053"])],
)  # fmt: skip
def test_where_the_rows_are(data, rows, codes):
    """An empty list is none; a path that is not there, or twice, and a depth without end are told."""
    content = parse(data, rows=rows)
    assert ([code for code, _ in told(content)], content.finished) == (codes, True)


def test_more_rows_than_anybody_needs(monkeypatch):
    """The bound is told instead of the rows."""
    monkeypatch.setattr("adapters.local.sources.json_rows.MOST_ROWS", 2)
    assert told(parse("[{},{},{}]")) == [("E-SRC-053", "文件 a.json")]
