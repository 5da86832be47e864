"""A desk of this county at which a person takes a step of a case by the press of a button.

What is said is one transaction with what the desk itself writes: the case moves, the message is signed and kept, a
signature drawn by hand lies beside it. A press carries an id and the message's id is derived of it (`message_id`), so
the same press makes one message, however often it arrives and whatever was restarted in between.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from adapters.boxes.outbox import Outbox
from adapters.case import around, matters, steps, visits
from adapters.case.casebook import Case
from adapters.directory.directories import CurrentDirectory
from adapters.hall.handwriting import book as handwriting
from adapters.identity import Identity
from adapters.store import Store
from pages.people.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """What every desk works with. Threads may share it."""

    county: str
    store: Store
    identity: Identity
    box: Outbox
    directory: CurrentDirectory
    elsewhere: frozenset[str]
    """The message types that the county's own system says: those are not said here."""
    clock: Callable[[], datetime]
    sent: Callable[[], None]
    """Wakes the senders and the local writer; called when what was said is committed."""

    def say(
        self,
        tx: Connection,
        case: Case,
        message_type: str,
        record: Mapping[str, Any],
        *,
        message_id: str,
        person: Person,
        signature: bytes | None,
        now: datetime,
    ) -> None:
        """Take the step and write its message.

        Raises E-LINK-101 without a directory, E-AROUND-… when it does not fit, and what `steps` raises.
        """
        directory = self.directory.demand(tx)
        steps.demand_party(case, self.county, message_type)
        around.demand_fit(tx, self.identity, case, self.county, message_type, record)
        steps.take(tx, case, message_type, record, directory, now)
        steps.put(tx, self.box, case, message_type, record, directory, now, county=self.county, message_id=message_id)
        if message_type in visits.AFTER:
            visits.settle(tx, self.box, self.identity, case, directory, now, elsewhere=self.elsewhere)
        if signature is not None:
            handwriting.keep(
                tx,
                self.identity,
                message_id=message_id,
                case_no=case.case_no,
                picture=signature,
                by=person.account,
                now=now,
            )

    def begin(
        self,
        tx: Connection,
        message_type: str,
        record: Mapping[str, Any],
        *,
        county: str,
        service_item: str,
        message_id: str,
        now: datetime,
    ) -> str:
        """Open a matter beside the cases with another county; returns its number.

        Raises E-LINK-101 without a directory, E-SRC-103 or E-CAT-101 to -103 for an item that the county concerned
        does not handle, and what `Outbox.put` raises.
        """
        directory = self.directory.demand(tx)
        case = matters.open_matter(
            tx, message_type, directory, here=self.county, county=county, service_item=service_item, now=now
        )
        steps.put(tx, self.box, case, message_type, record, directory, now, county=self.county, message_id=message_id)
        return case.case_no
