"""The commands of backup and restore, as an operator types them."""

from sqlalchemy import select
from typer.testing import CliRunner

from hub.cli import app
from hub.store import tables
from tests.restore_world import Alliance


def test_an_operator_backs_up_checks_restores_and_sets_aside(alliance: Alliance):
    """File or folder, manifest without the key, a new folder, the report's exit code, two persons, all in one go."""
    runner = CliRunner()
    hub, key, new = str(alliance.hub_folder), str(alliance.recovery_key), str(alliance.folder / "new")
    alliance.bring("WQ1", "application.submitted")
    folder = alliance.folder / "backups"
    folder.mkdir()
    done = runner.invoke(app, ["backup", str(folder), "-d", hub])
    assert done.exit_code == 0, done.output
    (file,) = folder.iterdir()
    size = alliance.hub_rows(select(tables.head.c.size))[0][0]
    assert file.name.endswith(f"-{size}.yhb")
    shown = runner.invoke(app, ["backup", "check", str(file)])
    assert shown.exit_code == 0
    assert str(size) in shown.output
    assert "完整" in runner.invoke(app, ["backup", "check", str(file), "--key", key]).output
    restored = runner.invoke(app, ["restore", str(file), "--key", key, "--folder", new])
    assert restored.exit_code == 0, restored.output
    assert "新纪元" in restored.output
    assert "完整" in runner.invoke(app, ["journal", "-d", new]).output
    report = runner.invoke(app, ["restore", "report", "-d", new])
    assert report.exit_code == 1
    assert report.output.count("awaited") == len(alliance.counties)
    for code in alliance.counties:
        aside = ["restore", "set-aside", code, "--by", "甲", "--by", "乙", "--reason", "演练", "-d", new]
        assert runner.invoke(app, aside).exit_code == 0
    report = runner.invoke(app, ["restore", "report", "-d", new])
    assert report.exit_code == 0
    assert "甲" in report.output
