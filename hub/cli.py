"""`hub`: the commands of the people who run the hub. Chinese first, English beside it."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from hub import bootstrap, county, deadletters, provision, worker
from hub.bootstrap import Hub
from hub.instants import now
from hub.settings import HubSettings
from pages import addresses, logs, wording
from pages.wording import mark as _
from schemas.errors import YunhuobanError

app = typer.Typer(no_args_is_help=True, help="云伙伴中枢 / the Yunhuoban hub", pretty_exceptions_enable=False)
broker_app = typer.Typer(no_args_is_help=True, help="本机自带的消息服务 / the private RabbitMQ node")
county_app = typer.Typer(no_args_is_help=True, help="加入的县 / counties")
dead_app = typer.Typer(no_args_is_help=True, help="死信 / dead letters")
app.add_typer(broker_app, name="broker")
app.add_typer(county_app, name="county")
app.add_typer(dead_app, name="dead")

Folder = Annotated[
    Path, typer.Option("--folder", "-d", envvar="YHB_HUB_FOLDER", help="中枢数据文件夹 / the hub's data folder")
]
_HERE = Path("var/hub")
console = Console()


def main() -> None:
    """Run a command; an error is one sentence in each language and what to do about it."""
    try:
        app()
    except YunhuobanError as error:
        show_error(error)
        sys.exit(1)


def show_error(error: YunhuobanError) -> None:
    """Print an error for a person, to stderr."""
    out = Console(stderr=True)
    for language in ("zh", "en"):
        said = wording.sentence(error, language)
        out.print(f"[bold]{said.code}[/bold] {said.sentence} {said.remedy}", highlight=False)
    details = " · ".join(part for part in (error.place, error.found, error.expected and f"→ {error.expected}") if part)
    if details:
        out.print(details, style="dim", highlight=False)


@contextmanager
def opened(folder: Path) -> Iterator[Hub]:
    """An opened hub, closed at the end."""
    with opened_with(HubSettings.load(folder)) as hub:
        yield hub


@contextmanager
def opened_with(settings: HubSettings) -> Iterator[Hub]:
    """The same, from settings that are loaded already."""
    hub = Hub(settings)
    try:
        yield hub
    finally:
        hub.close()


@broker_app.command("start")
def broker_start(folder: Folder = _HERE) -> None:
    """启动消息服务并核对约定 / start the node and apply the contract."""
    settings = HubSettings.load(folder)
    start_broker(settings)
    console.print(wording.say(_("消息服务已就绪。")), "/ the broker is ready.")


@broker_app.command("stop")
def broker_stop(folder: Folder = _HERE) -> None:
    """停止消息服务 / stop the node."""
    bootstrap.node(HubSettings.load(folder)).stop()


@broker_app.command("status")
def broker_status(folder: Folder = _HERE) -> None:
    """消息服务是否在运行 / whether the node runs."""
    status = bootstrap.node(HubSettings.load(folder)).status()
    console.print({"running": status.running, "ready": status.ready, "pid": status.pid})
    if not status.ready:
        raise typer.Exit(1)


def start_broker(settings: HubSettings) -> None:
    """Start the private node if there is to be one, and apply topology and permissions for all counties."""
    with opened_with(settings) as hub:
        hub.revocation_folder().run_once(now())
        if settings.broker.private:
            own = bootstrap.node(settings)
            own.start()
            own.wait_ready()
        with hub.store.read() as tx:
            codes = [row.division_code for row in county.listed(tx) if row.state == "active"]
        with bootstrap.management(settings) as management:
            provision.provision(
                management, vhost=settings.broker.vhost, hub_user=bootstrap.HUB_USER, counties=codes
            )


@app.command()
def run(
    role: Annotated[str, typer.Argument(help="admission | express | keeper")],
    folder: Folder = _HERE,
    index: Annotated[int, typer.Option(help="第几个 / which of the workers, from 0")] = 0,
    count: Annotated[int, typer.Option(help="共几个 / how many workers there are")] = 1,
) -> None:
    """运行一个工作进程 / run one worker process until it is told to stop."""
    logs.configure(f"hub.{role}")
    stop = _stop_event()
    with opened(folder) as hub:
        match role:
            case "admission":
                worker.run_admission(hub, stop, index=index, count=count)
            case "express":
                worker.run_express(hub, stop)
            case "keeper":
                worker.run_keeper(hub, stop)
            case _:
                raise typer.BadParameter("admission | express | keeper")


@app.command()
def web(folder: Folder = _HERE) -> None:
    """运行中枢页面 / serve the hub's pages."""
    from hub.overviewsource import StoreOverview  # noqa: PLC0415 -- the pages are loaded only where they are served
    from hub.web.overview import build_app  # noqa: PLC0415
    from pages.access import Access  # noqa: PLC0415
    from pages.serving import Serving  # noqa: PLC0415

    logs.configure("hub.web")
    stop = _stop_event()
    with opened(folder) as hub, bootstrap.management(hub.settings) as management:
        access, port = Access(), hub.settings.web_port
        address = addresses.AddressFile(hub.settings.folder / "web.address", access, port)
        with Serving(build_app(StoreOverview(hub.store, management, hub.settings), access), port=port):
            console.print(address.offer())
            while not stop.wait(0.2):
                address.keep_fresh()
        address.withdraw()


