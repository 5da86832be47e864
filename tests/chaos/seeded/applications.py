"""What the windows took, and what became of it."""

from dataclasses import replace

from tests.chaos.evidence import Evidence
from tests.chaos.history import Event
from tests.chaos.seeded.picking import ELSEWHERE, Pick, county_with, fault, rungs, submits


@fault
def acknowledged_and_nowhere(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A clerk was told that it is done, and nobody has it."""
    event = events[pick(submits(events))]
    events += [replace(event, phase="invoke", case="LOST-1"), replace(event, case="LOST-1")]
    return {"application.taken"}


@fault
def lost_from_the_local_system(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The window's own system forgot an application."""
    event = events[pick(submits(events))]
    evidence.counties[event.details["county"]].local.taken.remove(event.case)
    return {"application.taken", "case.invented"}


@fault
def taken_twice(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """It stands there twice."""
    event = events[pick(submits(events))]
    evidence.counties[event.details["county"]].local.taken.append(event.case)
    return {"application.taken"}


@fault
def acknowledged_twice(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Two clerks were given the same number."""
    events.append(events[pick(submits(events))])
    return {"application.acknowledged"}


@fault
def never_submitted(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """An application that no clerk took."""
    case = events[pick(submits(events))].case
    events[:] = [event for event in events if event.case != case]
    return {"application.unknown"}


@fault
def never_read(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """It lies in the local system, and the county node has no case of it."""
    books = county_with(evidence, pick, lambda each: each.local.taken)
    books.local.taken.append("UNREAD-1")
    at = submits(events)[0]
    code = next(code for code, each in evidence.counties.items() if each is books)
    details = {**events[at].details, "county": code}
    events += [replace(events[at], phase=phase, case="UNREAD-1", details=details) for phase in ("invoke", "ok")]
    return {"application.admitted"}


@fault
def two_cases_of_one_application(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The county read it twice, and both went through."""
    window = pick(sorted({row["source"] for row in rungs(evidence) if row["type"] == "application.submitted"}))
    first = next(row for row in rungs(evidence) if (row["type"], row["source"]) == ("application.submitted", window))
    other = first | {"case_no": "999999-20260101-000001-X", "message_id": ELSEWHERE}
    evidence.hub.messages.append(other)
    case = next(row for row in evidence.counties[window].cases if row["case_no"] == first["case_no"])
    evidence.counties[window].cases.append(case | {"case_no": other["case_no"]})
    return {"application.admitted", "message.invented"}


@fault
def granted_instead_of_denied(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """What had to be denied was granted, or the other way round."""
    at = pick(submits(events))
    details = {**events[at].details, "flawed": not events[at].details["flawed"]}
    events[at] = replace(events[at], details=details)
    return {"case.outcome"}


@fault
def an_invented_case(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A county has a case that the hub never opened."""
    row = pick(evidence.hub.cases)
    evidence.counties[row["issuing_county"]].cases.append(
        next(each for each in evidence.counties[row["issuing_county"]].cases if each["case_no"] == row["case_no"])
        | {"case_no": "999999-20260101-000001-X"}
    )
    return {"case.invented"}
