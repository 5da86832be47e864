"""A search with its purpose: the look is written down, and what is shown is masked."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from adapters.hall.privacy.subject import number as numbers
from adapters.hall.privacy.subject.found import Subject
from adapters.hall.privacy.subject.searching import search
from adapters.hall.revealing import book
from adapters.hall.revealing.book import What
from adapters.identity import Identity
from adapters.instants import from_millis, to_millis
from adapters.store import Store
from schemas.errors import YunhuobanError, declare

TICKET_OLD: Final = declare(
    "E-SUBJ-001", "这次查询已经过时，不能再用它申请导出。", "请重新查询，再在结果页面申请导出。"
)
_PLACE: Final = "privacy/ticket"
_GOOD_FOR: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectDesk:
    """Searches over one county's store. Threads may share it."""

    store: Store
    identity: Identity
    clock: Callable[[], datetime]

    def look(self, typed: str, *, account: str, purpose: str) -> Subject:
        """Find, masked; a row in the book of looks for each case. Raises E-LOOK-001 and as `number.parse` does."""
        number, now = numbers.parse(typed), self.clock()
        with self.store.write() as tx:
            # Before anything is opened: who asks without a purpose learns nothing.
            book.note(tx, account=account, case_no="", what=What.SUBJECT, purpose=purpose, now=now)
        with self.store.read() as tx:
            found = search(tx, self.identity, number, revealed=False)
        with self.store.write() as tx:
            for case_no in found.cases:
                book.note(tx, account=account, case_no=case_no, what=What.SUBJECT, purpose=purpose, now=now)
        return found

    def ticket(self, typed: str, *, account: str) -> str:
        """A number as the page may carry it on to the request for an export: sealed, for one account, for minutes."""
        said = {"number": numbers.parse(typed), "account": account, "at": to_millis(self.clock())}
        return base64.urlsafe_b64encode(self.identity.storage.seal(json.dumps(said).encode(), place=_PLACE)).decode()

    def open_ticket(self, ticket: str, *, account: str) -> str:
        """The number. Raises E-SUBJ-001 for another account's, an old one, or anything else."""
        try:
            said = json.loads(self.identity.storage.open(base64.urlsafe_b64decode(ticket), place=_PLACE))
        except (YunhuobanError, binascii.Error, ValueError):
            raise YunhuobanError(TICKET_OLD, place="ticket") from None
        fresh = self.clock() - from_millis(said["at"]) <= _GOOD_FOR
        if said["account"] != account or not fresh:
            raise YunhuobanError(TICKET_OLD, place="ticket")
        return str(said["number"])
