"""A node under a supervisor: ready when it is, alive while its loops move, ended in order."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.countyit.service import running
from adapters.countyit.service.running import STUCK_SECONDS, run
from adapters.loops import Loop
from pages.supervising import Supervisor
from schemas.errors import YunhuobanError, declare

BROKEN = declare("E-NODE-901", "起不来。", "无。")


class Manager:
    """The service manager's end: a real socket, under a name in the file system or an abstract one."""

    def __init__(self, address: str) -> None:
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.door.bind(address)
        self.door.settimeout(60)
        self.environment = {"NOTIFY_SOCKET": address.replace("\0", "@"), "WATCHDOG_USEC": "30000000", "HOME": "/"}

    def hears(self) -> str:
        """The next message."""
        return self.door.recv(100).decode()

    def has_heard(self) -> list[str]:
        """All that was said and not yet heard."""
        self.door.settimeout(0)
        found = []
        while True:
            try:
                found.append(self.hears())
            except BlockingIOError:
                self.door.settimeout(60)
                return found


@pytest.fixture(params=["file", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    """A manager that listens."""
    made = Manager(str(tmp_path / "notify") if request.param == "file" else f"\0yhb-{os.getpid()}")
    yield made
    made.door.close()


def test_what_is_said_is_what_systemd_expects(manager: Manager) -> None:
    """READY, WATCHDOG three times per period, STOPPING; the variables are gone, so that no child speaks for us."""
    moments = [0.0]
    said = Supervisor(manager.environment, monotonic=lambda: moments[0])
    assert manager.environment == {"HOME": "/"}
    said.ready()
    for moment in (0.0, 1.0, 9.9, 10.0, 10.1, 20.0, 30.0):
        moments[0] = moment
        said.alive()
    said.stopping()
    assert manager.has_heard() == ["READY=1", *["WATCHDOG=1"] * 4, "STOPPING=1"]


def test_without_a_manager_nothing_is_said() -> None:
    """Started by hand; a watchdog that is meant for another process; a socket of which nobody is left."""
    other = {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid() + 1)}
    for environment in ({}, other, {"NOTIFY_SOCKET": "/nowhere/notify"}):
        said = Supervisor(environment)
        said.ready()
        said.alive()
        said.stopping()
        assert not environment
        assert said.watchdog_seconds == 0


class Scripted:
    """A node that does what the test says; real ones run in the journeys."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.stuck_seconds = 0.0
        self.turned: Callable[[], None] = lambda: None

    def start(self) -> str:
        """As a node does."""
        self.did.append("start")
        return "http://address"

    def turn(self) -> None:
        """What the test looks at."""
        self.turned()

    def busy(self) -> dict[str, float]:
        """Two loops, of which one may hang."""
        return {"reading": self.stuck_seconds, "writing": 0.0}

    def stop(self) -> None:
        """As a node does."""
        self.did.append("stop")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn every five milliseconds."""
    monkeypatch.setattr(running, "_TURN_SECONDS", 0.005)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("manager", ["file"], indirect=True)
def test_a_node_that_hangs_is_alive_no_longer(manager: Manager) -> None:
    """While one loop is in the same step for ten minutes nothing is said; when it moves again it is."""
    node, stop, turns = Scripted(), threading.Event(), iter(range(8))
    manager.environment["WATCHDOG_USEC"] = "3"  # microseconds: due at every turn
    heard: list[list[str]] = []

    def turned() -> None:
        number = next(turns)
        heard.append(manager.has_heard())
        node.stuck_seconds = STUCK_SECONDS + 1 if 2 <= number < 5 else 0.0
        if number == 7:
            stop.set()

    node.turned = turned
    run(node, Supervisor(manager.environment), stop, started=node.did.append)
    alive = ["WATCHDOG=1"]
    assert heard == [["READY=1"], alive, alive, [], [], [], alive, alive]
    assert manager.has_heard() == [*alive, "STOPPING=1"]
    assert node.did == ["start", "http://address", "stop"]


@pytest.mark.parametrize("manager", ["file"], indirect=True)
def test_a_node_that_does_not_start_is_never_ready(manager: Manager) -> None:
    """What is wrong reaches the person, what was opened is closed, and the manager is not told of a service."""

    class Unfit(Scripted):
        def start(self) -> str:
            """Something is missing."""
            raise YunhuobanError(BROKEN)

    node = Unfit()
    with pytest.raises(YunhuobanError):
        run(node, Supervisor(manager.environment), threading.Event(), started=node.did.append)
    assert (node.did, manager.has_heard()) == (["stop"], ["STOPPING=1"])


def test_a_loop_says_for_how_long_it_has_been_in_a_step() -> None:
    """Nothing between two steps, and after one that failed; some time within one."""
    inside, leave, done = threading.Event(), threading.Event(), threading.Event()
    loop: Loop

    def step() -> int:
        inside.set()
        leave.wait(60)
        done.set()
        raise YunhuobanError(BROKEN)

    loop = Loop("test", step, idle_seconds=60)
    assert loop.busy_seconds == 0
    loop.start()
    assert inside.wait(60)
    assert loop.busy_seconds > 0
    leave.set()
    assert done.wait(60)
    loop.stop()
    assert loop.busy_seconds == 0
