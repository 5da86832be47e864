"""Working time: only hall hours of working days count, in any cut."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.workdays import worktime
from schemas.workdays.calendars import Calendar
from schemas.workdays.hours import BEIJING, Span
from schemas.workdays.override import DayRule, HoursRule, Override

CHINA = Calendar().of("130928")
ODD = Calendar(
    Override(
        days=(DayRule(date(2026, 11, 25), "130928", working=False), DayRule(date(2026, 11, 28), "", working=True)),
        hours=(HoursRule("130928", 0, (Span(0, 24 * 60),)), HoursRule("130000", 1, (Span(600, 601),))),
    )
).of("130928")
CALENDARS = st.sampled_from([CHINA, ODD])
INSTANTS = st.datetimes(datetime(2026, 9, 1), datetime(2027, 2, 28), timezones=st.just(UTC))  # noqa: DTZ001
TIMES = st.timedeltas(timedelta(), timedelta(hours=200))


def beijing(text):
    """The instant of a Beijing date and time."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)


@pytest.mark.parametrize(
    ("begins", "ends", "hours"),
    [
        ("2026-11-25T09:00", "2026-11-25T17:00", 7),  # the noon break does not count
        ("2026-11-25T08:00", "2026-11-25T23:00", 7),
        ("2026-11-25T11:30", "2026-11-25T13:30", 1),
        ("2026-11-25T12:00", "2026-11-25T13:00", 0),
        ("2026-11-27T16:00", "2026-11-30T10:00", 2),  # over a weekend
        ("2026-09-30T17:00", "2026-10-10T17:00", 21),  # over National Day: the 8th, the 9th, the make-up Saturday
        ("2026-11-26T09:00", "2026-11-25T09:00", 0),
    ],
)
def test_only_hall_hours_of_working_days_count(begins, ends, hours):
    """Nights, noon, weekends and holidays are no working time; make-up days are."""
    found = worktime.between(CHINA, beijing(begins), beijing(ends))
    assert (found.time, found.provisional) == (timedelta(hours=hours), False)


@pytest.mark.parametrize(
    ("begins", "hours", "ends"),
    [
        ("2026-11-25T17:00", 7, "2026-11-26T17:00"),  # the end of a day, not the beginning of the next
        ("2026-11-25T11:00", 2, "2026-11-25T14:00"),
        ("2026-11-28T20:00", 3, "2026-11-30T12:00"),
        ("2026-11-28T20:00", 0, "2026-11-28T20:00"),
        ("2026-09-30T17:00", 1, "2026-10-08T10:00"),
    ],
)
def test_working_time_is_added_at_the_earliest_instant(begins, hours, ends):
    """As soon as that much of it has passed."""
    assert worktime.after(CHINA, beijing(begins), timedelta(hours=hours)).at == beijing(ends)


def test_time_beyond_the_published_calendar_is_provisional():
    """One hour of 2027 is enough, and also to have counted a day of it."""
    new_year = beijing("2027-01-01T00:00")
    assert not worktime.between(CHINA, beijing("2026-12-01T00:00"), new_year - timedelta(seconds=1)).provisional
    assert worktime.between(CHINA, beijing("2026-12-01T00:00"), new_year + timedelta(hours=1)).provisional
    assert worktime.after(CHINA, beijing("2026-12-31T16:00"), timedelta(hours=2)).provisional


@given(calendar=CALENDARS, cuts=st.lists(INSTANTS, min_size=3, max_size=3).map(sorted))
def test_working_time_may_be_cut_anywhere(calendar, cuts):
    """What lies before a cut and what lies after it is the whole."""
    first, cut, last = cuts
    whole, left, right = (worktime.between(calendar, *ends).time for ends in ((first, last), (first, cut), (cut, last)))
    assert left + right == whole
    assert timedelta() <= whole <= last - first


@given(calendar=CALENDARS, begins=INSTANTS, time=TIMES, more=TIMES)
def test_adding_is_the_inverse_of_measuring(calendar, begins, time, more):
    """Of what was added just as much is found again, not an instant later; and adding may be cut, too."""
    at = worktime.after(calendar, begins, time).at
    assert worktime.between(calendar, begins, at).time == time
    if time:
        assert worktime.between(calendar, begins, at - timedelta(microseconds=1)).time < time
    assert worktime.after(calendar, at, more).at == (worktime.after(calendar, begins, time + more).at if more else at)
