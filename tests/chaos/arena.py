"""Where it happens: the demonstration's stage with every process real, and around it what a nemesis needs.

Between each county and the broker lies a line that can be cut; hub and counties have clocks that can be set; hub and
broker may lie on file systems whose room can be taken away. Somebody starts again what has ended, as the units of a
real machine would. Everything is ended when the arena is left, however it is left.
"""

import contextlib
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from deploy.demo.stage import Stage, end_leftovers
from deploy.demo.world import WUQIAO, YONGJI, World, build
from hub import bootstrap
from hub.broker.management import Management
from hub.settings import HubSettings
from tests.chaos.clients import RecordedRoad
from tests.chaos.clock import Clock, library
from tests.chaos.history import History
from tests.chaos.proxy import Line
from tests.chaos.volumes import Volume, unmount_leftovers
from tests.journey.road import child_of, rows

COUNTIES: Final = (WUQIAO.code, YONGJI.code)
HUB_ROLES: Final = ("admission", "express", "keeper")
_RESTART_SECONDS: Final = 1.0
_READY_SECONDS: Final = 600.0
"""Fifteen are needed on an idle machine; what is late here proves nothing."""
REPLACEMENTS: Final = 9
"""How often an issuing county replaces a spoiled sheet by itself: the printer of these cases is a bad one."""


class Arena:
    """A context manager: inside it everything runs."""

    def __init__(
        self, folder: Path, *, clocks: bool, volumes: bool, say: Callable[[str], None] = lambda _: None
    ) -> None:
        """`folder` is made anew. Clocks and volumes are left out where this machine does not allow them."""
        self.folder = folder
        self.lacks: dict[str, str] = {}
        """What this machine cannot do, and why: faults that need it are left out."""
        self.restarts: Counter[str] = Counter()
        """Processes that ended by themselves and were started again."""
        self._say = say
        self._wants_clocks, self._wants_volumes = clocks, volumes
        self._down: set[str] = set()
        self._frozen: set[int] = set()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def _start(self, stack: contextlib.ExitStack) -> None:
        unmount_leftovers(self.folder)
        end_leftovers(self.folder)
        self.world: World = build(self.folder)
        self.history = stack.enter_context(History(self.folder))
        self.lines = {code: stack.enter_context(Line(self.world.amqps_port)) for code in COUNTIES}
        for code, line in self.lines.items():
            self._settle_county(code, line)
        self.volumes = {"hub": Volume(self.world.hub), "broker": Volume(self.world.hub / "broker")}
        if self._wants_volumes:
            for name, volume in self.volumes.items():
                stack.callback(volume.unmount)
                if not volume.mount():
                    self.lacks["volumes"] = "mount: not permitted"
                    volume.mounted = False
                self._say(f"{name}: {'a file system of its own' if volume.mounted else 'no file system of its own'}")
        self.clocks = {name: Clock(self.folder / "clocks" / name) for name in ("hub", *COUNTIES)}
        if library() is None:
            self.lacks["clocks"] = "libfaketime is not installed"
        environments = {name: each.environment() for name, each in self.clocks.items()} if self._wants_clocks else {}
        stage = Stage(self.world, say=self._say, environments=environments, ready_seconds=_READY_SECONDS)
        stack.callback(self._leave, stage)
        stage.start()
        self.road = RecordedRoad(stage, self.history)
        threading.Thread(target=self._keep_running, args=(stage,), name="units", daemon=True).start()

    def _settle_county(self, code: str, line: Line) -> None:
        """Let the county reach the hub through its line, and replace many a spoiled sheet."""
        settings = self.world.county(code) / "county.toml"
        text = settings.read_text(encoding="utf-8")
        text = text.replace(f"localhost:{self.world.amqps_port}", f"localhost:{line.port}")
        text = text.replace("[authority]\n", f"[authority]\nreplacements = {REPLACEMENTS}\n")
        settings.write_text(text, encoding="utf-8")

    # --- processes ---------------------------------------------------------------------------------------------------

    def pid(self, part: str) -> int | None:
        """The process of a part now; None while there is none."""
        if part == "printer":
            return self.road.stage.printer.pid
        if part in HUB_ROLES:
            return child_of(self.road.stage.pid("hub"), ["run", part])
        if part == "broker":
            return self.broker_pid()
        return self.road.stage.pid(part)

    def broker_pid(self) -> int | None:
        """The broker's process, if it runs."""
        return bootstrap.node(self.settings).status().pid

    def broker_ready(self) -> bool:
        """Whether the broker takes connections."""
        return bootstrap.node(self.settings).status().ready

    def bring_down(self, name: str) -> None:
        """SIGKILL one of the stage's processes; it stays down until `bring_up`."""
        with self._lock:
            self._down.add(name)
            self.road.stage.kill(name)

    def bring_up(self, name: str) -> None:
        """Start it again."""
        with self._lock:
            self._down.discard(name)
            self._start_again(self.road.stage, name)

    def freeze(self, pid: int) -> None:
        """SIGSTOP; whatever is still frozen at the end is thawed."""
        self._frozen.add(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)

    def thaw(self, pid: int) -> None:
        """SIGCONT."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        self._frozen.discard(pid)

    # --- doors -------------------------------------------------------------------------------------------------------

    @property
    def settings(self) -> HubSettings:
        """The hub's."""
        return HubSettings.load(self.world.hub)

    def management(self) -> Management:
        """A door to the broker's management API."""
        return bootstrap.management(self.settings)

    def finished(self) -> int:
        """Cases at their end, as the hub's store says."""
        query = "SELECT count(*) AS n FROM cases WHERE state IN ('handed_over', 'denied')"
        return int(rows(self.world.hub / "hub.sqlite", query)[0]["n"])

    # --- the end -----------------------------------------------------------------------------------------------------

    def _keep_running(self, stage: Stage) -> None:
        while not self._ended.wait(_RESTART_SECONDS):
            with self._lock:
                for name, status in stage.ended().items():
                    if name in self._down or self._ended.is_set():
                        continue
                    self.restarts[name] += 1
                    self.history.note("units", part=name, status=status)
                    self._start_again(stage, name)

    @staticmethod
    def _start_again(stage: Stage, name: str) -> None:
        if name == "hub":
            stage.start_hub()
        elif name.startswith("local-"):
            stage.start_local(name.removeprefix("local-"))
        else:
            stage.start_node(name)

    def _leave(self, stage: Stage) -> None:
        self._ended.set()
        with self._lock:
            for pid in list(self._frozen):
                self.thaw(pid)
            if hasattr(self, "road"):
                for window in self.road.windows.values():
                    window.leave()
            for volume in self.volumes.values():
                if volume.mounted:
                    volume.free()
            stage.stop()
            end_leftovers(self.folder)  # workers of a `hub up` that was killed, which are about to end by themselves
