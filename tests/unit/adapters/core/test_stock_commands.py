"""`adapter stock` from a box to its end, as a keeper and a clerk type it, with what is wrong on the way."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from adapters.cli import app
from pages.frame import BEIJING
from schemas.errors import YunhuobanError
from tests.county_world import Network
from tests.stock_world import BODY, CLERK, KEEPER, KIND, OTHER, serial

SETTINGS = """
division_code = "130928"
name = "吴桥县"
local_read = ""
local_write = ""
[authority]
name = "吴桥县审批局"
code = "11130928MB0000000U"
[station]
hall = "130928-01"
station = "130928-01-1"
"""
BOX = ("--kind", KIND, "--body", BODY, "--note", "SH-1", "--from", "省局", "--by", KEEPER)
Adapter = Callable[..., Result]


@pytest.fixture
def adapter(tmp_path: Path, county_network: Network) -> Adapter:
    """The commands of a county that has joined."""
    folder = county_network.folder / "130928"
    (tmp_path / "certs").symlink_to(folder / "certs")
    (tmp_path / "county.toml").write_text(SETTINGS, encoding="utf-8")

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["stock", *words, "-d", str(tmp_path)])

    return run


def test_a_box_from_its_receipt_to_its_end(adapter: Adapter, tmp_path: Path) -> None:
    """Every command once, Chinese and English in its answer, and a story that names everybody who had the sheet."""
    steps = (
        (
            ("receive", serial(1), serial(20), "--count", "19", "--missing", serial(20), *BOX),
            f"{serial(1)}–{serial(19)}",
        ),
        (("receive", serial(31), serial(40), "--count", "10", *BOX), f"{serial(20)}–{serial(30)}"),
        (("issue", serial(1), serial(10), "--by", KEEPER, "--to", CLERK), "10 张"),
        (("load", serial(1), serial(10), "--by", CLERK), "10 sheets"),
        (("return", serial(9), serial(10), "--by", CLERK), "2 张"),
        (("accept", serial(9), serial(10), "--by", KEEPER), "2 张"),
        (("spoil", serial(1), "--by", CLERK, "--reason", "jam"), "1 张"),
        (("lost", serial(2), "--by", CLERK, "--reason", "not_in_tray"), "1 张"),
        (("lost", serial(2), "--by", KEEPER, "--declared", "GG-7"), "1 张"),
        (("destroy", serial(1), "--by", KEEPER, "--witness", OTHER, "--list", "XH-1"), "1 张"),
        (("list",), f"{serial(3)}–{serial(8)}"),
        (("balance",), "账平"),
    )
    for words, said in steps:
        done = adapter(*words)
        assert done.exit_code == 0, (words, done.output, done.exception)
        assert said in done.output
    story = adapter("explain", serial(1)).output
    for words in ("130928-01-1", CLERK, f"{KEEPER} + {OTHER}", "XH-1", "SH-1", "卡纸损坏", "Destroyed"):
        assert words in story
    month = f"{datetime.now(BEIJING):%Y-%m}"
    for name in ("list.xlsx", "list.pdf"):
        assert adapter("month", month, "--out", str(tmp_path / name)).exit_code == 0
        assert (tmp_path / name).stat().st_size > 1000


def test_a_day_that_does_not_balance_ends_with_one(adapter: Adapter) -> None:
    """Monitoring sees it by the exit code, a person by the number and the account."""
    adapter("receive", serial(1), serial(20), "--count", "20", *BOX)
    adapter("issue", serial(1), "--by", KEEPER, "--to", CLERK)
    adapter("return", serial(1), "--by", CLERK)
    done = adapter("balance")
    assert done.exit_code == 1
    assert all(words in done.output for words in (serial(1), CLERK, "保管人还没有收回", "not taken back"))


def test_what_is_wrong_is_told_with_its_code(adapter: Adapter) -> None:
    """A number that is not there, one that two kinds have, and a person alone."""
    adapter("receive", serial(1), serial(20), "--count", "20", *BOX)
    other = [each if each != KIND else "food-license" for each in BOX]
    assert adapter("receive", serial(1), serial(20), "--count", "20", *other).exit_code == 0
    for words, code in (
        (("explain", "X1"), "E-STOCK-009"),
        (("explain", serial(99), "--kind", KIND), "E-STOCK-009"),
        (("issue", serial(1), "--by", KEEPER, "--to", CLERK), "E-STOCK-008"),
        (("issue", serial(1), "--kind", KIND, "--by", KEEPER, "--to", KEEPER), "E-STOCK-020"),
    ):
        done = adapter(*words)
        assert isinstance(done.exception, YunhuobanError), words
        assert done.exception.code.code == code


def test_a_count_as_a_keeper_types_it(adapter: Adapter, tmp_path: Path) -> None:
    """A list in a file; exit 1 and the numbers while they differ, 0 when every sheet is there; a file that is none."""
    adapter("receive", serial(1), serial(20), "--count", "20", *BOX)
    listed = tmp_path / "count.txt"
    listed.write_text(f"{serial(1)} {serial(8)}\n{serial(10)} {serial(20)}\n", encoding="utf-8")
    differs = adapter("count", KIND, str(listed), "--by", KEEPER)
    assert (differs.exit_code, f"没有找到：{serial(9)}" in differs.output, "19" in differs.output) == (1, True, True)
    assert adapter("balance").exit_code == 1
    listed.write_text(f"{serial(1)} {serial(20)}\n", encoding="utf-8")
    assert adapter("count", KIND, str(listed), "--by", KEEPER).exit_code == 0
    assert adapter("balance").exit_code == 0
    gone = adapter("count", KIND, str(tmp_path / "nowhere.txt"), "--by", KEEPER)
    assert isinstance(gone.exception, YunhuobanError)
    assert gone.exception.code.code == "E-STOCK-018"
