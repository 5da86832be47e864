"""`adapter record` and `adapter replay`: what a changed mapping would make of real traffic, before anything is sent."""

from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from pages import wording
from pages.terminal import show_error, show_table
from pages.wording import mark as _

console = Console()
_MOST: Final = 2_000
Folder = Annotated[Path, typer.Argument(help="县的文件夹 / the county's folder")]


def record_traffic(
    folder: Folder,
    location: Annotated[str, typer.Argument(help="本地系统：数据库 URL 或文件夹 / database URL or folder")],
    name: Annotated[str, typer.Option(help="录制的名称，不写则用日期 / its name; the day without")] = "",
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="最多几条 / at most so many records")] = 200,
) -> None:
    """录制真实的记录，个人信息遮盖后无法找回 / keep real records, masked, with no way back."""
    from adapters.countyit.recording import fixtures, recording  # noqa: PLC0415
    from adapters.local.mapping import load_mapping  # noqa: PLC0415 -- what looks at a database is loaded only where it runs
    from adapters.local.sources.opening import open_source  # noqa: PLC0415
    from schemas.errors import YunhuobanError  # noqa: PLC0415

    today = date.today()  # noqa: DTZ011 -- the day where the command is typed
    name = name or today.isoformat()
    if fixtures.path_of(folder, name).exists():
        raise YunhuobanError(fixtures.NAME_TAKEN, place=f"{fixtures.FOLDER}/{name}.json", found=name)
    mapping = load_mapping(folder)
    source = open_source(mapping, location)
    try:
        session = recording.record(mapping, source, name=name, limit=limit, today=today)
    finally:
        source.close()
    for failure in session.failures:
        show_error(failure)
    if not session.recording.records and not session.unlike + session.unhidden:
        raise YunhuobanError(fixtures.NOTHING_RECORDED, place=name)
    path = fixtures.write(folder, session.recording)
    for language in wording.LANGUAGES:
        said = wording.say(
            _("{file}：录制 {count} 条；因遮盖后结果不同略去 {unlike} 条，因不能完全遮盖略去 {unhidden} 条。"),
            language,
            file=path,
            count=len(session.recording.records),
            unlike=session.unlike,
            unhidden=session.unhidden,
        )
        console.print(said, soft_wrap=True, markup=False, highlight=False)


def replay_traffic(
    folder: Folder = Path(),
    html: Annotated[Path | None, typer.Option("--html", help="写成网页 / write a page")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="看过差异后记为应得的结果 / keep what came out")] = False,
) -> None:
    """用录制的记录试改过的映射，有差异则以 1 退出 / try a changed mapping; exit 1 if anything differs."""
    from adapters.countyit.recording import replaying, report  # noqa: PLC0415

    replayed = replaying.replay(folder)
    if not replayed.same:
        show_table(report.table(replayed))
    for language in wording.LANGUAGES:
        console.print(report.summary(replayed, language), soft_wrap=True, markup=False, highlight=False)
    if html is not None:
        report.write_page(html, replayed)
        console.print(str(html), soft_wrap=True, markup=False)
    if accept:
        replaying.accept(folder, replayed)
        for language in wording.LANGUAGES:
            console.print(wording.say(_("录制已按现在的结果更新。"), language))
    elif not replayed.same:
        raise typer.Exit(1)
