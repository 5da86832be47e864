"""The time limit of a case: started by acceptance, paused, extended, stopped; and the five days before it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.clock import EFFECTS, Clock, Effect, Event, clock
from schemas.errors import YunhuobanError
from schemas.lifecycle import MATTERS, TURN, advance
from schemas.messages import TYPES
from schemas.workdays.calendars import Calendar
from schemas.workdays.hours import beijing_day
from schemas.workdays.limits import Limit, Unit

CALENDAR = Calendar().of("140881")
TWENTY, THREE = Limit(20, Unit.WORKING_DAY), Limit(3, Unit.WORKING_DAY)


def at(day: str, hour: int = 10) -> datetime:
    """An hour of a day in Beijing."""
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+08:00").astimezone(UTC)


def life(*steps: tuple[str, str] | tuple[str, str, dict[str, Any]]) -> Clock:
    """The clock after these steps: type, day, facts."""
    return clock(Event(kind, at(day), *facts) for kind, day, *facts in steps)


def due(found: Clock, limit: Limit = TWENTY) -> date | None:
    """The day on which the limit ends."""
    deadline = found.due(CALENDAR, limit)
    return beijing_day(deadline.at) if deadline is not None else None


def test_only_acceptance_starts_the_limit():
    """Not receipt, not a supplement; the day of acceptance is not counted, make-up Saturdays are."""
    steps = [("application.submitted", "2026-09-21"), ("supplement.requested", "2026-09-23")]
    assert due(life(*steps)) is None
    steps += [("supplement.provided", "2026-09-25"), ("application.accepted", "2026-09-28")]
    assert due(life(*steps), Limit(5, Unit.WORKING_DAY)) == date(2026, 10, 10)


def test_a_special_procedure_pauses_it():
    """While it is open there is no end; afterwards the end has moved by the working time it took."""
    steps = [("application.submitted", "2026-03-02"), ("application.accepted", "2026-03-02")]
    assert due(life(*steps), THREE) == date(2026, 3, 5)
    steps.append(("procedure.opened", "2026-03-03"))
    assert due(life(*steps), THREE) is None
    steps.append(("procedure.closed", "2026-03-10"))  # five working days
    assert due(life(*steps), THREE) == date(2026, 3, 12)


def test_an_application_written_anew_was_received_before():
    """Its key was burnt, and the sender encrypted it for another: the five days run from the first admission."""
    steps = [("application.submitted", "2026-03-02"), ("application.submitted", "2026-03-05")]
    assert life(*steps).received_at == at("2026-03-02")


def test_an_extension_lengthens_it_in_working_days():
    """Also where the limit itself is counted in months."""
    steps = [("application.accepted", "2026-03-02"), ("deadline.extended", "2026-03-03", {"extended_days": 10})]
    assert due(life(*steps), THREE) == date(2026, 3, 19)
    assert due(life(*steps), Limit(1, Unit.MONTH)) == date(2026, 4, 17)
    assert due(life(steps[0]), Limit(1, Unit.MONTH)) == date(2026, 4, 2)


@pytest.mark.parametrize("end", [kind for kind, effect in EFFECTS.items() if effect is Effect.STOP])
def test_what_ends_a_case_stops_it(end: str):
    """An open pause ends with the case."""
    found = life(("application.accepted", "2026-03-02"), ("procedure.opened", "2026-03-03"), (end, "2026-03-04"))
    assert found.stopped_at == at("2026-03-04")
    assert found.paused_at is None
    assert len(found.pauses) == 1


def test_silence_of_five_working_days_is_acceptance():
    """Told within them it is not, nor afterwards when told in time; beyond the published calendar never."""
    received = ("application.submitted", "2026-03-02")
    assert not life(received).deemed_accepted(CALENDAR, at("2026-03-09", 16))
    assert life(received).deemed_accepted(CALENDAR, at("2026-03-09", 18))
    assert not life(received, ("supplement.requested", "2026-03-09")).deemed_accepted(CALENDAR, at("2026-04-01"))
    assert life(received, ("supplement.requested", "2026-03-10")).deemed_accepted(CALENDAR, at("2026-03-10"))
    assert not life(("application.submitted", "2026-12-30")).deemed_accepted(CALENDAR, at("2027-03-01"))


def test_beyond_the_published_calendar_the_end_is_provisional():
    """It is shown, and marked."""
    found = life(("application.accepted", "2026-12-25")).due(CALENDAR, TWENTY)
    assert found is not None
    assert found.provisional


def test_effects_are_those_of_steps():
    """Each is a step of a case, and there is one that starts, pauses, resumes and extends."""
    assert set(EFFECTS) <= {name for name, kind in TYPES.items() if kind.chained}
    assert {effect for effect in Effect if list(EFFECTS.values()).count(effect) == 1} >= {
        Effect.START, Effect.PAUSE, Effect.RESUME, Effect.EXTEND,
    }  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(TURN), st.integers(1, 72))), st.integers(1, 30))
def test_any_lawful_history_has_a_sound_clock(steps: list[tuple[str, int]], days: int):
    """Pauses lie one after the other; a paused clock belongs to a special procedure; more days never end sooner."""
    state, now, events = None, at("2025-01-02"), []
    for kind, hours in steps:
        facts = {"outcome": "granted", "result": "printed", "extended_days": 3}
        try:
            state = advance(state, kind, facts)
        except YunhuobanError:
            continue
        now += timedelta(hours=hours)
        events.append(Event(kind, now, facts))
    found = clock(events)
    assert (found.paused_at is not None) == (str(state) == "special")
    if state in MATTERS:
        assert found == clock([])  # a matter beside the cases has no such clock
        return
    ends = [found.received_at, *(each for pause in found.pauses for each in (pause.begins_at, pause.ends_at))]
    assert ends == sorted(each for each in ends if each is not None) or not events
    end = found.due(CALENDAR, Limit(days, Unit.WORKING_DAY))
    later = found.due(CALENDAR, Limit(days + 1, Unit.WORKING_DAY))
    assert (end is None) == (found.started_at is None or found.paused_at is not None)
    if end is not None and later is not None:
        assert found.started_at is not None
        assert found.started_at < end.at < later.at
