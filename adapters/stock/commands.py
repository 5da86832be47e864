"""`adapter stock`: the book of blank stock in the terminal, for halls without the pages open and for county IT.

Whoever types is not signed in: accounts are named in each command, as they are on paper.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from adapters.settings import CountySettings
from adapters.stock import serials
from adapters.stock.serials import Span
from pages import frame, wording
from pages.wording import mark as _

stock_app = typer.Typer(no_args_is_help=True, help="空白证照：入库到销毁 / blank stock, from the box to its end")
_WIDE: Final = 160
Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]
First = Annotated[str, typer.Argument(help="起号 / first number")]
Last = Annotated[str, typer.Argument(help="止号，一张时不写 / last number; none for one sheet")]
By = Annotated[str, typer.Option("--by", help="经办账号 / account of who does it")]
Kind = Annotated[str, typer.Option("--kind", help="种类，编号能说明时不写 / kind, where the number does not tell")]
Why = Annotated[str, typer.Option("--reason", help="原因 / reason")]
_HERE: Final = Path("var/county")


def attach(app: typer.Typer) -> None:
    """Give the commands to `adapter`."""
    app.add_typer(stock_app, name="stock")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """The county's store, opened for one command."""

    settings: CountySettings
    tx: Connection
    now: datetime


@contextmanager
def _opened(folder: Path) -> Iterator[_Book]:
    from adapters.instants import now  # noqa: PLC0415 -- the store is loaded only where it is opened
    from adapters.store import open_store  # noqa: PLC0415

    settings = CountySettings.load(folder)
    store = open_store(settings.database)
    try:
        with store.write() as tx:
            yield _Book(settings=settings, tx=tx, now=now())
    finally:
        store.close()


def _act(folder: Path, first: str, last: str, kind: str, act: Callable[[_Book, str, Span], None]) -> None:
    """One act on a range, and what was done in one line."""
    from adapters.stock import looking  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    span = serials.span(first, last)
    with _opened(folder) as opened:
        known = looking.kind_of(opened.tx, span.form, kind)
        act(opened, known, span)
    _say(_("已登记：{kind} {serials}，{count} 张。"), kind=known, serials=span, count=span.count)


@stock_app.command()
def receive(
    first: First,
    last: Last,
    kind: Annotated[str, typer.Option("--kind", help="种类，与打印授权所写相同 / as print authorisations name it")],
    body: Annotated[str, typer.Option("--body", help="发放机关 / issuing body")],
    note: Annotated[str, typer.Option("--note", help="送货单号 / delivery note")],
    supplier: Annotated[str, typer.Option("--from", help="来处，加密保存 / from whom; kept encrypted")],
    counted: Annotated[int, typer.Option("--count", min=1, help="清点张数 / sheets counted")],
    by: By,
    missing: Annotated[list[str] | None, typer.Option("--missing", help="缺的编号，可多个 / not in the box")] = None,
    new_form: Annotated[bool, typer.Option("--new-form", help="新编号样式 / the numbers look otherwise now")] = False,
    folder: Folder = _HERE,
) -> None:
    """入库：清点一箱，登记起止编号 / a box comes in: counted, with its numbers."""
    from adapters.identity import Identity  # noqa: PLC0415 -- keys are read only where something is sealed
    from adapters.stock import receiving  # noqa: PLC0415

    span = serials.span(first, last)
    delivery = receiving.Delivery(
        kind=kind.strip(),
        issuing_body=body.strip(),
        span=span,
        delivery_note=note.strip(),
        supplier=supplier,
        counted=counted,
        missing=missing or (),
        new_form=new_form,
    )
    with _opened(folder) as opened:
        sealing = Identity.load(opened.settings).storage
        done = receiving.receive(opened.tx, delivery, by=by, now=opened.now, sealing=sealing)
    for each in done.spans:
        _say(_("已登记：{kind} {serials}，{count} 张。"), kind=kind, serials=each, count=each.count)
    if done.gap is not None:
        _say(_("与以前的编号之间空着 {serials}，{count} 张从未入库。"), serials=done.gap, count=done.gap.count)


@stock_app.command()
def issue(
    first: First,
    by: By,
    to: Annotated[str, typer.Option("--to", help="领用账号 / the clerk's account")],
    last: Last = "",
    kind: Kind = "",
    folder: Folder = _HERE,
) -> None:
    """领用：保管人发给窗口人员 / the keeper gives sheets to a clerk."""
    from adapters.stock import book  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    _act(folder, first, last, kind, lambda at, known, span: book.issue(at.tx, known, span, by=by, to=to, now=at.now))


