"""`adapter new` and `adapter suggest`: describing a county, without a broker and without a hub."""

from datetime import date
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from adapters.local.mapping.document.directions import READABLE
from pages import wording
from pages.terminal import show_error, show_table
from pages.wording import mark as _

if TYPE_CHECKING:
    from adapters.local.sources.columns import Seen

console = Console()
Message = Enum("Message", {name: name for name in READABLE}, type=str)  # type: ignore[misc]  # the contract's list
_APPLICATION = Message("application.submitted")
Location = Annotated[str, typer.Argument(help="本地系统：数据库 URL 或文件夹 / database URL or folder")]

Reading = Annotated[
    Path | None,
    typer.Option("--reading", "-r", help="只有 [source] 的文件：接口等怎样读 / a file with [source]: how it is read"),
]


def new(
    code: Annotated[str, typer.Argument(help="六位行政区划代码 / the six-digit division code")],
    source: Annotated[str, typer.Option("--source", "-s", help="本地系统 / database URL or folder")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="新文件夹 / the new folder")] = None,
    reading: Reading = None,
) -> None:
    """从本地系统开始写一个县的文件夹 / begin a county's folder from what its own system holds."""
    from adapters.countyit.describing import scaffold  # noqa: PLC0415 -- what looks at a database is loaded only where it runs
    from adapters.countyit.suggesting.proposing import propose  # noqa: PLC0415

    county = scaffold.division(code, date.today())  # noqa: DTZ011 -- the day where the command is typed
    seen = _look(source, reading)
    for problem in seen.problems:
        show_error(problem)
    folder = out or Path(f"county-{county.code}")
    scaffold.begin(folder, county, propose(_APPLICATION.value, seen.tables), source)
    for language in wording.LANGUAGES:
        console.print(
            wording.say(
                _("{folder} 已写好。现在运行 adapter test {folder}，再逐行核对 mapping.toml。"), language, folder=folder
            ),
            soft_wrap=True,
        )


def suggest(
    location: Location,
    message: Annotated[Message, typer.Option("--message", "-m", help="报文 / the message type")] = _APPLICATION,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="写成可粘贴的 TOML / write TOML to paste")] = None,
    reading: Reading = None,
) -> None:
    """看本地系统，为每个标准字段建议一列 / look at the local system and propose a column for every field."""
    from adapters.countyit.suggesting import as_table, as_toml  # noqa: PLC0415
    from adapters.countyit.suggesting.proposing import propose  # noqa: PLC0415
    from certs import files  # noqa: PLC0415

    seen = _look(location, reading)
    for problem in seen.problems:
        show_error(problem)
    proposal = propose(message.value, seen.tables)
    _show(as_table.table(proposal))
    for language in wording.LANGUAGES:
        console.print(as_table.summary(proposal, language), soft_wrap=True, markup=False)
    if out is not None:
        source = [line if line.startswith("#") else f"# {line}".rstrip() for line in as_toml.source(proposal)]
        files.write_atomically(out, "\n".join([*source, "", *as_toml.rule(proposal), ""]).encode())
        console.print(str(out), soft_wrap=True, markup=False)


def _look(location: str, reading: Path | None) -> "Seen":
    from adapters.countyit.suggesting import polled  # noqa: PLC0415
    from adapters.local.sources import columns  # noqa: PLC0415 -- what looks at a database is loaded only where it runs

    return columns.look(location) if reading is None else polled.look(location, reading)


def _show(table: Table) -> None:
    """Print a table; a file or a pipe has no width of its own."""
    show_table(table)
