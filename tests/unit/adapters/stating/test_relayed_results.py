"""The result on paper of a relayed case: neither county ends the case before it arrived, or somebody said why not."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from adapters.case import casebook, parcels, results
from adapters.store import tables
from schemas.errors import YunhuobanError
from tests import around_records as of
from tests.around_pages import WANG, ZHANG, Browser, told
from tests.county_begun import begin_at
from tests.county_records import closing
from tests.county_world import ISSUING, WINDOW, Network, World
from tests.powers_world import granted
from tests.sampling import examples
from tests.unit.adapters.around.saying import say
from tests.unit.adapters.around.test_around import states, twice
from tests.unit.adapters.handingover.test_hand_over import desk_of, hand_over
from tests.unit.adapters.stating.test_powers_at_work import troubles
from tests.unit.adapters.stating.test_relayed_papers import owed

ON_ITS_WAY = "结果已寄出，收件地还没有签收"
OPENED = "matter-{}-parcel-received"
BOTH = ((WINDOW, WANG), (ISSUING, ZHANG))


def licensed(world: World) -> str:
    """A relayed case whose license is made; the window may not print it."""
    case_no = begin_at(world, "print.authorised")
    granted(world, "accept")
    return case_no


def standing(world: World, code: str, case_no: str) -> results.Standing:
    """As one county sees it."""
    county = world.counties[code]
    with county.store.read() as tx:
        case = casebook.find(tx, case_no)
        assert case is not None
        return results.standing(tx, case, county.directory(tx), world.now)


def close(world: World, case_no: str) -> None:
    """The issuing county's own system closes the case, and is asked again some time later."""
    world.issuing.source.add("case.closed", case_no, closing())
    world.settle()


def later(world: World) -> None:
    """Everything arrives twice; what had to wait is tried again."""
    twice(world)
    world.later(hours=1)
    world.settle()


def send(world: World, case_no: str, parcel: int = 1) -> None:
    """The issuing county announces a parcel of the result."""
    say(world, ISSUING, case_no, "parcel.sent", of.parcel(direction=parcels.BACK, parcel=parcel))


def page(world: World, code: str, person: Any, case_no: str) -> str:
    """The thread of the case."""
    return Browser(world, code, person).get(f"/around/{case_no}")


def test_a_case_is_not_closed_while_its_result_is_owed(world: World) -> None:
    """Not sent is not arrived: the closing of a local system waits, and its people are told why."""
    case_no = licensed(world)
    close(world, case_no)
    assert "E-POWER-010" in troubles(world, ISSUING)
    assert states(world, case_no) == ("licensed", "licensed")
    assert owed(world, ISSUING, case_no) == owed(world, WINDOW, case_no) == [(parcels.BACK, ISSUING)]


@pytest.mark.long
def test_a_closing_waits_for_the_parcel_and_goes_when_it_is_opened(world: World) -> None:
    """Both see that it is on its way; signed for, the case is closed once, although everything comes twice."""
    case_no = licensed(world)
    close(world, case_no)
    send(world, case_no)
    later(world)
    assert states(world, case_no) == ("licensed", "licensed"), "on its way is not received"
    for code, person in BOTH:
        assert ON_ITS_WAY in page(world, code, person, case_no)
        assert OPENED.format(case_no) in Browser(world, code, person).get("/around")
    say(world, WINDOW, case_no, "parcel.received")
    later(world)
    later(world)
    assert states(world, case_no) == ("closed", "closed")
    kinds = world.issuing.rows(select(tables.outbox.c.type).where(tables.outbox.c.case_no == case_no))
    assert [kind for (kind,) in kinds].count("case.closed") == 1
    assert "E-POWER-010" not in troubles(world, ISSUING)
    for code, person in BOTH:
        assert ON_ITS_WAY not in page(world, code, person, case_no)


@pytest.mark.long
def test_a_holder_who_fetched_it_ends_the_waiting_with_a_reason(world: World) -> None:
    """Written down once, with who and when; the closing goes, and the window reads that nothing was sent."""
    case_no = licensed(world)
    close(world, case_no)
    desk = Browser(world, ISSUING, ZHANG)
    assert desk.post(f"/around/{case_no}/result", reason="because").status_code == 422
    for _ in range(2):
        assert desk.done(f"/around/{case_no}/result", reason="fetched") == f"/around/{case_no}"
    assert "E-POWER-011" in told(desk.post(f"/around/{case_no}/result", reason="lost"))
    assert owed(world, ISSUING, case_no) == []
    assert f"持证人已当面领取。{ZHANG.account}" in page(world, ISSUING, ZHANG, case_no)
    assert owed(world, WINDOW, case_no) == [(parcels.BACK, ISSUING)], "the other county says it for itself"
    world.later(hours=1)
    later(world)
    assert states(world, case_no) == ("closed", "closed")
    assert "属地已办结，没有登记寄回纸质结果" in page(world, WINDOW, WANG, case_no)
    assert "属地已办结，没有登记寄回纸质结果" not in page(world, ISSUING, ZHANG, case_no)


