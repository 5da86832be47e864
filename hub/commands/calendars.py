"""`hub calendar …`: show a year, check and import what the State Council or a region has published since."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from hub.commands.acting import at_terminal
from hub.commands.shared import HERE, Folder, console
from hub.instants import now
from hub.record.acts import Act
from hub.record.noting import note
from hub.registry import calendars
from hub.settings import HubSettings
from hub.store import Store, open_store
from hub.views import calendarview
from pages import wording
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare
from schemas.workdays import overridefile
from schemas.workdays.override import Override
from schemas.workdays.overridefile import MOST_BYTES, YEARS

app = typer.Typer(no_args_is_help=True, help="工作日历 / the calendar of working days")
FILE_UNUSABLE: Final = declare("E-CAL-013", "日历文件不能读写。", "请检查文件路径与权限。")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""By which spreadsheets know UTF-8."""
File = Annotated[Path, typer.Argument(help="CSV 文件 / a CSV file")]


@app.command("show")
def show(
    year: Annotated[int, typer.Argument(min=YEARS[0], max=YEARS[-1])],
    county: Annotated[str, typer.Option(help="行政区划代码 / a county's division code")] = "",
    folder: Folder = HERE,
) -> None:
    """某年的休息日、调休和办公时间 / a year's days off, make-up days and hall hours."""
    with _store(folder) as store, store.read() as tx:
        console.print(calendarview.render(calendars.calendar(tx), year, county))


@app.command("check")
def check(file: File) -> None:
    """只检查文件，不导入 / only read the file, and say everything that is wrong with it."""
    _say(_("文件无误：公布 {years} 个年度，{days} 天有安排，办公时间 {hours} 项。"), _read(file))


@app.command("import")
def import_(
    file: File,
    replace: Annotated[
        bool, typer.Option("--replace", help="取代以前导入的全部内容 / in place of all that was imported before")
    ] = False,
    folder: Folder = HERE,
) -> None:
    """导入安排，同一天以后导入的为准 / import it; for the same day the later import counts."""
    override = _read(file)
    with _store(folder) as store, store.write() as tx:
        changed = calendars.enter(tx, override, replacing=replace, file_name=_name(file), now=now())
        note(tx, at_terminal(), Act.CALENDAR_IMPORTED, at=now(), reason="replace" if replace else "")
        whole = calendars.imported(tx)
    if changed:
        _say(_("已导入。现共公布 {years} 个年度，{days} 天有安排，办公时间 {hours} 项。"), whole)
    else:
        _say(_("文件没有带来变化。现共公布 {years} 个年度，{days} 天有安排，办公时间 {hours} 项。"), whole)


@app.command("export")
def export(file: File, folder: Folder = HERE) -> None:
    """把导入过的全部内容写成文件，改好后可用 --replace 导入 / write all that was imported, to be corrected."""
    with _store(folder) as store, store.read() as tx:
        data = _BYTE_ORDER_MARK + calendars.imported(tx).encode()
    try:
        file.write_bytes(data)
    except OSError as error:
        raise YunhuobanError(FILE_UNUSABLE, place=_name(file), found=type(error).__name__) from error


@contextmanager
def _store(folder: Path) -> Iterator[Store]:
    """The store alone: the calendar needs none of the hub's keys."""
    store = open_store(HubSettings.load(folder).database)
    try:
        yield store
    finally:
        store.close()


def _read(file: Path) -> Override:
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise YunhuobanError(FILE_UNUSABLE, place=_name(file), found=type(error).__name__) from error
    return overridefile.read(data, place=_name(file))


def _name(file: Path) -> str:
    """The file's name as text, whatever bytes it is made of."""
    return file.name.encode(errors="replace").decode()


def _say(text: str, override: Override) -> None:
    counts = {"years": len(override.years), "days": len(override.days), "hours": len(override.hours)}
    for language in wording.LANGUAGES:
        console.print(wording.say(text, language, **counts))
