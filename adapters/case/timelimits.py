"""Time limits at the sender: what the hub would refuse as too late is told to the county's people and not signed.

By the calendar and the catalogue that the directory carries, and the hub's time of the application. The judgement is
that of the hub (`schemas.timelimits`), which judges again when it admits.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from adapters.case import caseclock
from adapters.case.casebook import Case
from adapters.directory.directoryview import DirectoryView
from schemas import timelimits


def check(
    tx: Connection, case: Case, message_type: str, record: Mapping[str, Any], directory: DirectoryView, now: datetime
) -> None:
    """Raises E-ADM-106 for a late request for supplements, E-ADM-108 for a promise beyond the statutory limit."""
    issuing = case.parties.issuing
    if message_type == "supplement.requested":
        received_at = caseclock.received_at(tx, case.case_no)
        if received_at is not None:
            timelimits.check_supplement(directory.calendar.of(issuing), received_at, now)
    elif message_type == "application.accepted":
        item = caseclock.implementation(directory, issuing, case.service_item)
        if item is not None:
            timelimits.check_promise(directory.calendar.of(issuing), item, record["promised_on"], now)
