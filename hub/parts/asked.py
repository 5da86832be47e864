"""Which parts a destination has asked for that have not passed yet: no other part passes, and each passes once.

It is memory only. What a new process does not know of is not passed; its destination asks again after a while. A county
that asks for more than its credit has its oldest wishes forgotten, so that neither it nor a source can make this grow.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from schemas.attachments import CREDIT

_REMEMBERED: Final = 2 * CREDIT
"""Of one county towards another: a county that was started anew asks again for what is still on its way."""
_QUIET_SECONDS: Final = 15 * 60.0


class Wish(NamedTuple):
    """One part."""

    message_id: str
    attachment: int
    part: int


class Asked:
    """The open wishes of all pairs of counties."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Nothing is asked for yet."""
        self._monotonic = monotonic
        self._pairs: OrderedDict[tuple[str, str], OrderedDict[Wish, None]] = OrderedDict()
        self._touched: dict[tuple[str, str], float] = {}

    def wish(self, source: str, destination: str, wishes: Iterable[Wish]) -> None:
        """The destination waits for these now."""
        pair = (source, destination)
        mine = self._pairs.setdefault(pair, OrderedDict())
        for each in wishes:
            mine.pop(each, None)
            mine[each] = None
        while len(mine) > _REMEMBERED:
            mine.popitem(last=False)
        self._pairs.move_to_end(pair)
        self._touched[pair] = self._monotonic()
        self._forget_quiet()

    def grant(self, source: str, destination: str, wish: Wish) -> bool:
        """Whether this part is waited for; it is not any more."""
        mine = self._pairs.get((source, destination))
        if mine is None or wish not in mine:
            return False
        del mine[wish]
        return True

    def _forget_quiet(self) -> None:
        """The pair that asked the longest time ago stands first."""
        limit = self._monotonic() - _QUIET_SECONDS
        while self._touched[first := next(iter(self._pairs))] < limit:
            del self._pairs[first], self._touched[first]
