"""Workbook and CSV folder: what is exported is imported the same, and what is wrong is told cell by cell."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalogue import csvfolder, files, reading, workbook
from hub.catalogue.files import FILE_EXISTS, FILE_UNREADABLE
from hub.catalogue.sheets import SHEETS
from hub.catalogue.troubles import CATALOGUE_UNFIT, CatalogueUnfit, Troubles
from schemas.catalogue import checks
from schemas.catalogue.model import Entity
from schemas.errors import YunhuobanError
from tests.catalogue_world import alliance, implementation, item, small
from tests.hostile import COSTLY, refusal


def read(path: Path, known: tuple[str, ...] = ()) -> dict[str, Entity]:
    """What a file holds."""
    troubles = Troubles()
    raw = (csvfolder if path.is_dir() else workbook).read(path, troubles)
    return reading.parse(raw, troubles, known=known)


def problems(path: Path, known: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Place and code of everything that is wrong with a file."""
    with pytest.raises(CatalogueUnfit) as caught:
        read(path, known)
    assert caught.value.code is CATALOGUE_UNFIT
    return [(each.place, each.code.code) for each in caught.value.problems]


@pytest.fixture
def book(tmp_path: Path) -> Callable[[Callable[[Any], None]], Path]:
    """Makes a workbook of the small catalogue, changed by hand."""

    def make(change: Callable[[Any], None]) -> Path:
        path = tmp_path / "good.xlsx"
        workbook.write(path, small())
        opened = openpyxl.load_workbook(path)
        change(opened)
        opened.save(tmp_path / "changed.xlsx")
        return tmp_path / "changed.xlsx"

    return make


@pytest.mark.parametrize("name", ["all.xlsx", "all"])
def test_what_is_exported_is_imported_the_same(tmp_path: Path, name: str):
    """Every field, with line breaks, empty cells and codes that begin with zeros."""
    (csvfolder if name == "all" else workbook).write(tmp_path / name, small())
    assert read(tmp_path / name) == small()


LINE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Cn", "Co", "Zl", "Zp")), min_size=1, max_size=20)


@given(texts=st.lists(LINE.map(str.strip).filter(bool), min_size=3, max_size=3))
@COSTLY
def test_any_texts_go_through_both_kinds_of_file(tmp_path_factory: pytest.TempPathFactory, texts: list[str]):
    """Whatever passes the checks: quotes, commas, what looks like an escape or a number."""
    whole = small(
        item(name=texts[0], accept_condition="\n".join(texts)), implementation(transact_addr=texts[1]),
        alliance(agreement=texts[2]),
    )  # fmt: skip
    if any(True for each in whole.values() for _ in checks.faults(each)):
        return
    folder = tmp_path_factory.mktemp("any")
    workbook.write(folder / "a.xlsx", whole)
    csvfolder.write(folder / "a", whole)
    assert read(folder / "a.xlsx") == read(folder / "a") == whole


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_may_come_in_each_encoding(tmp_path: Path, encoding: str):
    """As spreadsheets save it, with either line end."""
    csvfolder.write(tmp_path / "a", small())
    for each in (tmp_path / "a").iterdir():
        text = each.read_text(encoding="utf-8-sig")
        each.write_bytes(text.replace("\r\n", "\n").encode(encoding))
    assert read(tmp_path / "a") == small()


def test_numbers_and_dates_as_spreadsheets_make_them(book: Any):
    """A county's code typed as a number, a date as a date, yes as a truth value; derived columns may be left out."""

    def change(opened: Any) -> None:
        done = opened["实施清单"]
        done["A2"] = 140881
        done["E2"] = 3.0
        done["L2"] = False
        done["T2"] = datetime(2026, 1, 1)  # noqa: DTZ001 -- a cell has no zone
        done["U2"] = date(2026, 12, 31)
        done.delete_cols(3)
        opened["联盟"]["D2"] = "2026/1/1"

    assert read(book(change)) == small()


