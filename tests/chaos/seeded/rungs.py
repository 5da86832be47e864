"""The ladder of a case."""

from tests.chaos.evidence import Evidence
from tests.chaos.history import Event
from tests.chaos.seeded.picking import ELSEWHERE, Pick, fault, rungs, sent


@fault
def a_lost_rung(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The hub has lost a message of a case."""
    row = pick(rungs(evidence))
    evidence.hub.messages.remove(row)
    return {"rung.missing", "message.lost", "journal.unmatched", "delivery.invented"}


@fault
def a_doubled_rung(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The same step under another id."""
    evidence.hub.messages.append(pick(rungs(evidence)) | {"message_id": ELSEWHERE})
    return {"rung.doubled", "message.invented"}


@fault
def an_invented_message(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Admitted, and its county never wrote it."""
    outbox, row = sent(evidence, pick(rungs(evidence)))
    outbox.remove(row)
    return {"message.invented"}


@fault
def paper_for_a_denied_case(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A license after a denial."""
    case_no = pick([row["case_no"] for row in evidence.hub.cases if row["state"] == "denied"])
    license_row = next(row for row in evidence.hub.messages if row["type"] == "license.issued")
    evidence.hub.messages.append(license_row | {"case_no": case_no, "message_id": ELSEWHERE})
    return {"rung.invented"}


@fault
def not_signed_for(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A rung that its destination never signed as received."""
    signed = [row for row in evidence.hub.messages if row["type"] == "message.received"]
    evidence.hub.messages.remove(pick(signed))
    return {"rung.received"}


@fault
def received_not_noted(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Signed as received, and the hub did not note it."""
    pick(rungs(evidence))["received_at"] = None
    return {"rung.received"}


@fault
def signed_for_twice(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Two signed words for one message."""
    signed = [row for row in evidence.hub.messages if row["type"] == "message.received"]
    evidence.hub.messages.append(pick(signed) | {"message_id": ELSEWHERE})
    return {"rung.received"}


@fault
def another_state(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A case that did not come to its end at the hub."""
    pick(evidence.hub.cases)["state"] = "accepted"
    return {"case.state", "case.end"}


@fault
def a_county_without_the_case(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """One of the parties does not know it."""
    row = pick(evidence.hub.cases)
    cases = evidence.counties[row["issuing_county"]].cases
    cases.remove(next(each for each in cases if each["case_no"] == row["case_no"]))
    return {"case.known"}
