"""What was said around and beside the cases, from the clear facts of both boxes: nothing is decrypted for a list."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.boxes import inbox
from adapters.instants import from_millis, to_millis
from adapters.store import tables
from schemas.aroundhistory import Said
from schemas.envelope import Envelope
from schemas.lifecycle import TURN

MOST: Final = 5000


@dataclass(frozen=True, slots=True)
class Event:
    """One message that counts, and when the hub admitted it."""

    said: Said
    at: datetime


def events(
    tx: Connection, county: str, types: Collection[str], since: datetime | None = None
) -> Mapping[str, list[Event]]:
    """By case, in order; of more than `MOST` in a box the newest."""
    found: dict[str, dict[str, Event]] = defaultdict(dict)
    for row in [*_rows(tx, tables.inbox, types, since), *_rows(tx, tables.outbox, types, since)]:
        envelope = Envelope.parse(row.body)
        ours = "created_at" in row._fields
        at = from_millis(row.admitted_at or row.created_at) if ours else inbox.admitted_at(row.evidence)
        source = county if ours else envelope.source
        found[row.case_no][row.message_id] = Event(Said(source, row.type, envelope.facts or {}), at)
    return {number: sorted(each.values(), key=_order) for number, each in found.items()}


def _rows(tx: Connection, box: Any, types: Collection[str], since: datetime | None) -> list[Any]:
    columns = box.c
    times: tuple[Any, ...]
    if box is tables.outbox:
        counts, began, times = columns.state != "refused", columns.created_at, (columns.admitted_at, columns.created_at)
    else:
        counts, began, times = columns.state == "applied", columns.arrived_at, (columns.evidence,)
    wanted = select(columns.message_id, columns.case_no, columns.type, columns.body, *times).where(
        columns.type.in_(types), counts
    )
    if since is not None:
        wanted = wanted.where(began >= to_millis(since))
    return list(tx.execute(wanted.order_by(columns.seq.desc()).limit(MOST)).all())


def _order(event: Event) -> tuple[datetime, int]:
    return event.at, TURN.index(event.said.type)
