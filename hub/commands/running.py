"""`hub up|run|web|joining|scanning|page` and `hub broker …`: everything that starts or stops a process."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import structlog
import typer

from hub import bootstrap, worker
from hub.bootstrap import Hub
from hub.broker.management import PAGE_SECONDS, Management
from hub.broker.watch import BrokerWatch
from hub.commands.shared import HERE, Folder, console, opened, opened_with
from hub.instants import now
from hub.observing.beating import at_work
from hub.pace import slowed
from hub.registry import county, upkeep
from hub.renewing import own
from hub.settings import HubSettings
from pages import addresses, logs, wording
from pages.supervising import Supervisor
from pages.wording import mark as _
from schemas.errors import YunhuobanError

if TYPE_CHECKING:
    from hub.metrics.listening import Measured

broker_app = typer.Typer(no_args_is_help=True, help="本机自带的消息服务 / the private RabbitMQ node")

Attached = Annotated[bool, typer.Option("--attached", hidden=True, help="随父进程结束 / end with the parent")]
_log = structlog.get_logger(__name__)
_READ_AGAIN: Final = "ssl:clear_pem_cache()."
"""Erlang keeps what it read of certificate files for two minutes."""
_LOOK_SECONDS: Final = 0.5
_ROLES: Final = ("admission", "express", "slow", "parts", "keeper")
_CHILD_GOODBYE_SECONDS: Final = 20
_READY_SECONDS: Final = 120.0
_READY_SECONDS_PER_COUNTY: Final = 0.3
"""RabbitMQ recovers three quorum queues per county before it answers, on a busy machine in a tenth of a second."""


@broker_app.command("start")
def broker_start(folder: Folder = HERE) -> None:
    """启动消息服务并核对约定 / start the node and apply the contract."""
    start_broker(HubSettings.load(folder))
    console.print(wording.say(_("消息服务已就绪。")), "/ the broker is ready.")


@broker_app.command("stop")
def broker_stop(folder: Folder = HERE) -> None:
    """停止消息服务 / stop the node."""
    bootstrap.node(HubSettings.load(folder)).stop()


@broker_app.command("status")
def broker_status(folder: Folder = HERE) -> None:
    """消息服务是否在运行 / whether the node runs; exit 1 when it is not ready."""
    status = bootstrap.node(HubSettings.load(folder)).status()
    console.print({"running": status.running, "ready": status.ready, "pid": status.pid})
    if not status.ready:
        raise typer.Exit(1)


def start_broker(settings: HubSettings) -> None:
    """Start the private node if there is to be one, and apply topology and permissions for all active counties."""
    with opened_with(settings) as hub:
        hub.revocation_folder().run_once(now())
        with hub.store.read() as tx:
            count = len(county.active(tx))
        if settings.broker.private:
            own = bootstrap.node(settings)
            own.start()
            own.wait_ready(_READY_SECONDS + _READY_SECONDS_PER_COUNTY * count)
        with hub.store.write() as tx:
            slowed.forget_queues(tx)
        with bootstrap.management(settings) as management:
            # Read only now: who was entered while the node was starting has found nobody to provide for it.
            upkeep.set_right(hub.store, management, vhost=settings.broker.vhost, hub_user=bootstrap.HUB_USER)


def run(
    role: Annotated[str, typer.Argument(help="admission | express | slow | parts | keeper")],
    folder: Folder = HERE,
    index: Annotated[int, typer.Option(help="第几个，从 0 起 / which of the workers")] = 0,
    count: Annotated[int, typer.Option(help="共几个 / how many workers there are")] = 1,
    attached: Attached = False,
) -> None:
    """运行一个工作进程 / run one worker process until it is told to stop."""
    logs.configure(f"hub.{role}")
    stop = _stop_event(attached=attached)
    if role not in _ROLES:
        raise typer.BadParameter(f"{role}: {' | '.join(_ROLES)}")
    with (
        opened(folder, goes_first=role == "express") as hub,
        at_work(hub.store, role, number=index, count=count, planned=lambda: not stop.orphaned),
    ):
        match role:
            case "admission":
                worker.run_admission(hub, stop, index=index, count=count)
            case "express":
                worker.run_express(hub, stop)
            case "slow":
                worker.run_slow(hub, stop)
            case "parts":
                worker.run_parts(hub, stop)
            case _:
                worker.run_keeper(hub, stop)


def web(folder: Folder = HERE, attached: Attached = False) -> None:
    """运行中枢页面 / serve the hub's pages."""
    from hub.views.overviewsource import StoreOverview  # noqa: PLC0415 -- the pages are loaded only where they are served
    from hub.web.serving import Pages  # noqa: PLC0415

    logs.configure("hub.web")
    stop = _stop_event(attached=attached)
    with opened(folder) as hub, bootstrap.management(hub.settings, answer_seconds=PAGE_SECONDS) as management:
        pages = Pages(hub.store, hub.settings, StoreOverview(hub.store, management, hub.settings), hub.keys)
        address = addresses.AddressFile(hub.settings.folder / "web.address", pages.access, hub.settings.web_port)
        with pages.served(), _measured(hub, management) as measured:
            offered = address.offer()
            # Never into a log file or the journal: whoever reads those must not be able to open the page.
            console.print(offered if console.is_terminal else wording.say(_("页面已启动；用 hub page 取地址。")))
            while not stop.wait(_LOOK_SECONDS):
                address.keep_fresh()
                pages.look()
                measured.look()
        address.withdraw()


