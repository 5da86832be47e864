"""An old revocation list is told to people long before it stops everything; a missing one at once."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.web.attention import attention
from hub.web.view import ListRow

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def row(age_days: float, *, ended: bool = False) -> ListRow:
    """A list of 14 days."""
    return ListRow(age_days=age_days, ends_at=NOW + timedelta(days=14 - age_days), ended=ended)


def tones(lists: list[ListRow] | None) -> list[str]:
    """How loudly the page speaks of the lists."""
    return [each.tone for each in attention(queues=(), counties=(), prints=None, alarms=(), lists=lists)]


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ([row(0.5), row(1.9)], []),
        ([row(0.5), row(2.1)], ["wait"]),
        ([row(0.5), row(14.1, ended=True)], ["bad"]),
        ([], ["bad"]),
        (None, []),
    ],
)
def test_the_alarm_rises_with_age(lists: list[ListRow] | None, expected: list[str]):
    """Nothing in the first two days, a reminder from then on, an alarm when a list is missing or has ended."""
    assert tones(lists) == expected
