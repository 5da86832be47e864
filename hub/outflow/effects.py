"""What is still to be done because of messages: parcels, which messages need them, and the mark that they are done.

Every parcel can be made again from stored bytes: a duplicate's arrival and the sweep both do. Whole batches are marked
as done, in one row; only what was not confirmed with its batch is kept by message.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Self

from sqlalchemy import Connection, bindparam, delete, select, update

from hub.instants import from_millis, to_millis
from hub.intake.inspection import Inspected
from hub.outflow import routing
from hub.outflow.routing import Parcel
from hub.store import tables
from hub.store.bulk import insert_rows
from schemas.codec import decode
from schemas.grants import answer_id
from schemas.messages import HUB, TYPES

Key = tuple[str, str, bytes]
"""Source, id and digest of a message: an id that came with other bytes is another message."""
_WORDS: Final = ("message.received", "message.refused")
_WORD_TRAVELS: Final = timedelta(seconds=20)
"""A county sends the same message again after 30 s at the earliest; what it sends sooner has crossed with the word."""
_BATCH_DONE: Final = (
    update(tables.checkpoints).where(tables.checkpoints.c.size == bindparam("batch")).values(effects_done=True)
)
MOST_RECEIPT_ENTRIES: Final = 256
"""Of one receipt message: some 6 KiB each at most, and the record may have 4 MiB."""


def key_of(seen: Inspected) -> Key:
    """The key of a message under inspection."""
    return seen.source, seen.message_id, seen.sha256


@dataclass(slots=True)
class Done:
    """What became of effects, and is not yet marked in the store."""

    batches: list[int] = field(default_factory=list)
    """Batches of which every parcel has its outcome, by the size of their checkpoint."""
    left: list[Key] = field(default_factory=list)
    """Messages of those batches with a parcel that was not confirmed."""
    caught_up: list[Key] = field(default_factory=list)
    """Messages of earlier batches whose effects were repeated, and confirmed."""
    spoken: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether there is anything to mark."""
        return bool(self.batches or self.left or self.caught_up or self.spoken)

    def __iadd__(self, other: "Done") -> Self:
        """Take in what became of another batch."""
        self.batches += other.batches
        self.left += other.left
        self.caught_up += other.caught_up
        self.spoken += other.spoken
        return self


@dataclass(slots=True)
class Effects:
    """The parcels of one batch, and what depends on each being settled."""

    parcels: list[Parcel] = field(default_factory=list)
    batch: int | None = None
    """Size of the batch's checkpoint; none when nothing was admitted or refused."""
    _judged: set[Key] = field(default_factory=set)
    _needs: dict[Key, list[int]] = field(default_factory=dict)
    _spoken: dict[str, int] = field(default_factory=dict)

    def judge(self, key: Key) -> None:
        """This message was admitted or refused in this batch; all others in here are repeated."""
        self._judged.add(key)

    def add(self, parcel: Parcel, *keys: Key) -> None:
        """Add a parcel that these messages depend on."""
        self.parcels.append(parcel)
        for key in keys:
            self._needs.setdefault(key, []).append(len(self.parcels) - 1)

    def speak(self, parcel: Parcel, *keys: Key) -> None:
        """Add something that the hub says itself, of a row of `outgoing`."""
        self.add(parcel, *keys)
        self._spoken[parcel.outgoing.message_id] = len(self.parcels) - 1

    def speaks(self, parcel: Parcel) -> bool:
        """Whether this word of the hub is here already."""
        return parcel.outgoing.message_id in self._spoken

    def covers(self, key: Key) -> bool:
        """Whether this message has its parcels here already."""
        return key in self._needs

    def settled(self, key: Key, outcomes: Sequence[bool | None]) -> bool:
        """Whether everything that this message depends on is settled; a message without parcels is."""
        return all(outcomes[at] for at in self._needs.get(key, ()))

    def done(self, outcomes: Sequence[bool]) -> Done:
        """What can be marked, when every parcel has its outcome."""
        good = all(outcomes)
        return Done(
            batches=[] if self.batch is None else [self.batch],
            left=[] if good else [key for key in self._judged if not self.settled(key, outcomes)],
            caught_up=[key for key in self._needs if key not in self._judged and self.settled(key, outcomes)],
            spoken=[name for name, at in self._spoken.items() if outcomes[at]],
        )


def forward(row: Mapping[str, Any]) -> Parcel:
    """An admitted message on its way to its destination."""
    return routing.to_destination(
        county=row["destination"],
        body=row["body"],
        signature=row["signature"],
        evidence=row["evidence"],
        message_id=row["message_id"],
        message_type=row["type"],
    )


def answer(row: Mapping[str, Any]) -> Parcel:
    """Something that the hub says itself, from the values of a row of `outgoing`."""
    return routing.spoken(
        county=row["destination"],
        queue=row["queue"],
        body=row["body"],
        signature=row["signature"],
        message_id=row["message_id"],
        message_type=row["type"],
    )


