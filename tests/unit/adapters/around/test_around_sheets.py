"""A monthly list out of a workbook: what pasting would have given, and nothing out of a hostile or a wrong one."""

import io
import zipfile
from html import unescape
from typing import Any

import httpx
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.hall.around import forms, sheets
from adapters.hall.around.forms import Rows
from adapters.local.workbooks import book_of
from schemas.errors import YunhuobanError
from tests.around_pages import WANG, Browser
from tests.county_records import NAME
from tests.county_world import OWN_ITEM, WINDOW, World
from tests.sampling import examples
from tests.unit.adapters.around.test_around_forms_any import known

NUMBER = "130928199003074511"


def rows() -> Rows:
    """The columns of a list."""
    return forms.paper("list.published", known(WINDOW)).rows[0]


HEADS = ["姓名", "公民身份号码", "内容"]


def book(*lines: list[Any], heads: list[str] | None = None, name: str = "Sheet1") -> bytes:
    """One sheet."""
    return book_of({name: [heads or HEADS, *lines]})


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The same with one part more."""
    packed = io.BytesIO(data)
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return packed.getvalue()


def formula() -> bytes:
    """A value that is computed."""
    made, packed = openpyxl.Workbook(), io.BytesIO()
    made.active.append(HEADS)
    made.active.append([NAME, NUMBER, "=1+1"])
    made.save(packed)
    return packed.getvalue()


GOOD = book([NAME, NUMBER, "残疾人\t两项  补贴"], [NAME, NUMBER, "x"])


def test_a_workbook_gives_what_pasting_gives() -> None:
    """Cells as text, blanks as one; the sheet called 清单 of several."""
    assert rows().columns
    assert sheets.text_of(rows(), GOOD) == f"{NAME}\t{NUMBER}\t残疾人 两项 补贴\n{NAME}\t{NUMBER}\tx"
    several = book_of({"说明": [["x"]], "清单": [HEADS, [NAME, NUMBER, "y"]]})
    assert sheets.text_of(rows(), several) == f"{NAME}\t{NUMBER}\ty"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "E-PAGE-128"),
        (b"name,number\n", "E-PAGE-128"),
        (GOOD[:46] + b"\xff" + GOOD[47:], "E-PAGE-128"),
        (with_part(GOOD, "xl/vbaProject.bin", b"macro"), "E-AROUND-026"),
        (with_part(GOOD, "xl/embeddings/oleObject1.bin", b"x"), "E-AROUND-026"),
        (with_part(b"PK\x05\x06" + bytes(18), "a.xml", b"<a/>"), "E-AROUND-026"),
        (with_part(GOOD, "xl/bomb.xml", bytes(3_000_000)), "E-PAGE-128"),
        (with_part(GOOD, "xl/entities.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), "E-AROUND-026"),
        (formula(), "E-AROUND-027"),
        (book([NAME, NUMBER, "x"], heads=["姓名", "公民身份号码", "备注"]), "E-AROUND-028"),
        (book_of({"一": [HEADS], "二": [HEADS]}), "E-AROUND-028"),
        (book_of({"空": []}), "E-AROUND-028"),
        (book(*([NAME, NUMBER, "x"] for _ in range(501))), "E-AROUND-025"),
    ],
)
def test_a_hostile_or_a_wrong_workbook_is_refused(data: bytes, code: str) -> None:
    """Macros, embedded things, entities, bombs, formulas, other sheets, too many lines: each with its code."""
    with pytest.raises(YunhuobanError) as refused:
        sheets.text_of(rows(), data)
    assert refused.value.code.code == code


def test_an_identity_number_that_a_spreadsheet_rounded_is_named_by_its_cell() -> None:
    """Eighteen digits as a number have lost three: the line and the column are told, the number is not."""
    made, packed = openpyxl.Workbook(), io.BytesIO()
    made.active.append(HEADS)
    made.active.append([NAME, int(NUMBER), "x"])
    made.save(packed)
    with pytest.raises(YunhuobanError, match="E-AROUND-023") as refused:
        sheets.text_of(rows(), packed.getvalue())
    assert (refused.value.params["line"], refused.value.params["column"]) == ("2", "2")
    assert NUMBER[:15] not in str(vars(refused.value))


@settings(max_examples=examples(60, 5), deadline=None, database=None)
@given(st.binary(max_size=200) | st.tuples(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=8)))
def test_only_declared_errors_come_out_of_bytes(data: Any) -> None:
    """Any bytes, and a good workbook with any bytes changed."""
    if isinstance(data, tuple):
        at, piece = data
        data = GOOD[:at] + piece + GOOD[at + len(piece) :]
    try:
        sheets.text_of(rows(), data)
    except YunhuobanError as error:
        assert error.code.area in ("PAGE", "AROUND")  # noqa: PT017 -- what else it raises is the finding


def test_a_clerk_uploads_a_list_and_looks_through_it(world: World) -> None:
    """It stands in the field as if it had been pasted; a wrong one is told, and nothing was changed."""
    window = Browser(world, WINDOW, WANG)
    place = f"/around/new/list/{WINDOW}/{OWN_ITEM}"

    def upload(data: bytes) -> httpx.Response:
        typed = {"action_id": "x", "title": "名单", "lines": ""}  # a browser sends the whole form with the file
        return window.client.post(f"{place}/sheet", data=typed, files={"sheet": ("名单.xlsx", data)})

    assert 'accept=".xlsx"' in window.get(place)
    answer = upload(GOOD)
    assert answer.status_code == 200
    assert f"{NAME}\t{NUMBER}" in unescape(answer.text)
    assert "读出 2 行" in unescape(answer.text)
    assert "E-AROUND-027" in upload(formula()).text
    assert "E-PAGE-090" in upload(bytes(300_000)).text
