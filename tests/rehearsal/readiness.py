"""Waiting until the rehearsal's world is as a trouble, or its end, needs it."""

import time
from collections.abc import Callable
from typing import Final

from deploy.demo.stage import NotReadyError

_LOOK_SECONDS: Final = 0.1


def until_ready(true: Callable[[], bool], what: Callable[[], str], seconds: float) -> None:
    """Wait for a condition. Raises NotReadyError with `what` after so many seconds: nothing is rehearsed without it."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise NotReadyError(what())
        time.sleep(_LOOK_SECONDS)
