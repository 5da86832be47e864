"""The clock as people are shown it: what is due, what is left of it, what is late, and what nobody is late by."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.clock import Event
from schemas.clockface import ClockFace, Due, DueKind, face
from schemas.lifecycle import TURN
from schemas.workdays.calendars import Calendar
from schemas.workdays.hours import beijing_day
from tests.catalogue_world import ISSUING, implementation

CALENDAR = Calendar().of(ISSUING)
STATUTORY, PROMISED, ANSWER = DueKind.STATUTORY, DueKind.PROMISED, DueKind.ANSWER
PROMISE = {"promised_on": date(2026, 3, 4)}
RECEIVED = ("application.submitted", "2026-03-02")
ACCEPTED = ("application.accepted", "2026-03-02", PROMISE)


def at(day: str, hour: int = 10) -> datetime:
    """An hour of a day in Beijing."""
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+08:00").astimezone(UTC)


def shown(now: str, *steps: tuple[Any, ...], calendar: Any = CALENDAR, **item: Any) -> ClockFace:
    """The face at ten in the morning of a day; the item has three working days unless told otherwise."""
    events = [Event(kind, at(day), *facts) for kind, day, *facts in steps]
    return face(events, calendar=calendar, item=implementation(**item), now=at(now))


def dues(found: ClockFace) -> dict[DueKind, Due]:
    """What is due, by what it is."""
    return {due.kind: due for due in found.dues}


def days(found: ClockFace) -> dict[DueKind, tuple[str, int, bool]]:
    """Last day, working days left, and whether it is overdue."""
    return {due.kind: (f"{beijing_day(due.at):%m-%d}", due.left.days, due.overdue) for due in found.dues}


def test_before_acceptance_only_the_answer_is_due():
    """Five working days; once anything was said, nothing is due until the acceptance."""
    assert days(shown("2026-03-03", RECEIVED)) == {ANSWER: ("03-09", 4, False)}
    found = shown("2026-03-03", RECEIVED, ("supplement.requested", "2026-03-03"))
    assert found.dues == ()
    assert found.answered_at == at("2026-03-03")
    assert found.next_due is None


def test_without_an_answer_it_counts_as_accepted_since_receipt():
    """The answer is overdue, and the statutory limit runs from the day of receipt (行政许可法 art. 32)."""
    found = shown("2026-03-10", RECEIVED)
    assert found.deemed_accepted
    assert days(found) == {ANSWER: ("03-09", -1, True), STATUTORY: ("03-05", -3, True)}
    late = shown("2026-03-11", RECEIVED, ("application.accepted", "2026-03-10", PROMISE))
    assert late.deemed_accepted
    assert days(late)[STATUTORY] == ("03-05", -4, True)


def test_after_acceptance_both_limits_run():
    """The nearer one comes first; on its last day nothing is left, and it is late when the hall has closed."""
    found = shown("2026-03-03", RECEIVED, ACCEPTED)
    assert days(found) == {STATUTORY: ("03-05", 2, False), PROMISED: ("03-04", 1, False)}
    assert found.next_due == dues(found)[PROMISED]
    assert days(shown("2026-03-04", RECEIVED, ACCEPTED))[PROMISED] == ("03-04", 0, False)
    events = [Event(kind, at(day), *facts) for kind, day, *facts in (RECEIVED, ACCEPTED)]
    evening = face(events, calendar=CALENDAR, item=None, now=at("2026-03-04", 18))
    assert days(evening) == {PROMISED: ("03-04", 0, True)}
    assert days(shown("2026-03-09", RECEIVED, ACCEPTED))[PROMISED] == ("03-04", -3, True)


def test_while_paused_nothing_is_due_and_afterwards_both_have_moved():
    """Five working days of a special procedure move the statutory and the promised day alike (art. 45)."""
    opened = (RECEIVED, ACCEPTED, ("procedure.opened", "2026-03-03"))
    paused = shown("2026-03-20", *opened)
    assert (paused.paused_at, paused.dues, paused.overdue) == (at("2026-03-03"), (), False)
    found = shown("2026-03-10", *opened, ("procedure.closed", "2026-03-10"))
    assert days(found) == {STATUTORY: ("03-12", 2, False), PROMISED: ("03-11", 1, False)}


def test_an_extension_gives_its_own_promise():
    """The statutory limit is longer by its days; the promised day is the one that came with it (art. 42)."""
    longer = ("deadline.extended", "2026-03-03", {"extended_days": 10, "promised_on": date(2026, 3, 18)})
    found = shown("2026-03-03", RECEIVED, ACCEPTED, longer)
    assert found.extended_days == 10
    assert days(found) == {STATUTORY: ("03-19", 12, False), PROMISED: ("03-18", 11, False)}


def test_an_end_stops_the_clock():
    """Decided in time stays in time, however long ago; decided late stays late; what ended it is told."""
    in_time = shown("2026-05-06", RECEIVED, ACCEPTED, ("decision.made", "2026-03-04"))
    assert (in_time.ended_by, in_time.overdue, in_time.next_due) == ("decision.made", False, None)
    late = shown("2026-05-06", RECEIVED, ACCEPTED, ("decision.made", "2026-03-06"))
    assert days(late) == {STATUTORY: ("03-05", -1, True), PROMISED: ("03-04", -2, True)}
    declined = shown("2026-05-06", RECEIVED, ("application.not_accepted", "2026-03-04"))
    assert (declined.ended_by, days(declined)) == ("application.not_accepted", {ANSWER: ("03-09", 3, False)})


def test_by_a_provisional_day_nobody_is_late():
    """Beyond the published calendar a limit may have passed, and is not overdue; the same for an unread calendar."""
    steps = (("application.submitted", "2026-12-30"), ("application.accepted", "2026-12-30", {}))
    found = dues(shown("2027-01-20", *steps))[STATUTORY]
    assert (found.provisional, found.passed, found.overdue) == (True, True, False)
    promised = dues(shown("2026-12-30", *steps[:1], (*steps[1][:2], {"promised_on": date(2027, 1, 4)})))[PROMISED]
    assert (promised.provisional, promised.left.provisional) == (False, True)  # the day is given, the count a guess
    unread = shown("2026-03-10", RECEIVED, calendar=Calendar(complete=False).of(ISSUING))
    assert not unread.deemed_accepted
    assert [(due.kind, due.passed, due.overdue) for due in unread.dues] == [(ANSWER, True, False)]


def test_more_than_ten_years_are_no_limit():
    """A catalogue may hold them, and nobody counts them."""
    assert STATUTORY not in dues(shown("2026-03-03", RECEIVED, ACCEPTED, anticipate_day=9999))


@given(
    steps=st.lists(st.tuples(st.sampled_from(TURN), st.integers(0, 400)), max_size=12),
    now=st.integers(-10, 800),
    known=st.booleans(),
)
def test_any_history_has_a_face(steps: list[tuple[str, int]], now: int, *, known: bool):
    """Whatever was admitted in whatever order, it can be shown, and what is overdue is passed and certain."""
    start = at("2026-01-05")
    facts = {"extended_days": 3, "promised_on": date(2026, 6, 1)}
    events = [Event(kind, start + timedelta(days=day), facts) for kind, day in sorted(steps, key=lambda each: each[1])]
    item = implementation() if known else None
    found = face(events, calendar=CALENDAR, item=item, now=start + timedelta(days=now))
    assert all(due.passed and not due.provisional for due in found.dues if due.overdue)
    assert found.next_due is None or (found.ended_at is None and found.paused_at is None)
