"""Checks 1 to 9 of a batch, made in a thread beside the one that writes.

While one batch is decided and committed, the next is read and its signatures are verified: SQLite and OpenSSL both
work without the interpreter's lock. What was looked at is judged under the trust and at the time of the look; if trust
has moved since, or the look is no longer fresh, it is made again (`Looked.holds`).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hub.broker import Delivery as Incoming
from hub.inspection import Inspected, first_look, second_look, unread_look
from hub.trust import Trust

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
    """Looks at batches, here or ahead in its own thread. One worker's."""

    def __init__(self, trusted: Callable[[], Trust], clock: Callable[[], datetime]) -> None:
        """`trusted` gives the trust of this moment and may raise; it is called in both threads."""
        self._trusted = trusted
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="looking")

    def ahead(self, batch: Sequence[Incoming]) -> Future[Looked]:
        """Begin to look at a batch; it raises what `look` raises when it is asked for its result."""
        return self._thread.submit(self.look, batch)

    def look(self, batch: Sequence[Incoming], trust: Trust | None = None) -> Looked:
        """Look at a batch now, under this trust if it is given. Raises E-STORE-001 or E-STORE-004."""
        at = self._clock()
        trust = trust or self._trusted()
        return Looked(seen=[second_look(first_look(each), trust, at) for each in batch], trust=trust, at=at)

    def unread(self, delivery: Incoming) -> Looked:
        """The message that is refused unread. Raises E-STORE-001 or E-STORE-004."""
        return Looked(seen=[unread_look(delivery)], trust=self._trusted(), at=self._clock(), unread=True)
