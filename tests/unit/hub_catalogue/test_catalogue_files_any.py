"""Files from anybody: a catalogue that can be kept, or declared errors, within bounds of time and memory."""

import io
import re
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.exceptions import IllegalCharacterError

from hub.catalogue import csvfolder, files, reading, workbook
from hub.catalogue.sheets import SHEETS
from hub.catalogue.troubles import Troubles
from schemas.catalogue import records
from schemas.errors import YunhuobanError
from tests.catalogue_world import small
from tests.hostile import COSTLY, noise, refusal

pytestmark = pytest.mark.timeout(600)  # many examples with LONG=1
SHEET = "xl/worksheets/sheet1.xml"


def taken(path: Path) -> YunhuobanError | None:
    """The error that a file ends with; what is taken can be published."""

    def take() -> None:
        troubles = Troubles()
        raw = (csvfolder if path.is_dir() else workbook).read(path, troubles)
        records.entries(reading.parse(raw, troubles, known=()).values())

    return refusal(take)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A workbook with the small catalogue."""
    path = tmp_path_factory.mktemp("good") / "a.xlsx"
    workbook.write(path, small())
    return path.read_bytes()


def repacked(good: bytes, change: Callable[[str, bytes], bytes], *, stored: bool = False) -> bytes:
    """The workbook with its parts changed."""
    out = io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w", method) as new:
        for each in old.infolist():
            new.writestr(each.filename, change(each.filename, old.read(each)))
    return out.getvalue()


@given(data=st.data())
@COSTLY
def test_any_bytes_as_a_workbook(good: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    """Noise, damaged zips, and whole zips with damaged XML inside."""
    part = data.draw(st.sampled_from(["", SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]))
    if part:
        with zipfile.ZipFile(io.BytesIO(good)) as packed:
            damaged = data.draw(noise([packed.read(part)]))
        bytes_ = repacked(good, lambda name, old: damaged if name == part else old)
    else:
        bytes_ = data.draw(noise([good]))
    path = tmp_path_factory.mktemp("any") / "a.xlsx"
    path.write_bytes(bytes_)
    error = taken(path)
    assert error is None or error.code.area in ("CAT", "ID")


CELLS = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.datetimes() | st.text(max_size=30)


@given(data=st.data())
@COSTLY
def test_any_cells_in_a_workbook(good: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    """Every cell may hold anything that a spreadsheet can."""
    opened = openpyxl.load_workbook(io.BytesIO(good))
    for _ in range(data.draw(st.integers(1, 4))):
        sheet = opened[data.draw(st.sampled_from([each.name for each in SHEETS]))]
        row, column = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 8))
        try:
            sheet.cell(row, column).value = data.draw(CELLS)
        except (ValueError, IllegalCharacterError):
            continue  # what a workbook cannot hold
    path = tmp_path_factory.mktemp("cells") / "a.xlsx"
    opened.save(path)
    error = taken(path)
    assert error is None or error.code.area in ("CAT", "ID")


@given(data=st.data())
@COSTLY
def test_any_bytes_as_csv(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    """In any of the files."""
    folder = tmp_path_factory.mktemp("csv") / "a"
    csvfolder.write(folder, small())
    chosen = folder / f"{data.draw(st.sampled_from([each.name for each in SHEETS]))}.csv"
    chosen.write_bytes(data.draw(noise([chosen.read_bytes()])))
    error = taken(folder)
    assert error is None or error.code.area in ("CAT", "ID")


@pytest.mark.parametrize("what", ["bomb", "parts", "doctype", "rows", "jump", "long", "sheets"])
def test_hostile_workbooks_are_refused_within_bounds(
    good: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
):
    """A zip bomb, entities, endless sheets, one endless cell: little memory, one declared error."""
    monkeypatch.setattr(workbook, "MOST_UNPACKED", 4 * 2**20)
    monkeypatch.setattr(files, "MOST_ROWS", 1000)
    row = b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>x</t></is></c></row>'
    entities = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'

    def change(name: str, old: bytes) -> bytes:
        if name != SHEET:
            return old
        match what:
            case "bomb":
                return old.replace(b"</sheetData>", b" " * (16 * 2**20) + b"</sheetData>")
            case "doctype":
                return entities + old[old.index(b"<worksheet") :]
            case "rows":
                rows = b"".join(row % (at, at) for at in range(100, 2000))
                return old.replace(b"</sheetData>", rows + b"</sheetData>")
            case "jump":
                return old.replace(b"</sheetData>", row % (1048576, 1048576) + b"</sheetData>")
            case "long":
                return re.sub(b"<t>|<t [^>]*>", lambda begun: begun[0] + b"x" * (2 * 2**20), old, count=1)
            case _:
                return old

    data = repacked(good, change)
    if what == "parts":
        out = io.BytesIO(data)
        with zipfile.ZipFile(out, "a") as packed:
            for at in range(300):
                packed.writestr(f"xl/more{at}.xml", b"<a/>")
        data = out.getvalue()
    path = tmp_path / "a.xlsx"
    if what == "sheets":
        opened = openpyxl.load_workbook(io.BytesIO(good))
        for at in range(40):
            opened.create_sheet(f"第{at}页")
        opened.save(path)
    else:
        path.write_bytes(data)
    tracemalloc.start()
    try:
        error = taken(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert error is not None
    assert peak < 64 * 2**20
    codes = {each.code.code for each in getattr(error, "problems", (error,))}
    assert all(code.startswith("E-CAT-") for code in codes)
    assert codes & {"E-CAT-030", "E-CAT-031"}


def test_a_part_that_unpacks_to_more_than_it_says(good: bytes, tmp_path: Path):
    """The zip's own words bind: more than that is not read."""
    data = bytearray(repacked(good, lambda name, old: old + b" " * 2**20 if name == SHEET else old))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as packed:
        size = packed.getinfo(SHEET).file_size.to_bytes(4, "little")
    at = data.rindex(size)
    data[at : at + 4] = (1000).to_bytes(4, "little")
    (tmp_path / "a.xlsx").write_bytes(bytes(data))
    error = taken(tmp_path / "a.xlsx")
    assert error is not None
    assert error.code.code == "E-CAT-030"
