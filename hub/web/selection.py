"""Which of many rows the overview shows: nobody reads thousands, and no browser should be sent them. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

from hub.web.view import CountyRow, QueueRow

MOST_SHOWN: Final = 60
MOST_LISTED: Final = 300
LATELY: Final = timedelta(hours=1)
"""For so long a queue that has handed over again is shown, also when it is empty."""
Row = TypeVar("Row")


def counties(rows: Sequence[CountyRow]) -> Sequence[CountyRow]:
    """Those that cannot take messages, then those that are there, then the others, as far as there is room."""
    return _first(rows, lambda row: (not row.held, not row.online))


def queues(rows: Sequence[QueueRow]) -> Sequence[QueueRow]:
    """The hub's own that a person must see, inboxes, and whatever is not empty; the fullest when there are too many."""
    shown = [
        row
        for row in rows
        if row.ready
        or row.unacknowledged
        or row.name.endswith(".inbox")
        or not (row.county or row.name.startswith("admission."))
    ]
    return _first(shown, lambda row: (row.county is not None, -(row.ready + row.unacknowledged)))


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


def _first(rows: Sequence[Row], rank: Callable[[Row], tuple[bool, int]]) -> Sequence[Row]:
    """The first by rank, in the order in which they came; everything when there is room for it."""
    if len(rows) <= MOST_SHOWN:
        return rows
    chosen = sorted(range(len(rows)), key=lambda at: (rank(rows[at]), at))[:MOST_SHOWN]
    return [rows[at] for at in sorted(chosen)]
