"""The systemd unit of one county's node: the one in this folder, with this machine's program, folder and user in it.

What the node has to write besides its own folder (a folder that files are exchanged in, a local SQLite database) is
read from `county.toml`: everything else is closed to it.
"""

from importlib import resources
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from adapters.settings import CountySettings
from pages.systemdunit import Machine, filled, is_low
from schemas.errors import YunhuobanError, declare

BAD_NAME: Final = declare(
    "E-NODE-010",
    "“{found}”不能写进系统服务文件：路径或用户名里有空白、引号、百分号等字符。",
    "请换用只有字母、数字、点、横线、下划线的路径和用户名。",
)
NOT_INSTALLED: Final = declare(
    "E-NODE-011",
    "这里没有安装好的 adapter 程序，写不出服务文件。",
    "请先安装（docs/zh-CN/running.md），再用安装目录里的 adapter 运行本命令。",
)
NAME: Final = "yhb-county.service"
_PROGRAM: Final = "/opt/yunhuoban/.venv/bin/adapter"
_FOLDER: Final = "/var/lib/yunhuoban/county"


def text(settings: CountySettings, *, program: Path, user: str) -> str:
    """The whole unit. Raises E-NODE-010 for a name that systemd would read otherwise, E-NODE-011 without a program."""
    if not program.is_file():
        raise YunhuobanError(NOT_INSTALLED, place="unit", found=str(program)[:100])
    hall = settings.hall_page
    machine = Machine(
        program=program,
        user=user,
        folder=settings.folder,
        written=tuple(_written(settings)),
        read=(settings.mapping, *_read(settings)),
        has_low_port=is_low([hall.port if hall is not None else None]),
    )
    unfit = machine.unfit()
    if unfit is not None:
        raise YunhuobanError(BAD_NAME, place="unit", found=unfit[:100])
    unit = resources.files("adapters.countyit.service").joinpath(NAME).read_text(encoding="utf-8")
    return filled(unit, machine, program=_PROGRAM, folder=_FOLDER)


def _read(settings: CountySettings) -> list[Path]:
    """The hall's own certificate and key, where it has them."""
    hall = settings.hall_page
    return [settings.folder / each for each in (hall.certificate, hall.key) if each] if hall is not None else []


def _written(settings: CountySettings) -> list[Path]:
    """Folders outside the node's own that it reads with a trace (SQLite's log) or writes."""
    found = []
    for place in (settings.local_read, settings.local_write, settings.store_url):
        if "://" not in place:
            found += [settings.folder / place] if place else []
            continue
        try:
            url = make_url(place)
        except ArgumentError:
            continue  # opening it will say what is wrong with it
        if url.get_backend_name() == "sqlite" and url.database:
            found.append((settings.folder / url.database).parent)
    return [each for each in found if not each.is_relative_to(settings.folder)]
