"""Admission receipts settle the outbox: only what proves the hub's verdict on our very bytes and signature."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from adapters.boxes import evidence, fate, outbox, refused, unread
from adapters.boxes.outbox import Outbox
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.journal import epochs, forkalarm, journalmemory
from schemas import codec
from schemas.errors import YunhuobanError
from schemas.leaf import ADMITTED

_NOT_ISSUED: Final = "E-JRNL-031"
"""The hub's code for a stated checkpoint that is not its own."""


def settle(
    tx: Connection, body: bytes, *, box: Outbox, identity: Identity, directory: DirectoryView, now: datetime
) -> list[YunhuobanError]:
    """Apply a receipt entry by entry; returns what is wrong with the entries that prove nothing.

    Raises E-JRNL-… or E-CERT-… when the checkpoint itself is not good, ForkFoundError when it contradicts what we know:
    then no entry counts.
    """
    receipt = codec.decode(body, "AdmissionReceipt")
    checkpoint = evidence.open_checkpoint(receipt, directory)
    epochs.demand_known(tx, checkpoint)
    journalmemory.saw(tx, checkpoint, now)
    wrong = []
    for entry in receipt["entries"]:
        sent = outbox.find(tx, entry["message_id"])
        if sent is None:
            continue  # about something we never sent: it settles nothing here
        try:
            refusal = _check(sent, entry, checkpoint)
        except YunhuobanError as error:
            wrong.append(error)
            continue
        alone = codec.encode("AdmissionReceipt", {**receipt, "entries": [entry]})
        if refusal is None:
            fate.admitted(tx, sent, receipt=alone, at=entry["admitted_at"])
            admitted = outbox.find(tx, sent.message_id)
            if admitted.state == "admitted":  # its destination may have gone back to an older contract meanwhile
                unread.write_anew(tx, box, admitted, directory, now)
        else:
            refused.end(
                tx, sent, refusal, receipt=alone, box=box, identity=identity, directory=directory, now=now,
                admitted_at=entry["admitted_at"],
            )  # fmt: skip
            fork = journalmemory.disowned(tx, sent, alone) if refusal["code"] == _NOT_ISSUED else None
            if fork is not None:
                forkalarm.sound(tx, fork, now)
    return wrong


def _check(sent: Any, entry: dict[str, Any], checkpoint: evidence.SignedCheckpoint) -> dict[str, Any] | None:
    """Prove one entry; its refusal, or None for an admission. Raises E-JRNL-101 or E-CODEC-…."""
    if sent.envelope_sha256 != entry["envelope_sha256"]:
        raise YunhuobanError(evidence.NOT_PROVEN, place="envelope_sha256")
    evidence.check_entry(entry, checkpoint, envelope_sha256=sent.envelope_sha256, signature=sent.signature)
    if entry["verdict"] == ADMITTED:
        return None
    refusal = codec.decode(entry["refusal"], "Refusal")
    if refusal["message_id"] != sent.message_id or refusal["code"] != entry["verdict"]:
        raise YunhuobanError(evidence.NOT_PROVEN, place="refusal")
    return refusal
