"""A case's trace: every rung, in order, with what happened to it and how long it took."""

import io
from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from hub.catalogue import importing
from hub.registry import calendars
from hub.views.ladder import UNKNOWN_CASE
from hub.views.trace import render, trace
from schemas.catalogue import records
from schemas.clockface import DueKind
from schemas.errors import YunhuobanError
from tests.catalogue_world import ALLIANCE, agreed
from tests.hub_world import ISSUING, WINDOW, Case, World
from tests.unit.hub_evidence.conftest import whole_case

LADDER = [
    "application.submitted", "application.accepted", "decision.made", "license.issued", "print.authorised",
    "print.claimed", "print.granted", "print.settled", "case.handed_over", "case.handed_over",
]  # fmt: skip


@pytest.mark.both_stores
def test_whole_ladder(world: World):
    """Ten rungs in the journal's order, each with its sender, its verdict, the other county's signature and seconds."""
    case, sent = whole_case(world)
    with world.store.read() as tx:
        found = trace(tx, case.case_no, calendar=calendars.calendar(tx), now=world.now)
    assert [rung.type for rung in found.rungs] == LADDER
    assert (found.window_county, found.issuing_county) == (WINDOW, ISSUING)
    assert (found.state, found.trial) == ("handed_over", False)
    assert found.names == {WINDOW: f"County {WINDOW}", ISSUING: f"County {ISSUING}"}
    ids = [rung.message_id for rung in found.rungs if rung.source != "hub"]
    assert ids[:8] == [each.envelope.id for each in sent]
    assert [rung.verdict for rung in found.rungs] == ["admitted"] * 6 + ["granted"] + ["admitted"] * 2 + ["E-ADM-102"]
    assert [rung.seconds for rung in found.rungs] == [None, 2, 2, 2, 2, 2, 0, 1, 2, 2]
    assert [rung.received_seconds for rung in found.rungs] == [1, 1, 1, 1, 1, None, None, 1, 1, None]
    assert [rung.received_id is not None for rung in found.rungs] == [True] * 5 + [False] * 2 + [True] * 2 + [False]
    assert [rung.outcome for rung in found.rungs][2] == "granted"
    assert [rung.good for rung in found.rungs] == [True] * 9 + [False]
    assert found.total_seconds == 15
    (line,) = found.prints
    assert (line.state, line.claim_id, line.station) == ("printed", case.claim_id, "station-1")
    assert line.stock_serial == f"S{case.authorisation_no}"
    assert line.granted_at is not None
    assert line.settled_at is not None


def test_parked_refused_and_destination_refusals(world: World):
    """What waits stands last, what its destination refused is a rung of its own, and is no good one."""
    case = Case(world)
    (application,) = case.up_to("application.submitted")
    world.send(case.refused(application))
    case.acceptance(in_reply_to=None)
    world.send(case.decision())
    with world.store.read() as tx:
        found = trace(tx, case.case_no, calendar=calendars.calendar(tx), now=world.now)
    assert [(rung.type, rung.verdict, rung.good) for rung in found.rungs] == [
        ("application.submitted", "admitted", True),
        ("message.refused", "admitted", False),
        ("decision.made", "parked", False),
    ]
    assert found.rungs[1].outcome == "E-MAP-001"


def test_a_case_whose_application_was_refused(world: World):
    """The trace of a refused application shows the refusal, and no state."""
    case = Case(world)
    world.send(case.application(service_item=f"{world.network.item[:-1]}9"))
    with world.store.read() as tx:
        found = trace(tx, case.case_no, calendar=calendars.calendar(tx), now=world.now)
    assert found.state == ""
    assert [rung.verdict for rung in found.rungs] == ["E-ADM-041"]


def test_unknown_case(world: World):
    """A case that nobody sent is a declared error."""
    with world.store.read() as tx, pytest.raises(YunhuobanError) as error:
        trace(tx, "140881-20261122-999999-0", calendar=calendars.calendar(tx), now=world.now)
    assert error.value.code is UNKNOWN_CASE


@pytest.mark.parametrize("width", [80, 120])
def test_rendered_in_both_languages(world: World, width: int):
    """The page of the terminal has Chinese and English, whole message ids, the outcomes, and why a step was refused.

    On the usual narrow terminal, too: a refused step never looks like one that was taken.
    """
    case, sent = whole_case(world)
    with world.store.read() as tx:
        found = trace(tx, case.case_no, calendar=calendars.calendar(tx), now=world.now)
    out = io.StringIO()
    Console(width=width, file=out).print(render(found))
    text = out.getvalue()
    for words in ("申请已准入 Application admitted", "E-ADM-102", "+ 1.0 s", "准予许可 Granted", "当面送达"):
        assert words in text
    assert f"S{case.authorisation_no}" in "".join(text.split()) or width < 120, "the ledger's columns are folded"
    assert all(each.envelope.id in text for each in sent)


def test_the_clock_of_a_case_is_told(world: World):
    """Received, accepted, decided, and the promised day kept; before the decision, what is due."""
    case = Case(world)
    case.up_to("application.accepted")
    with world.store.read() as tx:
        running = trace(tx, case.case_no, calendar=calendars.calendar(tx), now=world.now)
    assert running.clock.received_at == running.clock.accepted_at == world.now
    assert [due.kind for due in running.clock.dues] == [DueKind.PROMISED]  # without a catalogue nothing is statutory
    assert not running.clock.dues[0].passed
    world.send(case.decision())
    with world.store.read() as tx:
        found = trace(tx, case.case_no, calendar=calendars.calendar(tx), now=world.now)
    assert (found.clock.ended_by, found.clock.overdue) == ("decision.made", False)
    out = io.StringIO()
    Console(width=140, file=out).print(render(found))
    assert "承诺办结日 Promised day" in out.getvalue()
    assert "2026-12-01 17:00  ✓ 按期 in time" in out.getvalue()


def test_the_catalogue_gives_the_clock_its_statutory_limit(world: World):
    """Three working days of the item as the issuing county has it, from the day of acceptance, a Sunday."""
    entities = agreed(world.network.item, [WINDOW, ISSUING])
    world.store.redo(lambda tx: importing.put(tx, records.entries(entities.values())))
    case = Case(world)
    world.send(case.application(alliance=ALLIANCE))
    world.send(case.message("application.accepted", {"promised_on": date(2026, 11, 25)}))
    with world.store.read() as tx:
        found = trace(tx, case.case_no, calendar=calendars.calendar(tx), now=world.now)
    statutory = [due.at for due in found.clock.dues if due.kind is DueKind.STATUTORY]
    assert statutory == [datetime(2026, 11, 25, 9, tzinfo=UTC)]