@stock_app.command()
def load(
    first: First,
    by: By,
    last: Last = "",
    station: Annotated[str, typer.Option(help="打印站，不写则本机 / print station; this one's without")] = "",
    tray: Annotated[str, typer.Option(help="纸盒 / tray")] = "1",
    kind: Kind = "",
    folder: Folder = _HERE,
) -> None:
    """装纸：领用人把纸装进打印机 / the clerk loads them into the printer."""
    from adapters.stock import book  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    def act(at: _Book, known: str, span: Span) -> None:
        place = station or at.settings.station.station
        book.load(at.tx, known, span, by=by, station=place, tray=tray, now=at.now)

    _act(folder, first, last, kind, act)


@stock_app.command("return")
def give_back(first: First, by: By, last: Last = "", kind: Kind = "", folder: Folder = _HERE) -> None:
    """退回：窗口人员交还没用的纸 / the clerk returns what was not used."""
    from adapters.stock import book  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    _act(folder, first, last, kind, lambda at, known, span: book.give_back(at.tx, known, span, by=by, now=at.now))


@stock_app.command()
def accept(first: First, by: By, last: Last = "", kind: Kind = "", folder: Folder = _HERE) -> None:
    """收回：保管人清点退回的纸 / the keeper has counted what was returned."""
    from adapters.stock import book  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    _act(folder, first, last, kind, lambda at, known, span: book.take_back(at.tx, known, span, by=by, now=at.now))


@stock_app.command()
def spoil(first: First, by: By, reason: Why, last: Last = "", kind: Kind = "", folder: Folder = _HERE) -> None:
    """作废：fed_blank 空白走纸、jam 卡纸、damaged 污损、faulty 印制缺陷、misprint 打错 / void, for one of these."""
    from adapters.stock import book  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    _act(
        folder,
        first,
        last,
        kind,
        lambda at, known, span: book.spoil(at.tx, known, span, by=by, reason=reason, now=at.now),
    )


@stock_app.command()
def lost(
    first: First,
    by: By,
    reason: Why = "",
    declared: Annotated[str, typer.Option("--declared", help="声明作废的文号 / number of the declaration")] = "",
    last: Last = "",
    kind: Kind = "",
    folder: Folder = _HERE,
) -> None:
    """报遗失：not_in_tray、not_in_safe、stolen；之后用 --declared 登记声明作废 / report lost; later, declared void."""
    from adapters.stock import book  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    def act(at: _Book, known: str, span: Span) -> None:
        if reason or not declared:
            book.lose(at.tx, known, span, by=by, reason=reason, now=at.now)
        if declared:
            book.declare_void(at.tx, known, span, by=by, reference=declared, now=at.now)

    _act(folder, first, last, kind, act)


@stock_app.command()
def destroy(
    first: First,
    by: By,
    witness: Annotated[str, typer.Option("--witness", help="第二人的账号 / account of the second person")],
    reference: Annotated[str, typer.Option("--list", help="销毁清单号 / number of the list")],
    last: Last = "",
    kind: Kind = "",
    folder: Folder = _HERE,
) -> None:
    """销毁：两个人销毁作废的纸 / two persons destroy void sheets."""
    from adapters.stock import book  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    def act(at: _Book, known: str, span: Span) -> None:
        book.destroy(at.tx, known, span, by=by, witness=witness, reference=reference, now=at.now)

    _act(folder, first, last, kind, act)


