"""The admission worker's loop: take a batch, check it, one transaction, publish, wait for each confirm, acknowledge.

The ingress queue is the hub's outbox: a message leaves it only when everything that follows from it is committed and
confirmed. `effects_done` is set in the next batch's transaction; whatever is not marked so is done again from stored
bytes, by a duplicate's arrival or by the sweep.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, insert, select, tuple_, update

from hub import journal, receipts, refusals, routing
from hub.admission import Admission, Verdict
from hub.broker import BrokerLink
from hub.broker import Delivery as Incoming
from hub.delivery import Delivery, held_counties
from hub.grants import GrantSigner
from hub.inspection import Inspected, first_look, second_look
from hub.instants import to_millis
from hub.journal import LogKey, NewLeaf
from hub.poison import SoloAttempts
from hub.receipts import Judged
from hub.routing import Parcel
from hub.store import Store, tables
from hub.trust import Trust
from schemas.codec import decode
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.leaf import ADMITTED, NOTHING
from schemas.messages import HUB, TYPES

_log = structlog.get_logger(__name__)
_NO_ID: Final = "-"
Key = tuple[str, str]


@dataclass(slots=True)
class _Plan:
    """What one batch still has to do after its commit."""

    parcels: list[Parcel] = field(default_factory=list)
    needed_by: dict[Key, list[int]] = field(default_factory=dict)
    """Which parcels must be settled before a message is done."""
    spoken: dict[str, int] = field(default_factory=dict)
    """Row of `outgoing` by message id, and its parcel."""
    waiting: list[Incoming] = field(default_factory=list)

    def add(self, parcel: Parcel, *keys: Key) -> int:
        """Add a parcel that these messages depend on; returns its position."""
        self.parcels.append(parcel)
        for key in keys:
            self.needed_by.setdefault(key, []).append(len(self.parcels) - 1)
        return len(self.parcels) - 1


@dataclass(slots=True)
class _Settled:
    """Effects confirmed since the last transaction, to be marked in the next one."""

    messages: list[Key] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)


class Pipeline:
    """One worker. Not shared between threads; several may run side by side, in one process or many."""

    def __init__(
        self,
        *,
        link: BrokerLink,
        store: Store,
        delivery: Delivery,
        log_key: LogKey,
        grants: GrantSigner,
        load_trust: Callable[[Connection, Trust | None], Trust],
        clock: Callable[[], datetime],
        batch_messages: int,
    ) -> None:
        """Every edge comes in as an argument; `hub.bootstrap` wires the real ones."""
        self._link = link
        self._store = store
        self._delivery = delivery
        self._log_key = log_key
        self._grants = grants
        self._load_trust = load_trust
        self._clock = clock
        self._batch_messages = batch_messages
        self._solo = SoloAttempts(store)
        self._trust: Trust | None = None
        self._settled = _Settled()
        self._waiting: list[Incoming] = []

    def run_once(self, wait_seconds: float) -> int:
        """Handle what is there, waiting at most `wait_seconds` for something. Returns the number of messages taken."""
        taken = self._link.take(self._batch_messages, wait_seconds)
        batch = [*self._waiting, *taken]
        self._waiting = []
        if not batch:
            self.flush()
            return 0
        again = [each for each in batch if each.redelivered]
        fresh = [each for each in batch if not each.redelivered]
        for each in again:  # poison is found one by one, after its attempt was committed
            if self._solo.exhausted(each, now=self._clock()):
                self._handle([each], poison=True)
            else:
                self._handle([each])
                self._solo.survived(each)
        if fresh:
            self._handle(fresh)
        return len(taken)

    def refuse_overdue(self, parked_seconds: float) -> int:
        """Refuse what has waited too long for a predecessor; returns how many."""
        now = self._clock()
        before = to_millis(now - timedelta(seconds=parked_seconds))
        columns = tables.messages.c
        with self._store.write() as tx:
            self._mark_settled(tx)
            rows = tx.execute(
                select(columns.source, columns.message_id, columns.body, columns.signature)
                .where(columns.state == "parked", columns.admitted_at < before)
                .limit(self._batch_messages)
            ).all()
            if not rows:
                return 0
            trust = self._trust or self._load_trust(tx, None)
            overdue = [_overdue(self._look_again(tuple(row), trust, now)) for row in rows]
            plan = _Plan()
            woken = overdue
            admission = Admission(tx, trust, now)
            verdicts = list(overdue)
            self._record(tx, overdue, plan, now)
            while more := admission.wake(woken):
                woken = admission.judge([self._look_again(row, trust, now) for row in more])
                woken = [each for each in woken if each.outcome in ("admitted", "refused")]
                self._record(tx, woken, plan, now)
                verdicts += woken
            held = held_counties(tx)
        self._settle((), (), plan, held)
        return len(rows)

    def flush(self) -> None:
        """Mark what was settled since the last batch; called when idle and before stopping."""
        if self._settled.messages or self._settled.spoken:
            with self._store.write() as tx:
                self._mark_settled(tx)

    def _handle(self, batch: Sequence[Incoming], *, poison: bool = False) -> None:
        now = self._clock()
        seen = self._inspect(batch, now, poison=poison)
        with self._store.write() as tx:
            self._mark_settled(tx)
            plan = self._decide(tx, batch, seen, now)
            held = held_counties(tx)
        self._settle(batch, seen, plan, held)

    def _inspect(self, batch: Sequence[Incoming], now: datetime, *, poison: bool) -> list[Inspected]:
        if poison:
            return [_poisoned(each) for each in batch]
        looked = [first_look(each) for each in batch]
        with self._store.read() as tx:
            self._trust = self._load_trust(tx, self._trust)
            known = _known_digests(tx, looked)
        trust = self._trust
        return [
            each if known.get((each.source, each.message_id)) == each.sha256 else second_look(each, trust, now)
            for each in looked
        ]

    def _decide(self, tx: Connection, batch: Sequence[Incoming], seen: Sequence[Inspected], now: datetime) -> _Plan:
        trust = self._trust or self._load_trust(tx, None)
        admission = Admission(tx, trust, now)
        verdicts = admission.judge(seen)
        plan = _Plan(waiting=[each for each, v in zip(batch, verdicts, strict=True) if v.outcome == "waiting"])
        self._park(tx, verdicts, now)
        woken = verdicts
        while rows := admission.wake(woken):
            woken = admission.judge([self._look_again(row, trust, now) for row in rows])
            verdicts += woken
            woken = [each for each in woken if each.outcome in ("admitted", "refused")]
        self._record(tx, verdicts, plan, now)
        for verdict in verdicts:
            if verdict.outcome == "duplicate":
                self._repeat(tx, verdict.seen, plan)
        return plan

    def _look_again(self, row: tuple[str, str, bytes, str], trust: Trust, now: datetime) -> Inspected:
        source, message_id, body, signature = row
        return second_look(parked_look(source, message_id, body, signature), trust, now)

    def _park(self, tx: Connection, verdicts: Sequence[Verdict], now: datetime) -> None:
        """Keep the bytes of what waits for a predecessor; from here on the store holds it, not the queue."""
        parked = [each for each in verdicts if each.outcome == "parked" and not each.was_parked]
        if parked:
            tx.execute(insert(tables.messages), [_row(each, now, None, "") for each in parked])

    def _record(self, tx: Connection, verdicts: Sequence[Verdict], plan: _Plan, now: datetime) -> None:
        final = [each for each in verdicts if each.outcome in ("admitted", "refused")]
        if not final:
            return
        judged = [_judged(each, now) for each in final]
        for verdict in final:
            if verdict.answer is not None and verdict.seen.envelope is not None:
                self._speak(tx, verdict, plan, now)
        leaves = [NewLeaf(source=j.source or _NO_ID, message_id=j.message_id, leaf=j.leaf()) for j in judged]
        appended = journal.append(tx, leaves, log=self._log_key, now=now)
        entries = receipts.entries(judged, appended)
        self._store_rows(tx, final, entries, appended, plan, now)
        self._receipts(final, entries, appended, plan)
        for each in final:
            _log.info(
                f"message.{each.outcome}",
                message_id=each.seen.message_id,
                source=each.seen.source,
                type=each.seen.envelope.type if each.seen.envelope else None,
                case_no=each.seen.envelope.case_no if each.seen.envelope else None,
                code=str(each.problem.code) if each.problem else None,
                place=each.problem.place if each.problem else None,
            )

    def _store_rows(
        self,
        tx: Connection,
        final: Sequence[Verdict],
        entries: Sequence[dict[str, Any]],
        appended: journal.Appended,
        plan: _Plan,
        now: datetime,
    ) -> None:
        new_rows = []
        for verdict, entry in zip(final, entries, strict=True):
            if not _keeps_row(verdict):
                continue
            row = _row(verdict, now, receipts.encode([entry], appended.checkpoint), entry["verdict"])
            if verdict.was_parked:
                key = (tables.messages.c.source == row["source"], tables.messages.c.message_id == row["message_id"])
                tx.execute(update(tables.messages).where(*key).values(**row))
            else:
                new_rows.append(row)
            if verdict.outcome == "admitted" and row["destination"] != HUB:
                plan.add(_forward(row), (row["source"], row["message_id"]))
        if new_rows:
            tx.execute(insert(tables.messages), new_rows)

    def _receipts(
        self, final: Sequence[Verdict], entries: Sequence[dict[str, Any]], appended: journal.Appended, plan: _Plan
    ) -> None:
        """One receipt message per sender and road."""
        groups: dict[tuple[str, bool], list[int]] = {}
        for i, verdict in enumerate(final):
            if verdict.seen.source:
                express = bool(verdict.seen.envelope and verdict.seen.envelope.kind.express)
                groups.setdefault((verdict.seen.source, express), []).append(i)
        for (source, express), members in groups.items():
            body = receipts.encode([entries[i] for i in members], appended.checkpoint)
            parcel = routing.receipt(
                county=source, body=body, checkpoint_size=appended.checkpoint.size, express=express
            )
            plan.add(parcel, *[(final[i].seen.source, final[i].seen.message_id) for i in members])

    def _speak(self, tx: Connection, verdict: Verdict, plan: _Plan, now: datetime) -> None:
        """Sign and store the answer to a claim; it is resent from these bytes until it is confirmed."""
        envelope, answer = verdict.seen.envelope, verdict.answer
        if envelope is None or answer is None:
            return
        tx.execute(insert(tables.outgoing).values(**self._grants.row(envelope.id, answer, now)))
        name = GrantSigner.message_id(envelope.id)
        row = tx.execute(select(tables.outgoing).where(tables.outgoing.c.message_id == name)).one()
        plan.spoken[name] = plan.add(spoken_parcel(row), (envelope.source, envelope.id))

    def _repeat(self, tx: Connection, seen: Inspected, plan: _Plan) -> None:
        """A duplicate: all effects again while they are not known to be done, afterwards only its receipt."""
        key = (tables.messages.c.source == seen.source, tables.messages.c.message_id == seen.message_id)
        row = tx.execute(select(tables.messages).where(*key)).one()
        repeat_effects(tx, row, plan.add, only_receipt=bool(row.effects_done and row.received_at is not None))

    def _settle(
        self, batch: Sequence[Incoming], seen: Sequence[Inspected], plan: _Plan, held: frozenset[str]
    ) -> None:
        settled = self._delivery.publish(plan.parcels, held)
        self._waiting = [*self._waiting, *plan.waiting]
        waiting = set(map(id, plan.waiting))
        done = []
        for delivery, each in zip(batch, seen, strict=True):
            key = (each.source, each.message_id)
            if id(delivery) not in waiting and all(settled[i] for i in plan.needed_by.get(key, ())):
                done.append(delivery)
        self._settled.messages += [k for k, needs in plan.needed_by.items() if all(settled[i] for i in needs)]
        self._settled.spoken += [name for name, i in plan.spoken.items() if settled[i]]
        self._link.ack(done)
        if len(done) + len(waiting) < len(batch):
            # Not confirmed: the bytes are committed; the message stays in the queue and the sweep sends them again.
            unsettled = [d for d in batch if d not in done and id(d) not in waiting]
            self._link.requeue(unsettled)

    def _mark_settled(self, tx: Connection) -> None:
        mark_done(tx, self._settled.messages, self._settled.spoken)
        self._settled = _Settled()


def mark_done(tx: Connection, keys: Sequence[Key], spoken: Sequence[str]) -> None:
    """Mark effects as done."""
    if keys:
        where = tuple_(tables.messages.c.source, tables.messages.c.message_id).in_(sorted(set(keys)))
        tx.execute(update(tables.messages).where(where).values(effects_done=True))
    if spoken:
        tx.execute(update(tables.outgoing).where(tables.outgoing.c.message_id.in_(sorted(set(spoken)))).values(done=True))


def repeat_effects(tx: Connection, row: Any, add: Callable[..., int], *, only_receipt: bool) -> None:
    """Add a stored message's parcels again, from its stored bytes: forward, receipt, and what the hub said of it."""
    key = (row.source, row.message_id)
    if row.state == "parked":
        return
    size = decode(decode(row.evidence, "AdmissionReceipt")["checkpoint"], "Checkpoint")["size"]
    express = row.type in TYPES and TYPES[row.type].express
    add(routing.receipt(county=row.source, body=row.evidence, checkpoint_size=size, express=express), key)
    if only_receipt or row.state == "refused":
        return
    if row.destination != HUB:
        add(_forward(row._mapping), key)  # noqa: SLF001 -- SQLAlchemy's public name for a row as a mapping
    else:
        found = tx.execute(select(tables.outgoing).where(tables.outgoing.c.message_id == GrantSigner.message_id(row.message_id)))
        for spoken in found:
            add(spoken_parcel(spoken), key)


