"""`hub county renewals` and `renewed`: counties' renewals between the joining page and the authority's person."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from certs import files
from hub.commands.acting import at_terminal
from hub.commands.shared import HERE, Folder, console, opened, store_of
from hub.instants import now
from hub.record.acts import Act
from hub.record.noting import note
from hub.renewing.counties import answered, listing
from hub.web.renewalview import waiting
from pages import wording
from pages.terminal import show_error, show_table
from pages.wording import mark as _
from schemas.errors import YunhuobanError


def attach(app: typer.Typer) -> None:
    """Give the commands to `hub county`."""
    app.command("renewals")(renewals)
    app.command("renewed")(renewed)


def renewals(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="把申请写到这个文件夹 / write the requests into this folder")
    ] = None,
    folder: Folder = HERE,
) -> None:
    """列出在加入页面上续期的县，写出申请交发证机构 / list renewals; write requests out for the authority."""
    from pages import frame  # noqa: PLC0415 -- the pages are loaded only where something of theirs is shown

    with store_of(folder) as store, store.read() as tx:
        rows = listing.under_way(tx)
        written = listing.write_out(tx, out) if out is not None else []
    table = Table("代码 code", "县 county", "状态 state", "申请交来 came", "现用证书有效至 ends")
    for row in rows:
        state = " / ".join(wording.say(row.label.text, language) for language in wording.LANGUAGES)
        ends = row.ends_at.date().isoformat()
        table.add_row(row.county, row.name, f"{row.label.icon} {state}", frame.moment(row.came_at), ends)
    show_table(table)
    if out is not None:
        _say(_("已写出 {count} 份：先 certs renew AUTHORITY {folder} --out ANSWERS，再 hub county renewed ANSWERS。"),
             count=len(written), folder=out)  # fmt: skip
    elif waiting(rows):
        _say(_("有申请等发证机构：用 --out 写出来交去。"))


def renewed(
    answers: Annotated[
        list[Path],
        typer.Argument(help="发证机构的答复，或放答复的文件夹 / the authority's answers, or folders of them"),
    ],
    folder: Folder = HERE,
) -> None:
    """收下发证机构的续期答复，县里会自己取走 / take the authority's answers in; counties fetch them."""
    wrong = 0
    with opened(folder) as hub:
        chains = hub.chains()
        for each in [file for path in answers for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])]:
            try:
                data = files.read(each)
                with hub.store.write() as tx:
                    county = answered.take(tx, data, chains=chains, now=now())
                    if county is not None:
                        note(tx, at_terminal(), Act.COUNTY_RENEWED, at=now(), about=county)
            except YunhuobanError as error:  # the others are not to wait for this one
                console.print(each.name, markup=False, highlight=False)
                show_error(error)
                wrong += 1
                continue
            if county is None:
                _say(_("{file}：没有等这份答复的申请，没有收下。"), file=each.name)
            else:
                _say(_("{county} 的答复已收下，县里会自己取走。"), county=county)
    if wrong:
        raise typer.Exit(1)


def _say(text: str, **params: object) -> None:
    for language in wording.LANGUAGES:
        console.print(wording.say(text, language, **params), soft_wrap=True, markup=False, highlight=False)
