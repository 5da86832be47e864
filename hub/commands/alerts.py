"""`hub alerts …`: what is the matter, whether those on call can be reached, and that somebody has taken one on."""

from datetime import UTC, datetime
from typing import Annotated, Final

import typer
from rich.table import Table

from hub.alerting import words
from hub.alerting.desk import StoreAlerts
from hub.alerting.kinds import KINDS
from hub.alerting.plan import FILE, Plan
from hub.commands.shared import HERE, Folder, console, store_of
from hub.instants import now
from hub.settings import HubSettings
from hub.views.bilingual import both, heading, moment
from pages import wording
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare

app = typer.Typer(no_args_is_help=True, help="告警 / alerts")
NOBODY: Final = declare(
    "E-ALERT-004", "{place} 里没有写任何收件人，告警只显示在页面上。", "请照说明写出至少一级 [[step]] 再试。"
)


@app.command("list")
def list_(folder: Folder = HERE) -> None:
    """列出现有告警；有没人确认的则退出码为 1 / list what stands; exit 1 when anything is unacknowledged."""
    table = Table()
    for name in (_("编号"), _("告警"), _("哪里"), _("多少"), _("起"), _("处置手册"), _("已确认")):
        table.add_column(heading(name, "zh"), overflow="fold", no_wrap=name == _("编号"))  # it is copied
    with store_of(folder) as store:
        sheet = StoreAlerts(store, now).sheet()
    for row in sheet.standing:
        kind = KINDS[row.kind]
        place = words.subject(row.subject, sheet.names, "zh")
        acknowledged = f"{row.acknowledged_by}: {row.note}" if row.acknowledged_at else ""
        counted = words.sentence(row, "zh")
        table.add_row(
            row.number, both(kind.title), place, counted, moment(row.since_at), kind.runbook("zh"), acknowledged
        )
    console.print(table)
    if sheet.stale:
        console.print(both(_("看护进程已有五分钟没有检查，下面的内容可能过时；请确认 hub up 在运行。")))
    if any(row.acknowledged_at is None for row in sheet.standing):
        raise typer.Exit(1)


@app.command("test")
def send_test(folder: Folder = HERE) -> None:
    """给每一级发一条测试通知 / send each step a notice that is a test; exit 1 when anybody was not reached."""
    settings = HubSettings.load(folder)
    plan = Plan.load(settings.folder)
    if not plan.steps:
        raise YunhuobanError(NOBODY, place=FILE)
    failed = False
    for step in plan.steps:
        title = " / ".join(wording.say(_("云伙伴测试通知"), each) for each in wording.LANGUAGES)
        said = _("这是一条测试，不必处理。级别：{name}，发自 {origin}，{at}。")
        at = moment(datetime.now(UTC))
        text = both(said, name=step.name, origin=settings.origin, at=at)
        try:
            trouble = step.channels.tell(title, text)
        except YunhuobanError as error:
            trouble = error
        failed = failed or trouble is not None
        console.print(step.name, f"✕ {trouble.code.code} {trouble.found}" if trouble else "✓")
    if failed:
        raise typer.Exit(1)


@app.command("acknowledge")
def acknowledge(
    number: Annotated[str, typer.Argument(help="告警编号 / the alert's number")],
    by: Annotated[str, typer.Option(help="谁在处理，写账号 / whose account takes it on")],
    note: Annotated[str, typer.Option(prompt="处理情况 note", help="怎么处理 / what is being done")],
    folder: Folder = HERE,
) -> None:
    """确认一条告警，不再上报下一级 / take an alert on; it goes to nobody else."""
    with store_of(folder) as store:
        StoreAlerts(store, now).acknowledge(number, by=by[:60], note=note)
    console.print(both(_("已确认。")))
