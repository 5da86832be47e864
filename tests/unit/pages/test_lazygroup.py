"""Commands that are imported when they are called for."""

import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from hub.cli import HubCommands
from hub.cli import app as hub_app


def test_every_command_of_the_hub_is_where_its_table_says():
    """A command that was moved or renamed is noticed here and not by whoever needs it at night."""
    group = typer.main.get_command(hub_app)
    assert group.list_commands(None) == list(HubCommands.places)
    for name in HubCommands.places:
        command = group.get_command(None, name)
        assert (command.name, bool(command.help or command.get_short_help_str())) == (name, True)
    assert group.get_command(None, "nonsense") is None


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--help"], "工作日历"), (["calendar", "--help"], "show"), (["trac"], "Did you mean 'trace'")],
    ids=["all of them", "one of them", "a slip"],
)
def test_help_and_slips_are_answered_as_before(words, said):
    """The list of all commands, the help of one group, and the nearest name for a slip of the pen."""
    assert said in CliRunner().invoke(hub_app, words).output


def test_a_worker_does_not_load_what_only_other_commands_need():
    """Each of the hub's six processes would carry the spreadsheet reader and the dictionary of Pinyin otherwise.

    And what it loads is not gone through for garbage: by Python's own measure that would happen hundreds of times.
    """
    code = (
        "import atexit, gc, sys; from hub import cli; looked = []; gc.callbacks.append(lambda *_: looked.append(_));"
        "atexit.register(lambda: print(*sys.modules, len(looked) // 2));"
        "sys.argv = ['hub', 'run', '--help']; cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *_, times = done.stdout.split()
    assert int(times) < 50
    loaded = set(done.stdout.split())
    assert "hub.commands.running" in loaded
    assert not loaded & {"openpyxl", "pypinyin", "hub.commands.backups", "hub.commands.catalogue", "fastapi"}
