"""XLSX: what cells mean, what cannot be believed of them, further sheets, and workbooks made to do harm."""

import io
from datetime import date, datetime, time
from decimal import Decimal

import openpyxl
import pytest

from adapters.local import workbooks
from adapters.local.sources import xlsx_rows
from adapters.local.sources.filerows import Content, FileRule
from tests.file_forms import book, row

AT = datetime.combine(date(2026, 11, 22), time(10, 30))
BILLION = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><a>&b;</a>'


def parse(data: bytes, columns: tuple[str, ...] = ("号", "名"), **more) -> Content:
    """Read by a rule whose key is the first column."""
    rule = FileRule(kind="件", pattern="*", columns=columns, key=columns[:1], **more)
    return xlsx_rows.parse(data, rule, "文件 a.xlsx")


def told(content: Content) -> list[tuple[str, str]]:
    """Code and place of what cannot be read."""
    return [(each.code.code, each.place) for each in content.rows if hasattr(each, "code")]


def cells(*second: str, properties: str = "") -> list[object]:
    """What comes of a second column."""
    rows = [row("号", "名"), *(row(str(at), cell) for at, cell in enumerate(second, 1))]
    return [
        each.code.code if hasattr(each, "code") else each.row["名"]
        for each in parse(book({"办件": rows}, properties=properties)).rows
    ]


def test_what_cells_mean():
    """Text, numbers as a spreadsheet shows them, dates and times by their format, yes and no, escapes, nothing."""
    assert cells(
        "甲", "<c><v>12</v></c>", "<c><v>12.0</v></c>", "<c><v>0.30000000000000004</v></c>",
        '<c s="1"><v>46348</v></c>',
        '<c s="2"><v>46348</v></c>', '<c s="2"><v>46348.4375</v></c>', '<c t="b"><v>1</v></c>',
        "一_x000D_二_x005F_x0041_",
        "<c/>", '<c s="2"><v>0.5</v></c>',
    ) == [
        "甲", 12, 12, Decimal("0.3"), date(2026, 11, 22), datetime.combine(date(2026, 11, 22), time()),
        AT, "true",
        "一\r二_x0041_", None, "12:00:00",
    ]  # fmt: skip


def test_both_date_systems_and_the_leap_day_that_never_was():
    """1 March 1900 is serial 61; what is before it is refused, as programs differ; 1904 has no such days."""
    assert cells('<c s="1"><v>61</v></c>', '<c s="1"><v>60</v></c>', '<c s="1"><v>1</v></c>') == [
        date(1900, 3, 1), "E-SRC-057", "E-SRC-057",
    ]  # fmt: skip
    mac = '<workbookPr date1904="1"/>'
    assert cells('<c s="1"><v>44886</v></c>', '<c s="1"><v>60</v></c>', properties=mac) == [
        date(2026, 11, 22), date(1904, 3, 1),
    ]  # fmt: skip


def test_what_cannot_be_believed_of_a_cell():
    """Long numbers, errors, durations, serials beyond the calendar: each told with its place, the next row is read."""
    rows = ["<c><v>130928199003074520</v></c>", "<c><v>1.3E+17</v></c>", '<c t="e"><v>#N/A</v></c>',
            '<c s="3"><v>1.5</v></c>', '<c s="1"><v>1E9</v></c>', "<c><v>1E999</v></c>", "好"]  # fmt: skip
    assert cells(*rows) == ["E-SRC-055", "E-SRC-055", "E-SRC-054", "E-SRC-054", "E-SRC-054", "E-SRC-055", "好"]
    content = parse(book({"办件": [row("号", "名"), row("1", rows[0])]}))
    assert told(content) == [("E-SRC-055", "文件 a.xlsx 工作表“办件” 第 2 行 “名”列")]


def test_a_formula_is_its_value_or_told():
    """With a computed value it is that value, also the empty text; without one it is no empty cell."""
    assert cells(
        "<c><f>1+1</f><v>2</v></c>", '<c t="str"><f>A1</f><v>甲</v></c>', '<c t="str"><f>A9</f><v></v></c>',
        "<c><f>1+1</f></c>", "<c><f>1+1</f><v/></c>",
    ) == [2, "甲", "", "E-SRC-056", "E-SRC-056"]  # fmt: skip


