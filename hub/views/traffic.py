"""Traffic as the hub's store knows it: who waits for whom, how much passes a minute, whom to phone. Reading."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select

from hub.instants import from_millis
from hub.observing import hours
from hub.store import tables
from hub.views.ledgerview import RECEIPTED, unsigned

RATE_OVER: Final = timedelta(minutes=5)
_messages = tables.messages.c


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPair:
    """What one county has sent to another and that one has not signed for."""

    source: str
    destination: str
    count: int
    oldest_at: datetime


def pairs(tx: Connection) -> list[WaitingPair]:
    """Every pair for which something waits, the oldest first."""
    oldest = func.min(_messages.admitted_at)
    asked = select(_messages.source, _messages.destination, func.count(), oldest).where(unsigned())
    rows = tx.execute(asked.group_by(_messages.source, _messages.destination).order_by(oldest, _messages.source))
    return [
        WaitingPair(source=source, destination=destination, count=count, oldest_at=from_millis(at))
        for source, destination, count, at in rows
    ]


def between(tx: Connection, source: str, destination: str, limit: int) -> Sequence[Any]:
    """The messages that wait between two counties, or two provinces (the first digits of a code), oldest first."""
    columns = (
        *(_messages.message_id, _messages.type, _messages.case_no),
        *(_messages.source, _messages.destination, _messages.admitted_at),
    )
    both = _messages.source.startswith(source, autoescape=True)
    both &= _messages.destination.startswith(destination, autoescape=True)
    asked = select(*columns).where(unsigned(), both).order_by(_messages.admitted_at, _messages.message_id)
    return tx.execute(asked.limit(limit)).all()


def lately(tx: Connection, now: datetime) -> hours.Counts:
    """What passed in the last `RATE_OVER`."""
    return hours.counts(tx, hours.size_at(tx, now - RATE_OVER), hours.size_at(tx, now))


def flows(tx: Connection, now: datetime) -> dict[str, tuple[float, float]]:
    """For each county how many messages a minute came for it in `RATE_OVER`, and how many it signed as received."""
    start, minutes = hours.size_at(tx, now - RATE_OVER), RATE_OVER.total_seconds() / 60
    lately_admitted = (_messages.batch > start) & (_messages.state == "admitted")

    def counted(by: Any, types: Collection[str]) -> dict[str, int]:
        asked = select(by, func.count()).where(lately_admitted, _messages.type.in_(types)).group_by(by)
        return dict(tx.execute(asked).all())

    came, signed = counted(_messages.destination, RECEIPTED), counted(_messages.source, (hours.RECEIVED,))
    return {code: (came.get(code, 0) / minutes, signed.get(code, 0) / minutes) for code in came | signed}


def contacts(tx: Connection, codes: Collection[str]) -> Mapping[str, tuple[str, str]]:
    """Whom each of these counties named to be asked, and the telephone."""
    counties = tables.counties.c
    asked = select(counties.division_code, counties.contact, counties.telephone)
    return {row[0]: (row[1], row[2]) for row in tx.execute(asked.where(counties.division_code.in_(codes)))}
