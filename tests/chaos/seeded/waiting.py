"""What still waits when the run is over."""

from tests.chaos.evidence import Evidence
from tests.chaos.history import Event
from tests.chaos.seeded.picking import Pick, county_with, fault, rungs, sent


@fault
def an_unfinished_outbox(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Sent, and nobody signed for it."""
    _, row = sent(evidence, pick(rungs(evidence)))
    row["state"] = "sent"
    return {"waiting.outbox"}


@fault
def undone_effects(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Journalled, and not known to be passed on."""
    pick(evidence.hub.checkpoints)["effects_done"] = False
    return {"waiting.effects"}


@fault
def an_unsettled_message(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """One message of a batch of which something was never confirmed."""
    row = pick(evidence.hub.messages)
    evidence.hub.unsettled.append({name: row[name] for name in ("source", "message_id", "envelope_sha256")})
    return {"waiting.effects"}


@fault
def an_unsaid_word(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A grant or a directory that did not go out."""
    pick(evidence.hub.outgoing)["done"] = False
    return {"waiting.outgoing"}


@fault
def parked_for_ever(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A message that still waits for its predecessor."""
    pick(rungs(evidence))["state"] = "parked"
    return {"waiting.parked"}


@fault
def a_local_write_not_done(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Planned, and not written."""
    books = county_with(evidence, pick, lambda each: each.local_writes)
    pick(books.local_writes)["done"] = False
    return {"waiting.local"}


@fault
def a_record_that_waits(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A local record that never came in turn."""
    books = county_with(evidence, pick, lambda each: each.cases)
    books.waiting_records.append({"local_case": "WQ9", "type": "decision.made"})
    return {"waiting.record"}


@fault
def a_dead_letter(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A message died, and no fault provoked it."""
    evidence.hub.dead_letters.append(
        {
            "state": "waiting",
            "reason": "poison",
            "queue": "admission.00",
            "message_id": pick(rungs(evidence))["message_id"],
        }
    )
    return {"waiting.dead"}


@fault
def a_closed_destination(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A county is still held."""
    evidence.hub.destinations.append({"held": True, "division_code": pick(sorted(evidence.counties)), "reason": "x"})
    return {"waiting.held"}
