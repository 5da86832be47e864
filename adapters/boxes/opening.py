"""Opening a stored arrival: everything the hub has checked is checked again, and what the hub cannot see.

In this order: 1 the envelope, and that the broker's properties say the same; 2 evidence of admission for exactly
these bytes and this signature; 3 signer, chain at the admission time, signature; 4 that it is for us and one of our
keys; 5 case and party; 6 decryption and commitment; 7 the record, and what its document must say; 8 facts and
attachments against the record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from adapters.boxes import evidence
from adapters.boxes.inbox import NOT_READ_HERE
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from certs import encryption, signing
from certs.profiles import Role
from schemas import codec, documents
from schemas.attachments import check_files
from schemas.envelope import BAD_DATASCHEMA, KEY_BURNT, Envelope
from schemas.errors import YunhuobanError, declare
from schemas.facts import differing
from schemas.messages import Parties, party_problem

NOT_FOR_US: Final = declare("E-ENV-101", "报文不是发给本县的，或不是本县能打开的密钥。", "请发送方更新目录后重新报送。")
NOT_ITS_COUNTY: Final = declare("E-ENV-102", "签名证书不属于报文所称的发送县。", "请发送方使用本县的签名证书。")
FACTS_DIFFER: Final = declare("E-ENV-103", "明文事实与加密正文不一致。", "请发送方核对后以新报文重新报送。")
CASE_UNKNOWN: Final = declare("E-ENV-104", "本县没有这个办件，或办件信息不一致。", "请发送方核对办件编号。")
OTHER_BYTES: Final = declare(
    "E-ENV-105", "同一编号的报文已经收到过，内容不同；后来的不予采信。", "请保留两份并联系联盟运维查明来历。"
)
COPIES_DIFFER: Final = declare(
    "E-ENV-106", "投递所用的编号、类型或来源与信封不一致。", "请保留报文并联系联盟运维查明来历。"
)
SIGNER_UNKNOWN: Final = declare(
    "E-ENV-107", "目录中还没有签名所用的证书。", "无需处理，收到新目录后自动继续；长时间不恢复时请联系联盟运维。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A message that may be believed."""

    envelope: Envelope
    record: Mapping[str, Any]
    payload: bytes
    """The record's encoding, to be kept encrypted at rest."""
    admitted: evidence.Admission


def envelope_of(row: Any) -> Envelope:
    """Step 1. Raises E-CODEC-…, E-ID-…, E-ENV-…; E-ENV-112 for what is written in a version that is not known here."""
    try:
        envelope = Envelope.parse(row.body)
    except YunhuobanError as error:
        # The hub, which reads every version, has admitted it: it is newer than this program.
        newer = error.code == codec.UNKNOWN_RECORD and row.body.startswith(codec.MAGIC)
        if newer or error.code == BAD_DATASCHEMA:
            raise YunhuobanError(NOT_READ_HERE, place="dataschema", found=error.found) from error
        raise
    # What could not be read when it came has no source yet.
    said = {"message_id": row.message_id, "type": row.type, "source": row.source or envelope.source}
    for name, value in (("message_id", envelope.id), ("type", envelope.type), ("source", envelope.source)):
        if said[name] != value:
            raise YunhuobanError(COPIES_DIFFER, place=name, expected=value)
    return envelope


def open_message(row: Any, *, identity: Identity, directory: DirectoryView, parties: Parties | None) -> Opened:
    """Check and decrypt one stored arrival. Raises YunhuobanError with the first thing that is wrong."""
    envelope = envelope_of(row)
    proven = evidence.admission(row.evidence, body=row.body, signature=row.signature, directory=directory)
    _check_signature(row, envelope, directory, proven.at, proven.signer)
    if envelope.destination != identity.division_code:
        raise YunhuobanError(NOT_FOR_US, place="destination", found=envelope.destination)
    named = envelope.encrypted_for or b""
    if named in identity.burnt:
        raise YunhuobanError(KEY_BURNT, place="encrypted_for", found=named.hex()[:16])
    key = identity.encryption_keys.get(named)
    if key is None:
        raise YunhuobanError(NOT_FOR_US, place="encrypted_for", found=named.hex()[:16])
    _check_parties(envelope, parties)
    payload = encryption.decrypt(envelope.data, key=key, bound=envelope.binding(), commitment=envelope.data_commitment)
    record = codec.decode(payload, envelope.kind.record)
    documents.demand(envelope.type, record)
    fact = differing(envelope.type, envelope.facts, record)
    if fact is not None:
        raise YunhuobanError(FACTS_DIFFER, place=f"facts.{fact}")
    check_files(envelope.type, record, envelope.attachments)
    return Opened(envelope=envelope, record=record, payload=payload, admitted=proven)


def _check_signature(row: Any, envelope: Envelope, directory: DirectoryView, moment: datetime, signer: bytes) -> None:
    thumbprint = signing.read_header(row.signature).thumbprint
    if thumbprint != signer:
        raise YunhuobanError(NOT_ITS_COUNTY, place="evidence")
    found = directory.signer(thumbprint, envelope.source)
    if found is None:
        raise YunhuobanError(SIGNER_UNKNOWN, place="signatures")
    county, certificate = found
    if county != envelope.source:
        raise YunhuobanError(NOT_ITS_COUNTY, place="signatures", found=county, expected=envelope.source)
    # Judged at the time of admission, which the journal fixes: a certificate that ended since then does not
    # take back what it signed before.
    directory.chains.facts([certificate], at=moment).demand(Role.COUNTY_SIGNING)
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
