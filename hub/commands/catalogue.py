"""`hub catalogue …`: import and export the catalogue, look at it, and search the guides of all counties."""

import time
from datetime import timedelta, timezone
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from hub.catalogue import csvfolder, importing, listing, state, workbook
from hub.catalogue.troubles import Troubles
from hub.commands.acting import at_terminal
from hub.commands.shared import HERE, Folder, console, progress_bar, store_of
from hub.instants import now
from hub.record.acts import Act
from hub.record.noting import note
from hub.views.bilingual import heading
from pages import wording
from pages.wording import mark as _
from schemas.catalogue.search import Index

app = typer.Typer(no_args_is_help=True, help="事项目录与联盟 / service items and alliances")
_BEIJING: Final = timezone(timedelta(hours=8))


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(metavar="FILE|FOLDER", help="工作簿，或 CSV 文件夹 / XLSX, or CSV folder")],
    folder: Folder = HERE,
    whole: Annotated[
        bool, typer.Option("--whole", help="文件即全部：其中没有的从目录中删去 / remove what the file does not hold")
    ] = False,
) -> None:
    """导入目录；有一处错误则全部不导入 / import; nothing is taken while anything is wrong."""
    troubles = Troubles()
    with store_of(folder) as store, progress_bar(shown=True) as bar:
        task = bar.add_task(wording.say(_("读取文件")), total=None)
        read = csvfolder.read if source.is_dir() else workbook.read
        raw = read(source, troubles, lambda more: bar.advance(task, more))
        rows = sum(len(each.rows) for each in raw)
        bar.update(task, completed=rows, total=rows)
        checked = bar.add_task(wording.say(_("核对")), total=rows)
        with store.read() as tx:
            known = frozenset() if whole else frozenset(state.entries(tx))
        wanted = importing.prepare(raw, troubles, known=known, progress=lambda more: bar.advance(checked, more))
        done = store.redo(lambda tx: importing.put(tx, wanted, whole=whole))
        with store.write() as tx:
            note(tx, at_terminal(), Act.CATALOGUE_IMPORTED, at=now(), reason="whole" if whole else "")
    said = _("新增 {added} 项，变更 {changed} 项，删去 {removed} 项，未变 {same} 项。")
    console.print(
        wording.say(said, added=done.added, changed=done.changed, removed=done.removed, same=done.same),
        "/ added, changed, removed, unchanged.",
    )


@app.command("export")
def export(
    target: Annotated[Path, typer.Argument(metavar="FILE.xlsx|FOLDER", help="写到哪里 / where to")],
    folder: Folder = HERE,
) -> None:
    """导出目录；目录为空时即空白模板 / export; of an empty catalogue, the blank template."""
    with store_of(folder) as store, store.read() as tx:
        entities = state.entities(tx)
    (workbook if target.suffix.lower() == ".xlsx" else csvfolder).write(target, entities)
    console.print(wording.say(_("已导出 {count} 项到 {target}。"), count=len(entities), target=str(target)))


@app.command("list")
def list_(folder: Folder = HERE) -> None:
    """列出各联盟及其规模 / the alliances and their sizes today."""
    names = (_("联盟编号"), _("联盟名称"), _("省"), _("市"), _("县"), _("事项"), _("有效期"))
    table = Table()
    for name in names:
        table.add_column(heading(name, "zh"), overflow="fold")
    with store_of(folder) as store, store.read() as tx:
        view = state.view(tx)
    for each in listing.sizes(view, now().astimezone(_BEIJING).date()):
        counts = (each.provinces, each.prefectures, each.counties, each.items)
        table.add_row(each.alliance.id, each.alliance.name, *map(str, counts), listing.days(each.alliance))
    console.print(table)


@app.command("show")
def show(
    code: Annotated[str, typer.Argument(help="联盟编号、12或31位编码、行政区划代码 / alliance, item or county")],
    folder: Folder = HERE,
) -> None:
    """一个事项、一个联盟或一个县的内容 / an item, an alliance or what a county offers."""
    with store_of(folder) as store, store.read() as tx:
        view = state.view(tx)
    for each in listing.show(view, code):
        for line in listing.lines(each):
            console.print(line, soft_wrap=True, markup=False, highlight=False)


@app.command("search")
def search(
    words: Annotated[
        list[str], typer.Argument(metavar="WORDS", help="词、拼音首字母、编码片段 / words, initials, codes")
    ],
    folder: Folder = HERE,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="最多显示几条 / at most")] = 20,
) -> None:
    """在各县的事项与办事指南中查找 / search the items and guides of all counties."""
    with store_of(folder) as store, store.read() as tx:
        entities = state.entities(tx)
    index = Index(entities.values())
    started = time.perf_counter()
    found = index.search(" ".join(words), limit=limit)
    taken = (time.perf_counter() - started) * 1000
    table = Table(*(heading(name, "zh") for name in (_("县"), _("事项名称"))))
    for name in (_("编码"), _("咨询电话")):
        table.add_column(heading(name, "zh"), no_wrap=True)
    for hit in found.hits:
        done = hit.implementation
        county = f"{hit.county_name} {done.county}" if done else ""
        table.add_row(county, hit.item.name, done.code if done else hit.item.code, done.link_way if done else "")
    console.print(table)
    said = _("共 {total} 条，用时 {milliseconds} 毫秒。")
    console.print(wording.say(said, total=found.total, milliseconds=f"{taken:.1f}"), "/ hits, milliseconds.")
