"""Waiting for what another process does: for the condition itself, up to a deadline, never for a time."""

import time
from collections.abc import Callable

LONGEST_SECONDS = 60.0
"""What takes one second here takes twenty where ten others work."""
_LOOK_SECONDS = 0.02


def until(true: Callable[[], bool], seconds: float = LONGEST_SECONDS) -> None:
    """Wait for a condition, or fail."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(_LOOK_SECONDS)
