"""For what earlier forms of a message were written in vain: keys and versions of the contract that are not tried again.

A message that was refused for its key or its version is good itself, and is written anew (`fate.write_anew`). A key
that was refused is never used again. A version that was refused may be read again later: it is tried again when the
directory at hand was made after the refusal, and until then the message waits for one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.directory.directoryview import KEY_EXPIRED
from adapters.instants import from_millis
from adapters.store import tables
from schemas import codec
from schemas.envelope import KEY_BURNT, Envelope
from schemas.errors import YunhuobanError, declare

OTHER_KEY: Final = frozenset({KEY_BURNT.code, "E-ADM-042"})
"""The destination has destroyed the key, or does not state it (KEY_UNKNOWN)."""
OTHER_VERSION: Final = "E-ADM-043"
"""The destination does not read the version of the contract (CONTRACT_NOT_READ)."""
VERSION_REFUSED: Final = declare(
    "E-LINK-107",
    "接收方已不读目录所列的标准版本，报文等待新的目录。",
    "无需处理：收到新目录后自动改用对方所读的版本报送；长时间不恢复时请联系联盟运维。",
)


@dataclass(frozen=True, slots=True)
class InVain:
    """What was refused of the earlier forms of one message."""

    keys: frozenset[bytes]
    """Thumbprints."""
    readers: frozenset[frozenset[str]]
    """For each refused form the versions whose readers take it."""

    def check_key(self, thumbprint: bytes, county: str) -> None:
        """Raises E-LINK-104: the directory does not know yet what we were told."""
        if thumbprint in self.keys:
            raise YunhuobanError(KEY_EXPIRED, found=county)

    def check_version(self, envelope: Envelope) -> None:
        """Raises E-LINK-107: the directory does not know yet what we were told."""
        if self.readers and _readers(envelope) in self.readers:
            raise YunhuobanError(VERSION_REFUSED, place=envelope.type, found=envelope.contract or envelope.dataschema)


def earlier_forms(tx: Connection, supersedes: str | None) -> InVain:
    """What is known of the messages that this one takes the place of, one after the other."""
    keys: set[bytes] = set()
    readers: set[frozenset[str]] = set()
    while supersedes is not None:
        row = tx.execute(select(tables.outbox).where(tables.outbox.c.message_id == supersedes)).one_or_none()
        if row is None:
            break
        if row.refusal_code in OTHER_KEY:
            keys.add(Envelope.parse(row.body).encrypted_for or b"")
        elif row.refusal_code == OTHER_VERSION and not directory_after(tx, row):
            readers.add(_readers(Envelope.parse(row.body)))
        supersedes = row.supersedes
    return InVain(frozenset(keys), frozenset(readers))


def _readers(envelope: Envelope) -> frozenset[str]:
    return codec.versions_of(envelope.kind.record, envelope.dataschema, envelope.contract)


def directory_after(tx: Connection, row: Any) -> bool:
    """Whether the directory at hand was made after the hub's word about this message."""
    made_at = tx.execute(select(tables.directories.c.issued_at)).scalar()
    said_at = _said_at(row)
    return made_at is not None and said_at is not None and from_millis(made_at) > said_at


def _said_at(row: Any) -> datetime | None:
    if row.receipt is None:
        return None
    (entry,) = codec.decode(row.receipt, "AdmissionReceipt")["entries"]
    found: datetime = entry["admitted_at"]
    return found
