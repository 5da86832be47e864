"""Whatever happens in a case, its cards come in order, never in a pause, and by the same clock as everybody's."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.supervision.duties import duties
from hub.supervision.duty import Duty
from hub.supervision.history import History, Step
from hub.supervision.levels import Level, Rule
from schemas.clockface import DueKind, face
from schemas.workdays.calendars import Calendar
from schemas.workdays.limits import Pause
from tests.catalogue_world import implementation

CALENDAR = Calendar()
WINDOW, ISSUING = "140881", "130928"
BEGINS = datetime(2026, 3, 2, tzinfo=UTC)
GAPS = st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=4))
MOVES = st.sampled_from(["procedure.opened", "procedure.closed", "deadline.extended", "decision.made"])


@st.composite
def histories(draw: st.DrawFn) -> History:
    """An application, most often accepted, and steps in any order that the lifecycle allows."""
    at = BEGINS + draw(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=14)))
    steps = [_step(0, "application.submitted", at, None)]
    if draw(st.booleans()):
        at += draw(GAPS)
        promised = at.date() + timedelta(days=draw(st.integers(0, 30)))
        steps.append(_step(1, "application.accepted", at, {"promised_on": promised}))
        paused = False
        for number, kind in enumerate(draw(st.lists(MOVES, max_size=6)), 2):
            if (kind == "procedure.closed") is not paused:
                continue
            at += draw(GAPS)
            later = at.date() + timedelta(days=draw(st.integers(0, 20)))
            facts = {
                "procedure.opened": {"expected_until": later},
                "deadline.extended": {"extended_days": draw(st.integers(1, 10)), "promised_on": later},
                "decision.made": {"outcome": draw(st.sampled_from(["granted", "denied"]))},
            }.get(kind)
            steps.append(_step(number, kind, at, facts))
            paused = kind == "procedure.opened"
            if kind == "decision.made":
                break
    return History(case_no="X", window=WINDOW, issuing=ISSUING, service_item="I", steps=steps)


def _step(number: int, kind: str, at: datetime, facts: dict[str, object] | None) -> Step:
    source, other = (WINDOW, ISSUING) if kind == "application.submitted" else (ISSUING, WINDOW)
    return Step(
        message_id=str(number),
        message_type=kind,
        source=source,
        destination=other,
        at=at,
        received_at=None,
        facts=facts,
    )


@st.composite
def aways(draw: st.DrawFn) -> list[Pause]:
    """Outages of the hub."""
    found, at = [], BEGINS
    for _ in range(draw(st.integers(0, 3))):
        at += draw(st.timedeltas(min_value=timedelta(hours=1), max_value=timedelta(days=12)))
        ends = at + draw(st.timedeltas(min_value=timedelta(minutes=4), max_value=timedelta(days=3)))
        found.append(Pause(begins_at=at, ends_at=ends))
        at = ends
    return found


def judged(history: History, outages: Sequence[Pause], horizon: datetime) -> list[Duty]:
    """What is owed, with three working days of statute."""
    return duties(history, calendar_of=CALENDAR.of, item=implementation(), outages=outages, horizon=horizon)


HORIZONS = st.timedeltas(min_value=timedelta(), max_value=timedelta(days=90)).map(lambda span: BEGINS + span)


@given(histories(), aways(), HORIZONS)
def test_cards_come_in_order_and_never_after_what_was_owed_was_done(
    history: History, outages: list[Pause], horizon: datetime
) -> None:
    """Blue and yellow not after red, none before its limit began, at or after it was done, or beyond what is known."""
    for duty in judged(history, outages, horizon):
        raised = dict(duty.raised(horizon))
        for level, at in raised.items():
            assert duty.begins_at < at <= horizon
            assert duty.done_at is None or at < duty.done_at
            assert not any(pause.begins_at <= at < pause.ends_at for pause in outages), level
        red = raised.get(Level.RED)
        assert red is None or all(at <= red for at in raised.values())


@given(histories(), aways(), HORIZONS, HORIZONS)
def test_whoever_looks_later_finds_the_same_cards_and_perhaps_more(
    history: History, outages: list[Pause], one: datetime, other: datetime
) -> None:
    """A look that comes late, or twice, changes no card: what was raised stays, at the same instant."""
    first, last = min(one, other), max(one, other)
    seen = History(
        case_no="X",
        window=WINDOW,
        issuing=ISSUING,
        service_item="I",
        steps=[each for each in history.steps if each.at <= first],
    )
    known = [each for each in outages if each.ends_at <= first]
    before, after = (
        {(duty.rule, duty.occasion, level): at for duty in found for level, at in duty.raised(first)}
        for found in (judged(seen, known, first), judged(history, outages, last))
    )
    steady = {key: at for key, at in before.items() if not any(p.begins_at < first < p.ends_at for p in outages)}
    assert steady.items() <= after.items()


@given(histories(), aways(), HORIZONS)
def test_an_outage_never_makes_anybody_late_sooner(history: History, outages: list[Pause], horizon: datetime) -> None:
    """With the hub away each card comes at the same time or later, and no duty ends earlier."""
    with_them = {(duty.rule, duty.occasion): duty for duty in judged(history, outages, horizon)}
    for duty in judged(history, [], horizon):
        same = with_them.get((duty.rule, duty.occasion))
        if same is not None:  # a statute that silence began may begin later by then
            assert same.due.at >= duty.due.at
            assert all(same.due_in_all[level] >= at for level, at in duty.due_in_all.items())


@given(histories(), HORIZONS)
def test_both_counties_and_the_hub_count_by_the_same_clock(history: History, horizon: datetime) -> None:
    """Without outages the promise and the statute end when the pages of both counties say they do."""
    events = [step.event for step in history.steps]
    shown = face(events, calendar=CALENDAR.of(ISSUING), item=implementation(), now=max(horizon, events[-1].at))
    if shown.deemed_accepted:
        return  # the county's clock then also knows it by its own now
    found = judged(history, [], max(horizon, events[-1].at))
    for rule, kind in ((Rule.PROMISE, DueKind.PROMISED), (Rule.STATUTE, DueKind.STATUTORY)):
        told = [due.at for due in shown.dues if due.kind is kind]
        own = [duty.due.at for duty in found if duty.rule is rule]
        assert own[-1:] == told or shown.paused_at is not None


def test_a_promise_of_today_is_warned_of_by_nothing_but_red() -> None:
    """即办: accepted at nine for the same day, there is no day before, and the fifth that is left is told."""
    at = datetime(2026, 3, 2, 1, tzinfo=UTC)
    steps = [
        _step(0, "application.submitted", at, None),
        _step(1, "application.accepted", at, {"promised_on": date(2026, 3, 2)}),
    ]
    history = History(case_no="X", window=WINDOW, issuing=ISSUING, service_item="I", steps=steps)
    (promise,) = [duty for duty in judged(history, [], at + timedelta(hours=9)) if duty.rule is Rule.PROMISE]
    assert set(promise.due_in_all) == {Level.YELLOW, Level.RED}


@pytest.mark.parametrize("day", [date.min, date(2026, 2, 27), date.max])
def test_a_promise_that_nobody_can_keep_or_wait_for_is_counted_all_the_same(day: date) -> None:
    """A day of the past is red at once; the year 9999 is ten years from now, provisional, and holds up nobody."""
    at = datetime(2026, 3, 2, 1, tzinfo=UTC)
    facts: dict[str, object] = {"promised_on": day}
    steps = [
        _step(0, "application.submitted", at, None),
        _step(1, "application.accepted", at, facts),
        _step(2, "procedure.opened", at, {"expected_until": day}),
        _step(3, "procedure.closed", at, None),
        _step(4, "deadline.extended", at + timedelta(hours=1), facts | {"extended_days": 2**31 - 1}),
    ]
    history = History(case_no="X", window=WINDOW, issuing=ISSUING, service_item="I", steps=steps)
    found = judged(history, [], at + timedelta(days=1))
    red = [level for duty in found if duty.rule is Rule.PROMISE for level, _ in duty.raised(at + timedelta(days=1))]
    assert red == ([] if day == date.max else [Level.RED, Level.RED])
