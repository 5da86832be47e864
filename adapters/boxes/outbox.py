"""The outbox: makes an envelope of a canonical record and keeps its exact bytes until the destination signs for it.

Encoding, encryption and signature happen in the caller's transaction, the one that also moves the source's cursor or
settles a sheet. What was committed here is sent, and sent again byte for byte, until its fate is known (`fate`).

What this county owes others whatever happens (a signed *received*, a sheet's outcome) may be written while there is
no key to encrypt it to: it is kept as a draft, its record encrypted at rest, and finished when there is a key.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from adapters.boxes.invain import VERSION_REFUSED, InVain, earlier_forms
from adapters.boxes.kept import demand_kept
from adapters.directory.directoryview import NO_DIRECTORY, DirectoryView
from adapters.identity import Identity
from adapters.instants import to_millis
from adapters.journal import journalmemory
from adapters.local import troublebook
from adapters.store import tables
from certs import encryption, keys, signing
from schemas import codec, documents, releases, shapes, topology, tracing
from schemas.attachments import check as check_announced
from schemas.attachments import check_files
from schemas.envelope import Envelope, check_facts, new_id
from schemas.errors import YunhuobanError
from schemas.facts import facts_of
from schemas.messages import HUB, TYPES
from schemas.resolution import NOT_IN_VERSION

LIFE: Final = timedelta(days=20)
NOBODY_YET: Final = "LINK"
"""Area of the codes that say that there is nobody to encrypt to yet."""
NOT_READ_YET: Final = frozenset({NOT_IN_VERSION, codec.NO_RECORD_IN_VERSION})
"""The destination runs an older contract that cannot say this; it will when it is upgraded."""
_TOLD: Final = (*NOT_READ_YET, releases.NONE_IN_COMMON, VERSION_REFUSED)
"""A person is told while a draft waits for another contract; a key comes by itself with the next directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message before it has an envelope."""

    type: str
    case_no: str
    destination: str
    service_item: str
    trial: bool
    record: Mapping[str, Any]
    in_reply_to: str | None = None
    supersedes: str | None = None
    message_id: str | None = None
    """Given where the same cause must always make the same message; else a fresh one."""
    place: int | None = None
    """Its place in the case's chain, when it is written anew: that of what it stands for."""
    patient: bool = False
    """Whether it is kept as a draft while there is nobody to encrypt to."""
    attachments: Sequence[Mapping[str, Any]] = ()
    """What the envelope announces of the record's files, in the same order."""


_ANY_DRAFT: Final = select(tables.outbox.c.seq).where(tables.outbox.c.state == "draft").limit(1)


