"""One case from application to hand-over through both counties' real stores and real cryptography."""

from sqlalchemy import select

from adapters.store import tables
from tests.county_world import World


def test_the_whole_ladder(world: World) -> None:
    """Every rung is reached, every message settled, one sheet printed, and both local systems know it all."""
    case_no = world.up_to("case.handed_over")
    for county in (world.window, world.issuing):
        assert county.rows(select(tables.cases.c.case_no, tables.cases.c.state)) == [(case_no, "handed_over")]
        assert {state for (state,) in county.rows(select(tables.outbox.c.state))} == {"received"}
        assert {state for (state,) in county.rows(select(tables.inbox.c.state))} == {"applied"}
        assert county.rows(select(tables.troubles)) == []
    assert world.window.printer.sheets == [f"{case_no}-D1-1"]
    assert world.window.sink.order == [
        "application.accepted", "decision.made", "license.issued", "print.authorised", "print.settled",
    ]  # fmt: skip
    assert world.issuing.sink.order == [
        "application.submitted", "license.issued", "print.settled", "case.handed_over",
    ]  # fmt: skip
    assert world.foreign.rows(select(tables.cases)) == []
