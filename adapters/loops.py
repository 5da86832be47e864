"""The node's loops: each does one thing, sleeps until it is woken or its time comes, and never dies of one error."""

import threading
import time
from collections.abc import Callable

import structlog

from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)
_PAUSE_AFTER_ERROR_SECONDS = 1.0


class Loop:
    """A thread around one step. `step` returns how much it did; while that is not nothing it goes on at once."""

    def __init__(self, name: str, step: Callable[[], int], *, idle_seconds: float) -> None:
        """Nothing runs before `start`."""
        self.name = name
        self._step = step
        self._idle_seconds = idle_seconds
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._began: float | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def busy_seconds(self) -> float:
        """For how long the step at hand has been running; 0 between two steps."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    def stop(self, timeout_seconds: float = 10.0) -> None:
        """Finish the step at hand and end."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            self._began = time.monotonic()
            try:
                if self._step():
                    continue
            except YunhuobanError as error:
                _log.warning("loop.step_failed", thread=self.name, code=error.code, place=error.place)
                self._pause()
                continue
            except Exception:  # noqa: BLE001 -- a loop that dies is worse than one that stumbles
                # The step's work is committed or rolled back as a whole; it is tried again, and the log says where.
                _log.exception("loop.step_crashed", thread=self.name)
                self._pause()
                continue
            self._began = None
            self._wake.wait(self._idle_seconds)

    def _pause(self) -> None:
        self._began = None
        self._stop.wait(_PAUSE_AFTER_ERROR_SECONDS)