def test_further_sheets_belong_to_rows():
    """Rows of another sheet go to the record of their key; one that cannot be read keeps its record back."""
    content = parse(
        book({
            "说明": [row("请勿改动")],
            "办件": [row("号", "名"), row("1", "甲"), row("2", "乙"), row("3", "丙")],
            "材料": [
                row("号", "材料", "份数"), row("1", "章程", "<c><v>1</v></c>"),
                row("3", "坏", '<c t="e"><v>#REF!</v></c>'),
                row("<c><v>1</v></c>", "住所", "<c><v>2</v></c>"), row("9", "无主"), row("", "无号"),
            ],
        }),
        rows="办件", children={"材料": "号"},
    )  # fmt: skip
    found = {each.key: each.children["材料"] for each in content.rows if not hasattr(each, "code")}
    assert found == {
        "件|1": [{"号": "1", "材料": "章程", "份数": 1}, {"号": 1, "材料": "住所", "份数": 2}],
        "件|2": [],
    }
    assert sorted(told(content)) == [
        ("E-SRC-037", "文件 a.xlsx 工作表“材料” 第 6 行 “号”列"),
        ("E-SRC-054", "文件 a.xlsx 工作表“材料” 第 3 行 “份数”列"),
        ("E-SRC-062", "文件 a.xlsx 工作表“材料” 第 5 行 “号”列"),
    ]


def test_headers_and_sheets_are_looked_for():
    """The first row with anything in it is the header; a column or a sheet that lacks is named."""
    data = book({"办件": [row("号", "名（元）", at=3), row("1", "2", at=7)]})
    (record,) = parse(data, ("号", "名(元)")).rows
    assert (record.row["名(元)"], record.place) == ("2", "文件 a.xlsx 工作表“办件” 第 7 行")
    assert told(parse(data)) == [("E-SRC-033", "文件 a.xlsx 工作表“办件”")]
    assert told(parse(data, rows="别的")) == [("E-SRC-060", "文件 a.xlsx")]
    assert told(parse(book({"办件": []}))) == [("E-SRC-033", "文件 a.xlsx 工作表“办件”")]


def test_what_a_real_writer_saves_is_read():
    """A workbook with shared strings, as openpyxl saves it, and one whose stated size is wrong."""
    made = openpyxl.Workbook()
    made.active.append(["号", "名"])
    made.active.append([1, AT])
    out = io.BytesIO()
    made.save(out)
    (record,) = parse(out.getvalue()).rows
    assert (record.key, record.row["名"]) == ("件|1", AT)
    sheet = f"<x>{row('号', '名')}{row('1', '甲')}</x>".removeprefix("<x>").removesuffix("</x>")
    lying = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1"/><sheetData>'
    )
    data = book({"办件": []}, parts={"xl/worksheets/sheet1.xml": f"{lying}{sheet}</sheetData></worksheet>"})
    assert [each.key for each in parse(data).rows] == ["件|1"]


@pytest.mark.parametrize(
    "parts", [{"xl/worksheets/sheet1.xml": BILLION}, {"docProps/core.xml": BILLION}, {"xl/media/a.png": BILLION}]
)
def test_entities_are_refused(parts):
    """A document type declaration in any part, whatever it is called, is refused before anything is expanded."""
    content = parse(book({"办件": [row("号", "名"), row("1", "甲")]}, parts=parts))
    assert (told(content), content.finished) == ([("E-SRC-052", "文件 a.xlsx")], True)


def test_bounds(monkeypatch):
    """Unpacked size, parts, tags, rows and columns end somewhere; a row number of a million costs nothing."""
    many = book({"办件": []}, parts={f"xl/{at}.xml": "<a/>" for at in range(workbooks.MOST_PARTS)})
    wide = book({"办件": [row(*map(str, range(workbooks.MOST_COLUMNS + 1)))]})
    far = book({"办件": [row("号", "名"), row("1", "甲", at=1048576)]})
    for data in (many, wide, far):
        assert told(parse(data)) == [("E-SRC-053", "文件 a.xlsx")]
    small = book({"办件": [row("号", "名")]})
    with monkeypatch.context() as patch:
        patch.setattr("adapters.local.workbooks.MOST_TAGS", 20)
        assert told(parse(small)) == [("E-SRC-053", "文件 a.xlsx")]
    assert parse(small).rows == []
    monkeypatch.setattr("adapters.local.workbooks.MOST_UNPACKED", 2**20)
    bomb = book({"办件": []}, parts={"xl/a.xml": f"<a>{' ' * 2**20}</a>"})
    assert len(bomb) < 10_000
    assert told(parse(bomb)) == [("E-SRC-053", "文件 a.xlsx")]


def test_what_is_no_workbook():
    """An old or encrypted workbook is told at once; anything else might still become one."""
    old = parse(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert (told(old), old.finished) == ([("E-SRC-063", "文件 a.xlsx")], True)
    other = parse("号,名\n".encode())
    assert (told(other), other.finished) == ([("E-SRC-051", "文件 a.xlsx")], False)
