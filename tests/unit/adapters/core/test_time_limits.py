"""Time limits at the sender: what the hub would refuse as too late is told to people and not signed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from adapters.store import tables
from schemas import directory as form
from schemas.catalogue import records
from schemas.catalogue.model import LimitUnit
from schemas.workdays.hours import beijing_day
from schemas.workdays.override import DayRule, Override, YearRule
from tests.catalogue_world import agreed
from tests.county_records import ITEM, START, acceptance, application, supplement_request
from tests.county_world import ISSUING, WINDOW, World

TODAY = beijing_day(START)
PUBLISHED = Override(years=(YearRule(TODAY.year), YearRule(TODAY.year + 1)))
DAYS_OFF = tuple(DayRule(TODAY + timedelta(days=number), ISSUING, working=False) for number in range(30))


def publish(world: World, calendar: bytes, days: int = 20) -> None:
    """A newer directory with this calendar reaches the authority, whose item has so many natural days."""
    world.later(seconds=1)
    found = agreed(ITEM, [WINDOW, ISSUING])
    own: Any = found[f"implementation/{ISSUING}/{ITEM}"]
    found[own.key] = replace(own, anticipate_day=days, anticipate_type=LimitUnit.DAY)
    state = dict(world.issuing.view().entries) | records.entries(found.values())
    state[form.digest_key(form.CALENDAR, calendar)] = calendar
    world.hub.serial += 1
    world.issuing.arrive_directory(*world.hub.published(state, now=world.now))
    world.issuing.handle()


def told(world: World) -> list[str]:
    """Codes that people at the authority were told."""
    return [code for (code,) in world.issuing.rows(select(tables.troubles.c.code))]


def sent(world: World, message_type: str) -> int:
    """How many messages of a type the authority has signed."""
    return len(world.issuing.rows(select(tables.outbox.c.seq).where(tables.outbox.c.type == message_type)))


def say(world: World, message_type: str, record: dict[str, Any]) -> int:
    """The authority's system says something of the case; how many messages came of it."""
    world.issuing.source.add(message_type, world.case_no(), record)
    return world.issuing.read()


@pytest.mark.parametrize(("days_off", "codes"), [((), ["E-ADM-106"]), (DAYS_OFF, [])])
def test_a_late_request_for_supplements_is_not_signed(
    world: World, days_off: tuple[DayRule, ...], codes: list[str]
) -> None:
    """Nine days after receipt, by the calendar that the directory carries; instead the authority may accept."""
    world.up_to("application.submitted")
    world.later(days=9)
    publish(world, PUBLISHED.merged(Override(days=days_off)).encode())
    assert say(world, "supplement.requested", supplement_request()) == (0 if codes else 1)
    assert told(world) == codes
    if codes:
        assert sent(world, "supplement.requested") == 0
        assert say(world, "application.accepted", acceptance(promised_on=beijing_day(world.now))) == 1


def test_the_hubs_time_of_the_application_counts(world: World) -> None:
    """Not when this county came to handle it: it was switched off for a week and is late all the same."""
    world.window.source.add("application.submitted", "WQ1", application())
    world.window.read()
    world.carry(world.window, deliver=False)
    world.later(days=9)
    publish(world, PUBLISHED.encode())
    world.deliver()
    world.issuing.handle()
    assert say(world, "supplement.requested", supplement_request()) == 0
    assert told(world) == ["E-ADM-106"]


def test_a_promise_beyond_the_statutory_limit_is_not_signed(world: World) -> None:
    """Told with the last day; corrected in the local system it goes, and the trouble is gone."""
    world.up_to("application.submitted")
    publish(world, PUBLISHED.encode(), days=5)
    far = beijing_day(world.now) + timedelta(days=40)
    assert say(world, "application.accepted", acceptance(promised_on=far)) == 0
    assert told(world) == ["E-ADM-108"]
    assert sent(world, "application.accepted") == 0
    (trouble,) = world.issuing.rows(select(tables.troubles.c.found, tables.troubles.c.expected))
    assert trouble.found == str(far)
    assert trouble.expected.startswith("<= ")
    assert world.issuing.rows(select(tables.cases.c.state)) == [("submitted",)]


def test_a_calendar_that_cannot_be_read_refuses_nothing(world: World) -> None:
    """The hub, which knows it, judges alone."""
    world.up_to("application.submitted")
    publish(world, "日期,安排\n2031-03-05,半天\n".encode(), days=5)
    far = beijing_day(world.now) + timedelta(days=40)
    assert say(world, "application.accepted", acceptance(promised_on=far)) == 1
    assert told(world) == ["E-LINK-112"]
