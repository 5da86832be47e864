"""`hub report`: the figures of `/reports` at the terminal and in a file, of all counties or of one."""

import re
from html import unescape
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from hub.cli import app
from hub.instants import now
from schemas.errors import YunhuobanError
from tests.around_hub import shown
from tests.hub_world import FOREIGN, ISSUING, World
from tests.unit.hub_supervision.test_around_reports import person

MONTH = "2026-11"
Rows = dict[str, list[list[str]]]
NAMED = {"各县": 2, "两县": 2, "办不成事": 4, "一件事": 2}
"""So many columns of names come before the numbers."""


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    """A hub's folder with something of everything in its store, and settings but no keys."""
    shown(world.store, world.now)
    (tmp_path / "hub.toml").write_text(f'store_url = "{world.url}"\n', encoding="utf-8")
    return tmp_path


def run(folder: Path, *words: str) -> str:
    """What the command prints, or the code with which it refuses."""
    done = CliRunner().invoke(app, ["report", *words, "-d", str(folder)], env={"COLUMNS": "400", "TERM": "xterm"})
    return done.exception.code.code if isinstance(done.exception, YunhuobanError) else done.output


def figures(cells: list[str]) -> list[str]:
    """Numbers alone; where there is nothing to count a page says 0 or —, and a table nothing."""
    return [each for each in cells if re.fullmatch(r"[0-9]+(\.[0-9]+)?", each) and float(each)]


def of_page(client: TestClient, county: str = "") -> Rows:
    """The rows of the page's first three tables, by their headings."""
    page = client.get(f"/reports/period/{MONTH}" + (f"?county={county}" if county else "")).text
    found: Rows = {}
    for name, table in re.findall(r"<h2>([^ <]+).*?<tbody>(.*?)</tbody>", page, re.DOTALL):
        rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
        cells = [re.findall(r"<td[^>]*data-head[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
        found[name] = [
            figures([re.sub(r"<[^>]+>", "", unescape(cell)).strip() for cell in row]) for row in cells if row
        ]
    return found


def printed(text: str) -> Rows:
    """The same of the terminal's tables, of which several may have one name: the rows of each side by side."""
    parts: dict[str, list[list[list[str]]]] = {}
    name = ""
    for line in map(str.strip, text.splitlines()):
        if found := re.match("各县|两县|办不成事|一件事", line):
            name = found[0]
            parts.setdefault(name, []).append([])
        elif line.startswith("│") and name:
            row = [each.strip() for each in line.strip("│").split("│")]
            if re.search("[0-9]{6}", "".join(row)):
                parts[name][-1].append(figures(row[NAMED[name] :]))
    return {
        name: [[one for row in rows for one in row] for rows in zip(*some, strict=True)] for name, some in parts.items()
    }


def cells(data: bytes) -> dict[str, list[tuple[object, ...]]]:
    """Everything in a workbook."""
    book = openpyxl.load_workbook(BytesIO(data))
    return {name: list(book[name].values) for name in book.sheetnames}


def test_the_terminal_and_the_file_have_the_figures_of_the_page(world: World, folder: Path) -> None:
    """Of all counties and of one; a file is never written over."""
    client = person(world, now)  # a command has the machine's clock, by which more is overdue
    for county in ("", ISSUING, FOREIGN):
        only = ("--county", county) if county else ()
        page, table = of_page(client, county), printed(run(folder, MONTH, *only))
        for name in ("各县", "两县", "办不成事"):
            assert table[name] == page[name], (county, name)
            assert county or page[name], "there is something to compare"
    for county in ("", ISSUING):
        only = ("--county", county) if county else ()
        out = folder / f"of-{county}.xlsx"
        assert out.name in run(folder, MONTH, *only, "--out", str(out)).replace("\n", "")
        query = f"?county={county}" if county else ""
        assert cells(out.read_bytes()) == cells(client.get(f"/reports/workbook/{MONTH}{query}").content)
        assert run(folder, MONTH, *only, "--out", str(out)) == "E-CAT-035"


def test_what_cannot_be_asked_for_is_refused(folder: Path) -> None:
    """No period, no county, no form of file: each by its code, and nothing is written."""
    assert run(folder, "2026-99") == "E-SUP-008"
    assert run(folder, MONTH, "--county", "abc") == "E-ID-001"
    assert run(folder, MONTH, "--out", str(folder / "a.docx")) == "E-SUP-009"
    assert not (folder / "a.docx").exists()
    assert "2026-W48" in run(folder, "2026-W48")


@pytest.mark.long
def test_it_is_a_pdf_in_the_language_that_is_asked_for(folder: Path) -> None:
    """With the same tables, for paper; the tables at the terminal are in that language, too."""
    run(folder, MONTH, "--out", str(folder / "november.pdf"), "--language", "en")
    assert (folder / "november.pdf").read_bytes()[:5] == b"%PDF-"
    assert "Median" in run(folder, MONTH, "--language", "en").replace("\n", "")