def parked_look(source: str, message_id: str, body: bytes, signature: str) -> Inspected:
    """A parked message as inspection left it: checks 1 to 4 were passed when it came."""
    return Inspected(
        source=source,
        message_id=message_id,
        body=body,
        sha256=hashlib.sha256(body).digest(),
        signature=signature,
        thumbprint=NOTHING,
        envelope=Envelope.parse(body),
        problem=None,
        waits=None,
    )


def _poisoned(delivery: Incoming) -> Inspected:
    """A message that is refused unread, because reading it is what kills the worker."""
    return Inspected(
        source=delivery.user_id or "",
        message_id=_NO_ID,
        body=delivery.body,
        sha256=hashlib.sha256(delivery.body).digest(),
        signature="",
        thumbprint=NOTHING,
        envelope=None,
        problem=YunhuobanError(refusals.POISON, place="body"),
        waits=None,
    )


def _overdue(seen: Inspected) -> Verdict:
    problem = YunhuobanError(refusals.PREDECESSOR_MISSING, place="prev")
    return Verdict(seen=seen, outcome="refused", problem=problem, was_parked=True)


def _known_digests(tx: Connection, looked: Sequence[Inspected]) -> dict[Key, bytes]:
    keys = sorted({(each.source, each.message_id) for each in looked})
    columns = tables.messages.c
    found = tx.execute(
        select(columns.source, columns.message_id, columns.envelope_sha256)
        .where(tuple_(columns.source, columns.message_id).in_(keys))
        .where(columns.state != "parked")
    )
    return {(row.source, row.message_id): row.envelope_sha256 for row in found}


