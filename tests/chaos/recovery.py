"""How long it takes after a fault is healed until the next rung is completed, and until all older work is done.

Only what was not disturbed counts: a cycle during whose recovery another fault began says nothing about its kind.
"""

import sqlite3
import statistics
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.chaos.arena import COUNTIES, Arena

_OPEN: Final = "('draft', 'waiting', 'sent', 'admitted')"


@dataclass(slots=True)
class Watch:
    """One recovery that is being waited for."""

    kind: str
    healed_at: float
    rungs: int
    last: Mapping[str, int]
    """The newest row of each county's outbox when it was healed."""
    rung_seconds: float | None = None
    drained_seconds: float | None = None


@dataclass(slots=True)
class Recoveries:
    """All of a run."""

    arena: Arena
    _pending: list[Watch] = field(default_factory=list)
    _done: list[Watch] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    disturbed: int = 0
    """Cycles that were not measured to their end, because the next fault came."""

    def disturb(self) -> None:
        """A fault begins."""
        with self._lock:
            self._done += [each for each in self._pending if each.rung_seconds is not None]
            self.disturbed += len(self._pending)
            self._pending = []

    def begin(self, kind: str) -> None:
        """A fault was healed, and no other one stands."""
        try:
            watch = Watch(kind, time.monotonic(), self._rungs(kind), self._newest())
        except sqlite3.Error:
            self.disturbed += 1
            return
        with self._lock:
            self._pending.append(watch)

    def look(self) -> None:
        """Once in a while."""
        for each in list(self._pending):
            try:
                self._look(each)
            except sqlite3.Error:
                continue  # the store is away: not recovered
            with self._lock:
                if each.rung_seconds is not None and each.drained_seconds is not None and each in self._pending:
                    self._pending.remove(each)
                    self._done.append(each)

    def by_kind(self) -> dict[str, dict[str, Any]]:
        """Seconds: median and greatest of both, and how many cycles they rest on."""
        found: dict[str, dict[str, Any]] = {}
        for kind in sorted({each.kind for each in self._done}):
            mine = [each for each in self._done if each.kind == kind]
            found[kind] = _summary("rung", [e.rung_seconds for e in mine if e.rung_seconds is not None]) | _summary(
                "drained", [e.drained_seconds for e in mine if e.drained_seconds is not None]
            )
        return found

    def _look(self, each: Watch) -> None:
        seconds = round(time.monotonic() - each.healed_at, 2)
        if each.rung_seconds is None and self._rungs(each.kind) > each.rungs:
            each.rung_seconds = seconds
        if each.drained_seconds is None and not self._open(each.last):
            each.drained_seconds = seconds

    def _rungs(self, kind: str) -> int:
        """Messages that their destination has signed for; where the printer was at fault, sheets accounted for."""
        table = ("settled_at", "print_authorisations") if "printer" in kind else ("received_at", "messages")
        return int(self.arena.road.hub("SELECT count({}) AS n FROM {}".format(*table))[0]["n"])

    def _newest(self) -> dict[str, int]:
        return {
            code: int(self.arena.road.county(code, "SELECT coalesce(max(seq), 0) AS n FROM outbox")[0]["n"])
            for code in COUNTIES
        }

    def _open(self, last: Mapping[str, int]) -> bool:
        query = f"SELECT 1 FROM outbox WHERE state IN {_OPEN} AND seq <= ? LIMIT 1"
        return any(self.arena.road.county(code, query, seq) for code, seq in last.items())


def _summary(name: str, seconds: list[float]) -> dict[str, Any]:
    if not seconds:
        return {f"{name}_cycles": 0}
    return {
        f"{name}_cycles": len(seconds),
        f"{name}_median_seconds": round(statistics.median(seconds), 2),
        f"{name}_greatest_seconds": round(max(seconds), 2),
    }
