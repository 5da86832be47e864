"""`hub backup …` and `hub restore …`: save the hub while it runs, and make a hub of a backup again."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import func, select
from typer.core import TyperGroup

from certs import files, keys
from hub.backup import reading, restoring, writing
from hub.commands.acting import at_terminal
from hub.commands.shared import HERE, Folder, console, opened, store_of
from hub.evidence import verify as verifying
from hub.history import restoration
from hub.instants import from_millis, now
from hub.record.acts import Act
from hub.record.noting import note
from hub.settings import HubSettings
from hub.store import tables
from hub.views.bilingual import heading, moment
from pages import wording
from pages.wording import mark as _
from schemas.errors import YunhuobanError


class _Group(TyperGroup):
    """A group whose first command may be left out: `hub backup FILE` is `hub backup make FILE`."""

    usual = ""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the usual command first when none is named."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [self.usual, *args]
        return super().parse_args(ctx, args)


class _Backup(_Group):
    usual = "make"


class _Restore(_Group):
    usual = "run"


app = typer.Typer(cls=_Backup, no_args_is_help=True, help="备份（运行中即可）/ back up, while running")
restore_app = typer.Typer(cls=_Restore, no_args_is_help=True, help="从备份恢复 / restore from a backup")

KeyFile = Annotated[Path, typer.Option("--key", help="恢复私钥 / the recovery key's private half")]


@app.command("key")
def key(
    private: Annotated[Path, typer.Argument(help="私钥存到哪里，交他人离线保管 / where the private half goes")],
    folder: Folder = HERE,
) -> None:
    """生成恢复密钥：公钥留在中枢，私钥离开本机 / make the recovery key pair."""
    public = HubSettings.load(folder).certificates / writing.RECOVERY_KEY
    for each in (private, public):
        if each.exists():
            raise YunhuobanError(writing.FILE_EXISTS, place=each.name)
    pair = keys.generate_key()
    keys.save_private_key(pair, private)
    keys.save_public_key(pair.public_key(), public)
    console.print(
        wording.say(_("已生成。请把私钥文件移到另一处、交另一人保管；没有它，任何备份都打不开。")),
        "/ keep it elsewhere.",
    )


@app.command("make")
def make(
    target: Annotated[Path, typer.Argument(metavar="FILE|FOLDER", help="写到哪里 / where to")], folder: Folder = HERE
) -> None:
    """备份到文件或文件夹 / write a backup to a file or into a folder."""
    with opened(folder) as hub, Progress(console=console, transient=True) as bar:
        task = bar.add_task(wording.say(_("备份")), total=None)
        written = writing.write(
            hub.store,
            hub.settings,
            path=target,
            now=now(),
            told=lambda done, total: bar.update(task, completed=done, total=total),
        )
    console.print(f"{written} · {written.stat().st_size} B")


@app.command("check")
def check(
    file: Path,
    private: Annotated[
        Path | None, typer.Option("--key", help="恢复私钥；不给则只显示清单 / or show the manifest")
    ] = None,
) -> None:
    """核验一份备份 / verify a backup; without the key only its manifest is shown."""
    said = reading.manifest(file)
    table = Table.grid(padding=(0, 2))
    for name in ("made_at", "origin", "version", "epoch", "size", "root", "recovery_key"):
        table.add_row(name, str(getattr(said, name)))
    console.print(table)
    if private is not None:
        rows = reading.check(file, keys.load_private_key(private))
        console.print(wording.say(_("备份完整，共 {count} 行。"), count=sum(rows.values())), "/ the backup is whole.")


@restore_app.command("run")
def run(
    file: Path,
    private: KeyFile,
    folder: Annotated[Path, typer.Option("--folder", "-d", help="新的空文件夹 / a new, empty folder")],
    trust: Annotated[
        Path | None, typer.Option("--trust", help="别处保管的信任文件，防备份被调换 / a trust file kept elsewhere")
    ] = None,
    epoch: Annotated[int | None, typer.Option("--epoch", help="指定纪元编号 / the new epoch's number")] = None,
) -> None:
    """恢复到空文件夹，开启新纪元 / restore into an empty folder and open a new epoch."""
    pinned = verifying.parse_trust(files.read(trust)).checkpoint_certificates if trust else None
    done = restoring.restore(
        file, key=keys.load_private_key(private), folder=folder, clock=now, epoch=epoch, pinned=pinned
    )
    with store_of(folder) as store, store.write() as tx:
        note(tx, at_terminal(), Act.RESTORED, at=now(), about=f"epoch {done.epoch}")
    said = _("已恢复到 {at} 的状态，账本 {size} 条，新纪元 {epoch}。在 {count} 个县报告之前，打印不会放行。")
    console.print(
        wording.say(said, at=moment(done.backed_up_at), size=done.size, epoch=done.epoch, count=len(done.awaited)),
        "/ restored; prints wait for the counties' reports.",
    )


@restore_app.command("report")
def report(folder: Folder = HERE) -> None:
    """恢复后各县的报告 / which counties have reported; exit 1 while one is awaited."""
    table = Table(*(heading(name, "zh") for name in (_("县"), _("恢复报告"), _("时间"), _("说明"))))
    waiting = tables.restore_counties
    with opened(folder) as hub, hub.store.read() as tx:
        newest = select(func.max(waiting.c.epoch)).scalar_subquery()
        rows = tx.execute(select(waiting).where(waiting.c.epoch == newest).order_by(waiting.c.county)).all()
        left = restoration.unsettled(tx)
    for row in rows:
        why = f"{row.set_aside_by}, {row.witness}: {row.reason}" if row.reason else ""
        table.add_row(row.county, row.state, moment(from_millis(row.settled_at)) if row.settled_at else "", why)
    console.print(table)
    if left:
        console.print(wording.say(_("还有 {count} 份交还的报文在等候办件的前一步。"), count=left))
    if any(row.state == "awaited" for row in rows):
        raise typer.Exit(1)


@restore_app.command("set-aside")
def set_aside(
    county: str,
    by: Annotated[list[str], typer.Option("--by", help="两个人，各一次 / two persons, once each")],
    reason: Annotated[str, typer.Option("--reason", help="原因 / why")],
    folder: Folder = HERE,
) -> None:
    """两人共同搁置一个不报告的县 / two persons set aside a county that does not report."""
    with opened(folder) as hub, hub.store.write() as tx:
        restoration.set_aside(tx, county, by=by, reason=reason, now=now())
        note(tx, at_terminal(), Act.COUNTY_SET_ASIDE, at=now(), about=county, reason=reason)
    console.print(wording.say(_("已搁置 {county}。"), county=county))
