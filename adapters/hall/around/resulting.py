"""The result on paper of a relayed case that will never arrive: what a person says of it at the case's thread."""

import structlog

from adapters.case import casebook, results
from adapters.case.workplace import Workplace
from pages.frame import NOT_THERE
from pages.people.person import Person
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)


class Resulting:
    """Of one county; thread-safe, because what it changes is a transaction of its own."""

    def __init__(self, place: Workplace) -> None:
        """Nothing is read yet."""
        self._place = place

    def settle(self, number: str, reason: str, person: Person) -> None:
        """Nobody waits for it any more, for one of `results.REASONS`. Raises E-POWER-011, E-PAGE-005."""
        with self._place.store.write() as tx:
            case = casebook.find(tx, number)
            if case is None:
                raise YunhuobanError(NOT_THERE, place="case_no")
            directory, now = self._place.directory(tx), self._place.clock()
            results.settle(tx, case, directory, reason=reason, account=person.account, now=now)
        _log.info("result.settled", case_no=number)
