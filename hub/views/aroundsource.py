"""The rows of the pages around the cases from the hub's store. A transaction for each call."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from hub import instants
from hub.around import groups, matters, ratings, stated
from hub.around.groups import GroupRow
from hub.around.matters import Filter, MatterRow
from hub.around.ratings import OwedRow, Rated
from hub.around.stated import StatedRow
from hub.store import Store, tables


class StoreAround:
    """`hub.web.aroundview.AroundSource` over the real hub. Safe to use from several threads."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = instants.now) -> None:
        """Asks nothing yet."""
        self._store = store
        self.now = clock

    def matters(self, wanted: Filter) -> Sequence[MatterRow]:
        """Those that are asked for."""
        with self._store.read() as tx:
            return matters.listed(tx, wanted, self.now())

    def counts(self) -> Mapping[tuple[str, str], int]:
        """By kind and state."""
        with self._store.read() as tx:
            return matters.counts(tx)

    def overdue(self) -> Mapping[str, int]:
        """By kind."""
        with self._store.read() as tx:
            return matters.overdue_counts(tx, self.now())

    def groups(self, county: str) -> Sequence[GroupRow]:
        """The newest."""
        with self._store.read() as tx:
            return groups.listed(tx, county)

    def owed(self, county: str) -> Sequence[OwedRow]:
        """What waits for a follow-up."""
        with self._store.read() as tx:
            return ratings.owed(tx, self.now(), county)

    def rated(self) -> Sequence[Rated]:
        """Of all time."""
        with self._store.read() as tx:
            return ratings.counted(tx, None, None, self.now())

    def stated(self, kind: str, county: str) -> Sequence[StatedRow]:
        """The newest."""
        with self._store.read() as tx:
            return stated.listed(tx, kind, county)

    def stated_counts(self) -> Mapping[str, int]:
        """By kind."""
        with self._store.read() as tx:
            return stated.counts(tx)

    def names(self) -> Mapping[str, str]:
        """Of every county that was ever enrolled."""
        counties = tables.counties.c
        with self._store.read() as tx:
            return {row[0]: row[1] for row in tx.execute(select(counties.division_code, counties.name))}
