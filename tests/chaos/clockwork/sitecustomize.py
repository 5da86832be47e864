"""Read by every Python process whose clock can be set (`tests.chaos.clock`), before anything else.

libfaketime 0.9.10 that leaves the monotonic clock alone makes clock_nanosleep, and with it `time.sleep`, fail with
EINVAL. Waiting for nothing takes as long and uses another call.
"""

import select
import time


def _sleep(seconds: float) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select((), (), (), seconds)


time.sleep = _sleep