def as_excel_writes(path: Path) -> None:
    """The same workbook with its texts in one table of shared strings, some of them in several runs and read aloud."""
    texts: list[str] = []

    def shared(cell: re.Match[str]) -> str:
        texts.append(cell[2])
        return f'<c r="{cell[1]}" t="s"><v>{len(texts) - 1}</v></c>'

    with zipfile.ZipFile(path) as old:
        parts = {each.filename: old.read(each) for each in old.infolist()}
    inline = re.compile(r'<c r="([A-Z]+[0-9]+)"[^>]*t="inlineStr"[^>]*><is><t[^>]*>(.*?)</t></is></c>', re.DOTALL)
    for name in [each for each in parts if each.startswith("xl/worksheets/")]:
        parts[name] = inline.sub(shared, parts[name].decode()).encode()
    aloud = '<rPh sb="0" eb="1"><t>gōng</t></rPh><phoneticPr fontId="1"/>'
    rows = [f'<si><r><t xml:space="preserve">{each}</t></r>{aloud}</si>' for each in texts]
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    parts["xl/sharedStrings.xml"] = f"<sst {space}>{''.join(rows)}</sst>".encode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].decode().replace("</Types>", override).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, body in parts.items():
            new.writestr(name, body)


def test_a_workbook_as_spreadsheets_save_it(tmp_path: Path):
    """Texts stand apart from the cells, with the pronunciation that Chinese and Japanese input leaves behind."""
    workbook.write(tmp_path / "a.xlsx", small())
    as_excel_writes(tmp_path / "a.xlsx")
    assert b"inlineStr" not in zipfile.ZipFile(tmp_path / "a.xlsx").read("xl/worksheets/sheet1.xml")
    assert read(tmp_path / "a.xlsx") == small()


def test_everything_wrong_is_told_at_once_with_sheet_row_and_column(book: Any):
    """One file, many mistakes: each has its cell; a cell is told once."""

    def change(opened: Any) -> None:
        items, done = opened["事项"], opened["实施清单"]
        items["D2"] = "全程网办、随便办"
        items["A3"], items["B3"] = 131127004, "少了零"
        items["D3"] = "全程网办"
        opened["材料"]["D3"] = "也许"
        opened["材料"]["A6"] = "000107111000"
        opened["材料"]["B6"], opened["材料"]["C6"], opened["材料"]["D6"] = "SQB", "申请书", "必要"
        opened["材料"]["E6"], opened["材料"]["F6"] = "其他", "否"
        done["C2"] = "省"
        done["E2"] = "=1+2"
        done["G2"] = 1.5
        done["L2"] = "yes"
        done["T2"] = time(9, 0)
        done["U2"] = "2026-02-30"
        opened["业务办理项"]["B3"] = "11140881MB0000000U400013112700401"
        opened["联盟成员"].append(["YUNHUOBAN", "130928", "又一次", "2026-01-01", None])
        opened["联盟事项"].append(["NONE", "000131127004", "2026-01-01", "2025-01-01"])

    assert sorted(problems(book(change))) == sorted(
        [
            ("事项!A3 基本编码", "E-CAT-004"),
            ("事项!D2 办理模式", "E-CAT-020"),
            ("材料!A6 基本编码", "E-CAT-009"),
            ("材料!D3 必要性", "E-CAT-020"),
            ("实施清单!C2 行使层级", "E-CAT-020"),
            ("实施清单!E2", "E-CAT-033"),
            ("实施清单!G2", "E-CAT-034"),
            ("实施清单!L2 是否收费", "E-CAT-020"),
            ("实施清单!T2", "E-CAT-034"),
            ("实施清单!U2 有效期止", "E-CAT-020"),
            ("业务办理项!B3 业务办理项编码", "E-CAT-008"),
            ("联盟成员!B4 行政区划代码", "E-CAT-008"),
            ("联盟事项!A3 联盟编号", "E-CAT-009"),
            ("联盟事项!D3 移出日期", "E-CAT-007"),
        ]
    )


def test_a_promise_beyond_the_statute_is_told_at_its_cell(book: Any):
    """Promise ≤ statute or the item is rejected."""

    def change(opened: Any) -> None:
        opened["实施清单"]["G2"] = 1
        opened["实施清单"]["H2"] = "月"

    with pytest.raises(CatalogueUnfit) as caught:
        read(book(change))
    (error,) = caught.value.problems
    assert (error.place, error.code.code) == ("实施清单!G2 承诺时限", "E-CAT-005")
    assert (error.found, error.expected) == ("1 month", "<= 3 working_day")


