"""Adds a line to the operators' record, in the transaction of what it tells of: both are there, or neither.

Lines are chained: each digest covers the line and the digest before. So they are added one after the other; on
PostgreSQL whoever adds one holds a lock of the record until the transaction ends, taken last of all.

The digest also goes into the log, which leaves the machine by another road: whoever would write the whole record anew
would have to change that, too.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, insert, select, text

from hub.instants import to_millis
from hub.record.acts import Act
from hub.record.tables import (
    ABOUT_CHARACTERS,
    ADDRESS_CHARACTERS,
    REASON_CHARACTERS,
    WHO_CHARACTERS,
    operator_record,
)
from schemas.messages import HUB

BEGINNING: Final = hashlib.sha256(b"yhb-operator-record-v1").digest()
"""What stands before the first line."""
FIELDS: Final = ("number", "at", "who", "second", "address", "what", "about", "reason")
"""What a digest covers, in this order."""
_LOCK: Final = 0x59484203
"""Number of the advisory lock of the record."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something, and from where."""

    account: str
    address: str = ""  # empty: at the machine itself


THE_HUB: Final = Actor(account=HUB)
"""The hub ends by itself what somebody began."""


def note(
    tx: Connection,
    who: Actor,
    what: Act,
    *,
    at: datetime,
    about: str = "",
    reason: str = "",
    second: str = "",
) -> int:
    """Add one line and return its number. `about` is a code or a number, never a person's name."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = newest(tx)
    line: dict[str, Any] = {
        "number": last.number + 1 if last else 1,
        "at": to_millis(at),
        "who": _cut(who.account, WHO_CHARACTERS),
        "second": _cut(second, WHO_CHARACTERS),
        "address": _cut(who.address, ADDRESS_CHARACTERS),
        "what": what.value,
        "about": _cut(about, ABOUT_CHARACTERS),
        "reason": _cut(reason.strip(), REASON_CHARACTERS),
    }
    made = digest(line, bytes(last.digest) if last else BEGINNING)
    tx.execute(insert(operator_record).values(**line, digest=made))
    _log.info("record.added", line=line["number"], command=line["what"], digest=made.hex())
    return int(line["number"])


def newest(tx: Connection) -> Any:
    """The last line; None while there is none."""
    return tx.execute(select(operator_record).order_by(operator_record.c.number.desc()).limit(1)).one_or_none()


def digest(line: dict[str, Any], before: bytes) -> bytes:
    """SHA-256 over the digest before and the line's fields as JSON, which says where each of them ends."""
    said = json.dumps([line[name] for name in FIELDS], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(before + said.encode("utf-8", "surrogatepass")).digest()


def _cut(text: str, most: int) -> str:
    """As any database takes it: PostgreSQL has no NUL in text, and no database takes half a character."""
    whole = text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    return whole[:most]
