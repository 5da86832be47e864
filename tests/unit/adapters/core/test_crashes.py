"""Whatever the order and wherever the power fails, a case ends in the same state with each effect once."""

import itertools
import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.printing.tables import PRINTS, SpoilReason
from adapters.store import tables
from schemas.envelope import Envelope
from tests.county_begun import begin_at
from tests.county_doubles import PowerCut
from tests.county_records import acceptance, application, decision
from tests.county_world import HUB, Network, World
from tests.sampling import SEED, all_or_some


def end_state(world: World) -> dict[str, Any]:
    """What must be the same however it came about: everything but ids, times and ciphertext."""
    result: dict[str, Any] = {}
    # After a restart the station asks again under the same claim: more messages, one claim.
    ours = tables.outbox.c.type != "print.claimed"
    claimed = select(tables.outbox.c.body).where(tables.outbox.c.type == "print.claimed")
    for county in (world.window, world.issuing):
        result[county.code] = {
            "cases": county.rows(select(tables.cases.c.case_no, tables.cases.c.state)),
            "outbox": sorted(map(tuple, county.rows(select(tables.outbox.c.type, tables.outbox.c.state).where(ours)))),
            "claims": {(Envelope.parse(body).facts or {})["attempt"] for (body,) in county.rows(claimed)},
            "inbox": sorted(
                map(
                    tuple,
                    county.rows(select(tables.inbox.c.type, tables.inbox.c.state).where(tables.inbox.c.source != HUB)),
                )
            ),
            "local": sorted(county.sink.order),
            "planned": county.rows(select(tables.local_writes.c.done).where(~tables.local_writes.c.done)),
            "prints": county.rows(select(PRINTS.c.authorisation_no, PRINTS.c.state, PRINTS.c.stock_serial)),
            "troubles": county.rows(select(tables.troubles.c.code)),
            "sheets": county.printer.sheets,
        }
    return result


@pytest.mark.parametrize("order", all_or_some(itertools.permutations(range(4)), 6))
def test_every_order_of_arrival_ends_the_same(world: World, order: tuple[int, ...]) -> None:
    """Acceptance, decision, license and authorisation in each of the 24 orders, every one delivered twice."""
    begin_at(world, "application.submitted")
    case_no = world.case_no()
    world.issuing.source.add("application.accepted", case_no, acceptance())
    world.issuing.source.add("decision.made", case_no, decision())
    world.issuing.read()
    world.issuing.issue()
    world.carry(world.issuing, deliver=False)
    messages = [arrival for code, arrival in world.held if code == world.window.code]
    world.held = [(code, arrival) for code, arrival in world.held if code != world.window.code]
    assert len(messages) == 4
    for i in order:
        for _ in range(2):
            world.window.arrive(**messages[i])
        world.window.handle()
    for _ in range(5):
        world.window.handle()
    world.settle()
    assert world.window.rows(select(tables.cases.c.state)) == [("licensed",)]
    assert sorted(world.window.sink.order) == sorted(
        ["application.accepted", "decision.made", "license.issued", "print.authorised"]
    )
    assert world.window.sink.order == [
        "application.accepted", "decision.made", "license.issued", "print.authorised",
    ]  # fmt: skip
    received = select(tables.outbox.c.message_id).where(tables.outbox.c.type == "message.received")
    assert len(world.window.rows(received)) == 4
    assert {state for (state,) in world.issuing.rows(select(tables.outbox.c.state))} == {"received"}
    assert world.window.rows(select(tables.troubles)) == []


def test_duplicates_are_harmless(world: World) -> None:
    """A crash between commit and acknowledgement delivers everything again: nothing happens twice."""
    arrivals: list[tuple[str, dict[str, Any]]] = []
    deliver = world.deliver

    def remember() -> None:
        arrivals.extend(world.held)  # each carry adds to an empty list
        deliver()

    world.deliver = remember  # type: ignore[method-assign]
    world.up_to("case.handed_over")
    before = end_state(world)
    for destination, arrival in arrivals:
        assert not world.counties[destination].arrive(**arrival)
    world.settle()
    assert end_state(world) == before


