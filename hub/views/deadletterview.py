"""Dead letters for their pages, over the store; each change is one transaction with its line of the record."""

from collections.abc import Callable, Sequence
from datetime import datetime

from hub import instants
from hub.outflow import deadletters
from hub.record.acts import Act
from hub.record.noting import Actor, note
from hub.replaying import choosing, ordering, reading
from hub.replaying.choosing import Heap, Letter, Wanted
from hub.replaying.ordering import Order, Tried
from hub.replaying.reading import Opened
from hub.store import Store


class StoreDeadLetters:
    """`hub.web.deadview.DeadLetters` over the real store."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = instants.now) -> None:
        """Asks nothing yet."""
        self._store = store
        self._now = clock

    def heaps(self) -> Sequence[Heap]:
        """What waits, put together."""
        with self._store.read() as tx:
            return choosing.heaps(tx)

    def letters(self, wanted: Wanted, after: tuple[int, str] | None) -> Sequence[Letter]:
        """A page of the letters that wait."""
        with self._store.read() as tx:
            return choosing.page(tx, wanted, after=after)

    def opened(self, number: str) -> Opened | None:
        """One letter."""
        with self._store.read() as tx:
            return reading.opened(tx, number, self._now())

    def attempt(self, wanted: Wanted) -> Tried:
        """The dry run."""
        with self._store.read() as tx:
            return ordering.attempt(tx, wanted, self._now())

    def order_many(self, wanted: Wanted, who: Actor, *, counted: int, rate: int, reason: str, second: str) -> int:
        """Order a batch. Raises E-ADM-092, -095, -096 or -098."""
        now = self._now()
        with self._store.write() as tx:
            return ordering.order_many(
                tx, wanted, who, counted=counted, rate=rate, reason=reason, second=second, now=now
            )

    def order_one(self, number: str, who: Actor, *, reason: str) -> int:
        """Order one letter. Raises E-ADM-091 to -094."""
        with self._store.write() as tx:
            return ordering.order_one(tx, number, who, reason=reason, now=self._now())

    def discard(self, number: str, who: Actor, *, reason: str, second: str) -> None:
        """Discard one letter. Raises E-ADM-091 or -092."""
        now = self._now()
        with self._store.write() as tx:
            deadletters.discard(tx, number, reason=reason, now=now)
            note(tx, who, Act.DEAD_DISCARDED, at=now, about=number, reason=reason, second=second)

    def stop(self, batch: int, who: Actor, *, reason: str) -> None:
        """Stop a batch. Raises E-ADM-097."""
        with self._store.write() as tx:
            ordering.stop(tx, batch, who, reason=reason, now=self._now())

    def orders(self) -> Sequence[Order]:
        """The newest batches."""
        with self._store.read() as tx:
            return ordering.listed(tx)

    def order(self, batch: int) -> Order | None:
        """One of them."""
        with self._store.read() as tx:
            return ordering.one(tx, batch)
