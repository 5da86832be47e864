"""`adapter up`, `page`, `unit`: the node as a program: run, looked at, and started by systemd."""

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from adapters.settings import CountySettings
from pages import addresses, logs, wording
from pages.supervising import Supervisor
from pages.wording import mark as _

Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]
_HERE: Final = Path("var/county")
console = Console()


def up(folder: Folder = _HERE) -> None:
    """运行县节点，直到停止 / run the node until it is told to stop."""
    from adapters.countyit.service.running import run  # noqa: PLC0415
    from adapters.node import Node  # noqa: PLC0415 -- renderer, seal and broker are loaded only where they run

    settings = CountySettings.load(folder)
    logs.configure(f"county.{settings.division_code}")
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda _signal, _frame: stop.set())
    run(Node(settings), Supervisor(), stop, started=_say_where)


def _say_where(address: str) -> None:
    # Never into a log file or the journal: whoever reads those must not be able to open the page.
    console.print(address if console.is_terminal else wording.say(_("打印台已启动；用 adapter page 取地址。")))


def page(folder: Folder = _HERE) -> None:
    """打印台的新地址，用一次 / a fresh one-time address of the print desk."""
    console.print(addresses.ask(folder / "page.address"))


def unit(
    folder: Folder = _HERE,
    user: Annotated[str, typer.Option(help="运行用户，默认是文件夹的主人 / run as; the folder's owner without")] = "",
) -> None:
    """输出系统服务文件（systemd）/ print the unit: adapter unit > /etc/systemd/system/yhb-county.service."""
    from adapters.countyit.service import unit as own  # noqa: PLC0415 -- SQLAlchemy is loaded only where it is used

    settings, program = CountySettings.load(folder), Path(sys.executable).parent / "adapter"
    typer.echo(own.text(settings, program=program, user=user or settings.folder.owner()), nl=False)