@pytest.mark.long
def test_a_lost_parcel_is_waited_for_no_more_but_the_next_one_is(world: World) -> None:
    """It goes from the list of the county that said so; one that is announced afterwards is waited for again."""
    case_no = licensed(world)
    send(world, case_no)
    later(world)
    window, issuing = Browser(world, WINDOW, WANG), Browser(world, ISSUING, ZHANG)
    assert window.done(f"/around/{case_no}/result", reason="lost")
    assert OPENED.format(case_no) not in window.get("/around")
    assert OPENED.format(case_no) in issuing.get("/around")
    assert standing(world, ISSUING, case_no).under_way == {1}
    assert issuing.done(f"/around/{case_no}/result", reason="lost")
    assert not standing(world, ISSUING, case_no).awaited
    send(world, case_no, parcel=2)
    later(world)
    for code in (WINDOW, ISSUING):
        assert standing(world, code, case_no).under_way == {2}
    assert OPENED.format(case_no) in window.get("/around")
    close(world, case_no)
    assert states(world, case_no) == ("licensed", "licensed")
    say(world, WINDOW, case_no, "parcel.received", of.parcel_receipt(parcel=2))
    later(world)
    world.later(hours=1)
    later(world)
    assert states(world, case_no) == ("closed", "closed")


@pytest.mark.long
def test_nothing_is_handed_over_while_a_result_is_on_its_way(world: World) -> None:
    """A window that printed its own copy, too, waits for the parcel that was announced: at its page and its system."""
    case_no = begin_at(world, "print.settled")
    granted(world, "accept", "deliver")
    assert not standing(world, WINDOW, case_no).awaited
    send(world, case_no)
    later(world)
    assert desk_of(world).open(case_no).result_awaited
    with pytest.raises(YunhuobanError, match="E-POWER-010"):
        hand_over(desk_of(world), case_no)
    assert states(world, case_no) == ("printed", "printed")
    say(world, WINDOW, case_no, "parcel.received")
    hand_over(desk_of(world), case_no)
    later(world)
    assert states(world, case_no) == ("handed_over", "handed_over")


@pytest.mark.long
def test_without_a_word_on_powers_a_case_is_closed_as_ever(world: World) -> None:
    """Nothing is owed and nothing waits, not even for a parcel that was announced."""
    case_no = begin_at(world, "print.authorised")
    send(world, case_no)
    close(world, case_no)
    assert states(world, case_no) == ("closed", "closed")
    with pytest.raises(AssertionError, match="E-POWER-011"):
        Browser(world, ISSUING, ZHANG).done(f"/around/{case_no}/result", reason="lost")


@pytest.mark.long
@settings(max_examples=examples(12, 2), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_parcels_in_any_order_and_number_are_counted_alike(
    county_network: Network, tmp_path: Path, data: st.DataObject
) -> None:
    """Two parcels and their receipts, each delivered at any time and often: both counties wait for the same ones."""
    folder = tmp_path / str(uuid.uuid4())
    folder.mkdir()
    world = World(network=county_network, folder=folder)
    case_no = licensed(world)
    send(world, case_no, 1), send(world, case_no, 2)
    _mixed(world, data)
    for code in (WINDOW, ISSUING):
        assert standing(world, code, case_no).under_way == {1, 2}
    first = data.draw(st.sampled_from((1, 2)))
    say(world, WINDOW, case_no, "parcel.received", of.parcel_receipt(parcel=first))
    _mixed(world, data)
    for code in (WINDOW, ISSUING):
        assert standing(world, code, case_no).under_way == {3 - first}
    say(world, WINDOW, case_no, "parcel.received", of.parcel_receipt(parcel=3 - first))
    _mixed(world, data)
    for code in (WINDOW, ISSUING):
        assert not standing(world, code, case_no).awaited


def _mixed(world: World, data: st.DataObject) -> None:
    for county in (world.window, world.issuing):
        world.carry(county, deliver=False)
    copies = data.draw(st.lists(st.sampled_from(world.held), max_size=4))
    world.held = data.draw(st.permutations([*world.held, *copies]))
    world.settle()
    world.later(hours=1)
    world.settle()
