"""The systemd unit of a hub: the one in this folder, with this machine's program, folder, user and workers in it.

What the hub has to write besides its own folder (a store elsewhere) is read from `hub.toml`: everything else is closed.
"""

from importlib import resources
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from hub.settings import HubSettings
from schemas.errors import YunhuobanError, declare

BAD_NAME: Final = declare(
    "E-CONF-004",
    "“{found}”不能写进中枢的系统服务文件：路径或用户名为空，或里面有空白、引号、百分号等字符。",
    "请换用只有字母、数字、点、横线、下划线的路径和用户名，再运行 hub unit。",
)
NOT_INSTALLED: Final = declare(
    "E-CONF-005",
    "这里没有安装好的 hub 程序，写不出服务文件。",
    "请先安装（docs/zh-CN/running.md），再用安装目录里的 hub 运行本命令。",
)
NAME: Final = "yhb-hub.service"
_PROGRAM: Final = "/opt/yunhuoban/.venv/bin/hub"
_FOLDER: Final = "/var/lib/yunhuoban/hub"
_USER: Final = "User=yunhuoban"
_WORKERS: Final = "--workers 2"
_HOMES: Final = (Path("/home"), Path("/root"))
_CAPABILITIES: Final = ("CapabilityBoundingSet=", "AmbientCapabilities=")
_LOW_PORTS: Final = "CAP_NET_BIND_SERVICE"
_FIRST_FREE_PORT: Final = 1024
_UNFIT: Final = frozenset(" \t\r\n\"'\\%$;:#")


def text(settings: HubSettings, *, program: Path, user: str, workers: int) -> str:
    """The whole unit. Raises E-CONF-004 for a name that systemd would read otherwise, E-CONF-005 without a program."""
    if not program.is_file():
        raise YunhuobanError(NOT_INSTALLED, place="unit", found=str(program)[:100])
    folders = [settings.folder, *_written(settings)]
    for each in (str(program), user, *map(str, folders)):
        if not each or _UNFIT & set(each):
            raise YunhuobanError(BAD_NAME, place="unit", found=each[:100])
    homes = any(each.is_relative_to(home) for each in (program, *_read(settings), *folders) for home in _HOMES)
    unit = resources.files("hub.service").joinpath(NAME).read_text(encoding="utf-8")
    for said, here in (
        (f"ReadWritePaths={_FOLDER}", f"ReadWritePaths={' '.join(dict.fromkeys(map(str, folders)))}"),
        (_PROGRAM, str(program)),
        (_FOLDER, str(settings.folder)),
        (_USER, f"User={user}"),
        (_WORKERS, f"--workers {workers}"),
        ("ProtectHome=true", "ProtectHome=read-only" if homes else "ProtectHome=true"),
        *((each, f"{each}{_LOW_PORTS}") for each in _CAPABILITIES if _has_low_port(settings)),
    ):
        unit = unit.replace(said, here)
    return unit


def _has_low_port(settings: HubSettings) -> bool:
    """Whether a page has a port that needs a capability (capabilities(7)): 443, as browsers expect it."""
    web = settings.web.port if settings.web.address is not None else None
    asked = (web, settings.joining.port, settings.scanning.port)
    return any(port is not None and port < _FIRST_FREE_PORT for port in asked)


def _read(settings: HubSettings) -> list[Path]:
    """Certificates, keys and the password that may lie elsewhere."""
    pages = (settings.web, settings.scanning)
    files = [settings.folder / each for page in pages for each in (page.certificate, page.key)]
    password = settings.broker.management_password_file
    return [*files, settings.folder / password] if password is not None else files


def _written(settings: HubSettings) -> list[Path]:
    """The folder of a store outside the hub's own: SQLite keeps its log beside the file."""
    try:
        url = make_url(settings.database)
    except ArgumentError:
        return []  # opening it will say what is wrong with it
    if url.get_backend_name() != "sqlite" or not url.database:
        return []
    store = (settings.folder / url.database).parent
    return [] if store.is_relative_to(settings.folder) else [store]
