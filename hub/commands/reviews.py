"""`hub review check CASE`: every draw of a case done again from the journal; exit 1 when one is wrong."""

import typer

from hub.commands.shared import HERE, Folder, store_of
from hub.evidence import drawcheck
from pages import drawtext

app = typer.Typer(no_args_is_help=True, help="云评审 / expert reviews")


@app.callback()
def reviews() -> None:
    """Keeps `check` a command of its own beside those to come."""


@app.command()
def check(case_no: str, folder: Folder = HERE) -> None:
    """按账本重抽一遍；不符以 1 退出 / draw again from the journal; exit 1 when a draw is wrong."""
    with store_of(folder) as store, store.read() as tx:
        found = drawcheck.accounts(tx, case_no)
    if not drawtext.show(found):
        raise typer.Exit(1)
