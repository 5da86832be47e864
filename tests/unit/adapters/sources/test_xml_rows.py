"""XML: elements and attributes as columns, repeated elements as rows of their own, and documents made to do harm."""

import time

import pytest

from adapters.local.sources import xml_rows
from adapters.local.sources.filerows import Content, FileRule


def parse(data: str | bytes, encoding: str = "utf-8", **more) -> Content:
    """Read by a rule with two columns."""
    rule = FileRule(**({"kind": "件", "pattern": "*", "columns": ("号", "名"), "key": ("号",)} | more))
    return xml_rows.parse(data if isinstance(data, bytes) else data.encode(), rule, encoding, "文件 a.xml")


def told(content: Content) -> list[tuple[str, str]]:
    """Code and place of what cannot be read."""
    return [(each.code.code, each.place) for each in content.rows if hasattr(each, "code")]


def test_elements_attributes_and_rows_inside_rows():
    """Prefixes are left out; attributes, nested elements and text beside attributes are columns; CDATA is text."""
    content = parse(
        '<?xml version="1.0"?>\n<x:导出 xmlns:x="urn:x"><时间>今天</时间><x:办件集>\n'
        '<x:办件 号="1"><名>甲<![CDATA[&乙]]></名><企业><名称>丙</名称></企业><金额 单位="元">5</金额>'
        '<材料清单><材料><名称>章程</名称></材料><材料 名称="住所"/><材料>身份证</材料></材料清单>'
        "<电话>1</电话><电话>2</电话></x:办件></x:办件集></x:导出>",
        rows="办件集.办件", children={"材料": "材料清单.材料", "附件": "附件"},
    )  # fmt: skip
    (record,) = content.rows
    assert record.row == {"号": "1", "名": "甲&乙", "企业.名称": "丙", "金额": "5", "金额.单位": "元"}
    assert record.children == {"材料": [{"名称": "章程"}, {"名称": "住所"}, {"材料": "身份证"}], "附件": []}
    assert record.place == "文件 a.xml 第 3 行（第 1 条）"


TEXT = "<r><o><号>1</号><名>𠮷</名></o></r>"


@pytest.mark.parametrize(
    ("data", "setting"),
    [(TEXT.encode(), "utf-8"), (b"\xef\xbb\xbf" + TEXT.encode(), "gb18030"), (TEXT.encode("gb18030"), "gb18030"),
     (f"<?xml version='1.0' encoding='GB18030'?>{TEXT}".encode("gb18030"), "utf-8"),
     (f'<?xml version="1.0" encoding="gb2312"?>{TEXT}'.encode("gb18030"), "utf-8"),
     (f'\ufeff<?xml version="1.0" encoding="UTF-16"?>{TEXT}'.encode("utf-16-le"), "utf-8")],
)  # fmt: skip
def test_encodings(data, setting):
    """UTF-8 with or without its mark, UTF-16 by its mark, GB18030 by the declaration or the setting."""
    assert [each.row["名"] for each in parse(data, setting).rows] == ["𠮷"]


def test_an_encoding_nobody_reads_is_told():
    """UTF-7 and the like hide what is in a file."""
    assert told(parse('<?xml version="1.0" encoding="UTF-7"?><r/>')) == [("E-SRC-034", "文件 a.xml")]


@pytest.mark.parametrize(
    "doctype",
    ['<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>',
     '<!DOCTYPE r [<!ENTITY c SYSTEM "file:///etc/passwd">]>', '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
     '<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]>'],
)  # fmt: skip
def test_entities_are_refused(doctype):
    """Bombs, files and addresses: nothing is expanded, opened or fetched."""
    content = parse(f"<?xml version='1.0'?>{doctype}<r><o><号>1</号><名>&c;</名></o></r>")
    assert (told(content), content.finished) == ([("E-SRC-052", "文件 a.xml")], True)


def test_an_entity_without_a_declaration_is_no_xml():
    """It waits as a file that is broken."""
    content = parse("<r><o><号>1</号><名>&c;</名></o></r>")
    assert ([code for code, _ in told(content)], content.finished) == (["E-SRC-051"], False)


def test_what_cannot_be_believed_of_a_row():
    """A column twice or not at all, no key, a byte of another encoding: each told with its line, the rest is read."""
    rows = ["<o><号>1</号><名>x</名><名>y</名></o>", "<o><号>1</号></o>", "<o><号> </号><名>x</名></o>", "<o/>",
            "<o>甲</o>", "<o><号>2</号><名>好</名></o>"]  # fmt: skip
    data = "\n".join(["<r>", *rows, "<o><号>1</号><名>a"]).encode() + b"\xff</\xe5\x90\x8d></o></r>"
    content = parse(data)
    assert told(content) == [
        ("E-SRC-058", "文件 a.xml 第 2 行（第 1 条） “名”列"), ("E-SRC-059", "文件 a.xml 第 3 行（第 2 条）"),
        ("E-SRC-037", "文件 a.xml 第 4 行（第 3 条） “号”列"), ("E-SRC-054", "文件 a.xml 第 5 行（第 4 条）"),
        ("E-SRC-054", "文件 a.xml 第 6 行（第 5 条）"), ("E-SRC-034", "文件 a.xml 第 8 行（第 7 条） “名”列"),
    ]  # fmt: skip
    assert content.rows[5].row == {"号": "2", "名": "好"}


def test_where_the_rows_are():
    """An empty root holds none; elements of other names are not them; a path that leads nowhere is told."""
    assert (parse("<r/>").rows, parse("<r> </r>").rows) == ([], [])
    assert told(parse("<r><a/></r>", rows="o")) == [("E-SRC-061", "文件 a.xml")]


def test_bounds(monkeypatch):
    """Depth and rows end somewhere; a megabyte in one attribute does not hold the reader up."""
    assert told(parse("<a>" * 200 + "</a>" * 200)) == [("E-SRC-053", "文件 a.xml")]
    started = time.monotonic()
    assert [code for code, _ in told(parse(f'<r><o 号="1" 名="{"x" * 2**20}"/></r>'))] == ["E-SRC-053"]
    assert time.monotonic() - started < 5
    monkeypatch.setattr("adapters.local.sources.xml_rows.MOST_ROWS", 1)
    assert told(parse("<r><o/><o/></r>")) == [("E-SRC-053", "文件 a.xml")]
