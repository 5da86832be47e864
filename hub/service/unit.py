"""The systemd unit of a hub: the one in this folder, with this machine's program, folder, user and workers in it.

What the hub has to write besides its own folder (a store elsewhere) is read from `hub.toml`: everything else is closed.
"""

from importlib import resources
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from hub.settings import HubSettings
from pages.systemdunit import Machine, filled, is_low
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
_WORKERS: Final = "--workers 2"


def text(settings: HubSettings, *, program: Path, user: str, workers: int) -> str:
    """The whole unit. Raises E-CONF-004 for a name that systemd would read otherwise, E-CONF-005 without a program."""
    if not program.is_file():
        raise YunhuobanError(NOT_INSTALLED, place="unit", found=str(program)[:100])
    machine = Machine(
        program=program,
        user=user,
        folder=settings.folder,
        written=tuple(_written(settings)),
        read=tuple(_read(settings)),
        has_low_port=is_low(_ports(settings)),
    )
    unfit = machine.unfit()
    if unfit is not None:
        raise YunhuobanError(BAD_NAME, place="unit", found=unfit[:100])
    unit = resources.files("hub.service").joinpath(NAME).read_text(encoding="utf-8")
    return filled(unit, machine, program=_PROGRAM, folder=_FOLDER).replace(_WORKERS, f"--workers {workers}")


def _ports(settings: HubSettings) -> tuple[int | None, ...]:
    """Those of the pages that other machines reach."""
    web = settings.web.port if settings.web.address is not None else None
    return web, settings.joining.port, settings.scanning.port


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