def test_sheets_and_columns_must_be_those_of_the_template(book: Any):
    """Unknown and missing ones are told; nothing is guessed from their order."""

    def change(opened: Any) -> None:
        opened.create_sheet("说明")
        del opened["材料"]
        opened["联盟"]["A1"] = "编号"
        opened["联盟成员"]["F1"] = "联盟编号"

    assert sorted(problems(book(change))) == sorted(
        [
            ("说明", "E-CAT-023"), ("材料", "E-CAT-024"), ("联盟!A1", "E-CAT-025"), ("联盟!1", "E-CAT-026"),
            ("联盟成员!F1", "E-CAT-025"), ("联盟事项!A2 联盟编号", "E-CAT-009"),
        ]
    )  # fmt: skip


def test_columns_may_stand_in_any_order(tmp_path: Path):
    """They are known by their headings."""
    csvfolder.write(tmp_path / "a", small())
    file = tmp_path / "a" / "联盟.csv"
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(row[::-1] for row in rows)
    assert read(tmp_path / "a") == small()


def test_part_of_the_sheets_may_refer_to_what_is_there(tmp_path: Path):
    """A county sends only its own sheets."""
    csvfolder.write(tmp_path / "a", small())
    for name in ("事项", "材料", "联盟", "联盟成员", "联盟事项"):
        (tmp_path / "a" / f"{name}.csv").unlink()
    assert read(tmp_path / "a", ("item/000131127004",)) == {implementation().key: implementation()}
    assert problems(tmp_path / "a") == [("实施清单!B2 实施编码", "E-CAT-009")]


def test_an_empty_catalogue_is_the_template(tmp_path: Path):
    """All headings and nothing else; it imports as nothing."""
    workbook.write(tmp_path / "a.xlsx", {})
    opened = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert opened.sheetnames == [each.name for each in SHEETS]
    assert [cell.value for cell in opened["联盟"][1]] == ["联盟编号", "联盟名称", "协议", "有效期起", "有效期止"]
    assert read(tmp_path / "a.xlsx") == {}


def test_nothing_is_overwritten(tmp_path: Path):
    """An export never replaces a file that somebody may be filling in."""
    for form, name in ((workbook, "a.xlsx"), (csvfolder, "a")):
        form.write(tmp_path / name, small())
        error = refusal(lambda form=form, name=name: form.write(tmp_path / name, {}))  # type: ignore[misc]
        assert error is not None
        assert error.code is FILE_EXISTS


def test_a_thousand_errors_are_not_all_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The first ones, and that there are more."""
    monkeypatch.setattr("hub.catalogue.troubles.MOST_SHOWN", 3)
    csvfolder.write(tmp_path / "a", small())
    with (tmp_path / "a" / "联盟.csv").open("a", encoding="utf-8") as stream:
        stream.writelines(f"小{at},名,协议,2026-01-01,\n" for at in range(10))
    found = problems(tmp_path / "a")
    assert [code for _, code in found] == ["E-CAT-003"] * 3 + ["E-CAT-022"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"", "E-CAT-030"),
        ("a.xlsx", b"PK\x03\x04", "E-CAT-030"),
        ("a.xls", b"\xd0\xcf\x11\xe0" * 100, "E-CAT-030"),
        ("gone.xlsx", None, "E-CAT-030"),
    ],
)
def test_what_is_no_workbook(tmp_path: Path, name: str, content: bytes | None, code: str):
    """One declared error."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    error = refusal(lambda: read(tmp_path / name))
    assert error is not None
    assert error.code.code == code


def test_a_folder_without_sheets_and_a_file_in_no_encoding(tmp_path: Path):
    """Told as such."""
    error = refusal(lambda: read(tmp_path))
    assert isinstance(error, YunhuobanError)
    assert error.code is FILE_UNREADABLE
    (tmp_path / "联盟.csv").write_bytes(b"\xff\xff\xff")
    (tmp_path / "联盟成员.csv").write_bytes('联盟编号\n"没有结束'.encode())
    assert problems(tmp_path) == [("联盟.csv", "E-CAT-032"), ("联盟成员.csv", "E-CAT-030")]


def test_bounds_of_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Too many bytes, too many rows."""
    csvfolder.write(tmp_path / "a", small())
    monkeypatch.setattr(files, "MOST_ROWS", 1)
    assert ("材料.csv", "E-CAT-031") in problems(tmp_path / "a")
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    assert ("联盟.csv", "E-CAT-031") in problems(tmp_path / "a")
