"""`adapter fork`: the alarms about a journal that was shown in two forms, and their evidence."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from adapters.settings import CountySettings

Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]
_HERE: Final = Path("var/county")
console = Console()


def fork(
    folder: Folder = _HERE,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="导出证据 / write the evidence here")] = None,
    acknowledge: Annotated[int, typer.Option(help="确认这一编号的告警 / acknowledge this alarm")] = 0,
    by: Annotated[str, typer.Option(help="确认人 / who acknowledges")] = "",
) -> None:
    """分叉告警：查看、导出证据、确认后恢复收发 / fork alarms: look, export, acknowledge; exit 1 while one is open."""
    from adapters.instants import from_millis, now  # noqa: PLC0415
    from adapters.journal import forkalarm  # noqa: PLC0415
    from adapters.store import open_store  # noqa: PLC0415
    from certs import files  # noqa: PLC0415

    store = open_store(CountySettings.load(folder).database)
    try:
        if acknowledge:
            if not by.strip():
                raise typer.BadParameter("--by")
            with store.write() as tx:
                forkalarm.acknowledge(tx, acknowledge, by=by.strip(), now=now())
        with store.read() as tx:
            alarms = forkalarm.alarms(tx)
    finally:
        store.close()
    shown = Table("编号 number", "代码 code", "纪元/条数 epoch/size", "时间 time", "确认 acknowledged")
    for each in alarms:
        at = from_millis(each.found_at).isoformat()
        place = f"{each.epoch}/{each.size}"
        shown.add_row(str(each.number), each.code.code, place, at, each.acknowledged_by or "—")
    console.print(shown)
    if out is not None and alarms:
        files.write_atomically(out, alarms[-1].evidence)
        console.print(str(out))
    if any(each.acknowledged_at is None for each in alarms):
        raise typer.Exit(1)
