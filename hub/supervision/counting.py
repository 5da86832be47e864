"""The weekly count and the monthly bulletin in numbers: per county and per pair of counties. Pure reading.

What was withdrawn is counted in a column of its own and in no other: the ruling took it from the county's record.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from hub.instants import to_millis
from hub.store import tables
from hub.supervision import halfday, listing, outages
from hub.supervision.halfday import PairTimes
from hub.supervision.levels import Level
from hub.supervision.listing import CardRow
from hub.supervision.outages import Outage
from hub.supervision.period import Period
from schemas.lifecycle import OF_A_CASE
from schemas.workdays.calendars import CountyCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyCount:
    """One county in a period."""

    county: str
    opened: int
    """Cases that its windows opened."""
    to_decide: int
    """Cases that were opened for it to decide."""
    levels: Mapping[str, int]
    """Cards by colour, but for those that were withdrawn."""
    withdrawn: int
    cleared: int
    """Of those that count: done since, too late."""
    explained: int
    unsettled: int
    """Neither done nor ruled on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """All of it."""

    period: Period
    made_at: datetime
    names: Mapping[str, str]
    counties: Sequence[CountyCount]
    pairs: Sequence[PairTimes]
    cards: Sequence[CardRow]
    outages: Sequence[Outage]
    county: str = ""
    """Of which one it is; empty: of all."""

    def of(self, county: str) -> "Bulletin":
        """What of it concerns one county, for that county: its counts and cards, and the pairs that it is part of."""
        return replace(
            self,
            county=county,
            counties=[each for each in self.counties if each.county == county],
            pairs=[each for each in self.pairs if county in (each.window, each.issuing)],
            cards=[each for each in self.cards if each.county == county],
        )

    @property
    def levels(self) -> Mapping[str, int]:
        """Cards by colour in all."""
        return {level.value: sum(each.levels[level.value] for each in self.counties) for level in Level}

    @property
    def away(self) -> timedelta:
        """How long the hub was away, within the period."""
        begins, ends = self.period.begins_at, self.period.ends_at
        spans = (min(each.ended_at, ends) - max(each.began_at, begins) for each in self.outages)
        return sum(spans, timedelta())


def bulletin(tx: Connection, period: Period, calendar_of: Callable[[str], CountyCalendar], now: datetime) -> Bulletin:
    """What there is to say of a period. Counties without a case and without a card are left out."""
    cards = listing.between(tx, period.begins_at, period.ends_at)
    opened, to_decide = _cases(tx, period)
    named = sorted({*opened, *to_decide, *(card.county for card in cards)})
    counties = tables.counties.c
    names = tx.execute(select(counties.division_code, counties.name))
    away = [each for each in outages.listed(tx, since=period.begins_at) if each.began_at < period.ends_at]
    return Bulletin(
        period=period,
        made_at=now,
        names={row.division_code: row.name for row in names},
        counties=[
            _county(code, opened[code], to_decide[code], [card for card in cards if card.county == code])
            for code in named
        ],
        pairs=halfday.pairs(tx, period.begins_at, period.ends_at, calendar_of),
        cards=cards,
        outages=away,
    )


def _cases(tx: Connection, period: Period) -> tuple[Counter[str], Counter[str]]:
    cases = tables.cases.c
    in_time = (cases.opened_at >= to_millis(period.begins_at), cases.opened_at < to_millis(period.ends_at))
    real = (cases.state.in_(OF_A_CASE), ~cases.trial)  # matters have numbers like cases, and are none
    pairs = select(cases.window_county, cases.issuing_county, func.count()).where(*in_time, *real)
    opened, to_decide = Counter[str](), Counter[str]()
    for window, issuing, count in tx.execute(pairs.group_by(cases.window_county, cases.issuing_county)):
        opened[window] += count
        to_decide[issuing] += count
    return opened, to_decide


def _county(code: str, opened: int, to_decide: int, cards: Sequence[CardRow]) -> CountyCount:
    counted = [card for card in cards if card.counts]
    return CountyCount(
        county=code,
        opened=opened,
        to_decide=to_decide,
        levels={level.value: sum(card.level == level for card in counted) for level in Level},
        withdrawn=len(cards) - len(counted),
        cleared=sum(card.cleared_at is not None for card in counted),
        explained=sum(card.explanation is not None for card in counted),
        unsettled=sum(card.standing in ("open", "explained") for card in counted),
    )
