"""What the documentation tells people to type, the programs understand: no command, argument or option is made up."""

from typing import Any

import click
import pytest
import typer

from adapters import cli as adapters_cli
from certs import cli as certs_cli
from hub import cli as hub_cli
from tests.documented import CHECKOUT, Documented, of_ours

PAGES = sorted((CHECKOUT / "docs" / "en").glob("*.md"))
PROGRAMS = {
    "hub": typer.main.get_command(hub_cli.app),
    "adapter": typer.main.get_command(adapters_cli.app),
    "certs": typer.main.get_command(certs_cli.app),
}


def complaint(said: Documented) -> str:
    """What the program would say to these words before it does anything; nothing when it would begin."""
    program, *words = said.words
    command: Any = PROGRAMS[program]
    parent = None
    try:
        while True:
            parent = command.make_context(program, list(words), parent=parent)
            rest = [*getattr(parent, "_protected_args", []), *parent.args]
            if not hasattr(command, "resolve_command") or not rest:
                return ""
            program, command, words = command.resolve_command(parent, rest)
    except click.exceptions.Exit:
        return ""
    except Exception as error:  # noqa: BLE001 -- typer has a copy of click of its own, with errors of its own
        return f"{type(error).__name__}: {getattr(error, 'message', error)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_documented_command_is_one(page):
    """Each line is parsed by the real program, which knows the command, its arguments and its options."""
    assert {each.line: wrong for each in of_ours(page) if (wrong := complaint(each))} == {}


def test_what_is_made_up_is_found():
    """An option, a command and a missing argument that no program knows."""
    for line in ("hub unit --nothing 1", "hub nothing", "adapter uni", "certs revoke /srv/a 01", "hub backup"):
        assert complaint(Documented(page="", line=line)), line
    for line in ("hub unit -d /srv > /etc/x", ".venv/bin/python -m adapters status --json -d /srv", "certs crl /srv"):
        assert complaint(Documented(page="", line=line)) == "", line
