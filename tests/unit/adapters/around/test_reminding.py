"""Whom the node proposes to remind, 60 and 30 days before a license ends, and to whom it says so."""

from datetime import date, timedelta

import pytest

from adapters.hall.around import expiring
from adapters.hall.around.expiring import Ending
from adapters.hall.around.reminding import Reminders
from adapters.hall.noticing import waiting
from adapters.hall.noticing.waiting import Waiting
from pages.people.person import Role
from schemas.workdays.hours import beijing_day
from tests.around_pages import ZHANG, Browser
from tests.county_begun import begin_at
from tests.county_records import acceptance, decision
from tests.county_world import ISSUING, WINDOW, World

END = date(2027, 3, 31)


def ending(reminded_on: date | None = None) -> Ending:
    """A license that ends then."""
    return Ending(
        case_no="130928-20261126-000001-C", window_county=WINDOW, identifier="1.2.3", valid_until=END,
        reminded_on=reminded_on, own=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("left", "reminded", "step"),
    [(61, None, None), (60, None, 60), (31, None, 60), (45, 50, None), (30, None, 30), (30, 50, 30), (5, 29, None)],
)
def test_a_reminder_is_due_twice_and_not_when_it_was_given(left: int, reminded: int | None, step: int | None) -> None:
    """From the sixtieth day and again from the thirtieth; what was said since then is enough."""
    today = END - timedelta(days=left)
    given = END - timedelta(days=reminded) if reminded is not None else None
    assert expiring.step_of(ending(given), today) == step


def test_reminders_are_told_beside_the_rest() -> None:
    """In one sentence of their own, which counts neither as new cases nor as prints, and names nobody."""
    both = [Waiting(Role.CLERK, "A1/print"), Waiting(Role.CLERK, "130928-1/expiring60", reminder=True)]
    text = waiting.sentence(both, "吴桥县")["text"]
    assert "有 1 张证照等待打印" in text
    assert "有 1 份证照快到期，请提醒持证人" in text
    assert waiting.found((), (), (), (), both[1:]) == both[1:]


@pytest.mark.long
def test_the_node_proposes_and_one_press_tells(world: World) -> None:
    """The approver hears of it and presses; then the window's clerk does, once, whatever comes twice."""
    case_no = begin_at(world, "application.submitted")
    ends = beijing_day(world.now) + timedelta(days=40)
    world.issuing.source.add("application.accepted", case_no, acceptance())
    world.settle()
    world.issuing.source.add("decision.made", case_no, decision(valid_until=ends))
    world.settle()

    def proposed(code: str) -> list[Waiting]:
        county = world.counties[code]
        with county.store.read() as tx:
            return Reminders(county.box, code).waiting(tx, world.now)

    assert proposed(ISSUING) == [Waiting(Role.APPROVER, f"{case_no}/expiring60", reminder=True)]
    assert proposed(WINDOW) == []
    approver = Browser(world, ISSUING, ZHANG)
    assert "建议现在提醒" in approver.get("/around/expiring")
    with world.issuing.store.read() as tx:
        (row,) = expiring.ending(tx, world.issuing.box, ISSUING, beijing_day(world.now), 60)
    approver.done(f"/around/{case_no}/license.expiring", license_identifier=row.identifier, text="请延续。")
    world.settle()
    assert proposed(ISSUING) == []
    assert "建议现在提醒" not in approver.get("/around/expiring")
    (asked,) = proposed(WINDOW)
    assert asked.role is Role.CLERK
    assert asked.about.startswith(f"{case_no}/expiring/")
    world.later(days=11)
    assert proposed(ISSUING) == [Waiting(Role.APPROVER, f"{case_no}/expiring30", reminder=True)]
