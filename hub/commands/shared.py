"""What every command needs: the data folder, an opened hub, a console."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hub.bootstrap import Hub
from hub.settings import HubSettings
from hub.store import Store, open_store

Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_HUB_FOLDER", help="中枢数据文件夹 / the hub's data folder")
]
HERE: Final = Path("var/hub")
console: Final = Console()


@contextmanager
def opened(folder: Path, *, goes_first: bool = False) -> Iterator[Hub]:
    """The hub of this folder, opened, and closed at the end."""
    with opened_with(HubSettings.load(folder), goes_first=goes_first) as hub:
        yield hub


@contextmanager
def opened_with(settings: HubSettings, *, goes_first: bool = False) -> Iterator[Hub]:
    """The same, from settings that are loaded already."""
    hub = Hub(settings, goes_first=goes_first)
    try:
        yield hub
    finally:
        hub.close()


@contextmanager
def store_of(folder: Path) -> Iterator[Store]:
    """Only the store of this folder, for what needs none of the hub's keys."""
    store = open_store(HubSettings.load(folder).database)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def store_with_settings(folder: Path) -> Iterator[tuple[Store, HubSettings]]:
    """The store of this folder, and what its settings say."""
    settings = HubSettings.load(folder)
    store = open_store(settings.database)
    try:
        yield store, settings
    finally:
        store.close()


def progress_bar(shown: bool) -> Progress:
    """A bar per task, for people at a terminal and for more than a moment's work."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not (shown and console.is_terminal))
