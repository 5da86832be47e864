"""`hub county …`: enrol, list, suspend and revoke."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hub import bootstrap, county
from hub.broker import provision
from hub.commands.shared import HERE, Folder, console, opened
from hub.instants import now
from pages import wording
from pages.wording import mark as _

app = typer.Typer(no_args_is_help=True, help="加入的县 / counties")


@app.command("add")
def add(card: Annotated[Path, typer.Argument(help="县登记卡 / the county's card")], folder: Folder = HERE) -> None:
    """登记一个县 / enrol a county from its card."""
    parsed = county.Card.parse(card.read_text(encoding="utf-8"))
    with opened(folder) as hub:
        with hub.store.write() as tx:
            county.enrol(tx, parsed, chains=hub.chains(), now=now())
            codes = [row.division_code for row in county.listed(tx) if row.state == "active"]
        if not hub.settings.broker.private or bootstrap.node(hub.settings).status().ready:
            with bootstrap.management(hub.settings) as management:
                provision.provision(
                    management, vhost=hub.settings.broker.vhost, hub_user=bootstrap.HUB_USER, counties=codes
                )
    console.print(wording.say(_("已登记 {county}。"), county=f"{parsed.name} {parsed.division_code}"))


@app.command("list")
def list_(folder: Folder = HERE) -> None:
    """列出各县 / list the counties."""
    table = Table("代码 code", "名称 name", "状态 state", "联系 contact", "电话 telephone")
    with opened(folder) as hub, hub.store.read() as tx:
        for row in county.listed(tx):
            table.add_row(row.division_code, row.name, row.state, row.contact, row.telephone)
    console.print(table)


@app.command("state")
def state(
    division_code: str,
    wanted: Annotated[str, typer.Argument(metavar="STATE", help="active | suspended | revoked")],
    folder: Folder = HERE,
) -> None:
    """启用、停用或撤销一个县 / activate, suspend or revoke a county; it counts from the next batch on."""
    if wanted not in county.STATES:
        raise typer.BadParameter(" | ".join(county.STATES))
    with opened(folder) as hub:
        with hub.store.write() as tx:
            county.set_state(tx, division_code, wanted)
            active = [row.division_code for row in county.listed(tx) if row.state == "active"]
        with bootstrap.management(hub.settings) as management:
            vhost = hub.settings.broker.vhost
            if wanted != "active":
                provision.cut_off(management, vhost=vhost, county=division_code)
            provision.provision(management, vhost=vhost, hub_user=bootstrap.HUB_USER, counties=active)
