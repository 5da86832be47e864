"""Cards as the hub raises them from its own journal: when, for whom, once, and cleared by what was owed."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from hub.catalogue import importing
from hub.store import tables as hub_tables
from hub.supervision import listing
from hub.supervision.raising import SETTLING, Supervision
from schemas.catalogue import records
from tests.catalogue_world import ALLIANCE, agreed
from tests.hub_world import ISSUING, WINDOW, Case, World
from tests.supervision_world import Watched, accepted, at, opened


@pytest.fixture
def hub(world: World) -> Watched:
    """A hub whose watch has just begun."""
    return Watched(world)


def test_a_promise_warns_blue_then_yellow_then_red(hub: Watched) -> None:
    """Accepted on Monday for Friday: Thursday morning blue, a fifth of the time left yellow, Friday at closing red."""
    case = Case(hub.world)
    hub.send(at("11-23", 9), case.application(), accepted(case, date(2026, 11, 27)))
    hub.look(at("11-27", 18))
    assert hub.short() == [
        ("promise", "blue", at("11-26", 9)),
        ("promise", "yellow", at("11-26", 17)),  # of 35 hours of work 28 have passed
        ("promise", "red", at("11-27", 17)),
    ]
    assert {row.county for row in hub.cards()} == {ISSUING}


@pytest.mark.long
def test_a_decision_in_time_leaves_the_warnings_and_clears_them(hub: Watched) -> None:
    """Blue and yellow are cleared by the decision; no red follows, however long the hub looks on."""
    case = Case(hub.world)
    hub.send(at("11-23", 9), case.application(), accepted(case, date(2026, 11, 27)))
    hub.look(at("11-27", 11))
    hub.send(at("11-27", 15), case.decision())
    hub.look(at("11-27", 15.1))
    hub.look(at("11-27", 18))
    assert [(row.level, row.cleared_at) for row in hub.cards()] == [
        ("blue", at("11-27", 15)),
        ("yellow", at("11-27", 15)),
    ]
    assert hub.cards(unsettled=True) == []


@pytest.mark.long
def test_an_application_nobody_signs_for_is_red_after_a_working_day(hub: Watched) -> None:
    """接件 is judged by the destination's own signature; signed for the next morning, the card is cleared and stays."""
    case, early = Case(hub.world), Case(hub.world)
    late = case.application()
    hub.send(at("11-23", 10), early.application())
    hub.send(at("11-23", 10), late, signed_for=False)
    hub.look(at("11-24", 17.1))
    assert hub.short() == [("receiving", "red", at("11-24", 17))]
    hub.world.now = at("11-25", 9)
    hub.world.send(case.received(late))
    hub.look(at("11-25", 10))
    (card,) = hub.cards()
    assert (card.case_no, card.cleared_at, card.standing) == (case.case_no, at("11-25", 9), "cleared")


@pytest.mark.long
def test_a_step_the_window_does_not_take_is_the_windows_yellow(hub: Watched) -> None:
    """Each step of the other county is to be signed for, too; late is who it was brought to."""
    case = Case(hub.world)
    hub.send(at("11-23", 9), case.application())
    hub.send(at("11-23", 10), accepted(case, date(2026, 12, 18)), signed_for=False)
    hub.look(at("11-24", 18))
    assert [(row.county, row.rule, row.level, row.step) for row in hub.cards()] == [
        (WINDOW, "receiving", "yellow", "application.accepted")
    ]


@pytest.mark.long
def test_silence_for_five_working_days_is_red_and_then_the_statute_runs_from_receipt(hub: Watched) -> None:
    """Art. 32: accepted by law since the day of receipt; three days of statute have passed by then: red+ as well."""
    case = Case(hub.world)
    entities = agreed(hub.world.network.item, [WINDOW, ISSUING])
    hub.world.store.redo(lambda tx: importing.put(tx, records.entries(entities.values())))
    hub.send(at("11-23", 9), case.application(alliance=ALLIANCE))
    hub.look(at("11-30", 18))
    assert hub.short() == [
        ("statute", "red_plus", at("11-26", 17)),
        ("answering", "blue", at("11-27", 9)),
        ("answering", "red", at("11-30", 17)),
    ]


@pytest.mark.long
def test_a_special_procedure_stops_the_clock_and_has_a_day_of_its_own(hub: Watched) -> None:
    """While it is open no promise warns; it is yellow itself once it is longer than told; then the clock goes on."""
    case = Case(hub.world)
    hub.send(at("11-23", 9), case.application(), accepted(case, date(2026, 11, 27)))
    hub.send(at("11-24", 9), opened(case, date(2026, 11, 30)))
    hub.look(at("12-01", 8))
    assert hub.short() == [("procedure", "yellow", at("11-30", 17))]
    hub.send(at("12-01", 9), case.message("procedure.closed", {"procedure": "hearing"}))
    hub.look(at("12-04", 18))
    assert [each for each in hub.short() if each[0] == "promise"] == [
        ("promise", "blue", at("12-03", 9)),
        ("promise", "yellow", at("12-03", 17)),
        ("promise", "red", at("12-04", 17)),  # five working days later, as long as it stood
    ]
    card = next(row for row in hub.cards() if row.level == "red")
    with hub.world.store.read() as tx:
        told = listing.card(tx, card.card_no)
    assert told is not None
    (stop,) = told[1].stops
    assert (stop.cause, stop.worked_minutes) == ("procedure", 5 * 7 * 60)
    assert [day.number for day in told[1].days if day.working][-1] == 9


