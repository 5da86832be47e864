"""好差评: stars by county, and the bad ratings that nobody has called back about. Pure reading."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, case, func, select

from hub.around.tables import ratings
from hub.instants import from_millis, to_millis
from hub.views.ledgerview import Pile
from schemas.aroundhistory import BAD_STARS
from schemas.messages import Party

MOST: Final = 500
_GOOD_STARS: Final = 3
"""基本满意 and better."""
_kept = ratings.c


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedRow:
    """A bad rating that waits for its follow-up."""

    case_no: str
    county: str
    stars: int
    given_at: datetime
    limit_at: datetime | None
    """None: the calendar of that year is not published."""
    overdue: bool
    trial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """One county, or the cases of one pair."""

    county: str
    """Who was rated; of a pair the window county."""
    issuing: str
    """Of a pair; else empty."""
    stars: Sequence[int]
    """How many of five stars, of four, down to one."""
    bad: int
    followed_in_time: int
    followed_late: int
    owed_late: int

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.stars)

    @property
    def good_percent(self) -> float | None:
        """非常满意, 满意 and 基本满意 of all; None without any."""
        return round(100 * sum(self.stars[:_GOOD_STARS]) / self.count, 1) if self.count else None

    @property
    def followed_percent(self) -> float | None:
        """Of the bad ones those followed up within the fifteen days; None without any."""
        return round(100 * self.followed_in_time / self.bad, 1) if self.bad else None


def owed(tx: Connection, now: datetime, county: str = "") -> Sequence[OwedRow]:
    """At most `MOST`, those longest overdue first."""
    asked = select(ratings).where(_kept.owed)
    if county:
        asked = asked.where(_kept.county == county)
    asked = asked.order_by(func.coalesce(_kept.limit_at, to_millis(now) * 2), _kept.case_no).limit(MOST)
    return [
        OwedRow(
            case_no=row.case_no,
            county=row.county,
            stars=row.stars,
            given_at=from_millis(row.given_at),
            limit_at=from_millis(row.limit_at) if row.limit_at is not None else None,
            overdue=row.limit_at is not None and row.limit_at <= to_millis(now),
            trial=bool(row.trial),
        )
        for row in tx.execute(asked)
    ]


def late_by_county(tx: Connection, now: datetime) -> dict[str, Pile]:
    """Bad ratings not followed up in time, by the county that was rated; none on trial."""
    late = select(_kept.county, func.count(), func.min(_kept.limit_at)).where(
        _kept.owed, _kept.limit_at <= to_millis(now), _kept.trial.is_(False)
    )
    rows = tx.execute(late.group_by(_kept.county))
    return {county: Pile(count=count, oldest_at=from_millis(since)) for county, count, since in rows}


def counted(
    tx: Connection, begins: datetime | None, ends: datetime | None, now: datetime, *, by_pair: bool = False
) -> Sequence[Rated]:
    """The ratings given in this time, by rated county, or by the pair of counties of the cases; none on trial."""
    millis = to_millis(now)
    followed, in_time = _kept.followed_at.is_not(None), _kept.followed_at < _kept.limit_at
    asked = select(
        _kept.county,
        _kept.other,
        _kept.target,
        _kept.stars,
        func.count().label("rated"),
        # Whose limit cannot be counted yet is not late.
        _sum(followed & (in_time | _kept.limit_at.is_(None))).label("in_time"),
        _sum(followed & ~in_time).label("late"),
        _sum(_kept.owed & (_kept.limit_at <= millis)).label("owed_late"),
    ).where(_kept.trial.is_(False))
    if begins is not None and ends is not None:
        asked = asked.where(_kept.given_at >= to_millis(begins), _kept.given_at < to_millis(ends))
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in tx.execute(asked.group_by(_kept.county, _kept.other, _kept.target, _kept.stars)):
        count = found[_pair(row) if by_pair else (row.county, "")]
        count[str(row.stars)] += row.rated
        if row.stars <= BAD_STARS:
            count.update(bad=row.rated, in_time=row.in_time, late=row.late, owed_late=row.owed_late)
    return [
        Rated(
            county=county,
            issuing=issuing,
            stars=[count[str(stars)] for stars in range(5, 0, -1)],
            bad=count["bad"],
            followed_in_time=count["in_time"],
            followed_late=count["late"],
            owed_late=count["owed_late"],
        )
        for (county, issuing), count in sorted(found.items())
    ]


def _pair(row: Any) -> tuple[str, str]:
    return (row.county, row.other) if row.target == Party.WINDOW else (row.other, row.county)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
