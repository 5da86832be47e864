"""The inbox: raw bytes are committed first, acknowledged second, and only then opened and believed.

Opening checks everything again that the hub has checked, and what the hub cannot see: evidence of admission, signature
and chain at the admission time, that it is for us, decryption, commitment, the record, facts against payload, parties.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from adapters import evidence
from adapters.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.instants import to_millis
from adapters.store import tables
from certs import encryption, keys, signing
from certs.profiles import Role
from schemas import codec
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError, declare
from schemas.messages import HUB_TYPES, TYPES, Parties, party_problem

NOT_FOR_US: Final = declare("E-ENV-101", "报文不是发给本县的，或不是本县能打开的密钥。", "请发送方更新目录后重新报送。")
NOT_ITS_COUNTY: Final = declare("E-ENV-102", "签名证书不属于报文所称的发送县。", "请发送方使用本县的签名证书。")
FACTS_DIFFER: Final = declare("E-ENV-103", "明文事实与加密正文不一致。", "请发送方核对后以新报文重新报送。")
CASE_UNKNOWN: Final = declare("E-ENV-104", "本县没有这个办件，或办件信息不一致。", "请发送方核对办件编号。")

# Facts that repeat a field of the payload under another name.
_RENAMED: Final[Mapping[str, str]] = {"license_identifier": "identifier", "license_state": "state"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A message that may be believed."""

    envelope: Envelope
    record: Mapping[str, Any]
    payload: bytes
    """The record's encoding, to be kept encrypted at rest."""
    admitted_at: datetime


def keep(
    tx: Connection,
    *,
    source: str,
    message_id: str,
    message_type: str,
    body: bytes,
    signature: str,
    evidence_bytes: bytes,
    now: datetime,
) -> bool:
    """Store an arrival as it came; False when the same bytes are there already."""
    digest = hashlib.sha256(body).digest()
    same = (
        (tables.inbox.c.source == source)
        & (tables.inbox.c.message_id == message_id)
        & (tables.inbox.c.envelope_sha256 == digest)
    )
    if tx.execute(select(tables.inbox.c.seq).where(same)).first() is not None:
        return False
    tx.execute(
        insert(tables.inbox).values(
            source=source,
            message_id=message_id,
            type=message_type,
            envelope_sha256=digest,
            body=body,
            signature=signature,
            evidence=evidence_bytes,
            case_no="",
            state="new",
            arrived_at=to_millis(now),
            tries=0,
            next_try_at=to_millis(now),
        )
    )
    return True


def open_message(
    row: Any, *, identity: Identity, directory: DirectoryView, parties: Parties | None
) -> Opened:
    """Check and decrypt one stored arrival. Raises YunhuobanError with the first thing that is wrong."""
    envelope = Envelope.parse(row.body)
    moment, signer = evidence.admitted_at(row.evidence, body=row.body, signature=row.signature, directory=directory)
    _check_signature(row, envelope, directory, moment, signer)
    expected = keys.thumbprint(identity.encryption_certificate)
    if envelope.destination != identity.division_code or envelope.encrypted_for != expected:
        raise YunhuobanError(NOT_FOR_US, place="destination", found=envelope.destination)
    _check_parties(envelope, parties)
    payload = encryption.decrypt(
        envelope.data, key=identity.encryption_key, bound=envelope.binding(), commitment=envelope.data_commitment
    )
    record = codec.decode(payload, envelope.kind.record)
    _check_facts(envelope.facts, record)
    return Opened(envelope=envelope, record=record, payload=payload, admitted_at=moment)


def open_next(tx: Connection, now: datetime, limit: int) -> list[Any]:
    """Arrivals that were not opened or not applied yet, oldest first; the hub's own words come before the rest."""
    found = tx.execute(
        select(tables.inbox)
        .where(tables.inbox.c.state.in_(("new", "opened")), tables.inbox.c.next_try_at <= to_millis(now))
        .order_by(tables.inbox.c.type.in_(tuple(HUB_TYPES)).desc(), tables.inbox.c.seq)
        .limit(limit)
    )
    return list(found)


def mark_opened(tx: Connection, row: Any, opened: Opened, sealed: bytes) -> None:
    """The message is believed; its record is kept encrypted at rest."""
    tx.execute(
        update(tables.inbox)
        .where(tables.inbox.c.seq == row.seq)
        .values(state="opened", case_no=opened.envelope.case_no, prev=opened.envelope.prev, record_sealed=sealed)
    )


