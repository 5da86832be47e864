"""Leaves, roots, and the proofs that people hold."""

import hashlib

from tests.chaos.evidence import Evidence
from tests.chaos.history import Event
from tests.chaos.seeded.picking import Pick, county_with, fault, rungs, sent


@fault
def a_missing_leaf(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A row of the journal is gone."""
    rows = evidence.hub.journal
    rows.remove(pick(rows[:-1]))
    return {"journal.gap", "journal.missing", "receipt.journal"}


@fault
def the_last_leaf_missing(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The journal was cut off."""
    del evidence.hub.journal[-1]
    return {"journal.size", "journal.head"}


@fault
def a_changed_leaf(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Another time in a row."""
    pick(evidence.hub.journal)["admitted_at"] += 1
    return {"journal.leaf"}


@fault
def a_leaf_changed_with_its_hash(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A careful forger: the row's hash fits, the root does not."""
    row = pick(evidence.hub.journal)
    row["leaf_hash"] = hashlib.sha256(row["leaf_hash"]).digest()
    return {"journal.leaf", "journal.root", "journal.head"}


@fault
def leaves_that_changed_places(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Two leaves in each other's place."""
    rows = evidence.hub.journal
    at = pick(range(len(rows) - 1))
    rows[at], rows[at + 1] = rows[at + 1] | {"leaf_index": at}, rows[at] | {"leaf_index": at + 1}
    return {"journal.message"}


@fault
def a_leaf_too_many(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The same admission once more."""
    rows = evidence.hub.journal
    rows.append(pick(rows) | {"leaf_index": len(rows)})
    return {"journal.doubled", "journal.size"}


@fault
def another_root(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A checkpoint over other leaves."""
    row = pick(evidence.hub.checkpoints)
    row["record"] = row["record"] | {"root": bytes(32)}
    return {"journal.root"}


@fault
def a_split_view(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A county was shown another journal."""
    books = county_with(evidence, pick, lambda each: each.checkpoints)
    pick(books.checkpoints)["root"] = bytes(32)
    return {"journal.fork"}


@fault
def no_receipt(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A county holds a message for admitted, without a receipt."""
    _, row = sent(evidence, pick(rungs(evidence)))
    row["receipt"] = None
    return {"receipt.missing"}


@fault
def a_receipt_for_another_leaf(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A county's receipt is not in the journal."""
    _, row = sent(evidence, pick(rungs(evidence)))
    row["receipt"] = row["receipt"] | {"leaf_index": len(evidence.hub.journal) + 5}
    return {"receipt.journal"}


@fault
def a_receipt_that_proves_nothing(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Its proof leads to no root."""
    rows = [row for row in rungs(evidence) if sent(evidence, row)[1]["receipt"]["proof"]]
    _, row = sent(evidence, pick(rows))
    row["receipt"] = row["receipt"] | {"proof": [bytes(32)] * len(row["receipt"]["proof"])}
    return {"receipt.proof"}
