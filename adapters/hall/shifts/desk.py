"""What the page of the change of shift shows and does, over this node's store."""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from adapters.hall.shifts import book
from adapters.hall.shifts.book import CHANGED, Change, Held, Line
from adapters.store import Store
from pages.frame import NOT_THERE
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)


class ShiftDesk:
    """The shifts of one hall; thread-safe, because everything it changes is a transaction of its own."""

    def __init__(self, *, store: Store, hall: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._hall = hall
        self._clock = clock

    def held(self, account: str) -> Held:
        """What an account answers for."""
        with self._store.read() as tx:
            return book.held(tx, account)

    def changes(self) -> Sequence[Change]:
        """The newest of this hall."""
        with self._store.read() as tx:
            return book.changes(tx, self._hall)

    def change(self, change_id: str) -> tuple[Change, Sequence[Line]]:
        """One hand-over with its lines. Raises E-PAGE-005."""
        with self._store.read() as tx:
            found = book.find(tx, change_id)
            if found is None or found.hall != self._hall:
                raise YunhuobanError(NOT_THERE, place="change_id")
            return found, book.lines(tx, change_id)

    def pass_on(self, change_id: str, *, given_by: str, sign: Callable[[], str], seen: str) -> None:
        """Hand over to whoever signs; the same press once more asks nobody again.

        The list is looked at before anybody signs, because a code of the second factor is good once. Raises as
        `book.pass_on`, and what `sign` raises.
        """
        with self._store.read() as tx:
            if book.find(tx, change_id) is not None:
                return
            found = book.held(tx, given_by)
        if found.seen != seen and (found.claims or found.sheets):
            raise YunhuobanError(CHANGED, place="seen")
        taken_by = sign()
        with self._store.write() as tx:
            book.pass_on(
                tx,
                change_id=change_id,
                hall=self._hall,
                given_by=given_by,
                taken_by=taken_by,
                seen=seen,
                now=self._clock(),
            )
        _log.info("shift.changed", account=taken_by)
