"""Runs a node under a supervisor: ready when it is, alive while its loops move, an orderly end on request.

A node whose loop hangs in one step for `STUCK_SECONDS` says no longer that it is alive, so that the service manager
starts it anew: everything it does is committed step by step and goes on where it was.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import structlog

from pages.supervising import Supervisor

STUCK_SECONDS: Final = 600.0
"""Far longer than any step takes: a first directory of all counties, a page of scans, a slow local database."""
_TURN_SECONDS: Final = 0.2
_log = structlog.get_logger(__name__)


class Runs(Protocol):
    """What is run: `adapters.node.Node`."""

    def start(self) -> str:
        """Start; returns the page's address."""

    def turn(self) -> None:
        """What the main thread looks after, again and again."""

    def busy(self) -> Mapping[str, float]:
        """For how many seconds each loop has been in the step at hand."""

    def stop(self) -> None:
        """End in order. Harmless after a start that failed."""


def run(node: Runs, supervisor: Supervisor, stop: threading.Event, *, started: Callable[[str], None]) -> None:
    """Run until `stop` is set; `started` is told the page's address. Raises what starting the node raises."""
    stuck = ""
    try:
        started(node.start())
        supervisor.ready()
        while not stop.wait(_TURN_SECONDS):
            node.turn()
            hangs = next((name for name, seconds in node.busy().items() if seconds > STUCK_SECONDS), "")
            if hangs and hangs != stuck:
                _log.error("node.loop_stuck", thread=hangs)
            stuck = hangs
            if not stuck:
                supervisor.alive()
    finally:
        supervisor.stopping()
        node.stop()
