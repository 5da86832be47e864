"""Opening a matter beside the cases: a question, a complaint, a check of somebody's life, a monthly list.

It has a number and two parties like a case, travels the same road under the same receipts, and has states of its own.
It needs no alliance, and nobody tries it out first.
"""

from datetime import datetime

from sqlalchemy import Connection

from adapters.case import casebook
from adapters.case.casebook import Case
from adapters.directory import choosing
from adapters.directory.directoryview import DirectoryView
from schemas import lifecycle
from schemas.lifecycle import CaseState
from schemas.messages import Parties, concerned


def open_matter(
    tx: Connection,
    message_type: str,
    directory: DirectoryView,
    *,
    here: str,
    county: str,
    service_item: str,
    now: datetime,
) -> Case:
    """Enter it under the next number of this county. Raises E-SRC-103, E-CAT-101 to -103, or E-ID-003 to -005."""
    choosing.check_concerning(
        directory, other=county, concerned=concerned(message_type, here, county), service_item=service_item, now=now
    )
    return casebook.open_case(
        tx,
        case_no=casebook.mint(tx, here, now),
        parties=Parties(window=here, issuing=county),
        service_item=service_item,
        trial=False,
        local_case=None,
        now=now,
        state=lifecycle.advance(None, message_type, None) or CaseState.SUBMITTED,
    )
