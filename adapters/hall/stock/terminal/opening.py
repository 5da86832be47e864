"""What the commands of `adapter stock` share: the county's store, opened for one of them, and two languages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from adapters.settings import CountySettings
from pages import wording

_WIDE: Final = 160
HERE: Final = Path("var/county")
Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]
Kind = Annotated[str, typer.Option("--kind", help="种类，编号能说明时不写 / kind, where the number does not tell")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The county's store, opened for one command."""

    settings: CountySettings
    tx: Connection
    now: datetime


@contextmanager
def opened(folder: Path) -> Iterator[Book]:
    """One transaction on the county's book, committed at the end. Raises E-CONF-002, E-STORE-002."""
    from adapters.instants import now  # noqa: PLC0415 -- the store is loaded only where it is opened
    from adapters.store import open_store  # noqa: PLC0415

    settings = CountySettings.load(folder)
    store = open_store(settings.database)
    try:
        with store.write() as tx:
            yield Book(settings=settings, tx=tx, now=now())
    finally:
        store.close()


def both(text: str) -> str:
    """A marked text in both languages."""
    return " ".join(wording.say(text, language) for language in wording.LANGUAGES)


def say(text: str, **params: object) -> None:
    """One line in each language."""
    for language in wording.LANGUAGES:
        _console().print(wording.say(text, language, **params), soft_wrap=True, markup=False, highlight=False)


def show(table: Table) -> None:
    """A table; a file or a pipe has no width of its own."""
    _console().print(table)


def _console() -> Console:
    """A file or a pipe has no width of its own."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDE)
