"""`adapter unit`: the systemd unit for this county's node, to be put where systemd looks."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from adapters.settings import CountySettings


def attach(app: typer.Typer) -> None:
    """Give the command to `adapter`."""
    app.command()(unit)


def unit(
    folder: Annotated[
        Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
    ] = Path("var/county"),
    user: Annotated[str, typer.Option(help="运行用户，默认是文件夹的主人 / run as; the folder's owner without")] = "",
) -> None:
    """输出系统服务文件（systemd）/ print the unit: adapter unit > /etc/systemd/system/yhb-county.service."""
    from adapters.countyit.service import unit as own  # noqa: PLC0415 -- SQLAlchemy is loaded only where it is used

    settings, program = CountySettings.load(folder), Path(sys.executable).parent / "adapter"
    typer.echo(own.text(settings, program=program, user=user or settings.folder.owner()), nl=False)
