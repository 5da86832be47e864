"""`adapter printer …`: find printers, register them with their trays, try and calibrate them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from adapters.settings import CountySettings
from pages import wording
from pages.terminal import show_error, show_table
from pages.wording import mark as _

if TYPE_CHECKING:
    from adapters.hall.printers.finding import Found
    from adapters.hall.printers.hall import HallPrinters

_SECONDS: Final = 10.0
console = Console(highlight=False, emoji=False)  # in a fingerprint :AB: is no picture
printer_app = typer.Typer(no_args_is_help=True, help="大厅的打印机 / the hall's printers")
Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]
Trays = Annotated[
    list[str],
    typer.Option("--tray", help="纸盒=纸张:空白证照种类，可多次 / TRAY=A4:STOCK, may be repeated", metavar="TRAY"),
]
Named = Annotated[str, typer.Argument(help="登记的名称 / its registered name")]
_HERE = Path("var/county")


@printer_app.command()
def find(
    where: Annotated[
        list[str] | None,
        typer.Argument(help="地址或网段，不写则本机所在网段 / addresses or subnets; else this machine's own networks"),
    ] = None,
    dns_sd: Annotated[
        bool, typer.Option("--dns-sd", help="用 avahi-browse 查找 / ask DNS-SD by avahi-browse instead")
    ] = False,
) -> None:
    """查找打印机；只在执行时查找 / look for printers, now and only now; exit 1 when there is none."""
    from adapters.hall.printers import finding  # noqa: PLC0415 -- IPP is loaded only where it is spoken
    from schemas.errors import YunhuobanError  # noqa: PLC0415

    found: list[Found] = []
    if dns_sd:
        for url in finding.announced():
            try:
                found.append(finding.ask(url))
            except YunhuobanError as error:
                console.print(url, soft_wrap=True, markup=False)
                show_error(error)
    else:
        places = finding.addresses(where or finding.own_networks())
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("查找 looking", total=len(places))
            for each in finding.search(places):
                progress.advance(task)
                if each is not None:
                    found.append(each)
    _show_found(found)
    if not found:
        raise typer.Exit(1)


@printer_app.command()
def show(url: Annotated[str, typer.Argument(help="打印机地址 / its address, ipp://… or ipps://…")]) -> None:
    """打印机能做什么、现在怎样 / what a printer can do and how it is."""
    from adapters.hall.printers import showing  # noqa: PLC0415

    for language in wording.LANGUAGES:
        for line in showing.lines(url, language, timeout_seconds=_SECONDS):
            console.print(line, soft_wrap=True, markup=False)


@printer_app.command()
def add(
    name: Annotated[str, typer.Argument(help="自取的名称，如 a4-1 / a name of your own, like a4-1")],
    url: Annotated[str, typer.Argument(help="打印机地址 / its address, ipp://… or ipps://…")],
    tray: Trays = [],  # noqa: B006 -- Typer's way of saying: none
    folder: Folder = _HERE,
) -> None:
    """登记一台打印机及各纸盒里的空白证照 / register a printer and which stock lies in which tray."""
    from adapters.hall.printers import certificates, register  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415
    from adapters.printing.ipp import Printer  # noqa: PLC0415

    hall = _hall(folder)
    trays = tuple(register.Tray.parse(each) for each in tray)
    new = register.registered(name, url, pin="", trays=trays, by=register.ACCOUNT_OF_COMMANDS, now=now())
    if url.startswith("ipps:"):
        shown = certificates.presented(url, timeout_seconds=_SECONDS)
        new = new.model_copy(update={"pin": shown.pin})
        for language in wording.LANGUAGES:
            said = wording.say(_PINNED, language, subject=shown.subject, until=shown.ends_at.date())
            console.print(said, soft_wrap=True, markup=False)
        console.print(f"SHA-256 {shown.grouped}", soft_wrap=True, markup=False)
    described, _state = Printer(url, timeout_seconds=_SECONDS, pin=new.pin).described()
    hall.register.add(new)
    _say(_ADDED, name=name, make=described.make or "—")


@printer_app.command("list")
def list_(folder: Folder = _HERE) -> None:
    """已登记的打印机、纸盒、状态和偏移 / registered printers with trays, state and offsets."""
    from adapters.hall.printers import words  # noqa: PLC0415

    hall = _hall(folder)
    content = hall.register.content()
    table = Table("名称 name", "地址 address", "状态 state", "纸盒 trays", "偏移 offsets")
    for look in hall.looks():
        offsets = content.current(content.named(look.name)) if look.name else []
        table.add_row(
            look.name or "printer_url",
            Text(look.url or "—"),
            "\n".join(wording.say(words.told(look).text, language) for language in wording.LANGUAGES),
            "\n".join(f"{tray.source}={words.sheet(tray.media)}:{tray.stock}" for tray in look.trays) or "—",
            "\n".join(
                f"{each.template} {each.source} {each.x_mm:+.1f}/{each.y_mm:+.1f} mm ×{each.scale:.3f}"
                for each in offsets
            )
            or "—",
        )
    show_table(table)


@printer_app.command()
def trays(name: Named, tray: Trays = [], folder: Folder = _HERE) -> None:  # noqa: B006 -- Typer's way of saying: none
    """重新登记各纸盒装什么；不写 --tray 则为手工装纸 / say anew what lies in the trays; none: loaded by hand."""
    from adapters.hall.printers.register import Tray  # noqa: PLC0415

    _hall(folder).register.load(name, tuple(Tray.parse(each) for each in tray))
    _say(_TRAYS_KEPT, name=name)


@printer_app.command()
def remove(name: Named, folder: Folder = _HERE) -> None:
    """删除一台打印机的登记 / take a printer out of the register."""
    _hall(folder).register.remove(name)
    _say(_REMOVED, name=name)


@printer_app.command("test")
def try_(name: Named, folder: Folder = _HERE) -> None:
    """检查打印机，不出纸；不能打印时以 1 退出 / check a printer without a sheet; exit 1 when it cannot print."""
    from adapters.hall.printers.looking import look  # noqa: PLC0415
    from adapters.hall.printers.testing import lines  # noqa: PLC0415

    registered, printer = _hall(folder).named(name)
    found = look(printer, name=name, trays=registered.trays)
    for language in wording.LANGUAGES:
        for line in lines(found, language):
            console.print(line, soft_wrap=True, markup=False)
    for _tray, why in found.why_not:
        show_error(why)
    if found.why_not:
        raise typer.Exit(1)


@printer_app.command()
def calibrate(
    name: Named,
    template: Annotated[str, typer.Option(help="模板/版本 / template and version, id/version")],
    x: Annotated[float | None, typer.Option("--x", help="向右偏移，毫米 / to the right, mm")] = None,
    y: Annotated[float | None, typer.Option("--y", help="向下偏移，毫米 / downwards, mm")] = None,
    scale: Annotated[float, typer.Option(help="缩放 / 0.98 … 1.02")] = 1.0,
    tray: Annotated[str, typer.Option(help="纸盒，如 tray-1 / the tray")] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="纸盒里已放白纸，不再询问 / white paper is in, do not ask")
    ] = False,
    folder: Folder = _HERE,
) -> None:
    """打印校准页；给出 --x 和 --y 则登记偏移 / print a calibration sheet, or keep the offsets that were measured."""
    from adapters.hall.printers import calibrating, register  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415

    hall = _hall(folder)
    form = calibrating.form(template)
    if x is None and y is None:
        registered, printer = hall.named(name)
        for language in wording.LANGUAGES:
            console.print(wording.say(_WHITE_PAPER, language, sheet=form.media), soft_wrap=True, markup=False)
        if not yes:
            typer.confirm("继续 / go on?", abort=True)
        calibrating.print_sheet(registered, printer, form, tray, hall.register.content())
        _say(_SHEET_SENT, name=name)
        return
    offset = calibrating.keep(
        hall.register, name, form, tray,
        x_mm=x or 0.0, y_mm=y or 0.0, scale=scale, by=register.ACCOUNT_OF_COMMANDS, now=now(),
    )  # fmt: skip
    _say(_OFFSET_KEPT, name=name, template=template, x=f"{offset.x_mm:+.1f}", y=f"{offset.y_mm:+.1f}")


_PINNED: Final = _(
    "打印机出示了证书 {subject}，有效至 {until}。请与打印机面板上显示的指纹核对；以后证书变了就不再连接。"
)
_ADDED: Final = _("已登记打印机 {name}（{make}）。运行中的县节点即刻采用。")
_TRAYS_KEPT: Final = _("已登记打印机 {name} 的纸盒。")
_REMOVED: Final = _("已删除打印机 {name} 的登记；校准记录保留备查。")
_WHITE_PAPER: Final = _("请在要校准的纸盒里放入白纸（{sheet}），收回空白证照。")
_SHEET_SENT: Final = _("校准页已送往打印机 {name}。量好后用同一命令加 --x 和 --y 登记偏移，再打印一页核对。")
_OFFSET_KEPT: Final = _("已登记打印机 {name} 对 {template} 的偏移：向右 {x} 毫米，向下 {y} 毫米。请再打印一页核对。")


def _hall(folder: Path) -> "HallPrinters":
    from adapters.hall.printers.hall import HallPrinters  # noqa: PLC0415

    settings = CountySettings.load(folder)
    return HallPrinters(settings.folder, settings.station)


def _say(text: str, **params: object) -> None:
    for language in wording.LANGUAGES:
        console.print(wording.say(text, language, **params), soft_wrap=True, markup=False)


def _show_found(found: "list[Found]") -> None:
    from adapters.hall.printers import words  # noqa: PLC0415

    table = Table("地址 address", "型号 make", "名称 name", "已装纸 loaded", "格式 formats")
    for each in found:
        sheets = {words.sheet(media) for media in each.state.media_ready} or {"—"}
        told = (
            each.description.make,
            each.description.info,
            ", ".join(sorted(sheets)),
            ", ".join(each.description.formats),
        )
        table.add_row(*(Text(cell or "—") for cell in (each.url, *told)))  # a printer's words are no markup
    show_table(table)
