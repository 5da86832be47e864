"""Working days: calendars as the directory carries them, what kind of day a day is, and where limits end."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from deploy.contract import values
from deploy.contract.values import ISSUING, WINDOW, Json
from schemas.catalogue.model import LimitUnit
from schemas.errors import YunhuobanError
from schemas.workdays import overridefile
from schemas.workdays.calendars import Calendar, CountyCalendar
from schemas.workdays.hours import parse_hours
from schemas.workdays.limits import Limit, Unit, hall_closes, last_day
from schemas.workdays.override import COUNTRY, DayRule, HoursRule, Override, YearRule

_NEIGHBOUR, _PREFECTURE, _PROVINCE = "130929", "130900", "130000"


def _hours(division: str, weekday: int, said: str) -> HoursRule:
    return HoursRule(division, weekday, parse_hours(said) or ())


_IMPORTED: Final = Override(
    years=(YearRule(2027, "国办发明电"),),
    days=(
        DayRule(date(2027, 10, 1), COUNTRY, working=False, note='国庆节，"黄金周", 第一天'),
        DayRule(date(2027, 10, 9), COUNTRY, working=True, note="国庆节调休"),
        DayRule(date(2026, 11, 24), _PROVINCE, working=False, note="省"),
        DayRule(date(2026, 11, 25), _PROVINCE, working=False, note="省"),
        DayRule(date(2026, 11, 25), _PREFECTURE, working=True, note="市"),
        DayRule(date(2026, 11, 26), _PREFECTURE, working=False, note="市"),
        DayRule(date(2026, 11, 26), WINDOW, working=True, note="县"),
        DayRule(date(2026, 10, 1), WINDOW, working=True, note="县"),
    ),
    hours=(
        _hours(COUNTRY, 0, "09:00-12:00 14:00-18:00"),
        _hours(_PREFECTURE, 4, "08:30-11:30"),
        _hours(WINDOW, 5, "09:00-10:00 10:30-11:00 13:00-14:00 15:00-24:00"),
    ),
)
_HEAD: Final = "日期,安排,行政区划代码,办公时间,说明\n"
_CALENDARS: Final[Mapping[str, str | None]] = {
    "none": None,
    "nothing imported": Override().encode().decode(),
    "imported": _IMPORTED.encode().decode(),
    "another heading": "日期,安排,行政区划代码,办公时间,说明,来源\n2027-10-01,休息,,,,\n",
    "an arrangement that is not known": f"{_HEAD}2027-10-01,半天,,,\n",
    "a day that there is not": f"{_HEAD}2027-02-29,休息,,,\n",
    "a division that is none": f"{_HEAD}2027-10-01,休息,990000,,\n",
    "hours that overlap": f"{_HEAD}周一,办公时间,,09:00-12:00 11:00-17:00,\n",
    "hours for one day": f"{_HEAD}2027-10-01,上班,,09:00-12:00,\n",
    "a year for one division": f"{_HEAD}2027,全年已公布,130000,,\n",
    "one day twice": f"{_HEAD}2027-10-01,休息,,,\n2027-10-01,上班,,,\n",
    "a row that is too short": f"{_HEAD}2027-10-01,休息,,\n",
    "a quotation mark that stays open": f'{_HEAD}2027-10-01,休息,,,"国庆节\n',
}
_DAYS: Final = (
    *("2026-11-20", "2026-11-21", "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-10-01", "2026-10-10"),
    *("2004-01-01", "2003-12-31", "2027-10-01", "2027-10-09", "2027-12-31", "2028-01-03", "2028-01-01"),
)
_LIMITS: Final = (
    ("2026-11-20", Unit.WORKING_DAY, 5),
    ("2026-11-20", Unit.WORKING_DAY, 0),
    ("2026-11-21", Unit.WORKING_DAY, 0),
    ("2026-11-20", Unit.NATURAL_DAY, 1),
    ("2026-11-20", Unit.NATURAL_DAY, 5),
    ("2026-12-30", Unit.WORKING_DAY, 20),
    ("2026-12-31", Unit.NATURAL_DAY, 30),
    ("2026-08-31", Unit.MONTH, 1),
    ("2024-02-29", Unit.YEAR, 1),
    ("2024-02-29", Unit.YEAR, 2),
    ("2026-08-31", Unit.MONTH, 18),
    ("2026-09-24", Unit.WORKING_DAY, 5),
)
_SYMBOLS: Final = {Unit.NATURAL_DAY: LimitUnit.DAY.value}
"""Where the symbol of `LimitUnit` is another word."""


def vectors() -> Json:
    """The file `workdays.json`."""
    return {
        "about": "`calendars`: values of the directory's entry `calendar/…`, null where there is none; one that is not "
        "`readable` makes every day provisional. `days` and `limits`: by these calendars, for these counties. A limit "
        "starts on the day `from`; `ends_at` is when the hall of the county closes on its day `last`.",
        "calendars": [{"name": name, "csv": csv, "readable": _read(csv).complete} for name, csv in _CALENDARS.items()],
        "days": [
            {"calendar": name, "county": county, "day": day} | _day(calendar, date.fromisoformat(day))
            for name, county, calendar in _counties()
            for day in _DAYS
        ],
        "limits": [
            {"calendar": name, "county": county, "from": day, "unit": _SYMBOLS.get(unit, unit.value), "count": count}
            | _limit(calendar, date.fromisoformat(day), Limit(count, unit))
            for name, county, calendar in _counties()
            for day, unit, count in _LIMITS
        ],
    }


def _read(csv: str | None) -> Calendar:
    try:
        return Calendar(overridefile.decode(csv.encode())) if csv is not None else Calendar()
    except YunhuobanError:
        return Calendar(complete=False)


def _counties() -> list[tuple[str, str, CountyCalendar]]:
    imported = [("imported", county) for county in (WINDOW, _NEIGHBOUR, ISSUING)]
    pairs = [("none", WINDOW), *imported, ("another heading", WINDOW)]
    return [(name, county, _read(_CALENDARS[name]).of(county)) for name, county in pairs]


def _day(calendar: CountyCalendar, day: date) -> Json:
    found = calendar.day(day)
    hours = " ".join(map(str, calendar.hours(day)))
    return {"working": found.working, "provisional": found.provisional, "hours": hours}


def _limit(calendar: CountyCalendar, start: date, limit: Limit) -> Json:
    last = last_day(calendar, start, limit)
    closes = hall_closes(calendar, last.day)
    return {"last": last.day.isoformat(), "ends_at": values.millis(closes), "provisional": last.provisional}
