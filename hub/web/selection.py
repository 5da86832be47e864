"""Which of many rows the overview shows: nobody reads thousands, and no browser should be sent them. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

from hub.web.view import CountyRow, QueueRow

MOST_SHOWN: Final = 20
"""On a telephone each row takes a finger's length."""
MOST_LISTED: Final = 300
LATELY: Final = timedelta(hours=1)
"""For so long a queue that has handed over again is shown, also when it is empty."""
Row = TypeVar("Row")


def counties(rows: Sequence[CountyRow]) -> Sequence[CountyRow]:
    """All of a few; of many those with which something is the matter, who cannot take messages first."""
    if len(rows) <= MOST_SHOWN:
        return rows
    return _first([row for row in rows if not _is_well(row)], lambda row: (not (row.held or row.paused), row.online))


def queues(rows: Sequence[QueueRow]) -> Sequence[QueueRow]:
    """The hub's own that a person must see, inboxes of a few counties, and of many the queues that are not empty.

    Those whose oldest message has waited longest, then the fullest, when these are too many.
    """
    few = sum(row.name.endswith(".inbox") for row in rows) <= MOST_SHOWN
    shown = [
        row
        for row in rows
        if row.ready
        or row.unacknowledged
        or (few and row.name.endswith(".inbox"))
        or not (row.county or row.name.startswith("admission."))
    ]
    counties_own = [row for row in shown if row.county]
    chosen = _first(counties_own, lambda row: (-(row.oldest_age_seconds or 0.0), -(row.ready + row.unacknowledged)))
    names = {row.name for row in chosen}
    return [row for row in shown if not row.county or row.name in names]


def busy(rows: Sequence[QueueRow], now: datetime) -> Sequence[QueueRow]:
    """Those in which something is, or that have just handed over again, and the hub's own that must be empty.

    The oldest first, at most three hundred.
    """
    shown = [
        row
        for row in rows
        if row.ready or row.unacknowledged or row.dead_lettering or row.oldest_age_seconds
        or (row.redelivered_at is not None and now - row.redelivered_at < LATELY)
        or not (row.county or row.name.startswith("admission."))
    ]  # fmt: skip
    return sorted(shown, key=lambda row: (-(row.oldest_age_seconds or 0.0), -row.ready, row.name))[:MOST_LISTED]


def _is_well(row: CountyRow) -> bool:
    return (row.online or row.state != "active") and not (row.held or row.paused or row.slowed)


def _first(rows: Sequence[Row], rank: Callable[[Row], tuple[float, ...]]) -> Sequence[Row]:
    """The first by rank, in the order in which they came; everything when there is room for it."""
    if len(rows) <= MOST_SHOWN:
        return rows
    chosen = sorted(range(len(rows)), key=lambda at: (rank(rows[at]), at))[:MOST_SHOWN]
    return [rows[at] for at in sorted(chosen)]
