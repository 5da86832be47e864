"""The report of a month: how fast, how often at once, how much online, and how people rate it. Pure reading.

By county, as the one that decides (or was rated), and by pair. What took how long is counted in the working time of the
window county, as the half-day goal is (`hub.supervision.halfday`); a case is done when it was handed over or closed, at
once (一次办结) when nothing had to be supplemented. A rate without anything to count is no rate.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from sqlalchemy import Connection, select

from hub.around import appeals, bundles, ratings
from hub.around.appeals import AppealCount
from hub.around.bundles import Saved
from hub.around.ratings import Rated
from hub.around.tables import endings
from hub.instants import to_millis
from hub.store import tables
from hub.supervision import halfday
from hub.supervision.period import Period
from schemas.reductions import Reduction
from schemas.workdays.calendars import CountyCalendar

Took = Sequence[tuple[timedelta, bool]]
_MOST_PERCENT: Final = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """From the admitted application to the first good sheet."""

    cases: int
    median_hours: float
    most_hours: float
    """Nine of ten cases took no longer."""
    within: int
    """Half a day at most."""

    @property
    def within_percent(self) -> float:
        """Of all of them."""
        return round(100 * self.within / self.cases, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One county, or one pair."""

    county: str
    """Who decides; of a pair the window county."""
    issuing: str
    """Of a pair; else empty."""
    times: Times | None
    done: int
    at_once: int
    rated: Rated | None
    items: int = 0
    """Of a county: what it handles."""
    online: int = 0

    @property
    def at_once_percent(self) -> float | None:
        """一次办结率."""
        return _percent(self.at_once, self.done)

    @property
    def online_percent(self) -> float | None:
        """网上可办率."""
        return _percent(self.online, self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of it."""

    period: Period
    made_at: datetime
    names: Mapping[str, str]
    counties: Sequence[Row]
    pairs: Sequence[Row]
    appeals: Sequence[AppealCount]
    bundles: Sequence[Saved] = ()
    """What the counties' bundles save, as of the period's last day or today."""
    county: str = ""
    """Of which one it is; empty: of all."""

    @property
    def all_appeals(self) -> AppealCount:
        """Their sum."""
        return appeals.summed(self.appeals)

    @property
    def all_bundles(self) -> Mapping[str, Reduction]:
        """The four reductions of all of them together."""
        return bundles.summed(self.bundles)

    def of(self, county: str) -> "Report":
        """What of it concerns one county."""
        return replace(
            self,
            county=county,
            counties=[each for each in self.counties if each.county == county],
            pairs=[each for each in self.pairs if county in (each.county, each.issuing)],
            appeals=[each for each in self.appeals if county in (each.window, each.issuing)],
            bundles=[each for each in self.bundles if each.county == county],
        )


def report(
    tx: Connection,
    period: Period,
    calendar_of: Callable[[str], CountyCalendar],
    online: Mapping[str, tuple[int, int]],
    saved: Sequence[Saved],
    now: datetime,
) -> Report:
    """What there is to say of a period; `online` and `saved` as `online` and `bundles` counted. No trial cases."""
    begins, ends = period.begins_at, period.ends_at
    took = halfday.times(tx, begins, ends, calendar_of)
    done, at_once = _endings(tx, begins, ends)
    by_pair = {(each.county, each.issuing): each for each in ratings.counted(tx, begins, ends, now, by_pair=True)}
    by_county = {each.county: each for each in ratings.counted(tx, begins, ends, now)}
    pairs = [
        Row(
            county=pair[0],
            issuing=pair[1],
            times=_times(took.get(pair, ())),
            done=done[pair],
            at_once=at_once[pair],
            rated=by_pair.get(pair),
        )
        for pair in sorted({*took, *done, *by_pair})
    ]
    counties = [
        Row(
            county=code,
            issuing="",
            times=_times([each for pair, some in took.items() if pair[1] == code for each in some]),
            done=sum(count for pair, count in done.items() if pair[1] == code),
            at_once=sum(count for pair, count in at_once.items() if pair[1] == code),
            rated=by_county.get(code),
            items=online.get(code, (0, 0))[0],
            online=online.get(code, (0, 0))[1],
        )
        for code in sorted({*(pair[1] for pair in (*took, *done)), *by_county, *online})
    ]
    columns = tables.counties.c
    return Report(
        period=period,
        made_at=now,
        names=dict(tx.execute(select(columns.division_code, columns.name)).all()),
        counties=counties,
        pairs=pairs,
        appeals=appeals.counted(tx, begins, ends, now),
        bundles=saved,
    )


def _endings(
    tx: Connection, begins: datetime, ends: datetime
) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    kept = endings.c
    chosen = select(kept.window_county, kept.issuing_county, kept.supplemented).where(
        kept.done_at >= to_millis(begins), kept.done_at < to_millis(ends), kept.trial.is_(False)
    )
    done, at_once = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for window, issuing, supplemented in tx.execute(chosen):
        done[(window, issuing)] += 1
        at_once[(window, issuing)] += not supplemented
    return done, at_once


def _times(took: Took) -> Times | None:
    if not took:
        return None
    hours = sorted(worked.total_seconds() / 3600 for worked, _ in took)
    return Times(
        cases=len(hours),
        median_hours=round(median(hours), 2),
        most_hours=round(hours[math.ceil(_MOST_PERCENT * len(hours)) - 1], 2),
        within=sum(good for _, good in took),
    )


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None
