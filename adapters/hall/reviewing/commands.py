"""`adapter review check CASE`: every draw of a case done again, step by step; exit 1 when one is wrong."""

from pathlib import Path
from typing import Annotated, Final

import typer

from adapters.settings import CountySettings

Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]
_HERE: Final = Path("var/county")


app = typer.Typer(no_args_is_help=True, help="云评审 / expert reviews")


@app.callback()
def _group() -> None:
    """Keeps `check` a command of its own beside those to come."""


@app.command()
def check(case_no: str, folder: Folder = _HERE) -> None:
    """按账本重抽一遍；不符以 1 退出 / draw again from the journal; exit 1 when a draw is wrong."""
    from adapters.hall.reviewing import checking  # noqa: PLC0415 -- the store is loaded only where it is read
    from adapters.store import open_store  # noqa: PLC0415
    from pages import drawtext  # noqa: PLC0415

    store = open_store(CountySettings.load(folder).database)
    try:
        with store.read() as tx:
            found = checking.accounts(tx, case_no)
    finally:
        store.close()
    if not drawtext.show(found):
        raise typer.Exit(1)