def mark_applied(tx: Connection, row: Any, now: datetime) -> None:
    """The message has had its effect."""
    tx.execute(
        update(tables.inbox).where(tables.inbox.c.seq == row.seq).values(state="applied", applied_at=to_millis(now))
    )


def mark_refused(tx: Connection, row: Any, code: str, case_no: str = "") -> None:
    """The message is not believed; it is kept as it came."""
    tx.execute(
        update(tables.inbox)
        .where(tables.inbox.c.seq == row.seq)
        .values(state="refused", refusal_code=code, case_no=case_no)
    )


def try_later(tx: Connection, row: Any, now: datetime) -> None:
    """Something that the message needs is not there yet; look again after a growing pause of at most a minute."""
    pause = min(2.0**min(row.tries, 6), 60.0)
    tx.execute(
        update(tables.inbox)
        .where(tables.inbox.c.seq == row.seq)
        .values(tries=row.tries + 1, next_try_at=to_millis(now + timedelta(seconds=pause)))
    )


def wake_successors(tx: Connection, source: str, message_id: str, now: datetime) -> None:
    """Messages that waited for this one may be looked at again at once."""
    tx.execute(
        update(tables.inbox)
        .where(tables.inbox.c.source == source, tables.inbox.c.prev == message_id, tables.inbox.c.state == "opened")
        .values(next_try_at=to_millis(now))
    )


def predecessor_applied(tx: Connection, source: str, prev: str | None) -> bool:
    """Whether the sender's last message before this one has had its effect here (or was refused here)."""
    if prev is None:
        return True
    found = tx.execute(
        select(tables.inbox.c.state)
        .where(tables.inbox.c.source == source, tables.inbox.c.message_id == prev)
        .where(tables.inbox.c.state.in_(("applied", "refused")))
    ).first()
    return found is not None


def record_of(tx: Connection, identity: Identity, seq: int) -> dict[str, Any]:
    """The canonical record of an opened message."""
    row = tx.execute(select(tables.inbox).where(tables.inbox.c.seq == seq)).one()
    payload = identity.storage.open(row.record_sealed, place=f"inbox/{row.message_id}")
    return codec.decode(payload, TYPES[row.type].record)


def _check_signature(row: Any, envelope: Envelope, directory: DirectoryView, moment: datetime, signer: bytes) -> None:
    header = signing.read_header(row.signature)
    county, certificate = directory.signers.get(header.thumbprint, ("", None))
    if certificate is None or county != envelope.source or header.thumbprint != signer:
        raise YunhuobanError(NOT_ITS_COUNTY, place="signatures", found=county, expected=envelope.source)
    # Judged at the time of admission, which the journal fixes: a certificate that ended since then does not
    # take back what it signed before.
    facts = directory.chains.facts([certificate], at=moment)
    if facts.standing(Role.COUNTY_SIGNING) == "refused":
        facts.demand(Role.COUNTY_SIGNING)
    signing.verify(row.signature, row.body, certificate=certificate, typ=signing.Typ.ENVELOPE)


def _check_parties(envelope: Envelope, parties: Parties | None) -> None:
    if envelope.kind.opens:
        fits = parties is None or parties == Parties(window=envelope.source, issuing=envelope.destination)
        if not fits or not envelope.case_no.startswith(f"{envelope.source}-"):
            raise YunhuobanError(CASE_UNKNOWN, place="case_no", found=envelope.case_no)
        return
    if parties is None:
        raise YunhuobanError(CASE_UNKNOWN, place="case_no", found=envelope.case_no)
    problem = party_problem(envelope.kind, envelope.source, envelope.destination, parties)
    if problem is not None:
        raise YunhuobanError(problem, place="type", found=envelope.type)


def _check_facts(facts: Mapping[str, Any] | None, record: Mapping[str, Any]) -> None:
    """Every fact equals the payload's field; the list of file digests equals those of the files."""
    for name, value in (facts or {}).items():
        if name == "sealed_sha256" and "files" in record:
            found = [each["sealed_sha256"] for each in record["files"]]
        else:
            field = name if name in record else _RENAMED.get(name, name)
            found = record.get(field)
        if found != value:
            raise YunhuobanError(FACTS_DIFFER, place=f"facts.{name}")
