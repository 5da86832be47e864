"""`hub`: the commands of the people who run the hub. Chinese first, English beside it."""

import sys

import typer

from hub.commands import counties, dead, evidence, running
from pages.terminal import show_error
from schemas.errors import YunhuobanError

app = typer.Typer(no_args_is_help=True, help="云伙伴中枢 / the Yunhuoban hub", pretty_exceptions_enable=False)
for command in (running.up, running.run, running.web, running.page):
    app.command()(command)
for command in (evidence.trace, evidence.status, evidence.proof, evidence.verify, evidence.journal):
    app.command()(command)
app.add_typer(running.broker_app, name="broker")
app.add_typer(counties.app, name="county")
app.add_typer(dead.app, name="dead")


def main() -> None:
    """Run a command; an error is one sentence in each language and what to do about it."""
    try:
        app()
    except YunhuobanError as error:
        show_error(error)
        sys.exit(1)
