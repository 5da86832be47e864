"""The checkpoint that decides a draw, from what this county holds: receipts, evidence and the checkpoints it has seen.

The hub signs one checkpoint for each batch, and the receipt of a message carries the one of its own batch. It is
therefore the first over that message's leaf; another county finds the same one in the evidence that came with the
message, and the hub in its journal.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from adapters.store import tables
from schemas import codec, drawing
from schemas.drawing import Seed
from schemas.errors import YunhuobanError
from schemas.leaf import ADMITTED
from schemas.reviewhistory import SEED_WRONG


def of_message(tx: Connection, message_id: str) -> tuple[int, Seed] | None:
    """Leaf index of an admitted message of either box and the first checkpoint over it; None before the receipt."""
    outbox, inbox = tables.outbox.c, tables.inbox.c
    proof = tx.execute(select(outbox.receipt).where(outbox.message_id == message_id)).scalar()
    if not proof:
        came = (inbox.message_id == message_id, inbox.state == "applied")
        proof = tx.execute(select(inbox.evidence).where(*came)).scalar()
    if not proof:
        return None
    receipt = codec.decode(proof, "AdmissionReceipt")
    entry = receipt["entries"][0]
    if entry["verdict"] != ADMITTED:
        return None
    checkpoint = codec.decode(receipt["checkpoint"], "Checkpoint")
    seen, leaf = tables.checkpoints.c, int(entry["leaf_index"])
    over = select(seen.size, seen.root).where(seen.epoch == checkpoint["epoch"], seen.size > leaf)
    first = tx.execute(over.order_by(seen.size).limit(1)).one_or_none()
    known = [Seed(checkpoint["size"], checkpoint["root"])] + ([Seed(first.size, first.root)] if first else [])
    found = drawing.seed(leaf, known)
    return (leaf, found) if found is not None else None


def demand(tx: Connection, convening_id: str, record: Mapping[str, Any]) -> None:
    """See that a draw has the seed that it must have. Raises E-AROUND-015."""
    found = of_message(tx, convening_id)
    expected = found[1] if found is not None else None
    if expected != Seed(record["seed_size"], record["seed_root"]):
        said = str(expected.size) if expected is not None else ""
        raise YunhuobanError(SEED_WRONG, place="seed_size", found=str(record["seed_size"]), expected=said)