def _keeps_row(verdict: Verdict) -> bool:
    other_bytes = verdict.problem is not None and verdict.problem.code is refusals.OTHER_BYTES
    return verdict.seen.message_id != _NO_ID and bool(verdict.seen.source) and not other_bytes


def _judged(verdict: Verdict, now: datetime) -> Judged:
    seen = verdict.seen
    refusal = refusals.record(verdict.problem, message_id=seen.message_id, now=now) if verdict.problem else b""
    return Judged(
        source=seen.source,
        message_id=seen.message_id,
        envelope_sha256=seen.sha256,
        signature=seen.signature,
        thumbprint=seen.thumbprint,
        admitted_at=now,
        verdict=verdict.problem.code.code if verdict.problem else ADMITTED,
        refusal=refusal,
    )


def _row(verdict: Verdict, now: datetime, evidence: bytes | None, what: str) -> dict[str, Any]:
    seen, envelope = verdict.seen, verdict.seen.envelope
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
        "sent_at": to_millis(envelope.time if envelope else now),
        "expires_at": to_millis(envelope.expires if envelope else now),
        "admitted_at": to_millis(now),
        "body": seen.body,
        "signature": seen.signature,
        "evidence": evidence,
        "verdict": what,
        "effects_done": False,
    }


def _forward(row: Any) -> Parcel:
    return routing.to_destination(
        county=row["destination"],
        body=row["body"],
        signature=row["signature"],
        evidence=row["evidence"],
        message_id=row["message_id"],
        message_type=row["type"],
    )


def spoken_parcel(row: Any) -> Parcel:
    """The parcel of a row of `outgoing`."""
    return routing.spoken(
        county=row.destination,
        queue=row.queue,
        body=row.body,
        signature=row.signature,
        message_id=row.message_id,
        message_type=row.type,
    )

