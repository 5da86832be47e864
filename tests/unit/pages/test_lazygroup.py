"""Commands that are imported when they are called for."""

import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from adapters.cli import CountyCommands
from adapters.cli import app as county_app
from hub.cli import HubCommands
from hub.cli import app as hub_app


@pytest.mark.parametrize(
    ("app", "places"), [(hub_app, HubCommands.places), (county_app, CountyCommands.places)], ids=["hub", "adapter"]
)
def test_every_command_is_where_its_table_says(app, places):
    """A command that was moved or renamed is noticed here and not by whoever needs it at night."""
    group = typer.main.get_command(app)
    assert group.list_commands(None) == list(places)
    for name in places:
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


def test_a_countys_step_does_not_load_what_only_its_node_needs():
    """A script of twenty steps would load the pages, both spreadsheet libraries and the database twenty times."""
    code = (
        "import atexit, sys; from adapters import cli; atexit.register(lambda: print(*sys.modules));"
        "sys.argv = ['adapter', 'unit', '--help']; cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "adapters.countyit.service.commands" in loaded
    assert not loaded & {
        "openpyxl",
        "fastapi",
        "sqlalchemy",
        "pyhanko",
        "adapters.node",
        "adapters.hall.stock.commands",
    }