def play(world: World) -> None:
    """A whole case, driven by what the stores say, so that it can be taken up again after any crash."""
    window, issuing = world.window, world.issuing
    if not window.source.records:
        window.source.add("application.submitted", "WQ1", application())
    world.settle()
    case_no = world.case_no()
    if not issuing.source.records:
        issuing.source.add("application.accepted", case_no, acceptance())
        issuing.source.add("decision.made", case_no, decision())
    world.settle()
    for attempt in (1, 2):
        number = f"{case_no}-D1-{attempt}"
        if state(world, number) in ("authorised", "claimed"):
            window.room.ask(number)
            world.settle()
        if state(world, number) != "printing":
            continue
        window.room.station.reconcile()
        if number in window.printer.sheets:
            window.sheets.confirm(number, stock_serial="S1", by="desk")
        else:  # the power failed after the start was committed and before a byte was sent: a person sees no sheet
            window.sheets.spoil(number, stock_serial="", reason=SpoilReason.NO_SHEET, by="desk", witness="two")
            world.settle()
    if len(window.source.records) == 1:
        from tests.county_records import hand_over

        window.source.add("case.handed_over", "WQ1", hand_over())
    world.settle()


def state(world: World, number: str) -> str:
    """Of one authorisation; nothing when there is none."""
    found = world.window.rows(select(PRINTS.c.state).where(PRINTS.c.authorisation_no == number))
    return str(found[0][0].value) if found else ""


def _sweep(network: Network, folder: Path, code: str, *, before: bool, step: int = 1) -> int:
    """Cut the power at every (or each `step`-th) commit of one county in turn; returns how many there were."""
    (folder / "plain").mkdir()
    plain = World(network=network, folder=folder / "plain")
    for county in plain.counties.values():
        county.store.commits = 0
    play(plain)
    expected, commits = end_state(plain), plain.counties[code].store.commits
    assert expected[plain.window.code]["cases"][0][1] == "handed_over"
    lost_starts = 0
    for n in range(random.Random(SEED).randint(1, step), commits + 1, step):
        place = folder / f"{code}-{n}-{before}"
        place.mkdir()
        world = World(network=network, folder=place)
        county = world.counties[code]
        county.store.commits = 0
        county.store.fail_before, county.store.fail_after = (n, 0) if before else (0, n)
        cuts = 0
        for _ in range(3):
            try:
                play(world)
                break
            except PowerCut:
                cuts += 1
                county.store.fail_before = county.store.fail_after = 0
                county.start()
                world.later(seconds=61)  # a person is back, and the resend pause is over
        assert cuts == 1, (n, before)
        found = end_state(world)
        if state(world, f"{world.case_no()}-D1-1") == "spoiled":
            assert found[world.window.code]["cases"] == expected[world.window.code]["cases"]
            assert world.window.printer.sheets == [f"{world.case_no()}-D1-2"]
            lost_starts += 1
        else:
            assert found == expected, (n, before)
        assert len(county.printer.sheets) <= 1
        for each in world.counties.values():
            each.store.close()
    assert lost_starts <= 1
    return commits


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("side", ["window", "issuing"])
def test_a_crash_at_some_commits_ends_the_same(
    county_network: Network, tmp_path: Path, side: str, before: bool
) -> None:
    """The sweep below, at each fortieth commit, beginning at another one every day."""
    assert _sweep(county_network, tmp_path, {"window": "130928", "issuing": "140881"}[side], before=before, step=40)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("side", ["window", "issuing"])
@pytest.mark.long
def test_a_crash_at_every_commit_ends_the_same(
    county_network: Network, tmp_path: Path, side: str, before: bool
) -> None:
    """The power fails before, and after, each commit of each county in turn: restarted, the case ends as ever."""
    code = {"window": "130928", "issuing": "140881"}[side]
    assert _sweep(county_network, tmp_path, code, before=before) > 10
