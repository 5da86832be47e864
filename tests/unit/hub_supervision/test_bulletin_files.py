"""The weekly count and the monthly bulletin as PDF: Chinese text that can be read back, of all or of one county."""

import re
import subprocess
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from hub.supervision import bulletin, counting, sheets
from hub.supervision.counting import Bulletin
from hub.supervision.period import Period
from pages.lists import drawing
from schemas.errors import YunhuobanError
from schemas.workdays.calendars import Calendar
from tests.hub_world import FOREIGN, ISSUING, START, WINDOW, Case, World
from tests.supervision_world import at, shown


@pytest.fixture
def told(world: World) -> Bulletin:
    """November of a hub with a case, a card of each colour and two outages."""
    world.now = at("11-23", 9)
    Case(world).up_to("application.submitted")
    shown(world.store, START + timedelta(days=2))
    with world.store.read() as tx:
        return counting.bulletin(tx, Period.read("2026-11"), Calendar().of, START + timedelta(days=3))


def text_of(pdf: bytes, tmp_path: Path) -> str:
    """What poppler reads in it."""
    file = tmp_path / "told.pdf"
    file.write_bytes(pdf)
    read = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True)
    return read.stdout


def test_the_bulletin_is_a_pdf_whose_text_can_be_read_back(told: Bulletin, tmp_path: Path) -> None:
    """Title, counties, every colour's word, cards and outages, in Chinese; the same data make the same bytes."""
    pdf = bulletin.file_of(told, "november.pdf", "zh")
    text = text_of(pdf, tmp_path)
    words = re.sub(r"\s", "", text)
    assert "电子监察每月通报2026-11" in words
    for each in (
        "各县",
        "半日办结",
        "监察牌",
        "中枢停机",
        "红牌超期",
        "承诺办结日",
        "法定时限",
        "已说明",
        "网络中断",
        "签发",
    ):
        assert each in words
    assert {ISSUING, WINDOW} <= set(re.findall(r"\d{6}", text))
    assert f"{2:016X}" in words
    assert b"Noto" in pdf
    assert bulletin.file_of(told, "november.pdf", "zh") == pdf


@pytest.mark.long
def test_a_county_gets_its_own(told: Bulletin, tmp_path: Path) -> None:
    """Its counts, its cards and its pairs, and nobody else's; in its title who it is. XLSX alike."""
    own = told.of(ISSUING)
    assert ({each.county for each in own.counties}, len(own.cards)) == ({ISSUING}, 4)
    assert [*told.of(FOREIGN).counties, *told.of(FOREIGN).cards] == []
    assert sum(told.of(WINDOW).levels.values()) == 0
    text = text_of(bulletin.file_of(own, "own.PDF", "en"), tmp_path)
    assert f"{told.names[ISSUING]} {ISSUING}" in text
    assert "Overdue".lower() in text.lower()
    assert re.findall("[一-鿿]", text.replace("光缆挖断", "")) == [], "nothing of the source language is left"
    book = openpyxl.load_workbook(BytesIO(bulletin.file_of(own, "own.xlsx", "zh")))
    assert [row[0].value for row in book["各县"].iter_rows(min_row=2)] == [ISSUING]


def test_what_is_neither_is_refused(told: Bulletin) -> None:
    """By the end of the file's name."""
    with pytest.raises(YunhuobanError) as refused:
        bulletin.file_of(told, "november.docx", "zh")
    assert refused.value.code is sheets.FILE_ODD


def test_a_hub_without_the_typeface_says_which_package_it_is(
    told: Bulletin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is drawn with another one; the workbook needs none."""
    monkeypatch.setitem(drawing.drawn.__kwdefaults__, "font_folder", tmp_path / "none")
    with pytest.raises(YunhuobanError, match=r"E-PAGE-140") as refused:
        bulletin.file_of(told, "november.pdf", "zh")
    assert "fonts-noto-cjk" in refused.value.code.remedy
    assert bulletin.file_of(told, "november.xlsx", "zh")[:2] == b"PK"