@pytest.mark.long
def test_an_extension_clears_the_old_promise_and_begins_a_new_one(hub: Watched) -> None:
    """A card that stands is never taken back by an extension; the new promise has cards of its own."""
    case = Case(hub.world)
    hub.send(at("11-23", 9), case.application(), accepted(case, date(2026, 11, 25)))
    hub.look(at("11-25", 18))
    extension = case.message("deadline.extended", {"extended_days": 5, "promised_on": date(2026, 12, 2)})
    hub.send(at("11-26", 9), extension)
    hub.look(at("12-02", 18))
    promises = [(row.level, row.raised_at, row.cleared_at) for row in hub.cards() if row.rule == "promise"]
    assert ("red", at("11-25", 17), at("11-26", 9)) in promises
    assert ("red", at("12-02", 17), None) in promises
    assert len(promises) == 6


def test_duplicates_and_late_steps_raise_and_clear_nothing_twice(hub: Watched) -> None:
    """The same bytes again, a step long after its card, a second watch and a third look: the same cards."""
    case = Case(hub.world)
    application, acceptance = case.application(), accepted(case, date(2026, 11, 25))
    hub.send(at("11-23", 9), application, acceptance)
    hub.look(at("11-25", 18))
    before = hub.cards()
    for moment in (at("11-26", 9), at("11-27", 9)):
        hub.send(moment, application, acceptance, signed_for=False)
        Supervision(hub.world.store).run_once(moment)
        hub.look(moment)
    assert hub.cards() == before
    hub.send(at("12-03", 9), case.decision())
    hub.send(at("12-03", 9.5), case.sent["decision.made"], signed_for=False)
    hub.look(at("12-03", 10))
    assert [row.card_no for row in hub.cards()] == [row.card_no for row in before]
    assert {row.cleared_at for row in hub.cards()} == {at("12-03", 9)}


@pytest.mark.long
def test_a_step_that_is_just_being_committed_still_counts(hub: Watched) -> None:
    """At the very minute of the deadline nothing is said yet: a decision of that minute may still become visible."""
    case = Case(hub.world)
    hub.send(at("11-23", 9), case.application(), accepted(case, date(2026, 11, 25)))
    hub.look(at("11-25", 17) + SETTLING - timedelta(seconds=1))
    assert "red" not in {row.level for row in hub.cards()}
    hub.send(at("11-25", 17), case.decision())
    hub.look(at("11-25", 17) + 2 * SETTLING)
    assert "red" not in {row.level for row in hub.cards()}


@pytest.mark.long
def test_a_refused_step_moves_no_clock(hub: Watched) -> None:
    """A decision before the acceptance is out of turn: the county is still silent."""
    case = Case(hub.world)
    hub.send(at("11-23", 9), case.application())
    hub.send(at("11-24", 9), case.decision(), signed_for=False)
    hub.look(at("11-30", 18))
    assert [row.level for row in hub.cards() if row.rule == "answering"] == ["blue", "red"]


@pytest.mark.long
def test_a_license_that_does_not_come_is_yellow_after_ten_working_days(hub: Watched) -> None:
    """Art. 44, counted from the decision, whatever was promised; a license that came in time has none."""
    case, good = Case(hub.world), Case(hub.world)
    for each in (case, good):
        hub.send(at("11-23", 9), each.application(), accepted(each, date(2026, 11, 27)))
        hub.send(at("11-23", 10), each.decision())
    hub.send(at("12-04", 9), good.license())
    hub.look(at("12-07", 18))
    assert [(row.case_no, *short) for row, short in zip(hub.cards(), hub.short(), strict=True)] == [
        (case.case_no, "licensing", "yellow", at("12-07", 17))
    ]


@pytest.mark.long
def test_trial_cases_have_no_cards_and_unpublished_days_make_none(hub: Watched) -> None:
    """Whoever practises is not late; and nobody is late by a calendar that nobody has published."""
    trial, beyond = Case(hub.world, trial=True), Case(hub.world)
    hub.send(at("11-23", 9), trial.application())
    hub.send(at("12-30", 9), beyond.application())
    hub.look(at("12-30", 10) + timedelta(days=40))
    assert hub.cards() == []


@pytest.mark.long
def test_what_is_looked_at_is_looked_at_when_its_time_has_come(hub: Watched) -> None:
    """A turn with nothing due looks at no case at all, and a case that is over is left alone for ever."""
    case = Case(hub.world)
    for message in (case.application(), accepted(case, date(2026, 11, 27)), case.decision("denied")):
        hub.send(at("11-23", 9), message)
    hub.look(at("11-23", 10))
    assert hub.supervision.run_once(at("11-23", 10.5)) == 0
    assert hub.supervision.run_once(at("12-23", 10)) == 0


@pytest.mark.long
def test_a_case_that_cannot_be_read_holds_up_nobody(hub: Watched) -> None:
    """Its envelope is gone; the other case has its cards all the same, and the watch goes on."""
    broken, good = Case(hub.world), Case(hub.world)
    for each in (broken, good):
        hub.send(at("11-23", 9), each.application(), accepted(each, date(2026, 11, 25)))
    mine = hub_tables.messages.c.case_no == broken.case_no
    with hub.world.store.write() as tx:
        tx.execute(update(hub_tables.messages).where(mine).values(body=b""))
    hub.look(at("11-25", 18))
    assert {row.case_no for row in hub.cards()} == {good.case_no}
