"""Writes verdicts down: rows, leaves, one checkpoint, and the parcels that follow from them.

The last writes of a batch's transaction. What is stored here is what will be sent, now and ever again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, bindparam, insert, update

from hub.history import journal, receipts
from hub.history.journal import Appended, LogKey, NewLeaf
from hub.history.receipts import Judged
from hub.instants import to_millis
from hub.intake import refusals
from hub.intake.admission import FINAL, Verdict
from hub.intake.inspection import NO_ID
from hub.intake.recall import PATIENT
from hub.outflow import routing
from hub.outflow.effects import MOST_RECEIPT_ENTRIES, Effects, answer, forward, key_of
from hub.printing.grants import GrantSigner
from hub.store import tables
from hub.store.bulk import insert_rows
from schemas import tracing
from schemas.messages import HUB

_log = structlog.get_logger(__name__)


def park(tx: Connection, verdicts: Sequence[Verdict], now: datetime) -> None:
    """Keep the bytes of what waits for a predecessor; from here on the store holds it, not the queue."""
    parked = [each for each in verdicts if each.outcome == "parked"]
    insert_rows(tx, tables.messages, [_row(each, now, None, None) for each in parked if each.row == "new"])
    columns = tables.messages.c
    again = [
        {"b_source": each.seen.source, "b_id": each.seen.message_id, "admitted_at": to_millis(now), "verdict": PATIENT}
        for each in parked
        if each.row == "parked" and each.patient
    ]
    if again:  # to the end of the row, so that it neither grows overdue nor stands before those that can go on
        tx.execute(
            update(tables.messages).where(
                columns.source == bindparam("b_source"), columns.message_id == bindparam("b_id")
            ),
            again,
        )


class Recorder:
    """Holds the keys with which verdicts and answers are signed."""

    def __init__(self, log_key: LogKey, grants: GrantSigner) -> None:
        """`log_key` signs checkpoints, `grants` the answers to print claims."""
        self._log_key = log_key
        self._grants = grants

    def record(self, tx: Connection, verdicts: Sequence[Verdict], effects: Effects, now: datetime) -> None:
        """Journal and store every admission and refusal among the verdicts, and add what is to be sent for them."""
        final = [each for each in verdicts if each.outcome in FINAL]
        if not final:
            return
        for verdict in final:
            self._answer(tx, verdict, effects, now)
        judged = [_judged(each, now) for each in final]
        leaves = [NewLeaf(source=j.source or NO_ID, message_id=j.message_id, leaf=j.leaf()) for j in judged]
        appended = journal.append(tx, leaves, log=self._log_key, now=now)
        effects.batch = appended.checkpoint.size
        entries = receipts.entries(judged, appended)
        _store(tx, final, entries, appended, effects, now)
        _add_receipts(final, entries, appended, effects)

    def _answer(self, tx: Connection, verdict: Verdict, effects: Effects, now: datetime) -> None:
        """Sign and store the answer to a claim; it is sent from these bytes until it is confirmed."""
        if verdict.answer is None:
            return
        row = self._grants.row(verdict.seen.message_id, verdict.answer, now)
        tx.execute(insert(tables.outgoing).values(**row))
        effects.speak(answer(row), key_of(verdict.seen))


def _store(
    tx: Connection,
    final: Sequence[Verdict],
    entries: Sequence[bytes],
    appended: Appended,
    effects: Effects,
    now: datetime,
) -> None:
    begun = receipts.opening(appended.checkpoint)
    new: list[dict[str, Any]] = []
    parked: list[dict[str, Any]] = []
    for verdict, entry in zip(final, entries, strict=True):
        if verdict.row == "none":
            continue
        key = key_of(verdict.seen)
        effects.judge(key)
        row = _row(verdict, now, receipts.closed(begun, [entry]), appended.checkpoint.size)
        (new if verdict.row == "new" else parked).append(row)
        if verdict.outcome == "admitted" and row["destination"] != HUB:
            effects.add(forward(row), key)
    insert_rows(tx, tables.messages, new)
    if parked:
        columns = tables.messages.c
        changed = ("state", "admitted_at", "evidence", "verdict", "batch")
        tx.execute(
            update(tables.messages).where(
                columns.source == bindparam("b_source"), columns.message_id == bindparam("b_id")
            ),
            [
                {"b_source": row["source"], "b_id": row["message_id"]} | {name: row[name] for name in changed}
                for row in parked
            ],
        )


def _add_receipts(final: Sequence[Verdict], entries: Sequence[bytes], appended: Appended, effects: Effects) -> None:
    """One receipt message per sender and road, or several when it would grow too large."""
    begun = receipts.opening(appended.checkpoint)
    groups: dict[tuple[str, bool], list[int]] = {}
    for at, verdict in enumerate(final):
        if verdict.seen.source:
            express = verdict.seen.envelope is not None and verdict.seen.envelope.kind.express
            groups.setdefault((verdict.seen.source, express), []).append(at)
    for (source, express), members in groups.items():
        for start in range(0, len(members), MOST_RECEIPT_ENTRIES):
            some = members[start : start + MOST_RECEIPT_ENTRIES]
            parcel = routing.receipt(
                county=source,
                body=receipts.closed(begun, [entries[at] for at in some]),
                checkpoint_size=appended.checkpoint.size,
                leaf_indexes=[appended.first_index + at for at in some],
                express=express,
            )
            effects.add(parcel, *[key_of(final[at].seen) for at in some])


def report(verdicts: Sequence[Verdict]) -> None:
    """Log what was refused, one line each, and the rest as one line: each admission stands in the journal."""
    counts = {name: sum(v.outcome == name for v in verdicts) for name in ("admitted", "parked", "duplicate", "waiting")}
    if any(counts.values()):
        _log.info("batch.handled", **{f"{name}_count": count for name, count in counts.items() if count})
    for each in verdicts:
        if each.problem is not None:
            envelope = each.seen.envelope
            _log.info(
                "message.refused",
                message_id=each.seen.message_id,
                source=each.seen.source,
                type=envelope.type if envelope else None,
                case_no=envelope.case_no if envelope else None,
                code=each.problem.code.code,
                place=each.problem.place,
                trace_id=tracing.trace_id(envelope.case_no) if envelope else None,
            )


def _judged(verdict: Verdict, now: datetime) -> Judged:
    seen, problem = verdict.seen, verdict.problem
    return Judged(
        source=seen.source,
        message_id=seen.message_id,
        envelope_sha256=seen.sha256,
        signature=seen.signature,
        thumbprint=seen.thumbprint,
        admitted_at=_admitted_at(verdict, now),
        verdict=verdict.verdict,
        refusal=refusals.record(problem, message_id=seen.message_id, now=now) if problem else b"",
    )


def _admitted_at(verdict: Verdict, now: datetime) -> datetime:
    """A message that was admitted before a restore keeps its time: its leaf is the same leaf as then."""
    return verdict.recovered.admitted_at if verdict.recovered and verdict.outcome == "admitted" else now


def _row(verdict: Verdict, now: datetime, evidence: bytes | None, batch: int | None) -> dict[str, Any]:
    """Its row of `messages`; without evidence and batch while it is parked."""
    seen, envelope, moment = verdict.seen, verdict.seen.envelope, to_millis(now)
    return {
        "source": seen.source,
        "message_id": seen.message_id,
        "envelope_sha256": seen.sha256,
        "state": verdict.outcome,
        "type": envelope.type if envelope else "",
        "destination": envelope.destination if envelope else "",
        "case_no": envelope.case_no if envelope else "",
        "prev": envelope.prev if envelope else None,
        "in_reply_to": envelope.in_reply_to if envelope else None,
        "sent_at": to_millis(envelope.time) if envelope else moment,
        "expires_at": to_millis(envelope.expires) if envelope else moment,
        "admitted_at": to_millis(_admitted_at(verdict, now)),
        "body": seen.body,
        "signature": seen.signature,
        "evidence": evidence,
        "verdict": verdict.verdict if batch is not None else PATIENT if verdict.patient else "",
        "batch": batch,
    }
