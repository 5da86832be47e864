"""What may be spoiled, who picks it, and the list of all faults."""

import copy
from collections.abc import Callable, Sequence
from typing import Any, Final

from schemas.messages import HUB
from tests.chaos.evidence import CountyBooks, Evidence, Row
from tests.chaos.history import Event
from tests.chaos.lookup import NOTICES

Pick = Callable[[Sequence[Any]], Any]
Fault = Callable[[list[Event], Evidence, Pick], set[str]]
FAULTS: Final[dict[str, Fault]] = {}
ELSEWHERE: Final = "00000000-0000-4000-8000-000000000000"


def fault(function: Fault) -> Fault:
    """Enter one in the list."""
    FAULTS[function.__name__] = function
    return function


def spoiled(events: list[Event], evidence: Evidence) -> tuple[list[Event], Evidence]:
    """Copies that may be spoiled."""
    return list(events), copy.deepcopy(evidence)


def rungs(evidence: Evidence) -> list[Row]:
    """Admitted messages that a county is to apply."""
    return [
        row
        for row in evidence.hub.messages
        if row["state"] == "admitted" and row["destination"] != HUB and row["type"] not in NOTICES
    ]


def arrival(evidence: Evidence, message: Row) -> tuple[list[Row], Row]:
    """A message's row in its destination's inbox, and that inbox."""
    inbox = evidence.counties[message["destination"]].inbox
    key = message["source"], message["message_id"]
    return inbox, next(row for row in inbox if (row["source"], row["message_id"]) == key)


def sent(evidence: Evidence, message: Row) -> tuple[list[Row], Row]:
    """A message's row in its sender's outbox, and that outbox."""
    outbox = evidence.counties[message["source"]].outbox
    return outbox, next(row for row in outbox if row["message_id"] == message["message_id"])


def county_with(evidence: Evidence, pick: Pick, has: Callable[[CountyBooks], Sequence[Any]]) -> CountyBooks:
    """A county that has some of these."""
    codes = sorted(code for code, books in evidence.counties.items() if has(books))
    return evidence.counties[pick(codes)]


def printed(evidence: Evidence, pick: Pick) -> Row:
    """An authorisation in a county's ledger."""
    rows: list[Row] = [row for books in evidence.counties.values() for row in books.prints]
    return pick(sorted(rows, key=lambda row: row["authorisation_no"]))


def submits(events: list[Event]) -> list[int]:
    """Where acknowledged submissions stand."""
    return [at for at, event in enumerate(events) if (event.kind, event.phase) == ("submit", "ok")]
