"""One trace for each case, the same for everybody, as W3C writes it."""

from schemas.envelope import BAD_TRACE, new_id
from schemas.tracing import trace_id, traceparent
from tests.unit.schemas.test_envelope import envelope

CASE = "140881-20261122-000017-C"


def test_every_message_of_a_case_is_in_its_trace() -> None:
    """Each as a span of its own; another case is another trace, and nothing of the number is in it."""
    first, second = (traceparent(CASE, new_id()) for _ in range(2))
    assert first[:36] == second[:36] == f"00-{trace_id(CASE)}-"
    assert first != second
    assert trace_id(CASE) != trace_id("140881-20261122-000018-A")
    assert "140881" not in trace_id(CASE)


def test_an_envelope_takes_it() -> None:
    """Or it would be refused as E-ENV-007."""
    assert BAD_TRACE.code == "E-ENV-007"
    assert envelope(traceparent=traceparent(CASE, new_id())).traceparent.startswith("00-")
