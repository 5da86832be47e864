"""异地代收代办 between two counties' real stores: originals travel before the decision, results come back by parcel."""

import pytest
from sqlalchemy import select

from adapters.case import casebook, papers, parcels
from adapters.store import tables
from pages.people.person import Role
from schemas.errors import YunhuobanError
from tests import around_records as of
from tests.around_pages import WANG, ZHANG, Browser
from tests.county_begun import begin_at
from tests.county_records import decision
from tests.county_world import ISSUING, WINDOW, World
from tests.powers_world import granted
from tests.taking_world import Counter, publish
from tests.unit.adapters.approving.test_approval_page import browser_of
from tests.unit.adapters.around.saying import say
from tests.unit.adapters.around.test_around import states, twice
from tests.unit.adapters.stating.test_powers_at_work import troubles

OWED = "收件地应随清单和封签寄给属地"


def owed(world: World, code: str, case_no: str) -> list[tuple[str, str]]:
    """What one county sees owed, and by whom."""
    county = world.counties[code]
    with county.store.read() as tx:
        case = casebook.find(tx, case_no)
        assert case is not None
        found = papers.of_case(tx, county.identity, case, county.directory(tx), world.now)
    return [(each.direction, each.county) for each in found]


def decide(world: World, case_no: str) -> None:
    """The issuing county's own system decides."""
    world.issuing.source.add("decision.made", case_no, decision())
    world.settle()


@pytest.mark.long
def test_a_parcel_of_originals_is_owed_on_both_sides_until_it_is_sent(world: World) -> None:
    """On the thread, in the lists and at the window's case; once it was announced, it is owed no more."""
    granted(world, "accept", "deliver")
    case_no = begin_accepted(world)
    for code, person in ((WINDOW, WANG), (ISSUING, ZHANG)):
        assert owed(world, code, case_no) == [(parcels.OUT, WINDOW)]
        browser = Browser(world, code, person)
        assert OWED in browser.get(f"/around/{case_no}")
        assert f"matter-{case_no}-parcel-sent" in browser.get("/around")
    say(world, WINDOW, case_no, "parcel.sent", of.parcel(direction=parcels.OUT))
    world.settle()
    for code, person in ((WINDOW, WANG), (ISSUING, ZHANG)):
        assert owed(world, code, case_no) == []
        assert OWED not in Browser(world, code, person).get(f"/around/{case_no}")


def begin_accepted(world: World) -> str:
    """A case that the window has accepted, whose original lies at the window."""
    counter = Counter(world=world)
    draft, case_no = counter.take(**{"window.acceptance": "accept", "m.SQB.trust": "C"})
    world.settle()
    assert "随清单和封签寄给属地" in counter.get(f"/take/cases/{draft}")
    return case_no


@pytest.mark.long
def test_nothing_is_decided_before_the_papers_are_received(world: World) -> None:
    """A person at the desk is told E-POWER-009; a local system's decision waits, and goes when the parcel is opened."""
    granted(world, "accept", "deliver")
    case_no = begin_accepted(world)
    with pytest.raises(YunhuobanError, match="E-POWER-009"):
        say(world, ISSUING, case_no, "decision.made", decision())
    with browser_of(world, Role.APPROVER) as browser:
        assert "申请里的原件还没有收到" in browser.get(f"/approvals/{case_no}").text
    decide(world, case_no)
    assert "E-POWER-009" in troubles(world, ISSUING)
    say(world, WINDOW, case_no, "parcel.sent", of.parcel(direction=parcels.OUT))
    twice(world)
    assert states(world, case_no) == ("accepted", "accepted"), "on its way is not received"
    say(world, ISSUING, case_no, "parcel.received")
    twice(world)
    world.later(hours=1)
    world.settle()
    kinds = world.issuing.rows(select(tables.outbox.c.type).where(tables.outbox.c.case_no == case_no))
    assert [kind for (kind,) in kinds].count("decision.made") == 1
    assert "E-POWER-009" not in troubles(world, ISSUING)


def test_what_was_announced_is_waited_for_without_a_word_on_powers(world: World) -> None:
    """Where nothing was stated, all is as it was; but a parcel of materials on its way is waited for."""
    case_no = begin_at(world, "application.accepted")
    publish(world)
    assert owed(world, ISSUING, case_no) == []
    say(world, WINDOW, case_no, "parcel.sent", of.parcel(direction=parcels.OUT))
    world.settle()
    with pytest.raises(YunhuobanError, match="E-POWER-009"):
        say(world, ISSUING, case_no, "decision.made", decision())
    say(world, ISSUING, case_no, "parcel.received")
    say(world, ISSUING, case_no, "decision.made", decision())
    world.settle()
    assert owed(world, ISSUING, case_no) == []


@pytest.mark.long
def test_a_result_that_is_not_printed_there_is_owed_by_the_issuing_county(world: World) -> None:
    """Both see that it comes by parcel, until it was sent."""
    case_no = licensed_without_delivery(world)
    for code in (WINDOW, ISSUING):
        assert owed(world, code, case_no) == [(parcels.BACK, ISSUING)]
    say(world, ISSUING, case_no, "parcel.sent", of.parcel(direction=parcels.BACK))
    world.settle()
    for code in (WINDOW, ISSUING):
        assert owed(world, code, case_no) == []
    say(world, WINDOW, case_no, "parcel.received")


def licensed_without_delivery(world: World) -> str:
    """Another case, whose original came and which was granted; the window may not hand its result over."""
    granted(world, "accept")
    case_no = begin_accepted(world)
    say(world, WINDOW, case_no, "parcel.sent", of.parcel(direction=parcels.OUT))
    world.settle()
    say(world, ISSUING, case_no, "parcel.received")
    say(world, ISSUING, case_no, "decision.made", decision())
    world.settle()
    assert states(world, case_no) == ("licensed", "licensed")
    return case_no
