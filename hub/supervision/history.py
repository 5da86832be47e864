"""What happened in one case, in the order of the journal, as far as time limits are concerned. Pure reading.

A message stands in the store once however often it came, and only what was admitted counts: duplicates and refusals
move no clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from hub.instants import from_millis
from hub.store import tables
from hub.views.ladder import leaf_index
from schemas.clock import Event
from schemas.envelope import Envelope
from schemas.leaf import ADMITTED
from schemas.messages import HUB

REFUSED: Final = "message.refused"
_SAID: Final = frozenset({"application.accepted", "deadline.extended", "procedure.opened", "decision.made"})
"""Whose facts the clocks need; nobody else's envelope is opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One admitted message."""

    message_id: str
    message_type: str
    source: str
    destination: str
    at: datetime
    received_at: datetime | None
    """When its destination signed for it, or refused it: it was there then, too."""
    facts: Mapping[str, Any] | None

    @property
    def event(self) -> Event:
        """For the contract's clock."""
        return Event(self.message_type, self.at, self.facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One case."""

    case_no: str
    window: str
    issuing: str
    service_item: str
    steps: Sequence[Step]


def read(tx: Connection, case: Any) -> History:
    """The history of a row of `cases`."""
    columns = tables.messages.c
    chosen = select(
        columns.message_id,
        columns.type,
        columns.source,
        columns.destination,
        columns.admitted_at,
        columns.received_at,
        columns.in_reply_to,
        columns.body,
        columns.evidence,
    ).where(columns.case_no == case.case_no, columns.verdict == ADMITTED)
    rows = sorted(tx.execute(chosen), key=lambda row: leaf_index(row.evidence) or 0)
    refused = {(row.destination, row.in_reply_to): from_millis(row.admitted_at) for row in rows if row.type == REFUSED}
    return History(
        case_no=case.case_no,
        window=case.window_county,
        issuing=case.issuing_county,
        service_item=case.service_item,
        steps=[_step(row, refused.get((row.source, row.message_id))) for row in rows],
    )


def _step(row: Any, refused_at: datetime | None) -> Step:
    signed = from_millis(row.received_at) if row.received_at is not None else None
    return Step(
        message_id=row.message_id,
        message_type=row.type,
        source=row.source,
        destination=row.destination,
        at=from_millis(row.admitted_at),
        received_at=min((at for at in (signed, refused_at) if at is not None), default=None),
        facts=Envelope.parse(row.body).facts if row.type in _SAID else None,
    )


def to_a_county(step: Step) -> bool:
    """Whether a county has to sign for it."""
    return step.destination != HUB
