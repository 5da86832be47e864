"""Waiting for people at the hub: ask, pause, ask again, until there is nothing left to wait for.

The pauses grow from seconds to a minute and are never quite the same, so that counties that were started together do
not ask together. What passes by itself (the network, a busy hub) is shown and waited out.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from schemas.errors import YunhuobanError
from schemas.joining.wire import Told

FIRST_SECONDS: Final = 5.0
LONGEST_SECONDS: Final = 60.0
_GROWS: Final = 1.4
GOES_ON: Final = frozenset({"requested", "approved_once", "approved", "answered"})
"""At these somebody else has to do something."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Between two questions."""

    told: Told | None
    """What the hub said; none when it could not be asked."""
    trouble: YunhuobanError | None
    seconds: float


def wait(
    ask: Callable[[], Told],
    *,
    transient: Callable[[YunhuobanError], bool],
    pause: Callable[[Pause], None],
    first_seconds: float = FIRST_SECONDS,
) -> Told:
    """Ask until it is decided; `pause` shows what was said and lets the seconds pass. Raises what `ask` does."""
    seconds = first_seconds
    while True:
        told, trouble = None, None
        try:
            told = ask()
        except YunhuobanError as error:
            if not transient(error):
                raise
            trouble = error
        if told is not None and told.state not in GOES_ON:
            return told
        pause(Pause(told, trouble, seconds * random.uniform(0.5, 1.0)))  # noqa: S311 -- spreads load only
        seconds = min(LONGEST_SECONDS, seconds * _GROWS)
