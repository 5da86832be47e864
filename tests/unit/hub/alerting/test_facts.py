"""What alerts look at is asked of the real store: late cases, unknown prints, dead letters, clocks."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from hub import instants
from hub.alerting.conditions import found
from hub.alerting.facts import FactFinder, free_share
from hub.alerting.limits import DEFAULT
from hub.alerting.plan import FILE
from hub.observing import deadlines
from hub.outflow import deadletters
from hub.registry.calendars import CurrentCalendar
from hub.settings import HubSettings
from hub.supervision import ruling, tables
from hub.views.overviewsource import StoreOverview
from tests.hub_world import ISSUING, WINDOW, Case, World
from tests.supervision_world import shown
from tests.unit.hub_evidence.standing_broker import StandingBroker


@pytest.fixture
def facts(world: World, tmp_path: Path) -> FactFinder:
    """Of the test's hub; a quarter of its disk is free."""
    return FactFinder(world.store, StandingBroker(), HubSettings(folder=tmp_path), disk=lambda _folder: 0.25)


def work_out(world: World, most: int = deadlines.AT_ONCE) -> None:
    """One sweep of the keeper over the limits of cases."""
    with world.store.read() as tx:
        cases = deadlines.outdated(tx, world.now, most)
        limits = deadlines.worked_out(tx, cases, CurrentCalendar()(tx), world.now)
    with world.store.write() as tx:
        deadlines.keep(tx, limits, world.now)


def test_a_late_case_stands_at_the_county_that_decides(world: World, facts: FactFinder) -> None:
    """From the day on which its limit is passed for certain, until that county has acted."""
    case = Case(world)
    (application,) = case.up_to("application.submitted")
    world.send(case.received(application))
    work_out(world)
    assert facts(world.now).late == {}
    world.later(days=20)
    work_out(world)
    (pile,) = [facts(world.now).late[ISSUING]]
    assert pile.count == 1
    assert pile.oldest_at is not None
    assert timedelta(days=5) < world.now - pile.oldest_at < timedelta(days=20)
    assert [each.subject for each in found(facts(world.now), DEFAULT)["late-cases"]] == [ISSUING]


def test_a_case_whose_limit_was_extended_is_late_no_more(world: World, facts: FactFinder) -> None:
    """An extension moves no state; a limit that has passed is looked at again, at the latest after an hour."""
    case = Case(world)
    case.up_to("application.accepted")
    work_out(world)
    assert facts(world.now).late == {}
    world.now += timedelta(days=12)
    assert facts(world.now).late == {}, "what passed meanwhile is worked out before it is told"
    work_out(world)
    assert facts(world.now).late[ISSUING].count == 1
    extension = case.message("deadline.extended", {"extended_days": 10, "promised_on": date(2026, 12, 31)})
    world.send(extension)
    assert world.verdicts(ISSUING)[extension.envelope.id] == "admitted"
    world.later(minutes=61)
    work_out(world)
    assert facts(world.now).late == {}


def test_an_extension_in_time_is_never_called_late(world: World, facts: FactFinder) -> None:
    """It came after the limit was worked out and before it passed: nobody hears of a limit that was another by then."""
    case = Case(world)
    case.up_to("application.accepted")
    work_out(world)
    extension = case.message("deadline.extended", {"extended_days": 10, "promised_on": date(2026, 12, 31)})
    world.send(extension)
    assert world.verdicts(ISSUING)[extension.envelope.id] == "admitted"
    world.now += timedelta(days=12)
    work_out(world)
    assert facts(world.now).late == {}


def test_many_cases_are_worked_out_a_few_at_a_time(world: World, facts: FactFinder) -> None:
    """A look costs so many readings at most; what is known stays known."""
    for _ in range(3):
        Case(world).up_to("application.submitted")
    world.later(days=20)
    counts = []
    for _ in range(3):
        work_out(world, 2)
        counts.append(facts(world.now).late[ISSUING].count)
    assert counts == [2, 3, 3]


