"""A week or a month as counties count it: whole days in Beijing."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Self

from schemas.errors import YunhuobanError, declare
from schemas.workdays.hours import beijing_day, instant

BAD_PERIOD: Final = declare("E-SUP-008", "周或月的写法不对。", "请写成 2026-W48（周）或 2026-11（月）。")
_WEEK: Final = re.compile(r"([0-9]{4})-W([0-9]{2})")
_MONTH: Final = re.compile(r"([0-9]{4})-([0-9]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One of them."""

    name: str
    """`2026-W48` or `2026-11`."""
    first: date
    last: date
    """The last day belongs to it."""

    @property
    def begins_at(self) -> datetime:
        """The midnight with which it begins."""
        return instant(self.first, 0)

    @property
    def ends_at(self) -> datetime:
        """The midnight after it."""
        return instant(self.last + timedelta(days=1), 0)

    @property
    def is_week(self) -> bool:
        """A week, or else a month."""
        return "W" in self.name

    @classmethod
    def read(cls, text: str) -> Self:
        """Read `2026-W48` (ISO 8601, Monday to Sunday) or `2026-11`. Raises E-SUP-008."""
        try:
            if found := _WEEK.fullmatch(text):
                first = date.fromisocalendar(int(found[1]), int(found[2]), 1)
                return cls(name=text, first=first, last=first + timedelta(days=6))
            if found := _MONTH.fullmatch(text):
                first = date(int(found[1]), int(found[2]), 1)
                return cls(name=text, first=first, last=_next_month(first) - timedelta(days=1))
        except (ValueError, OverflowError) as error:
            raise YunhuobanError(BAD_PERIOD, place="period", found=text[:20]) from error
        raise YunhuobanError(BAD_PERIOD, place="period", found=text[:20])

    @classmethod
    def week_of(cls, at: datetime) -> Self:
        """The week in which an instant lies."""
        year, week, _ = beijing_day(at).isocalendar()
        return cls.read(f"{year:04}-W{week:02}")

    @classmethod
    def month_of(cls, at: datetime) -> Self:
        """The month in which an instant lies."""
        return cls.read(f"{beijing_day(at):%Y-%m}")

    @property
    def before(self) -> "Period":
        """The one before it."""
        at = instant(self.first - timedelta(days=1), 0)
        return Period.week_of(at) if self.is_week else Period.month_of(at)


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
