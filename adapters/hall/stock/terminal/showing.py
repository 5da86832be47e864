"""What lies where, whether it balances, and one sheet's story, as commands."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from adapters.hall.stock.terminal.opening import HERE, Folder, Kind, both, opened, say, show
from pages import frame, wording
from pages.wording import mark as _


def attach(app: typer.Typer) -> None:
    """Give the commands to `adapter stock`."""
    for each in (balance, month, explain):
        app.command()(each)
    app.command("list")(list_)


def balance(folder: Folder = HERE) -> None:
    """平衡：补结过去的日子，看今天；有没交代的以 1 退出 / close past days, show today; exit 1 with a difference."""
    from adapters.hall.stock import balance as books  # noqa: PLC0415 -- words and ledgers are loaded only where shown
    from adapters.hall.stock import closing, words  # noqa: PLC0415

    with opened(folder) as at:
        closing.close(at.tx, at.now)
        today = at.now.astimezone(frame.BEIJING).date()
        table = Table(
            "种类 kind", "期初 opening", "入库 received", *(both(each.text) for each in words.STATES.values())
        )
        missing = Table("编号 number", "张 sheets", "为什么 why", "最后经手 last held by", "自 since")
        for kind in books.kinds(at.tx):
            last = closing.closed(at.tx, kind, before=today)
            found = books.of(at.tx, kind, after_event=last.through_event if last is not None else 0)
            opening, counts = sum(found.opening.values()), [str(found.closing[each]) for each in words.STATES]
            table.add_row(kind, str(opening), str(found.received), *counts)
            for each in closing.tell(at.tx, kind, at.now):
                since = frame.clock(each.since)
                missing.add_row(each.serials, str(each.count), both(words.WHYS[each.why]), each.holder or "—", since)
        days = Table("日结 day", "种类 kind", "没有交代的张数 not accounted for")
        for day in closing.lately(at.tx):
            days.add_row(day.day, day.kind, str(day.unexplained))
    show(table)
    if days.row_count:
        show(days)
    if missing.row_count:
        show(missing)
        raise typer.Exit(1)
    say(_("账平：每一张都有去处。"))


def month(
    which: Annotated[str, typer.Argument(help="年月 / year and month", metavar="YYYY-MM")],
    out: Annotated[Path, typer.Option("--out", "-o", help="清单文件 / the list: .xlsx or .pdf")],
    folder: Folder = HERE,
) -> None:
    """月末清单：期初、入库、领用、打印、作废、遗失、销毁、期末和编号 / the month's list, to file and to sign."""
    from adapters.hall.stock import closing, monthfile  # noqa: PLC0415 -- workbooks and typst are loaded only here
    from adapters.hall.stock.month import month as listed  # noqa: PLC0415
    from certs import files  # noqa: PLC0415

    with opened(folder) as at:
        closing.close(at.tx, at.now)
        found, county = listed(at.tx, which, at.now), at.settings.name
    files.write_atomically(out, monthfile.file_of(found, out.name, county=county))
    say(_("已写入 {file}。"), file=out)


def list_(folder: Folder = HERE) -> None:
    """哪里有什么：在库、在窗口、退回、作废、遗失 / what lies where."""
    from adapters.hall.stock import looking, words  # noqa: PLC0415 -- loaded only where it is shown

    table = Table("种类 kind", "编号 number", "张 sheets", "状态 state", "账号 account", "打印站 station", "自 since")
    with opened(folder) as at:
        for each in looking.holdings(at.tx):
            state = both(words.STATES[each.state].text) + (f" {each.reference}" if each.reference else "")
            where = f"{each.station} {each.tray}".strip()
            count = str(each.span.count)
            table.add_row(each.kind, str(each.span), count, state, each.holder, where, frame.clock(each.since))
    show(table)


def explain(
    serial: Annotated[str, typer.Argument(help="编号 / number", metavar="SERIAL")],
    kind: Kind = "",
    folder: Folder = HERE,
) -> None:
    """一张纸的经过：从入库到现在 / one sheet's whole story."""
    from adapters.hall.stock import looking, words  # noqa: PLC0415 -- loaded only where it is shown

    with opened(folder) as at:
        told = looking.story(at.tx, serial, kind)
    state = both(words.STATES[told.state].text)
    table = Table("时间 time", "经过 event", "编号 numbers", "经办 by", "在谁手里 held by", "说明 note", title=(
        f"{told.kind} {told.serial} · {told.issuing_body} · {state}"
    ))  # fmt: skip
    for step in told.steps:
        people = " + ".join(each for each in (step.by, step.witness) if each)
        reason = " ".join(dict.fromkeys(words.reason(step.reason, each) for each in wording.LANGUAGES))
        notes = (f"{step.station} {step.tray}".strip(), reason, step.reference, step.delivery_note)
        note = " · ".join(each for each in (*notes, step.authorisation_no) if each)
        event = both(words.EVENTS[step.event])
        table.add_row(frame.moment(step.at), event, str(step.span), people, step.holder or "—", note)
    show(table)