class Outbox:
    """Writes and reads the outbox table; stateless, shared by the node's threads."""

    def __init__(self, identity: Identity) -> None:
        """The identity signs; storage keys encrypt what stays here."""
        self._identity = identity

    @property
    def identity(self) -> Identity:
        """Whose it is."""
        return self._identity

    def put(self, tx: Connection, draft: Draft, directory: DirectoryView | None, now: datetime) -> str:
        """Encode, encrypt, sign and store one message; returns its id. The same given id is stored once.

        Raises E-CODEC-… for a record that is not canonical, E-DOC-… for a document that lacks something, E-ENV-004 for
        facts that are no codes, E-ENV-012 to -014 or -113 for attachments that are not right; E-LINK-101/-103/-104/-106
        when there is no one to encrypt to, and E-CODEC-010/-011 when the destination's contract cannot say it, unless
        the draft is patient.
        """
        message_id = draft.message_id or new_id()
        if tx.execute(select(tables.outbox.c.seq).where(tables.outbox.c.message_id == message_id)).first():
            return message_id
        kind = TYPES[draft.type]
        documents.demand(draft.type, draft.record)
        check_announced(draft.type, draft.attachments)
        check_files(draft.type, draft.record, draft.attachments)
        payload = codec.encode(kind.record, draft.record)
        envelope = self._envelope(tx, draft, message_id, now)
        check_facts(envelope.facts)
        row = {
            "message_id": message_id,
            "case_no": draft.case_no,
            "destination": draft.destination,
            "type": draft.type,
            "chained": kind.chained,
            "exchange": topology.EXPRESS if kind.express else topology.SUBMIT,
            "routing_key": topology.submit_key(envelope.source, draft.case_no, draft.type),
            "record_sealed": self._identity.storage.seal(payload, place=f"outbox/{message_id}"),
            "supersedes": draft.supersedes,
            "place": draft.place,
            "created_at": to_millis(now),
            "next_try_at": to_millis(now),
            "attempts": 0,
        }
        try:
            finished = self._finished(envelope, payload, directory, earlier_forms(tx, draft.supersedes), now)
        except YunhuobanError as error:
            if not draft.patient or not may_come(error):
                raise
            _tell(tx, message_id, draft.case_no, error, now)
            finished = {
                "body": envelope.to_bytes(), "envelope_sha256": bytes(32), "signature": "", "state": "draft",
            }  # fmt: skip
        tx.execute(insert(tables.outbox).values(**row, **finished))
        return message_id

    def has_drafts(self, tx: Connection) -> bool:
        """Whether anything waits for a key."""
        return tx.execute(_ANY_DRAFT).first() is not None

    def finish_drafts(self, tx: Connection, directory: DirectoryView, now: datetime) -> int:
        """Finish what waited for a key, in the order it was written; returns how many. What still has none stays."""
        rows = tx.execute(select(tables.outbox).where(tables.outbox.c.state == "draft").order_by(tables.outbox.c.seq))
        done = 0
        for row in rows.all():
            envelope = replace(
                Envelope.parse(row.body),
                prev=_last(tx, row.case_no, row.destination, before=place(row)) if row.chained else None,
                time=now,
                expires=now + LIFE,
            )
            payload = self._identity.storage.open(row.record_sealed, place=f"outbox/{row.message_id}")
            try:
                finished = self._finished(envelope, payload, directory, earlier_forms(tx, row.supersedes), now)
            except YunhuobanError as error:
                if not may_come(error):
                    raise
                _tell(tx, row.message_id, row.case_no, error, now)
                continue
            troublebook.clear(tx, f"message/{row.message_id}")
            tx.execute(
                update(tables.outbox)
                .where(tables.outbox.c.seq == row.seq)
                .values(**finished, next_try_at=to_millis(now))
            )
            done += 1
        return done

    def record(self, tx: Connection, message_id: str) -> dict[str, Any]:
        """The canonical record of a message this county sent. Raises E-KEEP-001."""
        row = tx.execute(select(tables.outbox).where(tables.outbox.c.message_id == message_id)).one()
        demand_kept(row)
        payload = self._identity.storage.open(row.record_sealed, place=f"outbox/{message_id}")
        return codec.decode(payload, TYPES[row.type].record)

    def _finished(
        self,
        envelope: Envelope,
        payload: bytes,
        directory: DirectoryView | None,
        in_vain: InVain,
        now: datetime,
    ) -> dict[str, Any]:
        """The columns of a message that is ready to be sent, for a key and in a version that were not refused before.

        It is written in the newest version of the contract that its destination reads.
        """
        version = directory.contract(envelope.destination) if directory is not None else ""
        if version:
            if not releases.has_type(version, envelope.type):
                raise YunhuobanError(codec.NO_RECORD_IN_VERSION, place=envelope.type, expected=version)
            record = TYPES[envelope.type].record
            payload = codec.encode(record, codec.decode(payload, record), version)
            envelope = replace(envelope, contract=version, dataschema=releases.dataschema(record, version))
        in_vain.check_version(envelope)
        if envelope.destination == HUB:
            envelope = replace(
                envelope, encrypted_for=None, data=payload, data_commitment=hashlib.sha256(payload).digest()
            )
        else:
            if directory is None:
                raise YunhuobanError(NO_DIRECTORY)
            recipient = directory.recipient(envelope.destination, now)
            in_vain.check_key(keys.thumbprint(recipient), envelope.destination)
            prepared = encryption.prepare(payload)
            envelope = replace(envelope, encrypted_for=keys.thumbprint(recipient), data_commitment=prepared.commitment)
            envelope = replace(envelope, data=encryption.encrypt(prepared, recipient, envelope.binding()))
        body = envelope.to_bytes()
        key, certificate = self._identity.signer()
        signature = signing.sign(body, key=key, certificate=certificate, typ=signing.Typ.ENVELOPE)
        return {
            "body": body,
            "envelope_sha256": hashlib.sha256(body).digest(),
            "signature": signature,
            "state": "waiting",
        }

    def _envelope(self, tx: Connection, draft: Draft, message_id: str, now: datetime) -> Envelope:
        """The envelope without its data: as a draft has it, addressed to no key."""
        kind = TYPES[draft.type]
        return Envelope(
            id=message_id,
            source=self._identity.division_code,
            destination=draft.destination,
            type=draft.type,
            case_no=draft.case_no,
            service_item=draft.service_item,
            prev=_last(tx, draft.case_no, draft.destination, before=draft.place) if kind.chained else None,
            in_reply_to=draft.in_reply_to,
            supersedes=draft.supersedes,
            time=now,
            expires=now + LIFE,
            trial=draft.trial,
            dataschema=shapes.dataschema(kind.record),
            traceparent=tracing.traceparent(draft.case_no, message_id),
            checkpoint=journalmemory.to_state(tx),
            facts=facts_of(draft.type, draft.record),
            attachments=tuple(draft.attachments),
            encrypted_for=None if draft.destination == HUB else bytes(32),
            data_commitment=bytes(32),
            data=b"",
        )


