"""`hub unit`: the systemd unit for this hub, to be put where systemd looks."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from hub.commands.shared import HERE, Folder
from hub.settings import HubSettings


def unit(
    folder: Folder = HERE,
    user: Annotated[str, typer.Option(help="运行用户，默认是文件夹的主人 / run as; the folder's owner without")] = "",
    workers: Annotated[int, typer.Option(min=1, help="受理进程数 / admission workers")] = 2,
) -> None:
    """输出系统服务文件（systemd）/ print the unit: hub unit > /etc/systemd/system/yhb-hub.service."""
    from hub.service import unit as own  # noqa: PLC0415 -- SQLAlchemy's parts are loaded only where they are used

    settings, program = HubSettings.load(folder), Path(sys.executable).parent / "hub"
    typer.echo(own.text(settings, program=program, user=user or settings.folder.owner(), workers=workers), nl=False)
