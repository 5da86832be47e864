"""`adapter retention`: the periods with what was erased by each, and the proof of the chain."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from adapters.countyit.status.commands import NEVER_RAN
from adapters.settings import CountySettings
from pages import wording
from pages.terminal import show_table
from pages.wording import mark as _
from schemas.errors import YunhuobanError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.store import Store

Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]
_HERE: Final = Path("var/county")
console = Console(highlight=False)


app = typer.Typer(no_args_is_help=True, help="保存期限与清除记录 / periods, and what was erased by them")


@app.command()
def show(folder: Folder = _HERE) -> None:
    """各类数据的期限、清除了多少、最近一次 / each period, how much was erased by it, and when last."""
    from adapters.hall.privacy.retaining import chain  # noqa: PLC0415 -- tables are loaded only where they are read
    from adapters.hall.privacy.retaining.rules import WORDS, rules_of  # noqa: PLC0415
    from pages.frame import moment  # noqa: PLC0415

    heads = (_("规则"), _("数据"), _("期限（天）"), _("已清除"), _("最近"))
    table = Table(*map(wording.say, heads))
    with _store(folder) as (settings, store), store.read() as tx:
        lines = chain.lines(tx)
    for rule in rules_of(settings.retention):
        mine = [each for each in lines if each.rule == rule.name]
        last = moment(mine[-1].at) if mine else "—"
        erased = str(sum(each.count for each in mine))
        table.add_row(rule.name, wording.say(WORDS[rule.name]), str(rule.days), erased, last)
    show_table(table)


@app.command()
def prove(
    folder: Folder = _HERE,
    holds: Annotated[
        str, typer.Option(help="以前抄下的散列，须还在链中 / a hash noted before, to be in it still")
    ] = "",
) -> None:
    """核对清除记录的链条，断了以 1 退出 / check the chain line by line; exit 1 when it is broken."""
    from adapters.hall.privacy.retaining import chain  # noqa: PLC0415 -- tables are loaded only where they are read

    with _store(folder) as (_settings, store), store.read() as tx:
        found = chain.prove(tx, holds=holds)
    for each in found:
        at = each.at.isoformat(timespec="seconds")
        said = f"{each.line} {at} {each.rule} {each.days} d {each.count} sha256:{each.keys_sha256} {each.hash}"
        console.print(said, soft_wrap=True, markup=False)
    if found:
        say = _("链条完整，共 {count} 行；请把最后一行的散列抄存在别处：{hash}")
        console.print(wording.say(say, count=str(len(found)), hash=found[-1].hash), soft_wrap=True)
    else:
        console.print(wording.say(_("还没有清除过任何内容。")))


@contextmanager
def _store(folder: Path) -> "Iterator[tuple[CountySettings, Store]]":
    from adapters.store import exists, open_store  # noqa: PLC0415 -- loaded only where it is read

    settings = CountySettings.load(folder)
    if not exists(settings.database):
        raise YunhuobanError(NEVER_RAN, place=folder.name)
    store = open_store(settings.database)
    try:
        yield settings, store
    finally:
        store.close()