@app.command()
def page(folder: Folder = _HERE) -> None:
    """中枢页面的新地址，用一次 / a fresh one-time address of the hub's pages."""
    console.print(addresses.ask(folder / "web.address"))


@app.command()
def up(
    folder: Folder = _HERE,
    workers: Annotated[int, typer.Option(help="受理进程数 / admission workers")] = 1,
    pages_too: Annotated[bool, typer.Option("--pages/--no-pages", help="页面 / pages")] = True,
) -> None:
    """一起启动消息服务、工作进程与页面 / broker, workers and pages together, until Ctrl-C."""
    settings = HubSettings.load(folder)
    start_broker(settings)
    commands = [["run", "admission", "--index", str(i), "--count", str(workers)] for i in range(workers)]
    commands += [["run", "express"], ["run", "keeper"]] + ([["web"]] if pages_too else [])
    stop = _stop_event()
    children = [_spawn(command, folder) for command in commands]
    try:
        while not stop.wait(0.5):
            for i, child in enumerate(children):
                if child.poll() is not None:  # a worker that died is replaced; its messages are still in the queue
                    children[i] = _spawn(commands[i], folder)
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(timeout=20)
        if settings.broker.private:
            bootstrap.node(settings).stop()


@county_app.command("add")
def county_add(card: Annotated[Path, typer.Argument(help="县登记卡 / the county's card")], folder: Folder = _HERE) -> None:
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


@county_app.command("list")
def county_list(folder: Folder = _HERE) -> None:
    """列出各县 / list the counties."""
    with opened(folder) as hub, hub.store.read() as tx:
        table = Table("代码 code", "名称 name", "状态 state", "联系 contact", "电话 telephone")
        for row in county.listed(tx):
            table.add_row(row.division_code, row.name, row.state, row.contact, row.telephone)
    console.print(table)


@county_app.command("state")
def county_state(
    division_code: str,
    state: Annotated[str, typer.Argument(help="active | suspended | revoked")],
    folder: Folder = _HERE,
) -> None:
    """启用、停用或撤销一个县 / activate, suspend or revoke a county; it counts from the next batch."""
    if state not in county.STATES:
        raise typer.BadParameter(" | ".join(county.STATES))
    with opened(folder) as hub:
        with hub.store.write() as tx:
            county.set_state(tx, division_code, state)
        with bootstrap.management(hub.settings) as management:
            if state == "active":
                provision.provision(
                    management, vhost=hub.settings.broker.vhost, hub_user=bootstrap.HUB_USER, counties=[division_code]
                )
            else:
                provision.cut_off(management, vhost=hub.settings.broker.vhost, county=division_code)


@app.command()
def trace(case_no: str, folder: Folder = _HERE) -> None:
    """一件办件的全程 / the whole ladder of one case, with the seconds between rungs."""
    from hub import trace as tracing  # noqa: PLC0415

    with opened(folder) as hub, hub.store.read() as tx:
        console.print(tracing.render(tracing.trace(tx, case_no)))


