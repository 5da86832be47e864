"""`adapter firewall`: the request to whoever runs the firewall, filled from `county.toml`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from adapters.settings import CountySettings
from pages import wording
from pages.wording import mark as _

console = Console()


def firewall(
    folder: Annotated[
        Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
    ] = Path("var/county"),
    out: Annotated[Path, typer.Option("--out", "-o", help="写到哪个文件 / where the page goes")] = Path(
        "firewall.html"
    ),
    days: Annotated[int, typer.Option(min=1, max=3650, help="申请有效天数 / for how many days it is asked")] = 365,
) -> None:
    """生成一页防火墙申请单，打印后签字盖章 / a one-page firewall request, to be printed, signed and stamped."""
    from adapters.countyit.firewall import needs, sheet  # noqa: PLC0415 -- templates are loaded only where they are filled
    from adapters.instants import now  # noqa: PLC0415
    from certs import files  # noqa: PLC0415
    from pages.frame import BEIJING  # noqa: PLC0415

    today = now().astimezone(BEIJING).date()
    asked = needs.needs(CountySettings.load(folder), today=today, days=days)
    files.write_atomically(out, sheet.html(asked).encode())
    for language in wording.LANGUAGES:
        said = wording.say(_("申请单已写入 {file}；用浏览器打开，打印一页 A4。"), language, file=str(out))
        console.print(said, soft_wrap=True, markup=False, highlight=False)