def spoken_parcel(row: Any) -> Parcel:
    """The parcel of a row of `outgoing` as SQLAlchemy gives it."""
    return answer(row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name for a row as a mapping


def repeat_effects(tx: Connection, row: Any, effects: Effects, *, only_receipt: bool) -> None:
    """Add a stored message's parcels again: receipt, and unless told otherwise forward and the hub's answer."""
    if row.state == "parked":
        return
    key = (row.source, row.message_id, row.envelope_sha256)
    evidence = decode(row.evidence, "AdmissionReceipt")
    size = decode(evidence["checkpoint"], "Checkpoint")["size"]
    effects.add(
        routing.receipt(
            county=row.source,
            body=row.evidence,
            checkpoint_size=size,
            leaf_indexes=[entry["leaf_index"] for entry in evidence["entries"]],
            express=row.type in TYPES and TYPES[row.type].express,
        ),
        key,
    )
    if only_receipt or row.state == "refused":
        return
    if row.destination != HUB:
        effects.add(forward(row._mapping), key)  # noqa: SLF001 -- SQLAlchemy's public name for a row as a mapping
        return
    name = answer_id(row.source, row.message_id)
    for spoken in tx.execute(select(tables.outgoing).where(tables.outgoing.c.message_id == name)):
        effects.speak(spoken_parcel(spoken), key)


def repeat_words(tx: Connection, row: Any, effects: Effects, now: datetime) -> None:
    """What the destination said about a message, on its way to the sender again, if it is not on its way just now.

    Whoever still sends the message long after has not heard it: the word lay in a broker or in a queue's log that was
    lost, and he who said it has its receipt and sends it no more.
    """
    if now - from_millis(row.received_at) < _WORD_TRAVELS:
        return
    columns = tables.messages.c
    words = (
        select(tables.messages)
        .where(columns.case_no == row.case_no, columns.in_reply_to == row.message_id, columns.state == "admitted")
        .where(columns.type.in_(_WORDS), columns.source == row.destination)
    )
    for word in tx.execute(words).all():
        if not effects.covers((word.source, word.message_id, word.envelope_sha256)):
            effects.add(forward(dict(word._mapping)), (row.source, row.message_id, row.envelope_sha256))  # noqa: SLF001 -- a row as a mapping


def mark_done(tx: Connection, done: Done, now: datetime) -> None:
    """Write down what became of effects."""
    if done.batches:
        tx.execute(_BATCH_DONE, [{"batch": each} for each in done.batches])
    if done.left:
        rows = [_unsettled_row(key, to_millis(now)) for key in sorted(set(done.left))]
        _forget(tx, done.left)
        insert_rows(tx, tables.unsettled, rows)
    if done.caught_up:
        _forget(tx, done.caught_up)
    if done.spoken:
        names = sorted(set(done.spoken))
        tx.execute(update(tables.outgoing).where(tables.outgoing.c.message_id.in_(names)).values(done=True))


def expand(tx: Connection, batch: int) -> None:
    """Turn a batch whose worker is gone into single messages still to be settled; once, whoever comes first."""
    checkpoints, messages = tables.checkpoints.c, tables.messages.c
    mine = update(tables.checkpoints).where(checkpoints.size == batch, checkpoints.effects_done.is_(False))
    if tx.execute(mine.values(effects_done=True)).rowcount == 0:
        return
    since_at = tx.execute(select(checkpoints.made_at).where(checkpoints.size == batch)).scalar_one()
    keys = select(messages.source, messages.message_id, messages.envelope_sha256).where(messages.batch == batch)
    insert_rows(tx, tables.unsettled, [_unsettled_row((*key,), since_at) for key in tx.execute(keys).all()])


def is_done(tx: Connection, row: Any) -> bool:
    """Whether all effects of an admitted or refused message are known to be done; `row` is of `messages`."""
    checkpoints, unsettled = tables.checkpoints.c, tables.unsettled.c
    if not tx.execute(select(checkpoints.effects_done).where(checkpoints.size == row.batch)).scalar():
        return False
    left = select(unsettled.since_at).where(
        unsettled.source == row.source,
        unsettled.message_id == row.message_id,
        unsettled.envelope_sha256 == row.envelope_sha256,
    )
    return tx.execute(left).first() is None


def _forget(tx: Connection, keys: Iterable[Key]) -> None:
    columns = tables.unsettled.c
    tx.execute(
        delete(tables.unsettled).where(
            columns.source == bindparam("b_source"),
            columns.message_id == bindparam("b_id"),
            columns.envelope_sha256 == bindparam("b_sha256"),
        ),
        [{"b_source": each[0], "b_id": each[1], "b_sha256": each[2]} for each in sorted(set(keys))],
    )


def _unsettled_row(key: Key, since_at: int) -> dict[str, Any]:
    return {"source": key[0], "message_id": key[1], "envelope_sha256": key[2], "since_at": since_at}