def _measured(hub: Hub, management: Management) -> "Measured":
    """What a Prometheus asks, as long as the block runs. Raises E-PAGE-010, -011 or -096, E-CONF-006 or E-CERT-090."""
    from hub.alerting.facts import FactFinder  # noqa: PLC0415 -- the same
    from hub.metrics.listening import Measured  # noqa: PLC0415
    from hub.metrics.serving import Meter  # noqa: PLC0415

    return Measured(hub.settings, Meter(hub.store, FactFinder(hub.store, management, hub.settings), now))


def joining(folder: Folder = HERE, attached: Attached = False) -> None:
    """运行加入页面，供能连上来的县加入 / serve the joining page for counties that can reach it."""
    from hub.joining.online.serving import serve  # noqa: PLC0415 -- the same
    from hub.store import open_store  # noqa: PLC0415

    logs.configure("hub.joining")
    stop = _stop_event(attached=attached)
    settings = HubSettings.load(folder)
    store = open_store(settings.database)
    try:
        with serve(settings, store):
            console.print(wording.say(_("加入页面已启动，端口 {port}。"), port=settings.joining.port))
            stop.wait()
    finally:
        store.close()


def scanning(folder: Folder = HERE, attached: Attached = False) -> None:
    """运行公众的扫码核验与进度页面 / serve the public pages behind the QR codes of licenses and receipts."""
    from hub.scanning.counts import Counts  # noqa: PLC0415 -- the same
    from hub.scanning.serving import certificate, serve  # noqa: PLC0415
    from hub.store import open_store  # noqa: PLC0415

    logs.configure("hub.scanning")
    stop = _stop_event(attached=attached)
    settings, counts = HubSettings.load(folder), Counts()
    store = open_store(settings.database)
    try:
        shown = certificate(settings)
        with serve(settings, store, shown, counts):
            console.print(wording.say(_("扫码核验页面已启动，端口 {port}。"), port=settings.scanning.port))
            while not stop.wait(_LOOK_SECONDS):
                shown.look()
    finally:
        counts.write()
        store.close()


def page(folder: Folder = HERE) -> None:
    """中枢页面的新地址，用一次 / a fresh one-time address of the hub's pages."""
    console.print(addresses.ask(folder / "web.address"))


