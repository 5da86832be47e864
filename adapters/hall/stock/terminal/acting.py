"""What people do with blank stock, as commands. Whoever types is not signed in: accounts are named, as on paper."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from adapters.hall.stock import serials
from adapters.hall.stock.serials import Span
from adapters.hall.stock.terminal.opening import HERE, Book, Folder, Kind, opened, say
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

NO_LIST: Final = declare("E-STOCK-018", "盘点清单读不出来。", "请检查文件名；清单是 UTF-8 编码的文本文件。")

First = Annotated[str, typer.Argument(help="起号 / first number")]
Last = Annotated[str, typer.Argument(help="止号，一张时不写 / last number; none for one sheet")]
By = Annotated[str, typer.Option("--by", help="经办账号 / account of who does it")]
Why = Annotated[str, typer.Option("--reason", help="原因 / reason")]


def attach(app: typer.Typer) -> None:
    """Give the commands to `adapter stock`."""
    for each in (receive, issue, load, accept, spoil, lost, destroy, count):
        app.command()(each)
    app.command("return")(give_back)


def _act(folder: Path, first: str, last: str, kind: str, act: Callable[[Book, str, Span], None]) -> None:
    """One act on a range, and what was done in one line."""
    from adapters.hall.stock import looking  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    span = serials.span(first, last)
    with opened(folder) as at:
        known = looking.kind_of(at.tx, span.form, kind)
        act(at, known, span)
    say(_("已登记：{kind} {serials}，{count} 张。"), kind=known, serials=span, count=span.count)


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
    folder: Folder = HERE,
) -> None:
    """入库：清点一箱，登记起止编号 / a box comes in: counted, with its numbers."""
    from adapters.hall.stock import receiving  # noqa: PLC0415
    from adapters.identity import Identity  # noqa: PLC0415 -- keys are read only where something is sealed

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
    with opened(folder) as at:
        sealing = Identity.load(at.settings).storage
        done = receiving.receive(at.tx, delivery, by=by, now=at.now, sealing=sealing)
    for each in done.spans:
        say(_("已登记：{kind} {serials}，{count} 张。"), kind=kind, serials=each, count=each.count)
    if done.gap is not None:
        say(_("与以前的编号之间空着 {serials}，{count} 张从未入库。"), serials=done.gap, count=done.gap.count)


def issue(
    first: First,
    by: By,
    to: Annotated[str, typer.Option("--to", help="领用账号 / the clerk's account")],
    last: Last = "",
    kind: Kind = "",
    folder: Folder = HERE,
) -> None:
    """领用：保管人发给窗口人员 / the keeper gives sheets to a clerk."""
    from adapters.hall.stock import book  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    _act(folder, first, last, kind, lambda at, known, span: book.issue(at.tx, known, span, by=by, to=to, now=at.now))


def load(
    first: First,
    by: By,
    last: Last = "",
    station: Annotated[str, typer.Option(help="打印站，不写则本机 / print station; this one's without")] = "",
    tray: Annotated[str, typer.Option(help="纸盒 / tray")] = "1",
    kind: Kind = "",
    folder: Folder = HERE,
) -> None:
    """装纸：领用人把纸装进打印机 / the clerk loads them into the printer."""
    from adapters.hall.stock import book  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    def act(at: Book, known: str, span: Span) -> None:
        place = station or at.settings.station.station
        book.load(at.tx, known, span, by=by, station=place, tray=tray, now=at.now)

    _act(folder, first, last, kind, act)


def give_back(first: First, by: By, last: Last = "", kind: Kind = "", folder: Folder = HERE) -> None:
    """退回：窗口人员交还没用的纸 / the clerk returns what was not used."""
    from adapters.hall.stock import book  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    _act(folder, first, last, kind, lambda at, known, span: book.give_back(at.tx, known, span, by=by, now=at.now))


def accept(first: First, by: By, last: Last = "", kind: Kind = "", folder: Folder = HERE) -> None:
    """收回：保管人清点退回的纸 / the keeper has counted what was returned."""
    from adapters.hall.stock import book  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    _act(folder, first, last, kind, lambda at, known, span: book.take_back(at.tx, known, span, by=by, now=at.now))


def spoil(first: First, by: By, reason: Why, last: Last = "", kind: Kind = "", folder: Folder = HERE) -> None:
    """作废：fed_blank 空白走纸、jam 卡纸、damaged 污损、faulty 印制缺陷、misprint 打错 / void, for one of these."""
    from adapters.hall.stock import book  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    _act(
        folder,
        first,
        last,
        kind,
        lambda at, known, span: book.spoil(at.tx, known, span, by=by, reason=reason, now=at.now),
    )


def lost(
    first: First,
    by: By,
    reason: Why = "",
    declared: Annotated[str, typer.Option("--declared", help="声明作废的文号 / number of the declaration")] = "",
    last: Last = "",
    kind: Kind = "",
    folder: Folder = HERE,
) -> None:
    """报遗失：not_in_tray、not_in_safe、stolen；之后用 --declared 登记声明作废 / report lost; later, declared void."""
    from adapters.hall.stock import book  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    def act(at: Book, known: str, span: Span) -> None:
        if reason or not declared:
            book.lose(at.tx, known, span, by=by, reason=reason, now=at.now)
        if declared:
            book.declare_void(at.tx, known, span, by=by, reference=declared, now=at.now)

    _act(folder, first, last, kind, act)


def destroy(
    first: First,
    by: By,
    witness: Annotated[str, typer.Option("--witness", help="第二人的账号 / account of the second person")],
    reference: Annotated[str, typer.Option("--list", help="销毁清单号 / number of the list")],
    last: Last = "",
    kind: Kind = "",
    folder: Folder = HERE,
) -> None:
    """销毁：两个人销毁作废的纸 / two persons destroy void sheets."""
    from adapters.hall.stock import book  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    def act(at: Book, known: str, span: Span) -> None:
        book.destroy(at.tx, known, span, by=by, witness=witness, reference=reference, now=at.now)

    _act(folder, first, last, kind, act)


def count(
    kind: Annotated[str, typer.Argument(help="种类代码 / kind of stock")],
    file: Annotated[Path, typer.Argument(help="清单，每行一个编号或一段 / list, a number or range on each line")],
    by: By,
    holder: Annotated[str, typer.Option("--of", help="在谁手里；库房不写 / in whose hands, if any")] = "",
    folder: Folder = HERE,
) -> None:
    """盘点：把实有编号与账核对；不符的以 1 退出 / a physical count against the book; exit 1 if they differ."""
    from adapters.hall.stock import counting  # noqa: PLC0415 -- the ledgers are loaded only where they are used

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise YunhuobanError(NO_LIST, place=file.name, found=type(error).__name__) from error
    found = counting.read_list(text)
    with opened(folder) as at:
        told = counting.count(at.tx, kind, found, by=by, holder=holder, now=at.now)
    say(_("账上 {expected} 张，实有 {counted} 张。"), expected=told.expected, counted=told.counted)
    for each in told.missing:
        say(_("没有找到：{serials}"), serials=each)
    for each in told.surplus:
        say(_("账上不在这里：{serials}"), serials=each)
    if not told.agrees:
        raise typer.Exit(1)
    say(_("相符：每一张都在。"))
