"""Whose clock is wrong, by what the newest messages say of the time at which they were made."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from hub.instants import to_millis
from hub.store import tables
from schemas.messages import HUB

WITHIN: Final = timedelta(hours=1)
"""What is older says nothing of a clock that may have been set meanwhile."""
_LAST_MESSAGES: Final = 10_000
_FEWEST: Final = 3
"""From so many counties on it can be told whose clock is wrong."""
_messages = tables.messages.c


def ahead_seconds(tx: Connection, now: datetime) -> Mapping[str, float]:
    """How far each county's newest message was before the hub's clock when it was admitted, among the last ones.

    The newest alone: a clock that was set right is right with the next message. A county that sends seldom is judged
    by its last word, however many others have spoken since.
    """
    size = tx.execute(select(func.max(tables.checkpoints.c.size))).scalar()
    if size is None:
        return {}
    recent = (_messages.batch > size - _LAST_MESSAGES) & (_messages.admitted_at >= to_millis(now - WITHIN))
    newest = (
        select(_messages.source, func.max(_messages.admitted_at).label("admitted_at"))
        .where(recent)
        .group_by(_messages.source)
        .subquery()
    )
    same = (_messages.source == newest.c.source) & (_messages.admitted_at == newest.c.admitted_at)
    rows = (
        select(_messages.source, func.max(_messages.sent_at - _messages.admitted_at))
        .select_from(tables.messages.join(newest, same))
        .where(recent)
        .group_by(_messages.source)
    )
    return {source: millis / 1000 for source, millis in tx.execute(rows)}


def wrong(ahead: Mapping[str, float], most_seconds: float) -> dict[str, int]:
    """Whose clock is wrong by more than that, and by how much: a county's by code, or the `hub`'s. Pure.

    When more than half of the counties seem to be ahead, it is the hub that is behind; when even the freshest message
    of everybody seems old, the hub is ahead.
    """
    fast = {county: int(seconds) for county, seconds in sorted(ahead.items()) if seconds > most_seconds}
    known = sorted(ahead.values())
    if len(known) >= _FEWEST:
        if len(fast) * 2 > len(known):
            return {HUB: int(known[len(known) // 2])}
        if known[-1] < -most_seconds:
            return {HUB: int(-known[-1])}
    return fast
