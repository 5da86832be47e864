"""What ends is told to people long before it stops anything: lists and certificates; what is missing, at once."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.web.attention import attention
from hub.web.view import CertificateRow, ListRow

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def row(age_days: float, *, ended: bool = False) -> ListRow:
    """A list of 14 days."""
    ends_at = NOW + timedelta(days=14 - age_days)
    return ListRow(age_days=age_days, ends_at=ends_at, ended=ended, late=age_days >= 2)


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


def test_certificates_that_end_soon_are_named_and_many_counties_counted():
    """The hub's own loudest and by name; each county once, with its first end; a crowd as a number."""
    rows = [
        CertificateRow(holder="", name="broker", days_left=5),
        CertificateRow(holder="130928", name="connection", days_left=7),
        CertificateRow(holder="130928", name="signing", days_left=9),
    ]
    found = attention(queues=(), counties=(), prints=None, alarms=(), certificates=rows)
    assert [(each.tone, each.params) for each in found] == [
        ("bad", {"name": "broker", "days": "5"}),
        ("wait", {"county": "130928", "days": "7"}),
    ]
    crowd = [CertificateRow(holder=f"{number:06d}", name="signing", days_left=3) for number in range(100001, 100013)]
    (one,) = attention(queues=(), counties=(), prints=None, alarms=(), certificates=crowd)
    assert one.params == {"count": "12"}
