"""How often the public pages were asked, and with what success: numbers once a minute, and nothing else of anybody."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Final, Literal

import structlog

SECONDS: Final = 60.0
Outcome = Literal["known", "unknown", "progress", "refused", "too_often", "failed"]
_log = structlog.get_logger(__name__)


class Counts:
    """Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives monotonic seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._counted: Counter[str] = Counter()
        self._since = clock()

    def add(self, outcome: Outcome) -> None:
        """One more; a minute's numbers are written when the next one comes."""
        with self._lock:
            self._counted[outcome] += 1
            due = self._clock() - self._since >= SECONDS
        if due:
            self.write()

    def write(self) -> None:
        """Write what was counted since the last time, if anything was."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
            self._since = self._clock()
        if counted:
            _log.info("scanning.counted", **{f"{name}_count": count for name, count in sorted(counted.items())})