def up(
    folder: Folder = HERE,
    workers: Annotated[int, typer.Option(help="受理进程数 / admission workers")] = 1,
    pages_too: Annotated[bool, typer.Option("--pages/--no-pages", help="页面 / pages")] = True,
) -> None:
    """一起启动消息服务、工作进程与页面 / broker, workers and pages together, until Ctrl-C."""
    settings = HubSettings.load(folder)
    logs.configure("hub.up")
    supervisor = Supervisor()
    stop = _stop_event(attached=False)
    own.settle(settings.certificates)
    certificates = own.OwnCertificates(settings.certificates)
    if settings.joining.port is not None:
        from hub.joining.online import serving  # noqa: PLC0415 -- most hubs have no joining page

        serving.prepare(settings)  # a wrong certificate is said now, and not again and again by a child
    if settings.scanning.port is not None:
        from hub.scanning.serving import certificate  # noqa: PLC0415 -- most hubs have no public pages

        certificate(settings)  # the same
    start_broker(settings)
    commands = [["run", "admission", "--index", str(i), "--count", str(workers)] for i in range(workers)]
    commands += [["run", role] for role in ("express", "slow", "parts", "keeper")]
    commands += [["web"]] if pages_too else []
    commands += [["joining"]] if settings.joining.port is not None else []
    commands += [["scanning"]] if settings.scanning.port is not None else []
    children = [_spawn(command, folder) for command in commands]
    watch = BrokerWatch(bootstrap.node(settings), lambda: bootstrap.management(settings), settings.broker.vhost)
    supervisor.ready()
    try:
        while not stop.wait(_LOOK_SECONDS):
            supervisor.alive()
            for i, child in enumerate(children):
                if child.poll() is not None:  # a worker that died is replaced; its messages are still in the queue
                    children[i] = _spawn(commands[i], folder)
            if changed := certificates.changed():
                _use_new(changed, settings, children, commands)
            if settings.broker.private:
                watch.run_once()
    finally:
        supervisor.stopping()
        for child in children:
            child.terminate()
        for child in children:
            child.wait(timeout=_CHILD_GOODBYE_SECONDS)
        if settings.broker.private:
            bootstrap.node(settings).stop()


def _use_new(
    changed: frozenset[str], settings: HubSettings, children: list[subprocess.Popen[Any]], commands: list[list[str]]
) -> None:
    """Have new certificates used: the broker reads its own again, and each worker is replaced after the one before.

    What a worker had in hand is in its queue again; who waits longest waits for one start.
    """
    if "broker" in changed and settings.broker.private:
        try:
            bootstrap.node(settings).evaluate(_READ_AGAIN)
        except YunhuobanError as error:
            _log.error("renewal.broker_not_told", code=error.code.code)  # it looks by itself every two minutes
    if changed - {"broker"}:
        for i, child in enumerate(children):
            if commands[i][0] == "run":  # the pages hold no key, and their readers are not to be signed out
                child.terminate()
                child.wait(timeout=_CHILD_GOODBYE_SECONDS)
                children[i] = _spawn(commands[i], settings.folder)
    _log.info("renewal.changed_over", count=len(changed))


def _spawn(command: list[str], folder: Path) -> subprocess.Popen[Any]:
    own = [sys.executable, "-m", "hub", *command, "--attached", "--folder", str(folder)]
    return subprocess.Popen(own)  # noqa: S603 -- ourselves, with our own arguments


class _Stop(threading.Event):
    """That a process is to end."""

    orphaned = False
    """Because its parent is gone, which nobody may have wanted."""


def _stop_event(*, attached: bool) -> _Stop:
    """Set by SIGTERM or Ctrl-C and, for a child of `hub up`, when its parent is gone, however it went."""
    stop = _Stop()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda _signal, _frame: stop.set())
    if attached:
        parent = os.getppid()

        def watch() -> None:
            while os.getppid() == parent and not stop.wait(_LOOK_SECONDS):
                pass
            stop.orphaned = not stop.is_set()
            stop.set()

        threading.Thread(target=watch, name="parent-watch", daemon=True).start()
    return stop
