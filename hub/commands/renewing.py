"""`hub renew …`: the hub's own certificates, renewed while it runs."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from certs import keys
from certs.renewal import span
from hub.commands.acting import at_terminal
from hub.commands.shared import HERE, Folder, console, opened
from hub.instants import now
from hub.record.acts import Act
from hub.record.noting import note
from hub.renewing import own
from hub.settings import HubSettings
from pages import wording
from pages.wording import mark as _

app = typer.Typer(no_args_is_help=True, help="中枢自己的证书续期 / renewing the hub's own certificates")


@app.command("list")
def list_(folder: Folder = HERE) -> None:
    """中枢自己的证书各到什么时候 / until when each of the hub's own certificates holds."""
    table = Table("证书 certificate", "到期 ends", "还有 days left", "宜续期 renew from")
    at, certificates = now(), HubSettings.load(folder).certificates
    for name in own.ROLES:
        each = span(keys.load_certificates(certificates / f"{name}.pem")[0])
        days = f"[red]{each.days_left(at)}[/]" if each.warns(at) else str(each.days_left(at))
        table.add_row(name, f"{each.ends_at:%Y-%m-%d}", days, f"{each.renew_at:%Y-%m-%d}")
    console.print(table)


@app.command("request")
def request(
    out: Annotated[Path, typer.Option("--out", "-o", help="文件夹 / folder")],
    folder: Folder = HERE,
) -> None:
    """生成新密钥，写出证书申请和发证命令 / make the next keys, write requests and what the authority types."""
    for each in own.request(HubSettings.load(folder).certificates, out):
        hosts = [f"--dns {name}" for name in each.dns] + [f"--address {address}" for address in each.addresses]
        words = ["certs issue AUTHORITY", each.role, each.subject, "--request", each.path.name, *hosts]
        words += ["--out", each.path.with_suffix(".pem").name]
        console.print(" ".join(words), soft_wrap=True, markup=False, highlight=False)


@app.command("take")
def take(
    chains: Annotated[list[Path], typer.Argument(help="签发的证书链（PEM）/ the chains that were issued")],
    folder: Folder = HERE,
) -> None:
    """换上新证书，不停机；旧签名证书留在目录中直到期满 / use the new ones without a stop; old signers stay listed."""
    with opened(folder) as hub:
        changed = own.take(hub.settings.certificates, chains, chains=hub.chains(), now=now())
        with hub.store.write() as tx:
            note(tx, at_terminal(), Act.HUB_RENEWED, at=now(), about=" ".join(changed))
    for language in wording.LANGUAGES:
        said = wording.say(_("已换上：{names}。hub up 会自动逐个换用；单独运行的进程请逐个重新启动。"), language,
                           names=", ".join(changed))  # fmt: skip
        console.print(said, soft_wrap=True, markup=False, highlight=False)