@app.command()
def status(folder: Folder = _HERE) -> None:
    """中枢现状 / how the hub stands."""
    from hub import status as standing  # noqa: PLC0415

    with opened(folder) as hub, bootstrap.management(hub.settings) as management, hub.store.read() as tx:
        console.print(standing.render(standing.status(tx, management, settings=hub.settings, now=now())))


@app.command()
def proof(
    case_no: str,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="存为文件 / write to this file")] = None,
    trust_out: Annotated[Path | None, typer.Option(help="另存信任文件 / write the trust file, to be handed over by another way")] = None,
    folder: Folder = _HERE,
) -> None:
    """一件办件的存证文件 / one file that proves what happened in a case."""
    from hub import proof as proving  # noqa: PLC0415
    from hub import verify as verifying  # noqa: PLC0415

    with opened(folder) as hub, hub.store.read() as tx:
        data = proving.make_proof(tx, case_no, keys=hub.keys)
        target = out or Path(f"{case_no}.proof.json")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        if trust_out is not None:
            verifying.write_trust(trust_out, keys=hub.keys, trial=hub.settings.trial)
    console.print(str(target))


@app.command()
def verify(
    file: Path, trust: Annotated[Path, typer.Option("--trust", help="信任文件 / the trust file")]
) -> None:
    """不联网核验一份存证文件 / verify a proof offline; exit 1 when anything is not in order."""
    from hub import verify as verifying  # noqa: PLC0415

    found = verifying.verify_proof(file.read_bytes(), verifying.parse_trust(trust.read_bytes()))
    console.print(verifying.render(found))
    if not found.good:
        raise typer.Exit(1)


@app.command()
def journal(folder: Folder = _HERE) -> None:
    """通查存证账本 / check the whole journal."""
    from hub import journalcheck  # noqa: PLC0415

    with opened(folder) as hub, hub.store.read() as tx:
        findings = journalcheck.check_journal(tx, keys=hub.keys, trial=hub.settings.trial)
    for finding in findings:
        console.print(str(finding))
    if findings:
        raise typer.Exit(1)
    console.print(wording.say(_("存证账本完整。")), "/ the journal is whole.")


@dead_app.command("list")
def dead_list(folder: Folder = _HERE) -> None:
    """列出死信 / list the dead letters."""
    with opened(folder) as hub, hub.store.read() as tx:
        table = Table("编号 number", "队列 queue", "来源 source", "报文 message", "原因 reason")
        for row in deadletters.waiting(tx):
            table.add_row(row.id, row.queue, row.source, row.message_id, row.reason)
    console.print(table)


@dead_app.command("replay")
def dead_replay(number: str, reason: Annotated[str, typer.Option(prompt=True)], folder: Folder = _HERE) -> None:
    """重放到原队列，编号不变 / replay to the queue where it died, same id."""
    with opened(folder) as hub, hub.link() as link:
        with hub.store.write() as tx:
            outgoing = deadletters.replay(tx, number, reason=reason, now=now())
            (outcome,) = link.publish([outgoing])
            if outcome.value != "confirmed":
                raise YunhuobanError(provision.NOT_AS_ASKED, place=outgoing.routing_key, found=outcome.value)


@dead_app.command("discard")
def dead_discard(number: str, reason: Annotated[str, typer.Option(prompt=True)], folder: Folder = _HERE) -> None:
    """丢弃，原因留档 / discard; the reason is kept."""
    with opened(folder) as hub, hub.store.write() as tx:
        deadletters.discard(tx, number, reason=reason, now=now())


def _spawn(command: list[str], folder: Path) -> subprocess.Popen[Any]:
    return subprocess.Popen([sys.executable, "-m", "hub", *command, "--folder", str(folder)])  # noqa: S603 -- ourselves


def _stop_event() -> threading.Event:
    stop = threading.Event()
    handle: Callable[[int, Any], None] = lambda _signal, _frame: stop.set()  # noqa: E731
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, handle)
    return stop

