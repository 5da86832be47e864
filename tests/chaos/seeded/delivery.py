"""The same message in every book, and refusals that are final."""

from schemas.leaf import ADMITTED
from tests.chaos.evidence import Evidence
from tests.chaos.history import Event
from tests.chaos.seeded.picking import ELSEWHERE, Pick, arrival, county_with, fault, rungs, sent


@fault
def a_lost_delivery(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Admitted, and not in the inbox."""
    inbox, row = arrival(evidence, pick(rungs(evidence)))
    inbox.remove(row)
    return {"delivery.lost", "effect.invented"}


@fault
def a_doubled_delivery(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Twice in the inbox."""
    inbox, row = arrival(evidence, pick(rungs(evidence)))
    inbox.append(dict(row))
    return {"delivery.doubled"}


@fault
def an_invented_arrival(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """In an inbox, and the hub knows nothing of it."""
    inbox, row = arrival(evidence, pick(rungs(evidence)))
    inbox.append(row | {"message_id": ELSEWHERE})
    return {"delivery.invented"}


@fault
def an_invented_grant(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A word of the hub that the hub never said."""
    books = county_with(evidence, pick, lambda each: [row for row in each.inbox if row["type"] == "print.granted"])
    books.inbox.append(next(row for row in books.inbox if row["type"] == "print.granted") | {"message_id": ELSEWHERE})
    return {"delivery.invented"}


@fault
def other_bytes_delivered(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The destination has other bytes than the hub admitted."""
    _, row = arrival(evidence, pick(rungs(evidence)))
    row["envelope_sha256"] = bytes(32)
    return {"delivery.bytes", "delivery.invented"}


@fault
def other_bytes_kept(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The hub's bytes are not those of its digest."""
    pick(evidence.hub.messages)["body_sha256"] = bytes(32)
    return {"message.bytes"}


@fault
def never_applied(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """It lies in the inbox and waits."""
    _, row = arrival(evidence, pick(rungs(evidence)))
    row["state"] = "opened"
    return {"delivery.applied", "waiting.inbox"}


@fault
def refused_by_its_destination(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """It was refused there, and nothing took its place."""
    _, row = arrival(evidence, pick(rungs(evidence)))
    row |= {"state": "refused", "refusal_code": "E-ENV-103"}
    return {"delivery.applied"}


@fault
def an_inbox_that_disagrees(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The columns beside the bytes say something else."""
    _, row = arrival(evidence, pick(rungs(evidence)))
    row["prev"] = ELSEWHERE
    return {"stores.inbox"}


@fault
def an_outbox_that_disagrees(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The sender has another time of admission than the hub."""
    _, row = sent(evidence, pick(rungs(evidence)))
    row["admitted_at"] += 1
    return {"stores.outbox"}


@fault
def settled_and_unknown_at_the_hub(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A county holds for delivered what the hub does not have."""
    outbox, row = sent(evidence, pick(rungs(evidence)))
    outbox.append(row | {"message_id": ELSEWHERE})
    return {"message.lost"}


@fault
def a_refusal_that_came_back(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The hub refused it, and it was delivered."""
    row = pick(rungs(evidence))
    row |= {"state": "refused", "verdict": "E-ADM-102"}
    return {"refusal.final", "journal.message"}


@fault
def refused_and_admitted(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The sender was told that it is refused; the hub admitted it."""
    _, row = sent(evidence, pick(rungs(evidence)))
    row |= {"state": "refused", "refusal_code": "E-ADM-102"}
    return {"refusal.final"}


@fault
def two_verdicts(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The journal has a refusal and an admission of the same bytes."""
    row = pick([each for each in evidence.hub.journal if each["verdict"] == ADMITTED])
    evidence.hub.journal.append(row | {"leaf_index": len(evidence.hub.journal), "verdict": "E-ADM-102"})
    return {"refusal.final", "journal.unmatched"}


@fault
def an_invented_refusal(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The hub refused what nobody wrote and no fault provoked."""
    row = pick(rungs(evidence))
    evidence.hub.messages.append(row | {"message_id": ELSEWHERE, "state": "refused", "verdict": "E-ENV-001"})
    return {"refusal.invented"}


@fault
def an_effect_not_planned(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Applied, and nothing goes into the local system."""
    books = county_with(evidence, pick, lambda each: each.local_writes)
    books.local_writes.remove(pick(books.local_writes))
    return {"effect.planned", "local.invented"}


@fault
def an_effect_planned_twice(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Two local writes of one message."""
    books = county_with(evidence, pick, lambda each: each.local_writes)
    books.local_writes.append(pick(books.local_writes) | {"seq": 10_000})
    return {"effect.planned", "local.lost"}


@fault
def an_invented_effect(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A local write of a message that was never applied."""
    books = county_with(evidence, pick, lambda each: each.local_writes)
    books.local_writes.append(pick(books.local_writes) | {"message_id": ELSEWHERE})
    return {"effect.invented"}
