"""`hub catalogue …` as people type it, over a hub's folder without its keys."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.catalogue import csvfolder, workbook
from hub.catalogue.listing import NOT_THERE
from hub.catalogue.troubles import CatalogueUnfit
from hub.cli import app
from schemas.errors import YunhuobanError
from tests.catalogue_world import implementation, member, small


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hub that has only its settings."""
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub" / "hub.toml").write_text("", encoding="utf-8")
    return tmp_path / "hub"


def run(folder: Path, *arguments: str) -> str:
    """What the command prints; lines are not broken."""
    found = CliRunner().invoke(app, ["catalogue", *arguments, "-d", str(folder)], env={"COLUMNS": "200"})
    if found.exception is not None:
        raise found.exception
    return found.output


def test_in_and_out_again_changes_nothing(folder: Path, tmp_path: Path):
    """XLSX in, CSV out, CSV in, XLSX out: each says what it did."""
    workbook.write(tmp_path / "a.xlsx", small())
    assert "新增 6 项，变更 0 项，删去 0 项，未变 0 项" in run(folder, "import", str(tmp_path / "a.xlsx"))
    assert "已导出 6 项" in run(folder, "export", str(tmp_path / "b"))
    assert "新增 0 项，变更 0 项，删去 0 项，未变 6 项" in run(folder, "import", str(tmp_path / "b"))
    run(folder, "export", str(tmp_path / "c.xlsx"))
    assert "未变 6 项" in run(folder, "import", "--whole", str(tmp_path / "c.xlsx"))


def test_errors_are_all_told_and_nothing_is_taken(folder: Path, tmp_path: Path):
    """A file with two mistakes."""
    csvfolder.write(tmp_path / "a", small(implementation(promise_day=9, link_way="=1")))
    with pytest.raises(CatalogueUnfit) as caught:
        run(folder, "import", str(tmp_path / "a"))
    places = {each.place for each in caught.value.problems}
    assert places == {"实施清单!G2 承诺时限", "实施清单!R2 咨询电话"}
    assert "共 0 条" in run(folder, "search", "公司")


def test_list_show_and_search(folder: Path, tmp_path: Path):
    """Sizes of the alliances, one item with its counties, hits with their milliseconds."""
    workbook.write(tmp_path / "a.xlsx", small(member("140881", name="永济市")))
    run(folder, "import", str(tmp_path / "a.xlsx"))
    listed = run(folder, "list")
    assert re.search(r"YUNHUOBAN.*云伙伴.*2.*2.*2.*1.*2026-01-01…2027-12-31", listed)
    shown = run(folder, "show", "000131127004")
    assert "公司登记注册  行政许可  全程网办、异地代收代办" in shown
    assert "SFZ  身份证明  必要  政府部门核发  免提交" in shown
    assert "0 工作日 ≤ 3 工作日" in shown
    assert run(folder, "show", "140881").count("\n") == 1
    assert "永济市" in run(folder, "show", "YUNHUOBAN")
    with pytest.raises(YunhuobanError) as caught:
        run(folder, "show", "JJJ")
    assert caught.value.code is NOT_THERE
    found = run(folder, "search", "永济", "gsdj")
    assert "永济市 140881" in found
    assert "11140881MB0000000U4000131127004" in found
    assert re.search(r"共 1 条，用时 [0-9.]+ 毫秒", found)
