"""`adapter`: the commands of a county's people. Chinese first, English beside it."""

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from adapters.countyit.conformance import commands as conformance
from adapters.countyit.describing import commands as describing
from adapters.countyit.doctor import commands as doctor
from adapters.countyit.firewall import commands as firewall
from adapters.countyit.joining import commands as joining
from adapters.countyit.recording import commands as recording
from adapters.countyit.renewing import commands as renewing
from adapters.countyit.service import commands as service
from adapters.countyit.status import commands as status
from adapters.countyit.translating import commands as translating
from adapters.hall.hallpage import commands as hallpage
from adapters.hall.people import commands as people
from adapters.hall.printers import commands as printers
from adapters.hall.privacy.retaining import commands as retaining
from adapters.hall.privacy.subject import commands as subject
from adapters.hall.reviewing import commands as reviewing
from adapters.hall.stock import commands as stock
from adapters.hall.verifying import commands as verifying
from adapters.licenses.previewing import commands as previewing
from adapters.settings import CountySettings
from pages import addresses, collecting, logs, wording
from pages.supervising import Supervisor
from pages.terminal import show_codes, show_error, show_explanation
from pages.wording import mark as _
from schemas.errors import YunhuobanError

app = typer.Typer(no_args_is_help=True, help="云伙伴县节点 / a county's node", pretty_exceptions_enable=False)
Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_COUNTY_FOLDER", help="县节点文件夹 / the county's folder")
]
_HERE = Path("var/county")
console = Console()


def main() -> None:
    """Run a command; an error is one sentence in each language and what to do about it."""
    collecting.seldom()
    try:
        app()
    except YunhuobanError as error:
        show_error(error)
        sys.exit(1)


@app.command()
def up(folder: Folder = _HERE) -> None:
    """运行县节点，直到停止 / run the node until it is told to stop."""
    from adapters.countyit.service.running import run  # noqa: PLC0415
    from adapters.node import Node  # noqa: PLC0415 -- renderer, seal and broker are loaded only where they run

    settings = CountySettings.load(folder)
    logs.configure(f"county.{settings.division_code}")
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda _signal, _frame: stop.set())
    run(Node(settings), Supervisor(), stop, started=_say_where)


def _say_where(address: str) -> None:
    # Never into a log file or the journal: whoever reads those must not be able to open the page.
    console.print(address if console.is_terminal else wording.say(_("打印台已启动；用 adapter page 取地址。")))


@app.command()
def page(folder: Folder = _HERE) -> None:
    """打印台的新地址，用一次 / a fresh one-time address of the print desk."""
    console.print(addresses.ask(folder / "page.address"))


@app.command()
def card(
    folder: Folder = _HERE,
    out: Annotated[Path | None, typer.Option("--out", "-o")] = None,
    renews: Annotated[
        Path | None, typer.Option(help="放旧签名密钥的文件夹，换签名密钥时用 / folder of the signing key it replaces")
    ] = None,
) -> None:
    """生成本县登记卡，交给中枢登记 / make this county's card, to be enrolled at the hub. Nothing in it is secret."""
    from adapters.countyit.renewing import cards  # noqa: PLC0415
    from adapters.identity import Identity  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415
    from certs import files  # noqa: PLC0415

    settings = CountySettings.load(folder)
    text = cards.current(settings, Identity.load(settings), now=now(), renews=renews)
    if out is None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)  # a long line broken is no JSON
    else:
        files.write_atomically(out, text.encode())


describing.attach(app)
conformance.attach(app)
doctor.attach(app)
firewall.attach(app)
hallpage.attach(app)
joining.attach(app)
printers.attach(app)
people.attach(app)
translating.attach(app)
renewing.attach(app)
service.attach(app)
status.attach(app)
recording.attach(app)
previewing.attach(app)
verifying.attach(app)
stock.attach(app)
reviewing.attach(app)
subject.attach(app)
retaining.attach(app)

key_app = typer.Typer(no_args_is_help=True, help="本县的加密密钥 / the county's encryption keys")
app.add_typer(key_app, name="key")


@key_app.command("list")
def key_list(folder: Folder = _HERE) -> None:
    """列出本机的加密密钥 / the encryption keys that are here, the present one first."""
    from adapters import keyring  # noqa: PLC0415

    for path, thumbprint in keyring.held(CountySettings.load(folder).certificates).items():
        console.print(f"{thumbprint.hex()}  {path.name}", soft_wrap=True)  # one line each: it is copied into `burn`


@key_app.command("new")
def key_new(
    out: Annotated[Path, typer.Option("--out", "-o", help="证书申请 / the certificate request")],
    folder: Folder = _HERE,
) -> None:
    """生成下一把加密密钥和证书申请 / make the next encryption key and a request for the authority."""
    from adapters import keyring  # noqa: PLC0415
    from certs import files  # noqa: PLC0415

    settings = CountySettings.load(folder)
    files.write_atomically(out, keyring.begin(settings.certificates, settings.division_code))
    console.print(wording.say(_("申请已写入 {file}；请交给发证机构，再用 adapter key take 装入证书。"), file=str(out)))


@key_app.command("take")
def key_take(
    certificate: Annotated[Path, typer.Argument(help="新证书（PEM）/ the new certificate")], folder: Folder = _HERE
) -> None:
    """启用新密钥，旧密钥保留备用 / use the new key; the old one is kept for what still comes."""
    from adapters import keyring  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415
    from certs import keys  # noqa: PLC0415

    settings = CountySettings.load(folder)
    new = keys.load_certificates(certificate)[0]
    keyring.take(settings.certificates, new, settings.division_code, now())
    console.print(wording.say(_("新密钥已启用，运行中的县节点几秒内换用。请把新的登记卡（adapter card）交给中枢。")))


@key_app.command("burn")
def key_burn(
    thumbprint: Annotated[str, typer.Argument(help="指纹，至少 8 位 / thumbprint, 8 characters at least")],
    folder: Folder = _HERE,
) -> None:
    """销毁一把泄露的旧密钥 / destroy an old key that was stolen; what comes for it is asked for anew."""
    from adapters import keyring  # noqa: PLC0415
    from adapters.instants import now  # noqa: PLC0415

    keyring.burn(CountySettings.load(folder).certificates, thumbprint, now())
    console.print(wording.say(_("密钥已销毁，运行中的县节点几秒内放弃它。请发证机构吊销它的证书。")))


@app.command()
def codes(
    words: Annotated[
        str, typer.Argument(help="代码或其一部分，不写则列出全部 / a code or part of it; all without")
    ] = "",
) -> None:
    """查代码：含义、怎么办、出处 / look up a code: what it means, what to do, where it is raised."""
    show_codes(words)


@app.command()
def explain(
    words: Annotated[
        str, typer.Argument(help="代码、标准字段或报文 / a code, a canonical field or a message type", metavar="CODE")
    ],
) -> None:
    """解释一个代码；或一个标准字段怎样填、一种报文有哪些字段 / explain a code, a canonical field, a message type."""
    from adapters.countyit.describing import fields  # noqa: PLC0415 -- the schemas are loaded only where they are asked

    found = fields.named(words)
    if not found:
        show_explanation(words)
        return
    for language in wording.LANGUAGES:
        for line in fields.said(found, language):
            console.print(line, soft_wrap=True, markup=False, highlight=False)


@app.command()
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
