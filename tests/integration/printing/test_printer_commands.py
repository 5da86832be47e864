"""`adapter printer …` as county IT uses it, against a real printer."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.cli import app
from adapters.hall.printers.register import Register
from adapters.printing import ipp
from adapters.printing.ipp import Printer
from adapters.printing.media import Media
from schemas.errors import YunhuobanError
from tests.printers import PDF, DemoPrinter, awaiting

TOML = """
division_code = "130928"
name = "吴桥县"
mapping = "."
local_read = "sqlite://"
local_write = "sqlite://"
[authority]
name = "吴桥县行政审批局"
code = "11130928MB0000000X"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A county's folder with its settings."""
    (tmp_path / "county.toml").write_text(TOML, encoding="utf-8")
    return tmp_path


def run(folder: Path | None, *words: str, status: int = 0, typed: str = "") -> str:
    """Run a command and return what it said. A refusal is raised, as `main` gets it."""
    at = ["-d", str(folder)] if folder is not None else []
    result = CliRunner(env={"COLUMNS": "250"}).invoke(app, ["printer", *words, *at], input=typed)
    if isinstance(result.exception, YunhuobanError):
        raise result.exception
    assert result.exit_code == status, result.output
    return result.output


def test_from_finding_to_a_calibrated_printer(steady_printer: DemoPrinter, folder: Path):
    """Found by its address, shown in Chinese, added with its trays, tried, calibrated with who and when, removed."""
    found = run(None, "find", f"127.0.0.1:{steady_printer.port}")
    url = f"ipp://127.0.0.1:{steady_printer.port}/ipp/print"
    assert url in found
    assert "Yunhuoban Demo" in found
    shown = run(None, "show", url)
    for text in (
        "型号：Yunhuoban Demo A3/A4",
        "纸盒 1 A4",
        "纸盒 3 A3",
        "单面, 双面，长边翻",
        "600dpi",
        "已装纸",
        "Tray 1 A4",
    ):
        assert text in shown
    trays = ("--tray", "tray-1=A4:specimen-a4", "--tray", "tray-3=A3:business-license-original-2019")
    assert "已登记打印机 a3-1（Yunhuoban Demo A3/A4）" in run(folder, "add", "a3-1", url, *trays)
    assert "✓ 纸盒 3 · A3 · 营业执照正本（2019 版）：可以打印" in run(folder, "test", "a3-1")
    listed = run(folder, "list")
    assert "tray-3=A3:business-license-original-2019" in listed
    assert "就绪" in listed

    template = "business-license-original/2019.1"
    said = run(folder, "calibrate", "a3-1", "--template", template, typed="y\n")
    assert "放入白纸" in said
    awaiting(lambda: len(steady_printer.sheets()) == 1)
    assert "media-source=tray-3" in steady_printer.sheets()[0]["media_col"]
    run(folder, "calibrate", "a3-1", "--template", template, status=1, typed="n\n")
    said = run(folder, "calibrate", "a3-1", "--template", template, "--x", "1.5", "--y", "-0.5")
    assert "向右 +1.5 毫米，向下 -0.5 毫米" in said
    with pytest.raises(YunhuobanError, match="E-PRINT-165"):
        run(folder, "calibrate", "a3-1", "--template", template, "--x", "12", "--y", "0")
    assert f"{template} tray-3 +1.5/-0.5 mm" in run(folder, "list")
    (kept,) = Register(folder).content().offsets
    assert kept.set_by == "adapter"

    run(folder, "trays", "a3-1", "--tray", "tray-1=A3:specimen-a3")
    said = run(folder, "test", "a3-1", status=1)
    assert "✕ 纸盒 1 · A3 · 样张纸 A3：打印机里没有装这种纸" in said or "没有装要用的纸" in said
    run(folder, "trays", "a3-1")
    assert "没有登记纸盒" in run(folder, "test", "a3-1")
    run(folder, "remove", "a3-1")
    with pytest.raises(YunhuobanError, match="E-PRINT-161"):
        run(folder, "test", "a3-1")
    assert len(steady_printer.sheets()) == 1


def test_nothing_found_is_said_by_the_exit_code(folder: Path):
    """For a script."""
    run(None, "find", "127.0.0.1:1", status=1)
    with pytest.raises(YunhuobanError, match="E-PRINT-121"):
        run(folder, "add", "a4-1", "ipp://127.0.0.1:1/ipp/print")
    assert Register(folder).content().printers == ()


def test_a_printers_certificate_is_shown_once_and_a_changed_one_refused(steady_printer: DemoPrinter, folder: Path):
    """ipps: the fingerprint is printed and kept; another certificate gets neither a question nor a document."""
    url = steady_printer.url.replace("ipp:", "ipps:")
    said = run(folder, "add", "a4-1", url)
    (kept,) = Register(folder).content().printers
    assert kept.pin.upper() in said.replace(":", "").replace("\n", "")
    assert Printer(url, timeout_seconds=10, pin=kept.pin).state().activity is ipp.Activity.IDLE
    changed = Printer(url, timeout_seconds=10, pin="0" * 64)
    with pytest.raises(YunhuobanError, match="E-PRINT-150"):
        changed.state()
    with pytest.raises(YunhuobanError, match="E-PRINT-150"):
        changed.print_document(PDF, job_name="x", media=Media.A4)
    assert steady_printer.sheets() == []
