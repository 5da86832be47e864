"""What is still to be done because of messages: parcels, which messages need them, and the mark that they are done.

Every parcel can be made again from stored bytes: a duplicate's arrival and the sweep both do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from hub import routing
from hub.grants import GrantSigner
from hub.inspection import Inspected
from hub.routing import Parcel
from hub.store import tables
from schemas.codec import decode
from schemas.messages import HUB, TYPES

Key = tuple[str, str, bytes]
"""Source, id and digest of a message: an id that came with other bytes is another message."""
MOST_RECEIPT_ENTRIES: Final = 256
"""Of one receipt message: some 6 KiB each at most, and the record may have 4 MiB."""


def key_of(seen: Inspected) -> Key:
    """The key of a message under inspection."""
    return seen.source, seen.message_id, seen.sha256


@dataclass(slots=True)
class Done:
    """Effects that were confirmed and are not yet marked in the store."""

    messages: list[Key] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether there is anything to mark."""
        return bool(self.messages or self.spoken)


@dataclass(slots=True)
class Effects:
    """The parcels of one batch, and what depends on each being settled."""

    parcels: list[Parcel] = field(default_factory=list)
    _needs: dict[Key, list[int]] = field(default_factory=dict)
    _spoken: dict[str, int] = field(default_factory=dict)

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

    def settled(self, key: Key, outcomes: Sequence[bool]) -> bool:
        """Whether everything that this message depends on is settled; a message without parcels is."""
        return all(outcomes[at] for at in self._needs.get(key, ()))

    def done(self, outcomes: Sequence[bool]) -> Done:
        """What can be marked as done."""
        return Done(
            [key for key in self._needs if self.settled(key, outcomes)],
            [name for name, at in self._spoken.items() if outcomes[at]],
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
    name = GrantSigner.message_id(row.source, row.message_id)
    for spoken in tx.execute(select(tables.outgoing).where(tables.outgoing.c.message_id == name)):
        effects.speak(spoken_parcel(spoken), key)


def mark_done(tx: Connection, messages: Iterable[Key], spoken: Iterable[str]) -> None:
    """Mark effects as done."""
    columns = tables.messages.c
    keys = [{"b_source": each[0], "b_id": each[1], "b_sha256": each[2]} for each in sorted(set(messages))]
    if keys:
        tx.execute(
            update(tables.messages)
            .where(columns.source == bindparam("b_source"), columns.message_id == bindparam("b_id"))
            .where(columns.envelope_sha256 == bindparam("b_sha256"))
            .values(effects_done=True),
            keys,
        )
    names = sorted(set(spoken))
    if names:
        tx.execute(update(tables.outgoing).where(tables.outgoing.c.message_id.in_(names)).values(done=True))
