"""The outbox: makes an envelope of a canonical record and keeps its exact bytes until the destination signs for it.

Encoding, encryption and signature happen in the caller's transaction, the one that also moves the source's cursor or
settles a sheet. What was committed here is sent, and sent again byte for byte, until its fate is known.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from adapters.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.instants import to_millis
from adapters.store import tables
from certs import encryption, keys, signing
from schemas import codec, shapes, topology
from schemas.envelope import Envelope, new_id
from schemas.messages import HUB, TYPES

LIFE: Final = timedelta(days=20)
_OPEN: Final = ("waiting", "sent", "admitted")
_LONGEST_RESEND_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message before it has an envelope."""

    type: str
    case_no: str
    destination: str
    service_item: str
    trial: bool
    record: Mapping[str, Any]
    facts: Mapping[str, Any] | None = None
    in_reply_to: str | None = None
    message_id: str | None = None
    """Given where the same cause must always make the same message; else a fresh one."""


class Outbox:
    """Writes and reads the outbox table; stateless, shared by the node's threads."""

    def __init__(self, identity: Identity) -> None:
        """The identity signs; storage keys encrypt what stays here."""
        self._identity = identity

    def put(self, tx: Connection, draft: Draft, directory: DirectoryView, now: datetime) -> str:
        """Encode, encrypt, sign and store one message; returns its id. The same given id is stored once.

        Raises E-CODEC-… for a record that is not canonical, E-LINK-101/-103/-104 when there is no one to encrypt to.
        """
        message_id = draft.message_id or new_id()
        if tx.execute(select(tables.outbox.c.seq).where(tables.outbox.c.message_id == message_id)).first():
            return message_id
        kind = TYPES[draft.type]
        payload = codec.encode(kind.record, draft.record)
        envelope = self._envelope(tx, draft, message_id, now)
        if draft.destination == HUB:
            envelope = replace(envelope, data=payload, data_commitment=hashlib.sha256(payload).digest())
        else:
            recipient = directory.recipient(draft.destination, now)
            prepared = encryption.prepare(payload)
            envelope = replace(envelope, encrypted_for=keys.thumbprint(recipient), data_commitment=prepared.commitment)
            envelope = replace(envelope, data=encryption.encrypt(prepared, recipient, envelope.binding()))
        body = envelope.to_bytes()
        signature = signing.sign(
            body, key=self._identity.signing_key, certificate=self._identity.signing_certificate, typ=signing.Typ.ENVELOPE
        )
        tx.execute(
            insert(tables.outbox).values(
                message_id=message_id,
                case_no=draft.case_no,
                destination=draft.destination,
                type=draft.type,
                chained=kind.chained,
                exchange=topology.EXPRESS if kind.express else topology.SUBMIT,
                routing_key=topology.submit_key(envelope.source, draft.case_no, draft.type),
                envelope_sha256=hashlib.sha256(body).digest(),
                body=body,
                signature=signature,
                record_sealed=self._identity.storage.seal(payload, place=f"outbox/{message_id}"),
                state="waiting",
                created_at=to_millis(now),
                next_try_at=to_millis(now),
                attempts=0,
            )
        )
        return message_id

    def _envelope(self, tx: Connection, draft: Draft, message_id: str, now: datetime) -> Envelope:
        kind = TYPES[draft.type]
        seen = tx.execute(select(tables.checkpoints).order_by(tables.checkpoints.c.epoch.desc()).limit(1)).one_or_none()
        return Envelope(
            id=message_id,
            source=self._identity.division_code,
            destination=draft.destination,
            type=draft.type,
            case_no=draft.case_no,
            service_item=draft.service_item,
            prev=_last(tx, draft.case_no, draft.destination) if kind.chained else None,
            in_reply_to=draft.in_reply_to,
            time=now,
            expires=now + LIFE,
            trial=draft.trial,
            dataschema=shapes.dataschema(kind.record),
            checkpoint={"epoch": seen.epoch, "size": seen.size, "root": seen.root} if seen else None,
            facts=draft.facts,
            encrypted_for=None,
            data_commitment=bytes(32),
            data=b"",
        )

    def record(self, tx: Connection, message_id: str) -> dict[str, Any]:
        """The canonical record of a message this county sent."""
        row = tx.execute(select(tables.outbox).where(tables.outbox.c.message_id == message_id)).one()
        payload = self._identity.storage.open(row.record_sealed, place=f"outbox/{message_id}")
        return codec.decode(payload, TYPES[row.type].record)


def due(tx: Connection, now: datetime, limit: int, *, express: bool) -> list[Any]:
    """Rows to be sent now, in the order they were made."""
    road = topology.EXPRESS if express else topology.SUBMIT
    found = tx.execute(
        select(tables.outbox)
        .where(tables.outbox.c.state.in_(_OPEN), tables.outbox.c.next_try_at <= to_millis(now))
        .where(tables.outbox.c.exchange == road)
        .order_by(tables.outbox.c.seq)
        .limit(limit)
    )
    return list(found)


def sent(tx: Connection, row: Any, now: datetime, resend_seconds: float) -> None:
    """The broker holds it. It is sent again, with growing pauses, until its fate is known."""
    pause = min(resend_seconds * 2**min(row.attempts, 12), _LONGEST_RESEND_SECONDS)
    tx.execute(
        update(tables.outbox)
        .where(tables.outbox.c.seq == row.seq, tables.outbox.c.state.in_(_OPEN))
        .values(
            state="sent" if row.state == "waiting" else row.state,
            attempts=row.attempts + 1,
            next_try_at=to_millis(now + timedelta(seconds=pause)),
        )
    )


def admitted(tx: Connection, row: Any, *, receipt: bytes, at: datetime) -> None:
    """The hub's receipt came. A notice is finished with it; everything else waits for the destination's word."""
    waits = TYPES[row.type].chained and row.destination != HUB
    tx.execute(
        update(tables.outbox)
        .where(tables.outbox.c.seq == row.seq, tables.outbox.c.state.in_(("waiting", "sent")))
        .values(state="admitted" if waits else "received", admitted_at=to_millis(at), receipt=receipt)
    )


def refused(tx: Connection, row: Any, *, code: str, receipt: bytes) -> None:
    """Hub or destination refused it: it is over, and the next message of the case chains anew."""
    tx.execute(
        update(tables.outbox)
        .where(tables.outbox.c.seq == row.seq, tables.outbox.c.state.in_(_OPEN))
        .values(state="refused", refusal_code=code, receipt=receipt)
    )


def received(tx: Connection, message_id: str, at: datetime) -> None:
    """The destination signed for it."""
    tx.execute(
        update(tables.outbox)
        .where(tables.outbox.c.message_id == message_id, tables.outbox.c.state.in_(_OPEN))
        .values(state="received", received_at=to_millis(at))
    )


def find(tx: Connection, message_id: str) -> Any:
    """One row, or None."""
    return tx.execute(select(tables.outbox).where(tables.outbox.c.message_id == message_id)).one_or_none()


def _last(tx: Connection, case_no: str, destination: str) -> str | None:
    """The last message of this case to this destination that was not refused."""
    return tx.execute(
        select(tables.outbox.c.message_id)
        .where(tables.outbox.c.case_no == case_no, tables.outbox.c.destination == destination)
        .where(tables.outbox.c.chained, tables.outbox.c.state != "refused")
        .order_by(tables.outbox.c.seq.desc())
        .limit(1)
    ).scalar()
