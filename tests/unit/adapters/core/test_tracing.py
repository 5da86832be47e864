"""Both counties write the same trace into the envelopes of a case, and nobody hands it on."""

import pytest
from sqlalchemy import select

from adapters.store import tables
from schemas.envelope import Envelope
from schemas.tracing import trace_id
from tests.county_begun import begin_at
from tests.county_world import World


def traces(world: World, case_no: str) -> list[Envelope]:
    """Everything that both counties have written in a case."""
    bodies = select(tables.outbox.c.body).where(tables.outbox.c.case_no == case_no)
    return [Envelope.parse(body) for county in (world.window, world.issuing) for (body,) in county.rows(bodies)]


def test_what_a_county_writes_bears_its_cases_trace(world: World) -> None:
    """From the first message on."""
    case_no = begin_at(world, "application.submitted")
    assert {each.traceparent[3:35] for each in traces(world, case_no)} == {trace_id(case_no)}


@pytest.mark.long
def test_a_case_is_one_trace_in_both_counties(world: World) -> None:
    """From the application to the license, each message a span of its own."""
    case_no = begin_at(world, "print.authorised")
    sent = traces(world, case_no)
    assert len(sent) > 4
    assert len({each.source for each in sent}) == 2
    assert {each.traceparent[3:35] for each in sent} == {trace_id(case_no)}
    assert len({each.traceparent for each in sent}) == len(sent)
