"""Times as the county node stores them: integers, milliseconds since 1970 in UTC."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_millis(at: datetime) -> int:
    """Milliseconds since 1970; anything finer is cut off, as the wire does."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def from_millis(value: int) -> datetime:
    """The aware UTC datetime of a stored time."""
    return _EPOCH + timedelta(milliseconds=value)


def too_far(now: datetime, longest_pause_seconds: float) -> int:
    """A stored time after which nothing that waits can be due: it was written under a clock that was put back since."""
    return to_millis(now + timedelta(seconds=longest_pause_seconds))


def now() -> datetime:
    """The node's clock, in whole milliseconds, so that a stored time equals the one that was signed."""
    return from_millis(to_millis(datetime.now(UTC)))
