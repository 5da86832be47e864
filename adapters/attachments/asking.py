"""Which parts to ask for next: a county at most its credit of parts at a time, and again what does not come.

Memory only: what is here is in the store, and what was asked for by a process that is gone is asked for again. A source
that is silent is asked again after a pause that doubles; one lost part among many that come is asked for as soon as
others that were asked for much later are here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from adapters.attachments.receiving import Coming
from schemas.attachments import CREDIT

FIRST_PAUSE_SECONDS: Final = 60.0
"""Sixteen parts take a line of one Mbit/s some seventy seconds, and every part that comes begins the pause anew."""
LONGEST_PAUSE_SECONDS: Final = 600.0
_OVERTAKEN: Final = 2 * CREDIT


class Wish(NamedTuple):
    """Parts of one attachment to ask for in one request."""

    coming: Coming
    parts: Sequence[int]


@dataclass(slots=True)
class _Source:
    """What one county was asked for and has not sent."""

    open: dict[tuple[str, int], int] = field(default_factory=dict)
    """By file and part; the number of the wish."""
    serial: int = 0
    pause: float = FIRST_PAUSE_SECONDS
    heard_at: float = 0.0


class Asker:
    """One node's open wishes; used by one thread."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Nothing was asked for yet."""
        self._monotonic = monotonic
        self._sources: dict[str, _Source] = {}

    def next(self, wanted: Iterable[tuple[Coming, frozenset[int]]]) -> list[Wish]:
        """What to ask for now, given what is coming, in order, and which parts of it are here."""
        wishes = []
        for coming, here in wanted:
            source = self._sources.setdefault(coming.source, _Source(heard_at=self._monotonic()))
            self._give_up_silence(source)
            lacking = [n for n in range(coming.part_count) if n not in here and (coming.file_id, n) not in source.open]
            parts = lacking[: max(0, CREDIT - len(source.open))]
            if not parts:
                continue
            if not source.open:
                source.heard_at = self._monotonic()
            for part in parts:
                source.serial += 1
                source.open[coming.file_id, part] = source.serial
            wishes.append(Wish(coming, parts))
        return wishes

    def came(self, coming: Coming, part: int) -> None:
        """A part is here: its county is not silent."""
        source = self._sources.setdefault(coming.source, _Source())
        source.heard_at, source.pause = self._monotonic(), FIRST_PAUSE_SECONDS
        serial = source.open.pop((coming.file_id, part), 0)
        for lost in [wish for wish, number in source.open.items() if number < serial - _OVERTAKEN]:
            del source.open[lost]

    def failed(self, coming: Coming) -> None:
        """An attachment will not come: nothing of it is waited for."""
        source = self._sources.setdefault(coming.source, _Source())
        for wish in [each for each in source.open if each[0] == coming.file_id]:
            del source.open[wish]

    def unsent(self, wish: Wish) -> None:
        """The request did not go out."""
        source = self._sources[wish.coming.source]
        for part in wish.parts:
            source.open.pop((wish.coming.file_id, part), None)

    def _give_up_silence(self, source: _Source) -> None:
        moment = self._monotonic()
        if source.open and moment >= source.heard_at + source.pause:
            source.open.clear()
            source.heard_at, source.pause = moment, min(source.pause * 2, LONGEST_PAUSE_SECONDS)
