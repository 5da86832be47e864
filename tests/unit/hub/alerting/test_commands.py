"""`hub alerts list|test|acknowledge` as they are typed."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hub.alerting import book
from hub.alerting.conditions import Matter
from hub.alerting.plan import FILE
from hub.cli import app
from schemas.errors import YunhuobanError
from tests.hub_world import World
from tests.receivers import hook


def run(world: World, folder: Path, *words: str) -> Result:
    """One command over the test's store."""
    (folder / "hub.toml").write_text(f'store_url = "{world.url}"\norigin = "here"\n', encoding="utf-8")
    return CliRunner().invoke(app, ["alerts", *words, "-d", str(folder)], env={"COLUMNS": "240"})


def test_an_alert_is_listed_and_acknowledged(world: World, tmp_path: Path) -> None:
    """`list` exits with 1 as long as anybody has to act, so that a script can ask."""
    with world.store.write() as tx:
        book.observe(tx, {"revocation-list": [Matter(subject="hub")]}, world.now)
        (row,) = book.standing(tx)
    listed = run(world, tmp_path, "list")
    assert listed.exit_code == 1
    assert "docs/zh-CN/runbooks.md#revocation-list" in listed.output.replace("\n", "")
    assert "已有五分钟没有检查" in listed.output
    assert run(world, tmp_path, "acknowledge", row.id, "--by", "li.ops", "--note", "已通知").exit_code == 0
    listed = run(world, tmp_path, "list")
    assert listed.exit_code == 0
    assert "li.ops: 已通知" in listed.output


def test_a_test_notice_goes_to_every_step(world: World, tmp_path: Path) -> None:
    """Who cannot be reached is named, without the address' secret, and the exit status says so."""
    refused = run(world, tmp_path, "test").exception
    assert isinstance(refused, YunhuobanError)
    assert refused.code.code == "E-ALERT-004"
    with hook() as (taken, good), hook(status=500) as (_refused, dead):
        text = f'[[step]]\nname = "first"\nurls = ["{good}"]\n[[step]]\nname = "second"\nurls = ["{dead}"]\n'
        (tmp_path / FILE).touch(mode=0o600)
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        sent = run(world, tmp_path, "test")
    assert sent.exit_code == 1
    assert sent.output.splitlines() == ["first ✓", "second ✕ E-NOTE-004 json"]
    assert "级别：first，发自 here" in taken[0]["message"]


@pytest.mark.parametrize("words", [("acknowledge", "nothing", "--by", "a", "--note", "b")])
def test_what_does_not_stand_is_not_acknowledged(world: World, tmp_path: Path, words: tuple[str, ...]) -> None:
    """By code."""
    refused = run(world, tmp_path, *words).exception
    assert isinstance(refused, YunhuobanError)
    assert refused.code.code == "E-ALERT-002"
