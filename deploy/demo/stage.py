"""Starts and stops every process of the demonstration: hub, printer, two county nodes, two local systems.

Each is a process of its own, started the way its people would start it; each writes its log under `logs/`. All are
ended by their process id, the private broker and its epmd included.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

from deploy.demo.printer import DemoPrinter
from deploy.demo.world import WUQIAO, YONGJI, World
from hub import bootstrap
from hub.settings import HubSettings
from schemas.errors import YunhuobanError

ROOT: Final = Path(__file__).resolve().parents[2]
_READY_SECONDS: Final = 150.0
_STOP_SECONDS: Final = 25.0


def end_leftovers(folder: Path) -> None:
    """End what an earlier run left in this folder because it was killed: its processes name the folder."""
    if not (folder / "hub" / "hub.toml").exists():
        return
    with contextlib.suppress(YunhuobanError):
        bootstrap.node(HubSettings.load(folder / "hub")).stop(grace_seconds=2)
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue  # it has ended by itself
        if str(folder) in command:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(entry.name), signal.SIGKILL)


class NotReadyError(RuntimeError):
    """A part of the stage did not come up; its log says why."""


class Stage:
    """All processes over one world. Names: hub, printer, 130928, 140881, wuqiao, yongji."""

    def __init__(
        self,
        world: World,
        *,
        say: Callable[[str], None] = lambda _: None,
        environments: Mapping[str, Mapping[str, str]] | None = None,
        ready_seconds: float = _READY_SECONDS,
    ) -> None:
        """Nothing runs before `start`; `say` hears each step, in Chinese and English.

        `environments` adds to the environment of single processes, by their name.
        """
        self.world = world
        self._environments = environments or {}
        self._ready_seconds = ready_seconds
        self.printer = DemoPrinter(world.folder / "printer", world.printer_port)
        self._say = say
        self._processes: dict[str, subprocess.Popen[Any]] = {}
        (world.folder / "logs").mkdir(exist_ok=True)

    def start(self) -> Self:
        """Enrol both counties and start everything. Raises NotReadyError."""
        self._say("两县登记入网 / both counties are enrolled")
        for plan in (WUQIAO, YONGJI):
            card = self.world.folder / f"{plan.code}.card.json"
            self.command("adapters", "card", "-d", str(self.world.county(plan.code)), "-o", str(card))
            self.command("hub", "county", "add", str(card), "-d", str(self.world.hub))
        self._say("启动消息服务、中枢与打印机 / starting broker, hub and printer")
        self.start_hub()
        self.printer.start()
        self._wait("hub", (self.world.hub / "web.address").exists)
        self._say("启动两县节点与本地系统 / starting both county nodes and local systems")
        for plan in (WUQIAO, YONGJI):
            subprocess.run([*self._local(plan.code), "init"], check=True, cwd=ROOT, timeout=60)
            self.start_node(plan.code)
            self.start_local(plan.code)
        for plan in (WUQIAO, YONGJI):
            self._wait(plan.code, (self.world.county(plan.code) / "page.address").exists)
        return self

    def start_hub(self) -> None:
        """`hub up`."""
        (self.world.hub / "web.address").unlink(missing_ok=True)
        self._spawn("hub", [sys.executable, "-m", "hub", "up", "-d", str(self.world.hub)])

    def start_node(self, code: str) -> None:
        """`adapter up` for one county."""
        (self.world.county(code) / "page.address").unlink(missing_ok=True)
        self._spawn(code, [sys.executable, "-m", "adapters", "up", "-d", str(self.world.county(code))])

    def start_local(self, code: str) -> None:
        """One county's own system: clerks and approvers who know nothing but their database or folder."""
        self._spawn(f"local-{code}", [*self._local(code), "run"])

    def submit(self, code: str, count: int, *, seed: int | None = None, more: Sequence[str] = ()) -> None:
        """Applications are taken at a county's window, in its own system; `more` are that program's own words."""
        extra = [*(["--seed", str(seed)] if seed is not None else []), *more]
        subprocess.run(
            [*self._local(code), "submit", "--count", str(count), *extra],
            check=True, cwd=ROOT, stdout=subprocess.DEVNULL, timeout=60,
        )  # fmt: skip

    def document(self, code: str, kind: str, case_no: str) -> bool:
        """A person of the authority issues a document in the county's own system; False while the case is not there."""
        done = subprocess.run(
            [*self._local(code), "document", kind, case_no], cwd=ROOT, capture_output=True, timeout=60, check=False
        )
        return done.returncode == 0

    def command(self, module: str, *arguments: str, accepts: Sequence[int] = (0,)) -> str:
        """Run one of our commands to its end and return what it printed.

        Raises NotReadyError with its words when it ends with another status than it `accepts`.
        """
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode not in accepts:
            raise NotReadyError(f"{module} {arguments[0]}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def kill(self, name: str) -> None:
        """SIGKILL one process; used to show that nothing is lost."""
        process = self._processes[name]
        process.kill()
        process.wait()

    def pid(self, name: str) -> int:
        """The process id."""
        return self._processes[name].pid

    def ended(self) -> dict[str, int]:
        """Processes that have ended though nobody stopped them, with their exit status (a signal is negative)."""
        return {name: status for name, each in self._processes.items() if (status := each.poll()) is not None}

    def desk_address(self, code: str) -> str:
        """The print desk's address with its one-time token."""
        return (self.world.county(code) / "page.address").read_text(encoding="utf-8").strip()

    def hub_address(self) -> str:
        """The hub page's address with its one-time token."""
        return (self.world.hub / "web.address").read_text(encoding="utf-8").strip()

    def stop(self) -> None:
        """End everything, in the opposite order; safe to call twice."""
        for name in reversed(list(self._processes)):
            process = self._processes[name]
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for name in reversed(list(self._processes)):
            process = self._processes.pop(name)
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.printer.stop()
        settings = HubSettings.load(self.world.hub)
        with contextlib.suppress(YunhuobanError):
            bootstrap.node(settings).stop(grace_seconds=5)

    def __enter__(self) -> Self:
        """Start everything; what has started is stopped again when something does not come up."""
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self.stop()

    def _local(self, code: str) -> list[str]:
        if code == WUQIAO.code:
            return [sys.executable, "deploy/demo/local_wuqiao.py", "--database", str(self.world.wuqiao_database)]
        return [sys.executable, "deploy/demo/local_yongji.py", "--folder", str(self.world.yongji_folder)]

    def _spawn(self, name: str, command: list[str]) -> None:
        log = (self.world.folder / "logs" / f"{name}.log").open("ab")
        with log:
            self._processes[name] = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1"} | dict(self._environments.get(name, {})),
            )  # fmt: skip

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + self._ready_seconds
        while not ready():
            process = self._processes[name]
            if process.poll() is not None or time.monotonic() > deadline:
                log = self.world.folder / "logs" / f"{name}.log"
                raise NotReadyError(f"{name}: {log}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:]))
            time.sleep(0.05)
