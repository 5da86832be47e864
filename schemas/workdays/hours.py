"""Hall hours: the spans of a day in which a hall works, in Beijing time."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8))
"""One offset for the whole country and every year that is counted: there is no summer time."""
MOST_SPANS: Final = 4
_DAY_MINUTES: Final = 24 * 60
_SPAN: Final = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?:-|~|–|—|至|到)([0-9]{1,2}):([0-5][0-9])")


def instant(day: date, minutes: int) -> datetime:
    """The instant (UTC) so many minutes after midnight in Beijing."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
    return (midnight + timedelta(minutes=minutes)).astimezone(UTC)


def beijing_day(at: datetime) -> date:
    """The date in Beijing at this instant."""
    return at.astimezone(BEIJING).date()


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """One stretch of hall hours, in minutes after midnight; the end may be 24:00."""

    begins_minutes: int
    ends_minutes: int

    def begins_at(self, day: date) -> datetime:
        """The instant (UTC) at which it begins on this day."""
        return instant(day, self.begins_minutes)

    def ends_at(self, day: date) -> datetime:
        """The instant (UTC) at which it ends on this day."""
        return instant(day, self.ends_minutes)

    def __str__(self) -> str:
        """Return it as the override file says it: `09:00-12:00`."""
        begins, ends = (
            f"{minutes // 60:02d}:{minutes % 60:02d}" for minutes in (self.begins_minutes, self.ends_minutes)
        )
        return f"{begins}-{ends}"


DEFAULT_HOURS: Final = (Span(9 * 60, 12 * 60), Span(13 * 60, 17 * 60))
"""Of a hall that has not said its own."""


def parse_hours(text: str) -> tuple[Span, ...] | None:
    """Read `9:00-12:00 13:00-17:00`, also with Chinese punctuation; None when these are no hall hours.

    There is at least one span, each begins before it ends, and none before the one in front of it has ended.
    """
    parts = re.split(r"[\s,;、]+", unicodedata.normalize("NFKC", text).strip())
    matches = [_SPAN.fullmatch(part) for part in parts]
    if not 1 <= len(parts) <= MOST_SPANS:
        return None
    spans: list[Span] = []
    for match in matches:
        if match is None:
            return None
        hours = [int(each) for each in match.groups()]
        span = Span(hours[0] * 60 + hours[1], hours[2] * 60 + hours[3])
        after = spans[-1].ends_minutes if spans else 0
        if not after <= span.begins_minutes < span.ends_minutes <= _DAY_MINUTES:
            return None
        spans.append(span)
    return tuple(spans)


def format_hours(hours: Iterable[Span]) -> str:
    """The hours as the override file says them."""
    return " ".join(map(str, hours))
