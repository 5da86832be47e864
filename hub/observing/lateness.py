"""The keeper's watch of limits: what has changed or passed is worked out within seconds, everything else in its turn.

Beside the observer and not in it: whoever waits for a broker that lists its connections slowly hears of a late case
when it is late all the same.
"""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import structlog

from hub.observing import deadlines
from hub.registry.calendars import CurrentCalendar
from hub.store import Store
from schemas.errors import YunhuobanError
from schemas.lifecycle import UNDER_WAY

_log = structlog.get_logger(__name__)
EVERY_SECONDS: Final = 2.0
SWEEP_SECONDS: Final = 10.0
_SHARE: Final = 20
"""Looking must not keep the store busy: at most a twentieth of the time, and as much again for the sweeps."""


class LateWatch:
    """One keeper's. Not for several threads."""

    def __init__(self, store: Store, began_at: datetime) -> None:
        """What moved before it began is for the sweeps to find."""
        self._store = store
        self._calendar = CurrentCalendar()
        self._since = began_at

    def look(self, now: datetime) -> int:
        """At what has moved since the last look; returns how many cases that were. Raises E-STORE-…."""
        with self._store.read() as tx:
            cases = deadlines.moved(tx, self._since, now)
            limits = self._worked_out(tx, cases, now)
        self._keep(limits, [each.case_no for each in cases if each.state not in UNDER_WAY], now)
        if len(cases) < deadlines.MOVED_AT_ONCE:
            self._since = now
        return len(cases)

    def sweep(self, now: datetime) -> int:
        """At all open cases, for what else is outdated; returns how many that were. Raises E-STORE-…."""
        with self._store.read() as tx:
            cases, ended = deadlines.outdated(tx, now), deadlines.left_over(tx)
            limits = self._worked_out(tx, cases, now)
        self._keep(limits, ended, now)
        return len(cases)

    def keep(self, stop: threading.Event, clock: Callable[[], datetime]) -> None:
        """Look and sweep until `stop`: in a thread of its own."""
        pause, next_sweep = 0.0, float("-inf")
        while not stop.wait(pause):
            pause = max(EVERY_SECONDS, _took(self.look, clock) * _SHARE)
            if time.monotonic() >= next_sweep:
                took = _took(self.sweep, clock)
                next_sweep = time.monotonic() + max(SWEEP_SECONDS, took * _SHARE)

    def _worked_out(self, tx: Any, cases: Sequence[Any], now: datetime) -> Sequence[deadlines.Limit]:
        return deadlines.worked_out(tx, cases, self._calendar(tx), now) if cases else []

    def _keep(self, limits: Sequence[deadlines.Limit], ended: Sequence[str], now: datetime) -> None:
        if limits or ended:
            self._store.redo(lambda tx: deadlines.keep(tx, limits, now, ended=ended))


def _took(step: Callable[[datetime], int], clock: Callable[[], datetime]) -> float:
    """How many seconds a step took; what fails is tried again at the next turn."""
    started = time.monotonic()
    try:
        step(clock())
    except YunhuobanError as error:
        _log.error("lateness.failed", code=error.code.code, place=error.place)
    return time.monotonic() - started
