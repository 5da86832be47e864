"""The calendar: the published days exactly, rules over them in their order, and nothing guessed beyond."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.workdays import calendars
from schemas.workdays.calendars import Calendar
from schemas.workdays.hours import DEFAULT_HOURS, Span
from schemas.workdays.override import DayRule, HoursRule, Override, YearRule

NANNING, NANNING_CITY, GUANGXI, WUQIAO = "450105", "450100", "450000", "130928"
DAYS = st.dates(date(2000, 1, 1), date(2031, 12, 31))
PLACES = st.sampled_from(["", GUANGXI, NANNING_CITY, NANNING, WUQIAO])


def days_of(year):
    """Every day of a year."""
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", range(2004, 2027))
def test_every_published_day_is_as_chinesecalendar_has_it(year):
    """Day by day: working or not, a holiday by its name, and nothing provisional."""
    calendar = Calendar().of()
    for each in days_of(year):
        day = calendar.day(each)
        assert day.working == chinese_calendar.is_workday(each), each
        assert not day.provisional, each
        on_holiday, name = chinese_calendar.get_holiday_detail(each)
        if on_holiday and name:
            assert day.rule.note == chinese_calendar.Holiday(name).chinese, each


@pytest.mark.parametrize(("year", "count"), [(2022, 249), (2025, 248), (2026, 248)])
def test_a_year_has_as_many_working_days_as_published(year, count):
    """The sums of domain vectors."""
    calendar = Calendar().of()
    assert sum(calendar.is_working_day(each) for each in days_of(year)) == count


def test_make_up_days_of_2026_are_working_saturdays_and_sundays():
    """Six days at weekends on which halls work."""
    calendar = Calendar().of()
    made_up = [each for each in days_of(2026) if each.weekday() > 4 and calendar.is_working_day(each)]
    assert [f"{each:%m-%d}" for each in made_up] == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]


@pytest.mark.parametrize("year", [2003, 2027, 2028])
def test_beyond_the_published_years_the_week_counts_and_every_day_is_provisional(year):
    """No holiday is guessed there, no make-up day either, and nothing is raised."""
    calendar = Calendar().of(WUQIAO)
    for each in days_of(year):
        day = calendar.day(each)
        assert (day.working, day.provisional, day.rule) == (each.weekday() < 5, True, None)


def test_an_imported_notice_publishes_its_year():
    """After it the year's other days follow the week for certain; a day alone makes only itself certain."""
    holiday = DayRule(date(2027, 10, 1), "", working=False, note="国庆节")
    partly, wholly = Calendar(Override(days=(holiday,))), Calendar(Override(days=(holiday,), years=(YearRule(2027),)))
    assert (partly.is_published(2027), wholly.is_published(2027)) == (False, True)
    for calendar, provisional in ((partly, True), (wholly, False)):
        of_county = calendar.of(WUQIAO)
        assert of_county.day(date(2027, 10, 1)).rule == holiday
        assert not of_county.day(date(2027, 10, 1)).provisional
        assert of_county.day(date(2027, 10, 11)).provisional is provisional
    assert not wholly.of().day(date(2026, 12, 31)).provisional


def test_a_regional_holiday_is_a_day_off_in_its_region_only():
    """广西三月三 of 2026: off in every county of Guangxi, a working day in Hebei and for the country."""
    day = date(2026, 4, 20)
    calendar = Calendar(Override(days=(DayRule(day, GUANGXI, working=False, note="广西三月三"),)))
    assert [calendar.of(each).is_working_day(day) for each in (NANNING, "451481", WUQIAO, "")] == [
        False, False, True, True,
    ]  # fmt: skip


@given(day=DAYS, rules=st.dictionaries(PLACES, st.booleans()), of=PLACES)
def test_the_narrowest_rule_wins(day, rules, of):
    """County over prefecture over province over import over the published calendar, whatever each of them says."""
    override = Override(days=tuple(DayRule(day, place, working=working) for place, working in rules.items()))
    chain = {NANNING: [NANNING, NANNING_CITY, GUANGXI, ""], NANNING_CITY: [NANNING_CITY, GUANGXI, ""]}
    narrowest = next((each for each in chain.get(of, [of, ""]) if each in rules), None)
    found = Calendar(override).of(of).day(day)
    if narrowest is None:
        assert found == Calendar().of(of).day(day)
    else:
        assert (found.working, found.rule.division, found.provisional) == (rules[narrowest], narrowest, False)


@given(day=DAYS, other=DAYS, working=st.booleans(), place=PLACES)
def test_a_rule_changes_its_own_day_only(day, other, working, place):
    """Nothing else moves when a day is overridden."""
    calendar = Calendar(Override(days=(DayRule(day, place, working=working),))).of(WUQIAO)
    if other != day:
        assert calendar.day(other) == Calendar().of(WUQIAO).day(other)


def test_calendars_with_the_same_rules_are_equal():
    """A county can tell whether a new override changes anything for it."""
    rule = DayRule(date(2027, 10, 1), "", working=False)
    assert Calendar(Override(days=(rule,))).of(WUQIAO) == Calendar(Override(days=(rule, rule))).of(WUQIAO)
    assert Calendar(Override(days=(rule,))) != Calendar()


def test_hall_hours_are_those_of_the_county_and_weekday():
    """Friday's short hours of one county; elsewhere, and on its other days, the usual ones."""
    short = (Span(9 * 60, 12 * 60),)
    calendar = Calendar(Override(hours=(HoursRule(NANNING, 4, short), HoursRule(GUANGXI, 5, short))))
    friday, saturday = date(2026, 11, 27), date(2026, 10, 10)
    assert calendar.of(NANNING).hours(friday) == short
    assert calendar.of(NANNING).hours(saturday) == short
    assert calendar.of(NANNING).hours(date(2026, 11, 26)) == DEFAULT_HOURS
    assert calendar.of(WUQIAO).hours(friday) == DEFAULT_HOURS


def test_the_published_calendar_is_in_canonical_form():
    """`china.csv` is exactly what its rules encode to, so that a new year can be added by import and export."""
    file = calendars.resources.files("schemas") / "workdays" / "china.csv"
    assert calendars.published().encode() == file.read_bytes()
