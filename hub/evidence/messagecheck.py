"""Messages against the journal: what the hub kept of a message is what it journalled, and nothing is without the other.

A leaf without a message row of its own is a refusal of bytes that came under an id which another message has, or that
had no usable source or id.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, select, tuple_

from hub.evidence import witnesscheck
from hub.evidence.findings import Findings
from hub.history import epochs
from hub.instants import to_millis
from hub.intake.inspection import NO_ID
from hub.store import tables
from pages.wording import mark as _
from schemas import codec
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.leaf import ADMITTED, NOTHING
from schemas.messages import HUB
from schemas.tree import verify_inclusion

_OTHER: Final = _("报文与账本所记不同")
_EVIDENCE: Final = _("报文的准入凭证不能证明它记在账本")
_NO_MESSAGE: Final = _("账本有一条，报文却不在")
_NO_LEAF: Final = _("有报文不在账本")

_KEYS_AT_ONCE: Final = 500
_final = tables.messages.c.state.in_(("admitted", "refused"))


def check_slice(tx: Connection, leaves: Sequence[Any], found: Findings) -> int:
    """Check the messages that these leaves speak of; returns how many there are."""
    starts = range(0, len(leaves), _KEYS_AT_ONCE)
    return sum(_check(tx, leaves[start : start + _KEYS_AT_ONCE], found) for start in starts)


def check_rest(tx: Connection, matched: int, found: Findings) -> None:
    """Messages that no leaf speaks of; `matched` is how many were found over all slices."""
    journal, messages = tables.journal.c, tables.messages.c
    total = tx.execute(select(func.count()).where(_final)).scalar_one()
    if total == matched:
        return
    found.add(_NO_LEAF, "messages", found=str(total), expected=str(matched))
    known = select(journal.source, journal.message_id, journal.envelope_sha256)
    key = tuple_(messages.source, messages.message_id, messages.envelope_sha256)
    for row in tx.execute(select(messages.source, messages.message_id).where(_final, key.not_in(known)).limit(10)):
        found.add(_NO_LEAF, f"messages/{row.source}/{row.message_id}")


def _check(tx: Connection, leaves: Sequence[Any], found: Findings) -> int:
    by_index = {row.leaf_index: row for row in leaves}
    keys = sorted({(row.source, row.message_id) for row in leaves})
    table = tables.messages
    chosen = select(table).where(tuple_(table.c.source, table.c.message_id).in_(keys))
    matched: set[int] = set()
    others: dict[tuple[str, str], bytes] = {}
    checkpoints: dict[int, Any] = {}
    for row in tx.execute(chosen.execution_options(yield_per=10)):  # a body may have 4 MiB
        others[row.source, row.message_id] = row.envelope_sha256
        if row.state == "parked":
            continue
        try:
            receipt = codec.decode(row.evidence or b"", "AdmissionReceipt")
            entry = receipt["entries"][0]
        except (YunhuobanError, LookupError):
            found.add(_EVIDENCE, f"messages/{row.source}/{row.message_id}")
            continue
        leaf = by_index.get(entry["leaf_index"])
        if leaf is None:
            continue  # its leaf is in another slice; this one is a refusal under the same id
        matched.add(leaf.leaf_index)
        _compare(row, leaf, entry, found)
        _prove(tx, row, leaf, receipt, checkpoints, found)
        witnesscheck.check_message(tx, row, found)
    for leaf in leaves:
        if leaf.leaf_index not in matched and not _may_lack(tx, leaf, others):
            found.add(_NO_MESSAGE, f"journal/{leaf.leaf_index}", found=leaf.message_id)
    return len(matched)


def _compare(row: Any, leaf: Any, entry: dict[str, Any], found: Findings) -> None:
    kept = (
        row.source, row.message_id, hashlib.sha256(row.body).digest(), row.envelope_sha256, row.signature.encode(),
        row.admitted_at, row.verdict, row.state == "admitted",
    )  # fmt: skip
    journalled = (
        leaf.source, leaf.message_id, leaf.envelope_sha256, leaf.envelope_sha256, leaf.signature,
        leaf.admitted_at, leaf.verdict, leaf.verdict == ADMITTED,
    )  # fmt: skip
    receipted = (
        entry["message_id"], entry["envelope_sha256"], entry["signature_sha256"], entry["signer_thumbprint"],
        to_millis(entry["admitted_at"]), entry["verdict"],
        hashlib.sha256(entry["refusal"]).digest() if entry["refusal"] else NOTHING,
    )  # fmt: skip
    expected = (
        leaf.message_id, leaf.envelope_sha256, hashlib.sha256(leaf.signature).digest(), leaf.signer_thumbprint,
        leaf.admitted_at, leaf.verdict, leaf.detail_sha256,
    )  # fmt: skip
    if kept != journalled or not _copies(row):
        found.add(_OTHER, f"messages/{row.source}/{row.message_id}", found=f"journal/{leaf.leaf_index}")
    if receipted != expected or not row.evidence:
        found.add(_EVIDENCE, f"messages/{row.source}/{row.message_id}", found=f"journal/{leaf.leaf_index}")


def _copies(row: Any) -> bool:
    """Whether the columns beside the bytes say what the bytes say; of bytes that were not believed they say nothing."""
    kept = (row.type, row.destination, row.case_no, row.prev, row.in_reply_to, row.sent_at, row.expires_at)
    if not row.type:
        return bool(kept == ("", "", "", None, None, row.admitted_at, row.admitted_at))
    try:
        said = Envelope.parse(row.body)
    except YunhuobanError:
        return False
    times = to_millis(said.time), to_millis(said.expires)
    return kept == (said.type, said.destination, said.case_no, said.prev, said.in_reply_to, *times)


def _prove(
    tx: Connection, row: Any, leaf: Any, receipt: dict[str, Any], checkpoints: dict[int, Any], found: Findings
) -> None:
    place = f"messages/{row.source}/{row.message_id}"
    try:
        record = codec.decode(receipt["checkpoint"], "Checkpoint")
    except YunhuobanError as error:
        found.add(_EVIDENCE, place, found=str(error))
        return
    if record["size"] not in checkpoints:
        table = tables.checkpoints
        wanted = select(table.c.body, table.c.signature).where(table.c.size == record["size"])
        checkpoints[record["size"]] = tx.execute(wanted).one_or_none()
    stored = checkpoints[record["size"]]
    if stored is None or (stored.body, stored.signature) != (receipt["checkpoint"], receipt["checkpoint_signature"]):
        found.add(_EVIDENCE, place, found=f"checkpoints/{record['size']}")
    (entry,) = receipt["entries"][:1]
    index, size = entry["leaf_index"], record["size"]
    proven = verify_inclusion(leaf.leaf_hash, index, size, entry["proof"], record["root"])
    if len(receipt["entries"]) != 1 or not proven or row.batch != size:
        found.add(_EVIDENCE, place, found=f"journal/{index}")


def _may_lack(tx: Connection, leaf: Any, others: dict[tuple[str, str], bytes]) -> bool:
    """Whether this leaf may be without a message row of its own."""
    if leaf.source == HUB and leaf.verdict == ADMITTED:
        return epochs.is_statement(tx, leaf.envelope_sha256, leaf.signature)
    if leaf.verdict == ADMITTED:
        return False
    if NO_ID in (leaf.source, leaf.message_id):
        return True
    return bool(others.get((leaf.source, leaf.message_id), leaf.envelope_sha256) != leaf.envelope_sha256)
