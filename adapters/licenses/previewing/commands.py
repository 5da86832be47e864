"""`adapter template`: the templates of licenses, without a county's folder and without a hub."""

import signal
import threading
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pages import labels, wording
from pages.terminal import show_error, show_table
from pages.wording import mark as _
from schemas.errors import YunhuobanError

console = Console()
template_app = typer.Typer(no_args_is_help=True, help="证照模板 / the templates of licenses")
Name = Annotated[
    str,
    typer.Argument(
        help="模板编号、编号/版本，或正在编写的 .toml 文件 / id, id/version, or a file being written", metavar="NAME"
    ),
]


class Layer(StrEnum):
    """Which layer is drawn."""

    STOCK = "stock"
    FILL = "fill"
    BOTH = "both"


@template_app.command("list")
def list_templates() -> None:
    """列出证照模板 / list the templates: license, copy, kind of body, sheet."""
    from adapters.licenses import template  # noqa: PLC0415 -- the files are read only where they are asked

    shown = Table()
    shown.add_column("模板 template", no_wrap=True)
    shown.add_column("证照 license", no_wrap=True)
    for head in ("", "适用 bodies", "纸 sheet", "可制作 issuable"):
        shown.add_column(head)
    for each in template.all_templates():
        shown.add_row(
            f"{each.id}/{each.version}",
            f"{each.license} {each.name}",
            labels.COPY_KINDS[each.copy_kind],
            " ".join(each.bodies) or "—",
            each.media,
            "✓" if each.issuable else "—",
        )
    show_table(shown)


@template_app.command()
def show(name: Name) -> None:
    """一个模板的项目、写法和最小字号 / one template's lines, how each is written, and its least size."""
    from adapters.licenses.previewing import drawing  # noqa: PLC0415 -- Typst is loaded only where something is drawn

    form = drawing.named(name)
    console.print(f"{form.id}/{form.version} {form.name} {labels.COPY_KINDS[form.copy_kind]}", highlight=False)
    console.print(f"{form.stock_kind} · {form.media} · {form.font} · {form.type_code or '—'}", highlight=False)
    shown = Table("项目 line", "来源 from", "写法 rule", "宽×高 mm", "字号 pt")
    for line in form.lines:
        room = form.rooms[line.label]
        shown.add_row(
            line.label,
            line.source or "—",
            line.rule if line.mask is None else f"{line.rule} {line.mask.first}–{line.mask.last}",
            f"{room.width:g} × {room.height:g}",
            f"{room.sizes[0]:g} … {room.sizes[-1]:g}",
        )
    show_table(shown)


@template_app.command()
def preview(
    name: Name,
    data: Annotated[
        Path | None, typer.Option("--data", help="内容文件（TOML）/ contents; otherwise invented ones", dir_okay=False)
    ] = None,
    layer: Annotated[Layer, typer.Option("--layer", help="空白证照层、填写层或两层 / which layer")] = Layer.BOTH,
    out: Annotated[Path | None, typer.Option("--out", "-o", help=".pdf 或 .png / .pdf or .png", dir_okay=False)] = None,
    watch: Annotated[bool, typer.Option("--watch", help="每次保存后重画 / draw anew at each save")] = False,
) -> None:
    """用虚构内容画出样张 / draw a specimen with invented contents, marked 样张."""
    from adapters.licenses.previewing import drawing  # noqa: PLC0415 -- Typst is loaded only where something is drawn
    from adapters.licenses.render import Renderer  # noqa: PLC0415

    form = drawing.named(name) if not name.endswith(".toml") else None
    target = out or Path(f"{form.id if form else Path(name).stem}.pdf")
    if target.suffix.lower() not in {".pdf", ".png"}:
        raise typer.BadParameter("--out *.pdf | *.png")
    wanted = drawing.Preview(name=name, contents=data, layer=layer.value, out=target)
    if not watch:
        drawing.draw(wanted, Renderer())
        _say_drawn(target)
        return
    if not wanted.made_of:
        raise typer.BadParameter("--watch: --data FILE | NAME = FILE.toml")
    stop = threading.Event()
    signal.signal(signal.SIGINT, lambda _signal, _frame: stop.set())
    drawing.keep_drawing(wanted, Renderer(), stop, lambda error: _tell(error, target))


def _tell(error: YunhuobanError | None, target: Path) -> None:
    if error is None:
        _say_drawn(target)
    else:
        show_error(error)


def _say_drawn(target: Path) -> None:
    for language in wording.LANGUAGES:
        said = wording.say(_("{file} 已画好，标有“样张”。"), language, file=target)
        console.print(said, soft_wrap=True, markup=False)
