"""What the hub holds a step to by the calendar: too late is refused, on unpublished days nothing is."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from hub.catalogue import importing
from hub.instants import to_millis
from hub.intake.timelimits import TimeLimits
from hub.registry import calendars
from hub.store import tables
from schemas import timelimits
from schemas.catalogue import records
from schemas.catalogue.model import LimitUnit
from schemas.catalogue.view import CatalogueView
from schemas.errors import YunhuobanError
from schemas.leaf import ADMITTED
from schemas.workdays import overridefile
from tests.catalogue_world import ALLIANCE, agreed
from tests.hub_world import START, Case, World


def at(day: str, hour: int) -> datetime:
    """An hour in Beijing."""
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+08:00").astimezone(UTC)


def ask(world: World, case: Case, moment: datetime) -> str:
    """The verdict on a request for supplements at this time."""
    world.now = moment
    message = case.message("supplement.requested", {"supply_until": date(2027, 1, 8)})
    world.send(message)
    where = tables.messages.c.message_id == message.envelope.id
    return str(world.rows(select(tables.messages.c.verdict).where(where))[0][0])


@pytest.mark.parametrize(
    ("moment", "verdict"),
    [
        (at("2026-11-27", 16), ADMITTED),  # START is Sunday, 22 November, in the afternoon of Beijing
        (at("2026-11-27", 18), timelimits.SUPPLEMENT_LATE.code),
    ],
)
def test_a_notice_after_five_working_days_is_refused(world: World, moment: datetime, verdict: str):
    """The application counts as accepted: the authority decides, and asks for nothing more."""
    case = Case(world)
    world.send(case.application())
    assert ask(world, case, moment) == verdict
    if verdict != ADMITTED:
        assert world.rows(select(tables.cases.c.state)) == [("submitted",)]


def test_an_imported_holiday_counts_at_once(world: World):
    """The worker reads the calendar again after an import; a county's own holiday moves its own deadline."""
    case, other = Case(world), Case(world)
    world.send(case.application(), other.application())
    assert ask(world, other, at("2026-11-27", 18)) == timelimits.SUPPLEMENT_LATE.code
    holiday = f"日期,安排,行政区划代码,说明\n2026-11-25,休息,{case.issuing},地方节日\n"
    override = overridefile.read(holiday.encode(), place="x.csv")
    with world.store.write() as tx:
        assert calendars.enter(tx, override, replacing=False, file_name="x.csv", now=START)
    assert ask(world, case, at("2026-11-30", 10)) == ADMITTED


def test_beyond_the_published_calendar_nothing_is_too_late(world: World):
    """2027 is not published: the hub does not guess it, until the notice is imported."""
    case = Case(world)
    world.send(case.application())
    message = case.message("supplement.requested", {"supply_until": date(2027, 1, 8)})
    limits = TimeLimits()
    opened, late = at("2026-12-30", 10), at("2027-01-20", 10)
    with world.store.write() as tx:
        tx.execute(update(tables.cases).values(opened_at=to_millis(opened)))
        limits.check(tx, message.envelope, CatalogueView({}), late)
        published = overridefile.read("日期,安排\n2027,全年已公布\n".encode(), place="y.csv")
        assert calendars.enter(tx, published, replacing=False, file_name="y.csv", now=START)
        with pytest.raises(YunhuobanError, match=timelimits.SUPPLEMENT_LATE.code):
            limits.check(tx, message.envelope, CatalogueView({}), late)


@pytest.mark.parametrize(
    ("promised", "verdict"), [(date(2026, 11, 25), ADMITTED), (date(2026, 11, 26), timelimits.PROMISE_LATE.code)]
)
def test_no_promise_goes_beyond_the_statutory_limit(world: World, promised: date, verdict: str):
    """Three working days of a catalogue: accepted on Sunday, 22 November, the last of them is Wednesday."""
    case = Case(world)
    entities = agreed(world.network.item, [case.window, case.issuing])
    world.store.redo(lambda tx: importing.put(tx, records.entries(entities.values())))
    world.send(case.application(alliance=ALLIANCE))
    message = case.message("application.accepted", {"promised_on": promised})
    world.send(message)
    assert world.verdicts(case.issuing) == {message.envelope.id: verdict}


@pytest.mark.parametrize(
    ("day", "unit", "refused"),
    [(10, LimitUnit.DAY, True), (30, LimitUnit.DAY, False), (1, LimitUnit.MONTH, False), (9999, LimitUnit.YEAR, False)],
)
def test_a_statutory_limit_counts_in_whatever_unit_the_catalogue_has(
    world: World, day: int, unit: LimitUnit, *, refused: bool
):
    """Natural days and months count too; more than ten years, which nobody counts, refuses nothing."""
    case = Case(world)
    entities = agreed(world.network.item, [case.window, case.issuing])
    own: Any = entities[f"implementation/{case.issuing}/{world.network.item}"]
    entities[own.key] = replace(own, anticipate_day=day, anticipate_type=unit)
    world.store.redo(lambda tx: importing.put(tx, records.entries(entities.values())))
    world.send(case.application(alliance=ALLIANCE))
    message = case.message("application.accepted", {"promised_on": date(2026, 12, 15)})
    world.send(message)
    verdict = timelimits.PROMISE_LATE.code if refused else ADMITTED
    assert world.verdicts(case.issuing) == {message.envelope.id: verdict}
