"""What ends is told to people long before it stops anything: lists and certificates; what is missing, at once."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.web.attention import MOST_NAMED, attention
from hub.web.renewalview import RenewalRow
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
        ("wait", {"name": "130928", "days": "7"}),
    ]
    crowd = [CertificateRow(holder=f"{number:06d}", name="signing", days_left=3) for number in range(100001, 100013)]
    (one,) = attention(queues=(), counties=(), prints=None, alarms=(), certificates=crowd)
    assert one.params == {"count": "12"}


def test_renewals_that_wait_for_the_authority_are_named_and_many_counted():
    """In one line, with the oldest; what is answered waits for the county, and nobody at the hub has to do anything."""

    def row(number: int, *, answered: bool = False) -> RenewalRow:
        came_at, ends_at = NOW - timedelta(hours=number), NOW + timedelta(days=90)
        answered_at = NOW if answered else None
        return RenewalRow(
            county=f"{number:06}", name=f"县{number}", came_at=came_at, ends_at=ends_at, answered_at=answered_at
        )

    def told(rows: list[RenewalRow]) -> list[tuple[str, dict[str, str], datetime | None]]:
        found = attention(queues=(), counties=(), prints=None, alarms=(), renewals=rows)
        return [(each.href, each.params, each.since_at) for each in found]

    assert told([row(1, answered=True)]) == []
    two = [row(1), row(2), row(3, answered=True)]
    assert told(two) == [("/renewals", {"names": "县1、县2"}, NOW - timedelta(hours=2))]
    assert told([row(number) for number in range(MOST_NAMED + 1)])[0][1] == {"count": str(MOST_NAMED + 1)}


def test_answers_and_follow_ups_that_are_overdue_lead_to_their_lists():
    """One line each with the number; nothing while there is none."""
    nothing = {"queues": (), "counties": (), "prints": None, "alarms": ()}
    found = attention(**nothing, unanswered=2, unfollowed=1)
    assert [(each.href, each.params["count"]) for each in found] == [
        ("/around?overdue=true", "2"),
        ("/around/ratings", "1"),
    ]
    assert attention(**nothing) == []
