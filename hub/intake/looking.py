"""Checks 1 to 9 of a batch, outside the writing transaction, its signatures verified on two cores.

What was looked at is judged under the trust and at the time of the look; if trust has moved since, or the look is no
longer fresh because the writer had to wait for its turn, it is made again (`Looked.holds`).

Looking at the next batch in a thread while this one is written was tried and was slower: two threads that both want
the interpreter's lock cost each other a third more than they save. Only OpenSSL's work is shared, half and half.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hub.broker import Delivery as Incoming
from hub.intake.inspection import Inspected, first_look, second_look, unread_look
from hub.registry.trust import Trust

_WORTH_SHARING: Final = 16
"""Fewer messages are verified by one thread alone."""
_FRESH: Final = timedelta(seconds=1)
"""How old a look may be when its batch is admitted; a revocation counts within this time whatever happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A batch after checks 1 to 9."""

    seen: Sequence[Inspected]
    trust: Trust
    at: datetime
    """The time of the checks, which becomes the time of admission."""
    unread: bool = False
    """Whether nothing was looked at, because reading it is what kills the worker."""

    def holds(self, trust: Trust, now: datetime) -> bool:
        """Whether the look still counts under the trust of this moment."""
        return self.unread or (self.trust.serial == trust.serial and timedelta() <= now - self.at <= _FRESH)


class Looker:
    """Looks at batches. One worker's."""

    def __init__(self, trusted: Callable[[], Trust], clock: Callable[[], datetime]) -> None:
        """`trusted` gives the newest trust that is known and may raise."""
        self._trusted = trusted
        self._clock = clock
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="looking")

    def look(self, batch: Sequence[Incoming], trust: Trust | None = None) -> Looked:
        """Look at a batch, under this trust if it is given. Raises E-STORE-001 or E-STORE-004."""
        at = self._clock()
        trust = trust or self._trusted()
        seen = [first_look(each) for each in batch]
        half = len(seen) // 2 if len(seen) >= _WORTH_SHARING else 0
        beside = self._beside.submit(_verify, seen[:half], trust, at) if half else None
        _verify(seen[half:], trust, at)
        if beside is not None:
            beside.result()
        return Looked(seen=seen, trust=trust, at=at)

    def unread(self, delivery: Incoming) -> Looked:
        """The message that is refused unread. Raises E-STORE-001 or E-STORE-004."""
        return Looked(seen=[unread_look(delivery)], trust=self._trusted(), at=self._clock(), unread=True)


def _verify(seen: Sequence[Inspected], trust: Trust, at: datetime) -> None:
    for each in seen:
        second_look(each, trust, at)
