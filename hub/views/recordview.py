"""The operators' record for its pages, read from the store."""

from collections.abc import Sequence

from hub.record import listing, verifying
from hub.record.listing import Line
from hub.record.verifying import Checked
from hub.store import Store


class StoreRecord:
    """`hub.web.record.RecordSource` over the real store."""

    def __init__(self, store: Store) -> None:
        """Asks nothing yet."""
        self._store = store

    def record(self, *, before: int | None, who: str, about: str) -> Sequence[Line]:
        """A page of lines."""
        with self._store.read() as tx:
            return listing.lines(tx, before=before, who=who, about=about)

    def record_checked(self) -> Checked:
        """Every line."""
        with self._store.read() as tx:
            return verifying.verify(tx)
