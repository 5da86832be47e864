"""`hub county …`: enrol, list, suspend and revoke; joining and conformance have modules of their own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hub import bootstrap
from hub.bootstrap import Hub
from hub.broker import handles, provision
from hub.commands import conformance, countyrenewals, joining
from hub.commands.acting import at_terminal
from hub.commands.shared import HERE, Folder, console, opened, progress_bar
from hub.instants import now
from hub.record.acts import Act
from hub.record.noting import note
from hub.registry import county, cutting
from pages import wording
from pages.wording import mark as _

Code = Annotated[str, typer.Argument(help="行政区划代码 / division code")]
app = typer.Typer(no_args_is_help=True, help="加入的县 / counties")
joining.attach(app)
countyrenewals.attach(app)
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
        with hub.store.write() as tx:
            for each in parsed:
                note(tx, at_terminal(), Act.COUNTY_ENROLLED, at=now(), about=each.division_code)
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


@app.command("suspend")
def suspend(division_code: Code, folder: Folder = HERE) -> None:
    """停用一个县：准入、连接、权限、打印放行立即断开 / suspend a county, everywhere and at once."""
    _change(division_code, "suspended", folder)
    _say(_("恢复用 hub county resume {county}。"), county=division_code)


@app.command("resume")
def resume(division_code: Code, folder: Folder = HERE) -> None:
    """恢复被停用的县；被吊销的密钥不会因此恢复 / lift a suspension; a revoked key stays revoked."""
    _change(division_code, "active", folder)


@app.command("revoke")
def revoke(division_code: Code, folder: Folder = HERE) -> None:
    """撤销一个县，之后只能用新密钥重新加入 / revoke a county; it comes back by invitation and with new keys only."""
    _change(division_code, "revoked", folder)
    _say(_("请发证机构吊销它的证书（certs revoke），并立即送来新的吊销列表。"))


@app.command("state")
def state(
    division_code: Code,
    wanted: Annotated[str, typer.Argument(metavar="STATE", help="active | suspended | revoked")],
    folder: Folder = HERE,
) -> None:
    """启用、停用或撤销一个县 / activate, suspend or revoke a county: resume, suspend, revoke by one name."""
    if wanted not in county.STATES:
        raise typer.BadParameter(" | ".join(county.STATES))
    _change(division_code, wanted, folder)


def _change(division_code: str, wanted: str, folder: Path) -> None:
    with opened(folder) as hub:
        settings = hub.settings
        told = cutting.change_state(
            hub.store,
            division_code,
            wanted,
            management=(lambda: bootstrap.management(settings)) if _serves(hub) else None,
            vhost=settings.broker.vhost,
            hub_user=bootstrap.HUB_USER,
            also=lambda tx: note(tx, at_terminal(), Act.COUNTY_STATE, at=now(), about=division_code, reason=wanted),
        )
    table = Table("位置 place", "秒 seconds", "")
    table.add_row("准入与打印放行 admission, print grants", f"{told.store_seconds:.2f}", "")
    if told.broker_seconds is None:
        table.add_row("消息服务 broker", "-", "下次启动时 at its next start")
    else:
        closed = f"断开 closed {told.closed}" if wanted != "active" else ""
        table.add_row("权限与连接 permissions, connections", f"{told.broker_seconds:.2f}", closed)
    console.print(table)


def _say(text: str, **params: str) -> None:
    for language in wording.LANGUAGES:
        console.print(wording.say(text, language, **params), soft_wrap=True, markup=False, highlight=False)


def _serves(hub: Hub) -> bool:
    """Whether there is a broker to be told; what it is not told now, its start does (`hub.registry.upkeep`)."""
    return not hub.settings.broker.private or bootstrap.node(hub.settings).status().ready


def _see_that_there_is_room(hub: Hub, codes: Sequence[str]) -> None:
    """Before anything is entered: a county without queues in the store would stop the next start for everybody."""
    with hub.store.read() as tx:
        known = {row.division_code for row in county.listed(tx)}
    with bootstrap.management(hub.settings) as management:
        handles.demand(management, len(known.union(codes)))