def may_come(error: YunhuobanError) -> bool:
    """Whether what is missing is the destination's to bring: a key of its own, or a newer contract."""
    return error.code.area == NOBODY_YET or error.code in NOT_READ_YET


def _tell(tx: Connection, message_id: str, case_no: str, error: YunhuobanError, now: datetime) -> None:
    """Say why a draft waits, once as long as the reason is the same."""
    if error.code in _TOLD and not troublebook.stands(tx, f"message/{message_id}", error.code):
        troublebook.note(tx, f"message/{message_id}", error, now, case_no=case_no)


def find(tx: Connection, message_id: str) -> Any:
    """One row, or None."""
    return tx.execute(select(tables.outbox).where(tables.outbox.c.message_id == message_id)).one_or_none()


def newest_good(tx: Connection, case_no: str, message_type: str) -> Any:
    """This county's newest message of the type in the case that nobody refused, or None."""
    return tx.execute(
        select(tables.outbox)
        .where(tables.outbox.c.case_no == case_no, tables.outbox.c.type == message_type)
        .where(tables.outbox.c.state != "refused")
        .order_by(tables.outbox.c.seq.desc())
        .limit(1)
    ).one_or_none()


def place(row: Any) -> int:
    """Where a message stands in its case's chain."""
    return int(row.seq if row.place is None else row.place)


def _last(tx: Connection, case_no: str, destination: str, *, before: int | None) -> str | None:
    """The last message of this case to this destination, before a place in the chain, that was not refused."""
    here = func.coalesce(tables.outbox.c.place, tables.outbox.c.seq)
    found = (
        select(tables.outbox.c.message_id)
        .where(tables.outbox.c.case_no == case_no, tables.outbox.c.destination == destination)
        .where(tables.outbox.c.chained, tables.outbox.c.state != "refused")
    )
    if before is not None:
        found = found.where(here < before)
    return tx.execute(found.order_by(here.desc(), tables.outbox.c.seq.desc()).limit(1)).scalar()
