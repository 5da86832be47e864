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
_USER: Final = "User=yunhuoban"
_HOMES: Final = (Path("/home"), Path("/root"))
_CAPABILITIES: Final = ("CapabilityBoundingSet=", "AmbientCapabilities=")
_LOW_PORTS: Final = "CAP_NET_BIND_SERVICE"
_FIRST_FREE_PORT: Final = 1024
_UNFIT: Final = frozenset(" \t\r\n\"'\\%$;:#")


def text(settings: CountySettings, *, program: Path, user: str) -> str:
    """The whole unit. Raises E-NODE-010 for a name that systemd would read otherwise, E-NODE-011 without a program."""
    if not program.is_file():
        raise YunhuobanError(NOT_INSTALLED, place="unit", found=str(program)[:100])
    folders = [settings.folder, *_written(settings)]
    for each in (str(program), user, *map(str, folders)):
        if not each or _UNFIT & set(each):
            raise YunhuobanError(BAD_NAME, place="unit", found=each[:100])
    read = (program, settings.mapping, *_read(settings), *folders)
    homes = any(each.is_relative_to(home) for each in read for home in _HOMES)
    unit = resources.files("adapters.countyit.service").joinpath(NAME).read_text(encoding="utf-8")
    for said, here in (
        (f"ReadWritePaths={_FOLDER}", f"ReadWritePaths={' '.join(dict.fromkeys(map(str, folders)))}"),
        (_PROGRAM, str(program)),
        (_FOLDER, str(settings.folder)),
        (_USER, f"User={user}"),
        ("ProtectHome=true", "ProtectHome=read-only" if homes else "ProtectHome=true"),
        *((each, f"{each}{_LOW_PORTS}") for each in _CAPABILITIES if _has_low_port(settings)),
    ):
        unit = unit.replace(said, here)
    return unit


def _has_low_port(settings: CountySettings) -> bool:
    """Whether the hall's page has a port that needs a capability (capabilities(7)): 443, as browsers expect it."""
    return settings.hall_page is not None and settings.hall_page.port < _FIRST_FREE_PORT


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
