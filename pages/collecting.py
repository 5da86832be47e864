"""A process that starts: nothing of what it loads is garbage, so the collector of rings need not look for any there."""

import gc
from typing import Final

_YOUNG: Final = 50_000
_TIMES: Final = 20


def seldom() -> None:
    """What is loaded is left alone from now on, and what is new is looked through when there is much of it.

    As Python comes, every 700 new objects are a reason to look, and a start makes a million: a worker of the hub began
    a tenth sooner, a county's node a fifth. What nobody holds any more is freed at once as ever, by counting; only
    objects that hold one another wait, some megabytes at most (`gc.freeze`, `gc.set_threshold`).
    """
    gc.freeze()
    gc.set_threshold(_YOUNG, _TIMES, _TIMES)
