"""Processes that die, stand still, or hardly move."""

import os
import signal
import threading
from typing import ClassVar

from tests.chaos.arena import COUNTIES, HUB_ROLES, Arena
from tests.chaos.faults.fault import awaited
from tests.chaos.plan import Kind, Step

_LOCAL = tuple(f"local-{code}" for code in COUNTIES)


class Kill:
    """SIGKILL of a process that its unit starts again after a while. The print station is part of a county's node."""

    kind: ClassVar = Kind(
        name="kill", targets=("hub", *COUNTIES, *COUNTIES, *_LOCAL), seconds=(0.2, 4.0), weight=4, cheap=True
    )

    def inflict(self, arena: Arena, step: Step) -> None:
        """Kill it."""
        arena.bring_down(step.target)

    def heal(self, arena: Arena, step: Step) -> None:
        """Start it again."""
        arena.bring_up(step.target)


class KillWorker:
    """SIGKILL of one of the hub's workers, which `hub up` replaces by itself."""

    kind: ClassVar = Kind(name="kill-worker", targets=HUB_ROLES, seconds=(0, 0), touches=("hub",), weight=3, cheap=True)

    def inflict(self, arena: Arena, step: Step) -> None:
        """Kill it."""
        pid = awaited(lambda: arena.pid(step.target), f"no {step.target}")
        os.kill(pid, signal.SIGKILL)

    def heal(self, arena: Arena, step: Step) -> None:
        """Nothing to do: it is replaced."""


class KillBroker:
    """SIGKILL of the broker, which `hub up` starts again by itself."""

    kind: ClassVar = Kind(name="kill-broker", targets=("broker",), seconds=(0, 0), touches=("hub",), weight=2)

    def inflict(self, arena: Arena, step: Step) -> None:
        """Kill it."""
        os.kill(awaited(arena.broker_pid, "no broker"), signal.SIGKILL)

    def heal(self, arena: Arena, step: Step) -> None:
        """Nothing to do: it is started again."""


class Freeze:
    """SIGSTOP, then SIGCONT: longer than a confirm may take, shorter or longer than a heartbeat."""

    kind: ClassVar = Kind(
        name="freeze",
        targets=("hub", *HUB_ROLES, "broker", *COUNTIES, *_LOCAL, "printer"),
        seconds=(1.0, 9.0),
        weight=4,
        cheap=True,
    )

    def __init__(self) -> None:
        """Nothing is frozen."""
        self._pids: dict[int, int] = {}

    def inflict(self, arena: Arena, step: Step) -> None:
        """Stop it."""
        self._pids[step.number] = awaited(lambda: arena.pid(step.target), f"no {step.target}")
        arena.freeze(self._pids[step.number])

    def heal(self, arena: Arena, step: Step) -> None:
        """Let it go on."""
        if step.number in self._pids:
            arena.thaw(self._pids[step.number])


class Crawl:
    """A process that gets a quarter of the time: a slow consumer."""

    kind: ClassVar = Kind(name="crawl", targets=(*COUNTIES, "admission"), seconds=(4.0, 8.0), weight=2, cheap=True)
    _STOPPED_SECONDS: ClassVar = 0.3
    _GOING_SECONDS: ClassVar = 0.1

    def __init__(self) -> None:
        """Nothing crawls."""
        self._ends: dict[int, tuple[threading.Event, threading.Thread]] = {}

    def inflict(self, arena: Arena, step: Step) -> None:
        """Stop it and let it go on, again and again."""
        pid = awaited(lambda: arena.pid(step.target), f"no {step.target}")
        end = threading.Event()

        def crawl() -> None:
            while not end.is_set():
                arena.freeze(pid)
                end.wait(self._STOPPED_SECONDS)
                arena.thaw(pid)
                end.wait(self._GOING_SECONDS)

        thread = threading.Thread(target=crawl, name="crawl", daemon=True)
        self._ends[step.number] = end, thread
        thread.start()

    def heal(self, arena: Arena, step: Step) -> None:
        """Let it run."""
        if step.number in self._ends:
            end, thread = self._ends[step.number]
            end.set()
            thread.join()
