"""The counties' own systems."""

from tests.chaos.evidence import Evidence
from tests.chaos.history import Event
from tests.chaos.localbooks import Trace
from tests.chaos.seeded.picking import Pick, county_with, fault


@fault
def a_lost_trace(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The local system lacks what was written into it."""
    books = county_with(evidence, pick, lambda each: each.local.traces)
    books.local.traces.remove(pick(books.local.traces))
    return {"local.lost"}


@fault
def a_doubled_trace(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """It has it twice."""
    books = county_with(evidence, pick, lambda each: each.local.traces)
    books.local.traces = [*books.local.traces, pick(books.local.traces)]
    return {"local.doubled"}


@fault
def an_invented_trace(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """It has what nobody sent."""
    books = county_with(evidence, pick, lambda each: each.local.traces)
    books.local.traces = [*books.local.traces, Trace("NOWHERE-1", "decision.made")]
    return {"local.invented"}


@fault
def a_step_not_sent(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A clerk decided, and it went nowhere."""
    books = county_with(evidence, pick, lambda each: each.local.made)
    books.local.made.append(Trace("NOWHERE-1", "decision.made"))
    return {"step.admitted"}


@fault
def a_step_nobody_made(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Sent, and no clerk did it."""
    books = county_with(evidence, pick, lambda each: each.local.made)
    books.local.made.remove(pick(books.local.made))
    return {"step.invented"}
