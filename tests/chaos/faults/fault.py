"""What every fault is: a kind for the plan, a way to inflict it and a way to heal it."""

import time
from collections.abc import Callable
from typing import ClassVar, Final, Protocol, TypeVar

from tests.chaos.arena import Arena
from tests.chaos.plan import Kind, Step

T = TypeVar("T")
_LOOK_SECONDS: Final = 0.1


class NotInflictedError(Exception):
    """It could not be done now, because another fault stands in the way: no cycle, and no problem."""


class Fault(Protocol):
    """One kind of fault. It may keep what it needs for healing; it hits one target at a time."""

    kind: ClassVar[Kind]

    def inflict(self, arena: Arena, step: Step) -> None:
        """Do it. Raises NotInflictedError."""

    def heal(self, arena: Arena, step: Step) -> None:
        """End it. May be called though it was not inflicted, and again when it failed."""


def awaited(look: Callable[[], T | None], what: str, seconds: float = 20.0) -> T:
    """What `look` gives as soon as it is something. Raises NotInflictedError when that takes too long."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise NotInflictedError(what)
        time.sleep(_LOOK_SECONDS)
    return found
