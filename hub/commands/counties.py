"""`hub county …`: enrol, list, suspend and revoke; joining and conformance have modules of their own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hub import bootstrap, county
from hub.bootstrap import Hub
from hub.broker import handles, provision
from hub.commands import conformance, joining
from hub.commands.shared import HERE, Folder, console, opened, progress_bar
from hub.instants import now
from pages import wording
from pages.wording import mark as _

app = typer.Typer(no_args_is_help=True, help="加入的县 / counties")
joining.attach(app)
conformance.attach(app)


@app.command("add")
def add(
    cards: Annotated[list[Path], typer.Argument(help="县登记卡，或放登记卡的文件夹 / cards, or folders of cards")],
    folder: Folder = HERE,
) -> None:
    """登记县，可以一次登记许多 / enrol counties from their cards, as many as there are."""
    parsed = county.read_cards(cards)
    with opened(folder) as hub, progress_bar(len(parsed) > 1) as bar:
        if _serves(hub):
            _see_that_there_is_room(hub, [each.division_code for each in parsed])
        entered = bar.add_task(wording.say(_("登记")), total=len(parsed))
        county.enrol_many(
            hub.store, parsed, chains=hub.chains(), now=now(), progress=lambda more: bar.advance(entered, more)
        )
        with hub.store.read() as tx:
            active = frozenset(county.active(tx))
        codes = [each.division_code for each in parsed if each.division_code in active]
        if _serves(hub):  # asked again: a node that is ready later provides for whoever is entered by now
            laid_out = bar.add_task(wording.say(_("队列与权限")), total=len(codes))
            with bootstrap.management(hub.settings) as management:
                provision.admit(
                    management,
                    vhost=hub.settings.broker.vhost,
                    hub_user=bootstrap.HUB_USER,
                    counties=codes,
                    progress=lambda more: bar.advance(laid_out, more),
                )
    if len(parsed) == 1:
        (one,) = parsed
        console.print(wording.say(_("已登记 {county}。"), county=f"{one.name} {one.division_code}"))
    else:
        console.print(wording.say(_("已登记 {count} 个县。"), count=str(len(parsed))))


@app.command("list")
def list_(folder: Folder = HERE) -> None:
    """列出各县 / list the counties."""
    table = Table("代码 code", "名称 name", "状态 state", "标准 contract", "联系 contact", "电话 telephone")
    with opened(folder) as hub, hub.store.read() as tx:
        stated = county.contract_versions(tx)
        for row in county.listed(tx):
            reads = ", ".join(stated[row.division_code]) or "-"
            table.add_row(row.division_code, row.name, row.state, reads, row.contact, row.telephone)
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
        if not _serves(hub):
            return  # the next start does it
        with bootstrap.management(hub.settings) as management:
            vhost = hub.settings.broker.vhost
            if wanted == "active":
                provision.admit(management, vhost=vhost, hub_user=bootstrap.HUB_USER, counties=[division_code])
            else:
                provision.cut_off(management, vhost=vhost, county=division_code)


def _serves(hub: Hub) -> bool:
    """Whether there is a broker to be told; what it is not told now, its start does (`hub.upkeep`)."""
    return not hub.settings.broker.private or bootstrap.node(hub.settings).status().ready


def _see_that_there_is_room(hub: Hub, codes: Sequence[str]) -> None:
    """Before anything is entered: a county without queues in the store would stop the next start for everybody."""
    with hub.store.read() as tx:
        known = {row.division_code for row in county.listed(tx)}
    with bootstrap.management(hub.settings) as management:
        handles.demand(management, len(known.union(codes)))