def test_a_red_card_stands_at_the_county_that_owes_until_it_is_done_or_ruled_on(
    world: World, facts: FactFinder
) -> None:
    """Red and red+ apart, the others never; an explanation alone ends nothing."""
    red_no = shown(world.store, world.now)
    assert {county: pile.count for county, pile in facts(world.now).red.items()} == {ISSUING: 1}
    (stands,) = found(facts(world.now), DEFAULT)["red-cards"]
    assert (stands.subject, stands.since_at) == (ISSUING, world.now - timedelta(hours=28))
    assert [each.subject for each in found(facts(world.now), DEFAULT)["statute-cards"]] == [ISSUING], "explained"
    with world.store.write() as tx:
        ruling.rule(tx, f"{3:016X}", ruling="valid", text="属实", by="an.sec", now=world.now, on_trial=False)
        tx.execute(insert(tables.acts).values(card_no=red_no, act="cleared", at=1, by="", ground="", text=""))
    assert (facts(world.now).red, facts(world.now).red_plus) == ({}, {})


def test_a_grant_without_an_outcome_stands_at_the_county_that_prints(world: World, facts: FactFinder) -> None:
    """After an hour."""
    Case(world).up_to("print.claimed")
    assert facts(world.now).unknown_prints == {}
    world.later(minutes=61)
    assert {county: pile.count for county, pile in facts(world.now).unknown_prints.items()} == {WINDOW: 1}


def test_page_and_alert_wait_equally_long_for_an_outcome(
    world: World, tmp_path: Path, facts: FactFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as the file of the alerts says, taken up as it changes."""
    monkeypatch.setattr(instants, "now", lambda: world.now)
    page = StoreOverview(world.store, StandingBroker(), HubSettings(folder=tmp_path))
    Case(world).up_to("print.claimed")
    world.later(minutes=4)
    assert (page.print_counts().unknown, facts(world.now).unknown_prints) == (0, {})
    (tmp_path / FILE).touch(mode=0o600)
    (tmp_path / FILE).write_text("[limits]\noutcome_minutes = 3\n")
    assert (page.print_counts().unknown, facts(world.now).unknown_prints[WINDOW].count) == (1, 1)


def test_a_dead_letter_stands_at_its_sender(world: World, facts: FactFinder) -> None:
    """As long as nobody has dealt with it."""
    (sent,) = Case(world).up_to("application.submitted")
    with world.store.write() as tx:
        deadletters.keep_from_broker(tx, sent.delivery(queue="dead.letters"), world.now)
    assert {source: pile.count for source, pile in facts(world.now).dead.items()} == {WINDOW: 1}


def test_a_county_whose_clock_is_ahead_is_seen(world: World, facts: FactFinder) -> None:
    """From its messages' own times, before it is so far ahead that they are refused; an hour later it is unknown."""
    case = Case(world)
    world.send(case.application(time=world.now + timedelta(seconds=90)))
    assert facts(world.now).ahead_seconds == {WINDOW: 90.0}
    world.later(hours=2)
    assert facts(world.now).ahead_seconds == {}


def test_a_county_that_sends_seldom_is_judged_by_its_last_word(world: World, facts: FactFinder) -> None:
    """However many batches of others came since; and a clock that was set right is right with the next message."""
    case = Case(world)
    world.send(case.application(time=world.now + timedelta(seconds=90)))
    for _ in range(25):
        world.later(seconds=1)
        world.send(Case(world, window=ISSUING, issuing=WINDOW).application())
    assert facts(world.now).ahead_seconds[WINDOW] == 90.0
    assert facts(world.now).ahead_seconds[ISSUING] == 0.0
    world.later(minutes=5)
    world.send(Case(world).application())
    assert facts(world.now).ahead_seconds[WINDOW] == 0.0


def test_the_disk_under_the_folder_is_asked(tmp_path: Path) -> None:
    """And a folder that is gone says nothing."""
    assert 0 <= (free_share(tmp_path) or 0) <= 1
    assert free_share(tmp_path / "gone") is None
