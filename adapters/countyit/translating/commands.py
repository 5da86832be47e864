"""`adapter translate`: what becomes of the county's records, side by side, before anything is sent."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pages import wording
from pages.terminal import show_error
from pages.wording import mark as _

_WIDE = 180


def translate(
    folder: Annotated[Path, typer.Argument(help="县的文件夹 / the folder with mapping.toml")],
    location: Annotated[
        str,
        typer.Argument(
            help="数据库 URL、文件夹或一个文件；不写则用样例 / database URL, folder or one file; else the samples"
        ),
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="最多几条 / at most so many records")] = 20,
    html: Annotated[Path | None, typer.Option("--html", help="写成一个网页文件 / write one HTML file")] = None,
    unmasked: Annotated[bool, typer.Option("--unmasked", help="不脱敏 / show personal data as it is")] = False,
) -> None:
    """并排显示本地记录与标准记录；有问题则以 1 退出 / local and canonical side by side; exit 1 if wrong."""
    from adapters.countyit.translating import page, records, sides, terminal  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415 -- what looks at a database is loaded only where it runs
    from adapters.local.mapping import load_mapping  # noqa: PLC0415
    from certs import files  # noqa: PLC0415

    county = load_mapping(folder)
    read = records.records_of(folder, county, location, limit)
    for failure in read.failures:
        show_error(failure)
    found = [sides.sides(county, each, unmasked=unmasked) for each in read.records]
    out = Console()
    out = out if out.is_terminal else Console(width=_WIDE)
    for each in found:
        out.print(terminal.shown(each))
    for language in wording.LANGUAGES:
        out.print(terminal.summary(found, language, more=read.more), markup=False)
    if html is not None:
        failures = [sides.problem(each) for each in read.failures]
        text = page.page(county, found, failures, more=read.more, unmasked=unmasked, now=now())
        files.write_atomically(html, text.encode())
        for language in wording.LANGUAGES:
            out.print(
                wording.say(_("{file} 已写好，用浏览器打开。"), language, file=html), soft_wrap=True, markup=False
            )
    if read.failures or any(each.wrong for each in found):
        raise typer.Exit(1)
