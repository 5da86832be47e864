"""`hub record …`: the operators' record, shown and verified."""

from typing import Annotated

import typer
from rich.table import Table

from hub.commands.shared import HERE, Folder, console, store_of
from hub.record import listing, verifying
from hub.record.verifying import Known
from pages import wording
from pages.terminal import show_error, show_table
from pages.wording import mark as _

app = typer.Typer(no_args_is_help=True, help="操作记录 / the operators' record")


@app.command("list")
def list_(
    who: Annotated[str, typer.Option(help="只看一个账号 / of one account")] = "",
    about: Annotated[str, typer.Option(help="只看一个对象 / about one thing")] = "",
    before: Annotated[int | None, typer.Option(help="只看此编号以前的 / those before this number")] = None,
    folder: Folder = HERE,
) -> None:
    """列出最近的记录 / the newest lines."""
    table = Table("编号 number", "时间 UTC", "谁 who", "来自 from", "事情 what", "对象 about", "原因 reason")
    with store_of(folder) as store, store.read() as tx:
        for each in listing.lines(tx, who=who, about=about, before=before):
            persons = f"{each.who} + {each.second}" if each.second else each.who
            what = f"{wording.say(each.what)} / {wording.say(each.what, 'en')}"
            at = f"{each.at:%Y-%m-%d %H:%M:%S}"
            table.add_row(str(each.number), at, persons, each.address or "-", what, each.about, each.reason)
    show_table(table)


@app.command("verify")
def verify(
    known: Annotated[
        str, typer.Option(help="以前抄下的 编号:摘要 / NUMBER:DIGEST as written down earlier", metavar="NUMBER:DIGEST")
    ] = "",
    folder: Folder = HERE,
) -> None:
    """逐条核对，有改动即报错退出 / check every line; exit 1 when anything was tampered with."""
    told = Known.parse(known) if known else None
    with store_of(folder) as store, store.read() as tx:
        checked = verifying.verify(tx, told)
    for finding in checked.findings:
        show_error(finding)
    if checked.findings:
        raise typer.Exit(1)
    for language in wording.LANGUAGES:
        said = wording.say(_("操作记录完整，共 {count} 条。请抄下最后一条："), language, count=checked.lines)
        console.print(said, highlight=False)
    if checked.lines:
        console.print(f"{checked.lines}:{checked.digest}", soft_wrap=True, markup=False, highlight=False)
