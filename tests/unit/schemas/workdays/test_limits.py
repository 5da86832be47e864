"""Limits: the domain's vectors, the Civil Code's rules for months, and laws that hold for every date and calendar."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import YunhuobanError
from schemas.workdays import limits, worktime
from schemas.workdays.calendars import Calendar
from schemas.workdays.hours import BEIJING, Span
from schemas.workdays.limits import Limit, Pause, Unit, deadline, last_day, nth_working_day
from schemas.workdays.override import DayRule, HoursRule, Override

CHINA = Calendar().of("130928")
DAYS = st.dates(date(2003, 1, 1), date(2030, 12, 31))
INSTANTS = st.datetimes(datetime(2003, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
COUNTS = st.integers(0, 60)
LIMITS = st.one_of(
    st.builds(Limit, COUNTS, st.sampled_from([Unit.WORKING_DAY, Unit.NATURAL_DAY])),
    st.builds(Limit, st.integers(0, 24), st.just(Unit.MONTH)),
    st.builds(Limit, st.integers(0, 3), st.just(Unit.YEAR)),
)
SHORT_FRIDAY = HoursRule("130928", 4, (Span(8 * 60 + 30, 11 * 60 + 30),))
OVERRIDES = st.lists(st.builds(DayRule, DAYS, st.sampled_from(["", "130928"]), st.booleans()), max_size=30).map(
    lambda rules: Override(days=tuple(rules), hours=(SHORT_FRIDAY,))
)
CALENDARS = st.just(CHINA) | OVERRIDES.map(lambda override: Calendar(override).of("130928"))


@st.composite
def pauses(draw, around=INSTANTS):
    """A pause of up to four weeks."""
    begins = draw(around)
    return Pause(begins_at=begins, ends_at=begins + timedelta(minutes=draw(st.integers(0, 40_000))))


def beijing(text):
    """The instant of a Beijing date and time."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("2026-09-28", 5, "2026-10-10"),  # over National Day, to the make-up Saturday
        ("2026-02-13", 5, "2026-02-27"),  # over the Spring Festival, make-up Saturday the 14th counted
        ("2026-04-30", 20, "2026-06-01"),
        ("2022-08-24", 3, "2022-08-29"),
    ],
)
def test_the_vectors_of_working_days(start, count, expected):
    """The start is excluded; holidays and make-up days are the published ones."""
    found = nth_working_day(CHINA, date.fromisoformat(start), count)
    assert (found.day.isoformat(), found.provisional) == (expected, False)


@pytest.mark.parametrize(
    ("start", "count", "unit", "expected"),
    [
        ("2026-11-25", 10, Unit.NATURAL_DAY, "2026-12-07"),  # the tenth day is a Saturday
        ("2026-11-25", 5, Unit.NATURAL_DAY, "2026-11-30"),
        ("2026-09-21", 10, Unit.NATURAL_DAY, "2026-10-08"),  # 1 October is a holiday
        ("2026-01-31", 1, Unit.MONTH, "2026-02-28"),  # the last of the month, and a make-up Saturday
        ("2023-12-29", 2, Unit.MONTH, "2024-02-29"),
        ("2026-08-01", 2, Unit.MONTH, "2026-10-08"),
        ("2024-02-29", 1, Unit.YEAR, "2025-02-28"),
        ("2020-11-25", 3, Unit.YEAR, "2023-11-27"),
        ("2026-11-25", 0, Unit.WORKING_DAY, "2026-11-25"),
        ("2026-11-28", 0, Unit.WORKING_DAY, "2026-11-30"),  # taken in on a Saturday
    ],
)
def test_natural_days_months_and_years_end_on_a_working_day(start, count, unit, expected):
    """Civil Code art. 202 and 203."""
    found = last_day(CHINA, date.fromisoformat(start), Limit(count, unit))
    assert (found.day.isoformat(), found.provisional) == (expected, False)


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("2026-09-28T10:00", 5, "2026-10-10T17:00"),
        ("2026-09-28T23:30", 5, "2026-10-10T17:00"),  # still the 28th in Beijing
        ("2026-11-25T10:00", 0, "2026-11-25T17:00"),
        ("2026-11-25T17:00", 0, "2026-11-26T17:00"),  # after hours: not a limit that is over at once
        ("2026-11-27T18:00", 0, "2026-11-30T17:00"),
    ],
)
def test_a_deadline_is_the_end_of_hall_hours_as_an_instant(start, count, expected):
    """In UTC, counted from the Beijing date of the start."""
    found = deadline(CHINA, beijing(start), Limit(count, Unit.WORKING_DAY))
    assert (found.at, found.provisional) == (beijing(expected), False)
    assert found.at.tzinfo is UTC


def test_a_county_with_other_hours_has_other_deadlines():
    """On its short Friday the limit ends at half past eleven."""
    calendar = Calendar(Override(hours=(SHORT_FRIDAY,)))
    limit, start = Limit(2, Unit.WORKING_DAY), beijing("2026-11-25T10:00")
    assert deadline(calendar.of("130928"), start, limit).at == beijing("2026-11-27T11:30")
    assert deadline(calendar.of("140881"), start, limit).at == beijing("2026-11-27T17:00")


def test_a_deadline_beyond_the_published_calendar_is_provisional():
    """Twenty working days from 20 December 2026 rest on days of 2027; twenty from 25 November do not."""
    limit = Limit(20, Unit.WORKING_DAY)
    assert deadline(CHINA, beijing("2026-12-20T10:00"), limit).provisional
    assert not deadline(CHINA, beijing("2026-11-25T10:00"), limit).provisional
    assert deadline(CHINA, beijing("2026-11-25T10:00"), Limit(1, Unit.YEAR)).provisional


