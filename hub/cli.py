"""`hub`: the commands of the people who run the hub. Chinese first, English beside it."""

import sys

import typer

from hub.commands import backups, calendars, catalogue, codes, contract, counties, dead, evidence, running
from pages.terminal import show_error
from schemas.errors import YunhuobanError

app = typer.Typer(no_args_is_help=True, help="云伙伴中枢 / the Yunhuoban hub", pretty_exceptions_enable=False)
app.command()(running.up)
app.command()(running.run)
app.command()(running.web)
app.command()(running.page)
app.command()(evidence.trace)
app.command()(evidence.status)
app.command()(evidence.proof)
app.command()(evidence.verify)
app.command()(evidence.journal)
app.command()(codes.codes)
app.add_typer(running.broker_app, name="broker")
app.add_typer(backups.app, name="backup")
app.add_typer(backups.restore_app, name="restore")
app.add_typer(counties.app, name="county")
app.add_typer(calendars.app, name="calendar")
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(dead.app, name="dead")
app.add_typer(contract.app, name="contract")


def main() -> None:
    """Run a command; an error is one sentence in each language and what to do about it."""
    try:
        app()
    except YunhuobanError as error:
        show_error(error)
        sys.exit(1)
