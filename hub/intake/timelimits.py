"""Time limits that the hub itself holds a step to: what comes too late by a published calendar is refused.

The judgement is the contract's (`schemas.timelimits`), which the sender's own adapter asks too. One worker's; the
calendar is read again when an import has changed it.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from hub.instants import from_millis
from hub.registry.calendars import CurrentCalendar
from hub.store import tables
from schemas import timelimits
from schemas.catalogue.view import CatalogueView
from schemas.envelope import Envelope
from schemas.identifiers.item import IMPLEMENTATION_LENGTH

_OPENED: Final = select(tables.cases.c.opened_at).where(tables.cases.c.case_no == bindparam("case_no"))


class TimeLimits:
    """Outlives the transactions."""

    def __init__(self) -> None:
        """Nothing is read before it is needed."""
        self._calendar = CurrentCalendar()

    def check(self, tx: Connection, envelope: Envelope, catalogue: CatalogueView, now: datetime) -> None:
        """Raises E-ADM-106 for a supplement request later than five working days after the application.

        Raises E-ADM-108 for an acceptance that promises a day after the statutory limit of its item.
        """
        if envelope.type == "supplement.requested":
            self._check_supplement(tx, envelope, now)
        elif envelope.type == "application.accepted":
            self._check_promise(tx, envelope, catalogue, now)

    def _check_promise(self, tx: Connection, envelope: Envelope, catalogue: CatalogueView, now: datetime) -> None:
        item = catalogue.implementation(envelope.source, envelope.service_item[:IMPLEMENTATION_LENGTH])
        if item is not None:
            promised = (envelope.facts or {})["promised_on"]
            timelimits.check_promise(self._calendar(tx).of(envelope.source), item, promised, now)

    def _check_supplement(self, tx: Connection, envelope: Envelope, now: datetime) -> None:
        opened = tx.execute(_OPENED, {"case_no": envelope.case_no}).scalar()
        if opened is not None:  # else opened in this very batch
            timelimits.check_supplement(self._calendar(tx).of(envelope.source), from_millis(opened), now)