def test_a_pause_moves_the_deadline_by_its_working_time():
    """An inspection over a weekend takes eleven hours of hall time: the limit ends eleven such hours later."""
    start, limit = beijing("2026-11-16T10:00"), Limit(10, Unit.WORKING_DAY)
    inspection = Pause(begins_at=beijing("2026-11-20T13:00"), ends_at=beijing("2026-11-23T17:00"))
    assert deadline(CHINA, start, limit).at == beijing("2026-11-30T17:00")
    assert deadline(CHINA, start, limit, [inspection]).at == beijing("2026-12-02T14:00")


def test_a_pause_before_the_clock_runs_moves_nothing():
    """The day of the start is not counted, so it cannot be paused either."""
    start, limit = beijing("2026-11-16T09:00"), Limit(1, Unit.WORKING_DAY)
    same_day = Pause(begins_at=beijing("2026-11-16T10:00"), ends_at=beijing("2026-11-16T17:00"))
    into_next = Pause(begins_at=beijing("2026-11-16T10:00"), ends_at=beijing("2026-11-17T10:00"))
    assert deadline(CHINA, start, limit, [same_day]) == deadline(CHINA, start, limit)
    assert deadline(CHINA, start, limit, [into_next]).at == beijing("2026-11-18T10:00")


def test_a_pause_after_the_deadline_moves_nothing():
    """What is late stays late."""
    start, limit = beijing("2026-11-16T09:00"), Limit(1, Unit.WORKING_DAY)
    late = Pause(begins_at=beijing("2026-11-17T17:00"), ends_at=beijing("2026-11-30T17:00"))
    assert deadline(CHINA, start, limit, [late]) == deadline(CHINA, start, limit)


@pytest.mark.parametrize(
    ("count", "unit"), [(-1, Unit.WORKING_DAY), (2501, Unit.WORKING_DAY), (121, Unit.MONTH), (11, Unit.YEAR)]
)
def test_a_limit_out_of_reason_is_refused(count, unit):
    """Negative, or beyond ten years."""
    with pytest.raises(YunhuobanError) as refusal:
        Limit(count, unit)
    assert refusal.value.code.code == "E-CAL-020"


@given(calendar=CALENDARS, start=DAYS, first=COUNTS, second=COUNTS)
def test_first_n_then_m_is_n_plus_m(calendar, start, first, second):
    """Counting may be interrupted anywhere."""
    there = nth_working_day(calendar, start, first)
    further = nth_working_day(calendar, there.day, second)
    at_once = nth_working_day(calendar, start, first + second)
    assert further.day == at_once.day
    assert (there.provisional or further.provisional) == at_once.provisional


@given(calendar=CALENDARS, start=DAYS, count=st.integers(1, 60))
def test_between_start_and_nth_day_lie_just_so_many_working_days(calendar, start, count):
    """The definition itself."""
    end = nth_working_day(calendar, start, count).day
    days = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(calendar.is_working_day(day) for day in days) == count
    assert calendar.is_working_day(end)


@given(calendar=CALENDARS, limit=LIMITS, one=INSTANTS, other=INSTANTS)
def test_who_starts_later_never_ends_earlier(calendar, limit, one, other):
    """Monotone in the start, in every unit, and never over before it begins."""
    earlier, later = sorted((one, other))
    ends = deadline(calendar, earlier, limit).at
    assert earlier < ends <= deadline(calendar, later, limit).at


@given(calendar=CALENDARS, start=INSTANTS, one=LIMITS, more=st.integers(0, 30))
def test_a_longer_limit_never_ends_earlier(calendar, start, one, more):
    """Monotone in the count."""
    longer = Limit(min(one.count + more, limits.MOST[one.unit]), one.unit)
    assert deadline(calendar, start, one).at <= deadline(calendar, start, longer).at


@given(calendar=CALENDARS, start=INSTANTS, limit=LIMITS, at=st.lists(INSTANTS, max_size=3))
def test_a_pause_of_no_time_changes_nothing(calendar, start, limit, at):
    """Begun and ended in the same instant."""
    nothing = [Pause(begins_at=each, ends_at=each) for each in at]
    assert deadline(calendar, start, limit, nothing) == deadline(calendar, start, limit)


@given(data=st.data(), calendar=CALENDARS, start=INSTANTS, limit=LIMITS)
def test_the_time_that_counts_is_the_same_with_and_without_pauses(data, calendar, start, limit):
    """Working time until the deadline, less that of the pauses however they overlap, is that of the limit alone."""
    near = st.integers(0, 100_000).map(lambda minutes: start + timedelta(minutes=minutes))
    made = data.draw(st.lists(pauses(near), max_size=4))
    alone, paused = deadline(calendar, start, limit), deadline(calendar, start, limit, made)
    runs_from = start
    if limit.count:
        runs_from = datetime.combine(start.astimezone(BEIJING).date() + timedelta(days=1), time(), BEIJING)
    lost, until = timedelta(), runs_from
    for pause in sorted(made, key=lambda each: each.begins_at):
        ends = min(pause.ends_at, paused.at)
        lost += worktime.between(calendar, max(pause.begins_at, until), ends).time
        until = max(until, ends)
    assert worktime.between(calendar, runs_from, paused.at).time - lost == (
        worktime.between(calendar, runs_from, alone.at).time
    )
    assert deadline(calendar, start, limit, made[::-1]) == paused


@given(start=INSTANTS, limit=LIMITS)
def test_the_time_of_day_of_a_deadline_is_the_same_all_year(start, limit):
    """There is no summer time: 17:00 in Beijing is 09:00 UTC in January and in July."""
    assert deadline(CHINA, start, limit).at.time() == time(9, 0)