@stock_app.command()
def balance(folder: Folder = _HERE) -> None:
    """平衡：补结过去的日子，看今天；有没交代的以 1 退出 / close past days, show today; exit 1 with a difference."""
    from adapters.stock import balance as books  # noqa: PLC0415 -- words and ledgers are loaded only where shown
    from adapters.stock import closing, words  # noqa: PLC0415

    with _opened(folder) as opened:
        closing.close(opened.tx, opened.now)
        today = opened.now.astimezone(frame.BEIJING).date()
        table = Table(
            "种类 kind", "期初 opening", "入库 received", *(_both(each.text) for each in words.STATES.values())
        )
        missing = Table("编号 number", "张 sheets", "为什么 why", "最后经手 last held by", "自 since")
        for kind in books.kinds(opened.tx):
            last = closing.closed(opened.tx, kind, before=today)
            found = books.of(opened.tx, kind, after_event=last.through_event if last is not None else 0)
            opening, counts = sum(found.opening.values()), [str(found.closing[each]) for each in words.STATES]
            table.add_row(kind, str(opening), str(found.received), *counts)
            for each in closing.tell(opened.tx, kind, opened.now):
                since = frame.clock(each.since)
                missing.add_row(each.serials, str(each.count), _both(words.WHYS[each.why]), each.holder or "—", since)
        days = Table("日结 day", "种类 kind", "没有交代的张数 not accounted for")
        for day in closing.lately(opened.tx):
            days.add_row(day.day, day.kind, str(day.unexplained))
    _show(table)
    if days.row_count:
        _show(days)
    if missing.row_count:
        _show(missing)
        raise typer.Exit(1)
    _say(_("账平：每一张都有去处。"))


@stock_app.command()
def month(
    which: Annotated[str, typer.Argument(help="年月 / year and month", metavar="YYYY-MM")],
    out: Annotated[Path, typer.Option("--out", "-o", help="清单文件 / the list: .xlsx or .pdf")],
    folder: Folder = _HERE,
) -> None:
    """月末清单：期初、入库、领用、打印、作废、遗失、销毁、期末和编号 / the month's list, to file and to sign."""
    from adapters.stock import closing, monthfile  # noqa: PLC0415 -- workbooks and typst are loaded only here
    from adapters.stock.month import month as listed  # noqa: PLC0415
    from certs import files  # noqa: PLC0415

    with _opened(folder) as opened:
        closing.close(opened.tx, opened.now)
        found, county = listed(opened.tx, which, opened.now), opened.settings.name
    files.write_atomically(out, monthfile.file_of(found, out.name, county=county))
    _say(_("已写入 {file}。"), file=out)


@stock_app.command("list")
def list_(folder: Folder = _HERE) -> None:
    """哪里有什么：在库、在窗口、退回、作废、遗失 / what lies where."""
    from adapters.stock import looking, words  # noqa: PLC0415 -- loaded only where it is shown

    table = Table("种类 kind", "编号 number", "张 sheets", "状态 state", "账号 account", "打印站 station", "自 since")
    with _opened(folder) as opened:
        for each in looking.holdings(opened.tx):
            state = _both(words.STATES[each.state].text) + (f" {each.reference}" if each.reference else "")
            where = f"{each.station} {each.tray}".strip()
            count = str(each.span.count)
            table.add_row(each.kind, str(each.span), count, state, each.holder, where, frame.clock(each.since))
    _show(table)


@stock_app.command()
def explain(
    serial: Annotated[str, typer.Argument(help="编号 / number", metavar="SERIAL")],
    kind: Kind = "",
    folder: Folder = _HERE,
) -> None:
    """一张纸的经过：从入库到现在 / one sheet's whole story."""
    from adapters.stock import looking, words  # noqa: PLC0415 -- loaded only where it is shown

    with _opened(folder) as opened:
        told = looking.story(opened.tx, serial, kind)
    state = _both(words.STATES[told.state].text)
    table = Table("时间 time", "经过 event", "编号 numbers", "经办 by", "在谁手里 held by", "说明 note", title=(
        f"{told.kind} {told.serial} · {told.issuing_body} · {state}"
    ))  # fmt: skip
    for step in told.steps:
        people = " + ".join(each for each in (step.by, step.witness) if each)
        reason = " ".join(dict.fromkeys(words.reason(step.reason, each) for each in wording.LANGUAGES))
        notes = (f"{step.station} {step.tray}".strip(), reason, step.reference, step.delivery_note)
        note = " · ".join(each for each in (*notes, step.authorisation_no) if each)
        event = _both(words.EVENTS[step.event])
        table.add_row(frame.moment(step.at), event, str(step.span), people, step.holder or "—", note)
    _show(table)


def _both(text: str) -> str:
    return " ".join(wording.say(text, language) for language in wording.LANGUAGES)


def _say(text: str, **params: object) -> None:
    for language in wording.LANGUAGES:
        _console().print(wording.say(text, language, **params), soft_wrap=True, markup=False, highlight=False)


def _show(table: Table) -> None:
    _console().print(table)


def _console() -> Console:
    """A file or a pipe has no width of its own."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDE)
